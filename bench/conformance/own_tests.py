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
            found = [outcome for name, (outcome, _) in outcomes.items() if name.partition("[")[0] == test]
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
    for name, (outcome, said) in _outcomes([path], report).items():
        passed = None if outcome == "skipped" else outcome == "passed"
        yield Record(part, name.removeprefix(f"{RECIPES}/").removeprefix(f"{WEBSOCKETS}::"), passed, said)


def _outcomes(tests: Sequence[str], report: Path) -> dict[str, tuple[str, str]]:
    """Full name of each case → passed, failed or skipped, and what was said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1"]
    command += [f"--junitxml={report}", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)
    if not report.exists():
        raise RuntimeError(f"pytest ended without a report: {done.stdout[-500:]}{done.stderr[-500:]}")
    found: dict[str, tuple[str, str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        path = str(case.get("classname")).replace(".", "/") + ".py"
        said = {child.tag: (child.get("message") or "").partition("\n")[0][:200] for child in case}
        failure = said.get("failure", said.get("error"))
        skip = said.get("skipped")
        outcome = ("failed", failure) if failure is not None else ("passed", "") if skip is None else ("skipped", skip)
        found[f"{path}::{case.get('name')}"] = outcome
    return found
