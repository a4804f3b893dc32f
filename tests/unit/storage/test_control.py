"""The control page: layout, switch, counters of several processes."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicks.click import Reason
from storage.control import SIZE, SLOTS, ControlPage
from storage.measures import ANSWERS, BUCKET_BOUNDS_S, COUNTERS, GAUGES, HISTOGRAMS, KINDS, REASONS, WAYS


def test_the_switch_is_seen_by_every_opener_and_survives_a_restart(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    other = ControlPage.open(tmp_path / "control")
    assert page.is_on()
    assert other.slot(3).is_on()
    page.turn(False)
    assert not other.is_on()
    assert not other.slot(3).is_on()
    assert not ControlPage.create(tmp_path / "control").is_on()
    page.turn(True)
    assert other.slot(3).is_on()


def test_the_page_has_no_holes_that_a_full_disk_could_not_fill(tmp_path: Path) -> None:
    ControlPage.create(tmp_path / "control").close()
    assert (tmp_path / "control").stat().st_blocks * 512 >= SIZE
    sparse = (tmp_path / "control").read_bytes()[:16]
    (tmp_path / "control").write_bytes(sparse)
    os.truncate(tmp_path / "control", SIZE)  # as earlier versions made it
    ControlPage.create(tmp_path / "control").close()
    assert (tmp_path / "control").stat().st_blocks * 512 >= SIZE


def test_counters_add_up_over_slots_and_gauges_are_set(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    one, two = page.slot(0), page.slot(SLOTS - 1)
    one.claim()
    one.count("requests")
    two.count("requests", 41)
    two.put("spool_depth", 7)
    two.put("shipped", 9)
    totals = ControlPage.open(tmp_path / "control").totals()
    assert totals["requests"] == 42
    assert totals["spool_depth"] == 7
    assert totals["shipped"] == 9
    assert set(totals) == set(COUNTERS + GAUGES)


def test_every_name_has_a_word_of_its_own(tmp_path: Path) -> None:
    slot = ControlPage.create(tmp_path / "control").slot(1)
    slot.claim(99)
    for value, name in enumerate(COUNTERS + GAUGES, 1):
        slot.put(name, value)
    assert [*slot.counts().values(), *slot.gauges().values()] == list(range(1, len(COUNTERS + GAUGES) + 1))
    assert slot.pid == 99


def test_a_slot_taken_over_keeps_its_counters(tmp_path: Path) -> None:
    slot = ControlPage.create(tmp_path / "control").slot(5)
    slot.count("clicks", 3)
    slot.put("connections", 3)
    slot.release()
    slot.claim()
    assert slot.counts()["clicks"] == 3
    assert slot.gauges()["connections"] == 0
    assert slot.pid == os.getpid()
    assert slot.was_heard(5.0)


def test_another_process_counts_on_the_same_page(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    program = "import sys; from pathlib import Path; from storage.control import ControlPage as C\n"
    program += "s = C.open(Path(sys.argv[1])).slot(2); s.count('html', 5); print(s.is_on())"
    page.turn(False)
    said = subprocess.run(
        [sys.executable, "-c", program, str(page.path)], capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "False"
    assert page.totals()["html"] == 5


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty"), (b"x" * SIZE, "other magic"), (b"VITRINA\0\x01\0\0\0\x40\0\0\0", "cut short")],
)
def test_what_is_not_a_page_is_refused_and_made_anew(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / "control"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="control page"):
        ControlPage.open(path)
    assert ControlPage.create(path).is_on(), name


def test_names_and_slots_that_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ControlPage.open(tmp_path / "none")
    page = ControlPage.create(tmp_path / "control")
    with pytest.raises(KeyError):
        page.slot(0).count("no_such")
    with pytest.raises(IndexError):
        page.slot(SLOTS)


def test_answers_reasons_and_times_have_words_of_their_own(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    slot = page.slot(3)
    for status_class in ANSWERS:
        for kind in KINDS:
            slot.answered(status_class * 100, kind, "passed", 0, 0)
    for reason in REASONS:
        slot.looked_at(None, [Reason("experience", reason)], None)
    for at, name in enumerate(HISTOGRAMS):
        slot.observe(name, (at + 1) / 1_000_000)
    measured = page.measured()
    assert set(measured.answers.values()) == {1}
    assert set(measured.reasons.values()) == {1}
    assert [histogram.sum_us for histogram in measured.histograms.values()] == list(range(1, len(HISTOGRAMS) + 1))
    assert set(measured.counters.values()) == {0}


@pytest.mark.parametrize(
    ("status", "kind", "counted"),
    [
        (200, "home", (2, "home")),
        (404, "no such kind", (4, "other")),
        (520, "home", (5, "home")),
        (999, "cart", (0, "cart")),
        (0, "home", (0, "home")),
    ],
)
def test_every_answer_is_counted_somewhere(tmp_path: Path, status: int, kind: str, counted: tuple[int, str]) -> None:
    page = ControlPage.create(tmp_path / "control")
    page.slot(0).answered(status, kind, "read", 0, 0)
    assert {label for label, count in page.measured().answers.items() if count} == {counted}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_is_counted_with_its_time_and_its_bytes(tmp_path: Path, way: str) -> None:
    page = ControlPage.create(tmp_path / "control")
    page.slot(0).answered(200, "home", way, 90, 2000)
    page.slot(0).answered(200, "home", way, -1, 0)
    measured = page.measured()
    expected = {"added_us_total": 90, "out_bytes": 2000}
    assert {name: count for name, count in measured.counters.items() if count} == expected
    times = {name: (told.sum_us, sum(told.counts)) for name, told in measured.histograms.items() if sum(told.counts)}
    assert times == {f"added:{way}": (90, 2)}
    assert measured.histograms[f"added:{way}"].counts[:4] == (1, 0, 0, 1)


def test_a_reason_nobody_knows_is_other(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    page.slot(0).looked_at(None, (Reason("one", "NEVER_HEARD"), Reason("two", "SPLIT"), Reason("three", "SPLIT")), None)
    reasons = page.measured().reasons
    assert (reasons["other"], reasons["SPLIT"], sum(reasons.values())) == (1, 2, 3)


def test_a_page_that_was_looked_at_is_counted_by_what_came_of_it(tmp_path: Path) -> None:
    page = ControlPage.create(tmp_path / "control")
    page.slot(0).looked_at("hit", (), 5)
    page.slot(0).looked_at("hit", (), 0)
    page.slot(0).looked_at("over_budget", (), None)
    page.slot(0).looked_at(None, (), None)
    counted = {name: count for name, count in page.totals().items() if count}
    assert counted == {"hit": 2, "over_budget": 1, "personalised": 2, "moved": 5}
    with pytest.raises(KeyError):
        page.slot(0).looked_at("never heard", (), None)


@given(st.floats(-1, 200))
def test_a_time_is_in_the_bucket_of_its_bound(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = ControlPage.create(Path(folder) / "control")
        page.slot(0).observe("stage:open", seconds)
        counts = page.measured().histograms["stage:open"].counts
        page.close()
    bounds = (*BUCKET_BOUNDS_S, float("inf"))
    at = counts.index(1)
    assert sum(counts) == 1
    assert seconds < bounds[at] or seconds == 0
    assert at == 0 or seconds >= bounds[at - 1]


def test_the_switch_survives_another_version_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "control"
    old = bytearray(b"VITRINA\0\x01\0\0\0\x40\0\0\0".ljust(36_864, b"\0"))
    for said, is_on in ((0, True), (1, False)):
        old[64] = said
        path.write_bytes(old)
        page = ControlPage.create(path)
        assert page.is_on() is is_on
        assert set(page.totals().values()) == {0}
        page.close()


def test_starts_are_counted_over_processes(tmp_path: Path) -> None:
    slot = ControlPage.create(tmp_path / "control").slot(4)
    for pid in (10, 11, 12):
        slot.claim(pid)
        slot.release()
    assert (slot.claims, slot.pid) == (3, 0)
