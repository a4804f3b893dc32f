"""Side by side: pages are a function of their seed, answers are judged, and the report is made of the raw results."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.pages.record_shop import (
    RECORDS,
    SIGN_IN,
    SIGN_OUT,
    TOKEN,
    category_page,
    category_parts,
    category_pieces,
    collection_page,
    cover,
    product_page,
    records,
)
from bench.side_by_side.__main__ import told
from bench.side_by_side.measuring import DIRECT
from bench.side_by_side.plot import plot
from bench.side_by_side.report import ratio, report, summary
from bench.side_by_side.results import Run, Sample, read, write
from bench.side_by_side.visitors import BenchVisitor, check_inserted, check_kept, check_ordered, visitors, walk
from bench.side_by_side.workload import WORKLOADS
from visitors.cookie import Keyring

ROOT = Path(__file__).parents[3]

RUN = Run("2026-01-02T03:04", "abc", "a machine", {"nginx": "1.22"}, 0.1, 1, 3.0, 200.0, "python -m bench.side_by_side")
KEYRING = Keyring((("1", b"sixteen bytes or more"),))
SHOP = records(1)


def sample(candidate: str, number: int, cpu_us: float, *, load: str = "saturated", workload: str = "same") -> Sample:
    return Sample(workload, candidate, load, number, 1000, cpu_us, {"work": 7.0}, 900.0, 1500, 3000, 50.0, {})


def late(candidate: str, number: int, p50_us: int, per_second: float = 200.0) -> Sample:
    return replace(sample(candidate, number, 9.0, load="even"), p50_us=p50_us, p99_us=9000, per_second=per_second)


def test_pages_are_a_function_of_their_seed() -> None:
    page = category_page(1, 65536)
    assert page == category_page(1, 65536) != category_page(2, 65536)
    assert 65536 <= len(page) < 66600
    assert page.count(b'<div class="record ') == RECORDS
    for tokens in (5, 20, 180):
        parts = category_parts(1, 65536, tokens)
        assert len(parts) == tokens + 1
        assert b"0".join(parts).count(b'<div class="record ') == RECORDS
    record = SHOP[3]
    assert record.name.encode("iso-8859-1") in product_page(record)
    assert len(category_pieces(1, 0, ()).text()) < 1600
    for offered, refused in ((SIGN_IN, "logoff.php"), (SIGN_OUT, "login.php")):
        text = category_pieces(1, 0, (), offered).text()
        assert offered in text
        assert refused not in text
    assert collection_page(1, 5, 65536) == collection_page(1, 5, 65536) != collection_page(1, 6, 65536)
    assert TOKEN.encode() not in collection_page(1, 5, 65536)
    assert (len(cover(1, 20_480)), len(cover(1, 0))) == (20_480, 4)


def test_the_script_for_wrk_sends_what_request_tells(tmp_path: Path) -> None:
    for workload in WORKLOADS[:6]:
        who = visitors(1, 3, KEYRING, SHOP, workload.who)
        requests = walk(workload, who)
        script = requests.write(tmp_path / f"{workload.name}.lua").read_text("ascii")
        assert f"{requests.addresses} .. between" in script
        assert (tmp_path / f"{workload.name}.cookies").read_text("ascii").splitlines() == [each.cookies for each in who]
        lines = requests.request(1).decode("ascii").split("\r\n")
        assert lines[0].startswith("GET /")
        assert f"Cookie: {who[1].cookies}" in lines
        assert lines[-2:] == ["", ""]


ANA = BenchVisitor("ana", "Ana", "c", "c", SHOP[5].genre, {SHOP[5].genre: 9.0}, "{}")


def _page(name: str, offers: int, order: list[int]) -> bytes:
    links = "".join(f'<a class="name" href="product_info.php?products_id={number}">' for number in order)
    return f"<p>Hola, {name}, bienvenido</p>{'VUELVE10' * offers}{links}".encode("iso-8859-1")


GOOD = [
    SHOP[0].number,
    *(record.number for record in SHOP[1:] if record.genre == ANA.likes),
    *(record.number for record in SHOP[1:] if record.genre != ANA.likes),
]
ORIGIN = _page("", 0, [record.number for record in SHOP])


def test_a_right_answer_is_right() -> None:
    check_inserted(_page("Ana", 1, GOOD), ANA)
    check_ordered(_page("Ana", 1, GOOD), ANA, ORIGIN, SHOP)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (_page("José", 1, GOOD), "the name is not on the page"),
        (_page("Ana", 0, GOOD), "0 times"),
        (_page("Ana", 2, GOOD), "2 times"),
        (_page("Ana", 1, [*GOOD, GOOD[3]]), "twice"),
        (_page("Ana", 1, GOOD[:-1]), "not every record"),
        (_page("Ana", 1, [GOOD[1], GOOD[0], *GOOD[2:]]), "the first record has moved"),
        (_page("Ana", 1, [GOOD[0], *reversed(GOOD[1:])]), "do not stand first"),
    ],
)
def test_a_wrong_answer_is_told(body: bytes, says: str) -> None:
    def check() -> None:
        check_inserted(body, ANA)
        check_ordered(body, ANA, ORIGIN, SHOP)

    with pytest.raises(RuntimeError, match=says):
        check()


def test_a_list_that_is_too_long_keeps_its_order() -> None:
    check_kept(ORIGIN, ORIGIN)
    with pytest.raises(RuntimeError, match="records have moved"):
        check_kept(_page("Ana", 1, GOOD), ORIGIN)


def test_nobody_takes_a_step_that_is_checked_before_it_is() -> None:
    requests = walk(WORKLOADS[0], visitors(1, 100, KEYRING, SHOP, "known"))
    assert requests.checked == range(50, 74)


def test_the_report_is_made_of_the_file_alone_with_ratios_paired_by_round(tmp_path: Path) -> None:
    spent = [("nginx", 1, 10.0), ("vitrina", 1, 30.0), ("nginx", 2, 20.0), ("vitrina", 2, 20.0), ("vitrina", 3, 90.0)]
    samples = [sample(*each) for each in spent]
    samples.append(sample("vitrina", 1, 44.0, load="alone"))
    write(tmp_path / "raw.jsonl", RUN, samples)
    read_again = read(tmp_path / "raw.jsonl")
    assert read_again == (RUN, samples)
    lines = report(*read_again).splitlines()
    # Rounds 1 and 2 are paired: 3 and 1; the third has no pair, and counts for the median of CPU time alone.
    row = next(line for line in lines if line.startswith("| Vitrina, complete |"))
    assert "| 30 (20–90) | 2.00 (1.00–3.00) | 900 | 44 |" in row
    assert "work 7" in row
    assert not any(line.startswith("| the origin itself |") for line in lines)
    assert "| same bytes from the origin each time | nginx passthrough | 2.00 (1.00–3.00) | 2.50 | met |" in lines
    assert ratio(samples, "vitrina", "workerd") is None


def test_what_is_added_is_over_the_origin_and_over_nginx_in_the_same_round() -> None:
    rounds = [(200, 400, 900), (300, 400, 1100), (200, 300, 700)]
    samples = [sample(name, number, 9.0) for name in ("nginx", "vitrina") for number in range(3)]
    for number, figures in enumerate(rounds):
        samples += [late(name, number, us) for name, us in zip((DIRECT, "nginx", "vitrina"), figures, strict=True)]
    lines = report(RUN, samples).splitlines()
    assert "| the origin itself | | | | | | 0.20, 9.00 |  | | |" in lines
    assert any(line.startswith("| Vitrina, complete |") and "| 0.90, 9.00 | 0.70, 0.00 |" in line for line in lines)
    aimed = "| same bytes from the origin each time | 0.70 | 0.10 | 0.50 (0.40–0.70) | 0.30 | 0.20 ms too much |"
    assert aimed in lines


def test_who_cannot_keep_up_has_no_latency() -> None:
    samples = [
        sample("vitrina", 1, 9.0),
        sample("nginx", 1, 9.0),
        late(DIRECT, 1, 200),
        late("nginx", 1, 300),
        late("vitrina", 1, 90_000, 150.0),
    ]
    lines = report(RUN, samples).splitlines()
    assert any(line.startswith("| Vitrina, complete |") and "| cannot keep up with 200/s |" in line for line in lines)
    assert any(line.endswith("| cannot keep up with 200/s |") for line in lines)


@pytest.mark.parametrize(("name", "begins"), [("bars.svg", b"<?xml"), ("bars.png", b"\x89PNG")])
def test_a_picture_is_made_of_raw_results_the_same_each_time(name: str, begins: bytes, tmp_path: Path) -> None:
    samples = [sample("nginx", 1, 10.0), sample("nginx", 2, 12.0), sample("vitrina", 1, 30.0, workload="image")]
    plot(RUN, samples, tmp_path / name)
    made = (tmp_path / name).read_bytes()
    assert made.startswith(begins)
    plot(RUN, samples, tmp_path / name)
    assert (tmp_path / name).read_bytes() == made
    assert f"![CPU per request]({name})" in report(RUN, samples, tmp_path / name)


def test_a_report_tells_no_places_of_the_machine() -> None:
    asked = ["--rounds", "3", "--packages", "/home/me/packages", "--out", "/tmp/x.jsonl", "--workload", "same"]
    assert told(asked) == "python -m bench.side_by_side --rounds 3 --packages DIR --out FILE --workload same"


@pytest.mark.parametrize("name", ["side-by-side", "side-by-side-further", "side-by-side-once"])
def test_the_committed_report_is_the_committed_results(name: str) -> None:
    path = ROOT / "bench" / "results" / f"{name}.jsonl"
    assert path.with_suffix(".md").read_text("utf-8") == report(*read(path), path.with_suffix(".svg"))


def test_what_the_readme_says_of_the_cost_is_the_committed_results() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = readme.partition("<!-- cost -->\n")[2].partition("\n<!-- end of cost -->")[0]
    run, samples = read(ROOT / "bench" / "results" / "side-by-side.jsonl")
    assert shown.splitlines() == summary(samples, "20-differ")
    assert f"{run.date[:10]}, commit {run.commit}, {run.machine}" in readme
