"""The corpus run in short: generated pages and their mutations; nothing that must be zero is anything else."""

from random import Random

import pytest

from bench.corpus.checking import ENGINE_US, check, rebuilt
from bench.corpus.html5_tree import parse
from bench.corpus.mutating import mutated
from bench.corpus.report import BAD, report
from bench.corpus.running import Work, examine
from bench.corpus.sources import Body, generated
from transforms.page.edits import Change, Spliced

SEED = 20_261


@pytest.mark.parametrize("page", list(generated(SEED, 12)), ids=lambda page: page.name)
def test_generated_pages_and_their_mutations(page: Body) -> None:
    record = examine(Work(page, SEED, 25, is_real=True))
    assert "bad" not in record, (record["bad"], page.body)
    assert record["counts"]["bodies"] == 26
    assert record["counts"]["made"]
    assert record["counts"]["html5lib"] + record["counts"].get("justhtml", 0)
    assert record["editable"]["editable"] >= 0.75 * record["editable"]["elements"]


def test_a_seed_makes_the_same_run_again() -> None:
    first, second = list(generated(3, 3)), list(generated(3, 3))
    assert first == second
    body = first[0].body
    assert mutated(body, Random("a")) == mutated(body, Random("a"))
    one, two = (check(body, b"text/html", Random("b"), sets=3) for _ in range(2))
    assert {**one, ENGINE_US: 0} == {**two, ENGINE_US: 0}


def test_the_checks_see_what_is_wrong() -> None:
    body = b"<p>a</p><p>b</p>"
    good = Spliced(b"<p>a</p>!<p>b</p>", (Change(0, "insert", 8, 8, b"!"),), ())
    assert rebuilt(body, good) == good.body
    assert rebuilt(body, Spliced(b"<p>A</p>!<p>b</p>", good.changes, ())) != b"<p>A</p>!<p>b</p>"
    forged = Change(0, "reorder", 0, 16, b"<p>b</p><p>A</p>", ((8, 16), (0, 8)))
    assert rebuilt(body, Spliced(forged.replacement, (forged,), ())) is None
    assert parse("<p>a<p>b").shown() != parse("<p>a<i><p>b").shown()


def test_the_report_tells_good_from_bad() -> None:
    page = {"source": "s", "name": "n", "mutations": 2, "counts": {"edits": 3, "made": 2, "no:GATE_REFUSED": 1}}
    text, is_good = report([{"seed": 1}, page])
    assert is_good
    assert "| s | 1 | 2 | 3 | 2 | 0 | 0 |" in text
    for name in BAD:
        assert not report([{"seed": 1}, {**page, "counts": {name: 1}}])[1]
