"""bench-cutover: the table says what the raw results say, the committed ones too."""

from pathlib import Path

import pytest

from bench.cutover import RESULTS, STEPS
from bench.cutover_report import Run, Side, percentile, table
from bench.raw_results import read_rows, write_rows
from decisions.holdout import in_holdout

RUN = Run("2026-01-02T03:04:05+00:00", "abc", "a machine", "3.11.2", 0.1, 10.0, 60.0, 300, 1)
ROOT = Path(__file__).parents[3]


def test_the_table_is_made_of_the_file_alone(tmp_path: Path) -> None:
    sides = [
        Side("observe", "while it is taken", "direct", [9.0]),
        Side("observe", "while it is taken", "through", [9.0], 2, [1]),
        Side("observe", "after", "direct", [4.0, 1.0, 2.0, 3.0], 1),
        Side("observe", "after", "through", [2.5, 3.5, 4.5, 9.0], 0, [3, 7]),
    ]
    write_rows(tmp_path / "raw.jsonl", RUN, sides)
    read = read_rows(tmp_path / "raw.jsonl", Run, Side)
    assert read == (RUN, sides)
    assert table(*read).splitlines()[-1] == "| observe | 4 | 2.0, 4.0 | 3.5, 9.0 | +1.5, +5.0 | 1, 2 | 2 |"


@pytest.mark.parametrize(("share", "expected"), [(1, 1.0), (50, 5.0), (90, 9.0), (99, 10.0), (100, 10.0)])
def test_percentile(share: float, expected: float) -> None:
    assert percentile([float(number) for number in range(10, 0, -1)], share) == expected


def test_a_visitor_let_in_at_a_step_stays_in() -> None:
    visitors = [f"visitor-{number:022d}" for number in range(2000)]
    inside: set[str] = set()
    for step in STEPS:
        if step.mode == "live":
            now = {visitor for visitor in visitors if not in_holdout(visitor, step.holdout)}
            assert inside <= now
            inside = now
    assert inside == set(visitors)


def test_the_page_shows_the_committed_results() -> None:
    """docs/how-to/cut-over.md has the very table of bench/results/cutover.jsonl."""
    page = (ROOT / "docs" / "how-to" / "cut-over.md").read_text("utf-8")
    run, sides = read_rows(RESULTS, Run, Side)
    assert table(run, sides).partition("\n\n")[2] in page
    assert run.commit in page
