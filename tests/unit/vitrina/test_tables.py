"""Looks printed: nothing unknown becomes 0, nothing from outside is obeyed."""

import io
import json
from pathlib import Path

import pytest

from clicks.looks import Look
from vitrina.failures import Failure
from vitrina.tables import write_chart, write_csv, write_json, write_table

LOOK = Look(
    "dwell",
    ("page", "views", "median_s"),
    (("/a", 1200, 2.5), ("=HYPERLINK(1)", 3, None), ("/\x1b[31m" + "x" * 80, 1, 1.25)),
    "median_s",
)


def test_table() -> None:
    file = io.StringIO()
    write_table(LOOK, file, 3)
    lines = file.getvalue().splitlines()
    assert lines[1].split() == ["/a", "1,200", "2.5"]
    assert lines[2].split() == ["=HYPERLINK(1)", "3", "-"]
    assert "\x1b" not in file.getvalue()
    assert max(map(len, lines)) < 90


def test_a_table_says_what_it_leaves_out() -> None:
    file = io.StringIO()
    write_table(LOOK, file, 1)
    assert file.getvalue().splitlines()[2] == "… 2 more (--top 3)"


def test_csv_and_json() -> None:
    as_csv, as_json = io.StringIO(), io.StringIO()
    write_csv(LOOK, as_csv)
    write_json(LOOK, as_json)
    assert as_csv.getvalue().splitlines()[:3] == ["page,views,median_s", "/a,1200,2.5", "'=HYPERLINK(1),3,"]
    assert json.loads(as_json.getvalue())[1] == {"page": "=HYPERLINK(1)", "views": 3, "median_s": None}


@pytest.mark.parametrize("name", ["look.png", "look.svg"])
def test_chart(tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib", reason="charts need matplotlib (requirements/plot.txt)")
    for look in (LOOK, Look("dwell", LOOK.columns, (), "median_s")):
        write_chart(look, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000


def test_a_chart_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"\.png or \.svg"):
        write_chart(LOOK, tmp_path / "look.pdf")
