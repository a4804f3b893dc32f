"""Parts that are tests of this project: the message table, WebSocket, the recipes."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from bench.conformance.message_table import ROOT, rows
from bench.conformance.records import Record

WEBSOCKETS = "tests/integration/proxy/test_websockets.py"
RECIPES = "tests/integration/recipes"


def message_table(folder: Path) -> Iterator[Record]:
    """A record per row: it passes when each of its tests ran and none failed."""
    table = rows()
    outcomes = _outcomes(sorted({test for row in table for test in row.tests}), folder / "messages.xml")
    for row in table:
        counts: Counter[str] = Counter()
        silent = []
        for test in row.tests:
            found = [outcome for name, outcome in outcomes.items() if name.partition("[")[0] == test]
            counts.update(found)
            if not found:
                silent.append(test)
        failed = counts["failed"] + len(silent)
        skipped = [f"skipped: {counts['skipped']}"] if counts["skipped"] else []
        yield Record("messages", row.topic, not failed, "; ".join([*skipped, *silent]), dict(counts))


def websockets(folder: Path) -> Iterator[Record]:
    """A record per test."""
    yield from _each("websockets", WEBSOCKETS, folder / "websockets.xml")


def recipes(folder: Path) -> Iterator[Record]:
    """A record per test of a front's recipe."""
    yield from _each("recipes", RECIPES, folder / "recipes.xml")


def _each(part: str, path: str, report: Path) -> Iterator[Record]:
    if not (ROOT / path).exists():
        yield Record(part, path, None, "there are no such tests")
        return
    for name, outcome in _outcomes([path], report).items():
        passed = None if outcome == "skipped" else outcome == "passed"
        yield Record(part, name.removeprefix(f"{RECIPES}/").removeprefix(f"{WEBSOCKETS}::"), passed, outcome)


def _outcomes(tests: Sequence[str], report: Path) -> dict[str, str]:
    """Full name of each case → passed, failed, skipped."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)
    if not report.exists():
        raise RuntimeError(f"pytest ended without a report: {done.stdout[-500:]}{done.stderr[-500:]}")
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        path = str(case.get("classname")).replace(".", "/") + ".py"
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        found[f"{path}::{case.get('name')}"] = outcome
    return found
