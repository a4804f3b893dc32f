"""The chaos report is made of its raw results; whose bytes a page is; every fault is registered."""

import importlib
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, cast

import pytest

from bench.chaos.faults.failing_code import SEAMS, Seam
from bench.chaos.load import INSERTED, kind_of
from bench.chaos.records import Record, Run, read_records, write_records
from bench.chaos.registry import FAULTS
from bench.chaos.report import report
from bench.chaos.shop import page
from bench.chaos.soak import judged, slopes

RESULTS = Path(__file__).parents[3] / "bench" / "results"
RUN = Run("2026-01-02T03:04:05+00:00", "abc1234", "a machine", 7, False, {"python": "3.11"})
RECORDS = [
    Record("kills", "kill 1", None, "work", {"answers": 3}),
    Record("kills", "1 random kill -9", True, "", {"completed": 1234, "lost": 0, "took s": 1.25}),
    Record("clock", "a day back", None, "missing: faketime (apt install faketime)"),
    Record("disk", "full", False, "lost /a"),
]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_records(tmp_path / "x.jsonl", RUN, RECORDS)
    assert read_records(tmp_path / "x.jsonl") == (RUN, RECORDS)


def test_report_counts_and_names() -> None:
    lines = report(RUN, RECORDS).splitlines()
    for line in (
        "3 cases: 1 passed, 1 failed, 1 not run.",
        "| 1 random kill -9 | passed | completed 1,234, lost 0, took s 1.2 |",
        "| a day back | not run | ; missing: faketime (apt install faketime) |",
        "| full | **failed** | ; lost /a |",
    ):
        assert line in lines
    assert not any("kill 1 " in line for line in lines)


@pytest.mark.parametrize(("name", "written"), [("chaos", report), ("soak", judged)])
def test_the_committed_report_is_the_committed_results(
    name: str, written: Callable[[Run, Sequence[Record]], str]
) -> None:
    path = RESULTS / f"{name}.jsonl"
    assert path.with_suffix(".md").read_text("utf-8") == written(*read_records(path))


def test_every_fault_is_registered() -> None:
    files = {path.stem for path in (Path(__file__).parents[3] / "bench" / "chaos" / "faults").glob("[a-z]*.py")}
    assert {name.replace("-", "_") for name in FAULTS} == files


SHOPS = page("/a")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (SHOPS, "original"),
        (SHOPS.replace(b"</h1>", b"</h1><span>" + INSERTED + b"</span>", 1), "personalised"),
        (SHOPS.replace(b"</h1>", b"</h1><span>Something</span>", 1), "wrong"),
        (SHOPS.replace(b"</h1>", b"</h1>" + INSERTED, 1).replace(b"row", b"raw", 1), "wrong"),
        (SHOPS[:-1], "wrong"),
        (page("/b"), "wrong"),
    ],
    ids=["same", "inserted", "inserted something else", "changed elsewhere too", "cut", "another page"],
)
def test_whose_bytes(body: bytes, kind: str) -> None:
    assert kind_of(SHOPS, body) == kind


def test_the_steepest_life_of_a_role_counts() -> None:
    def life(pid: int, grows_kb: int) -> list[Record]:
        return [
            Record(
                "soak", f"dataplane {pid}", None, "sample", {"s": 60.0 + 10 * n, "kb": 50_000 + grows_kb * n, "fds": 20}
            )
            for n in range(40)
        ]

    [flat] = slopes(life(1, 0))
    assert (flat.passed, flat.figures["MB an hour"], flat.figures["fds"]) == (True, 0.0, "20 → 20")
    [steep] = slopes([*life(1, 0), *life(2, 100)])
    assert (steep.passed, steep.figures["processes"]) == (False, 2)
    assert slopes(life(1, 100)[:5]) == []


@pytest.mark.parametrize("seam", SEAMS, ids=[seam.name for seam in SEAMS])
def test_where_our_code_is_made_to_raise_a_worker_comes_by(seam: Seam) -> None:
    importlib.import_module("vitrina.processes.dataplane")
    module, _, name = seam.where.partition(":")
    code = reduce(getattr, name.split("."), cast(Any, importlib.import_module(module)))
    of_workers = [vars(loaded) for at, loaded in sys.modules.items() if at.startswith(("proxy.", "storage.spool"))]
    assert callable(code)
    assert "." in name or any(names.get(name) is code for names in of_workers)
