"""What is promised of faults and threats is shown by tests and runs that exist."""

import re

import pytest

from bench.attackers.__main__ import ROWS
from bench.chaos.registry import FAULTS
from tests.unit.docs.reading import ROOT, code, tables

_FAULTS = tables(ROOT / "docs" / "reference" / "faults.md")
_THREATS = {heading: rows for heading, rows in tables(ROOT / "THREAT_MODEL.md").items() if len(rows[0]) == 3}
_PLACE = "tests/integration/proxy/"


def _exists(name: str) -> bool:
    kind, _, rest = name.partition(": ")
    if kind == "chaos":
        return rest in FAULTS
    if kind == "attackers":
        return rest in {row.name for row in ROWS}
    path, _, test = name.partition("::")
    file = ROOT / (path if path.startswith("tests/") else _PLACE + path)
    return file.exists() and re.search(rf"\bdef {test}\(", file.read_text("utf-8")) is not None


@pytest.mark.parametrize(
    ("fault", "shown_by"), [(row[0], row[2]) for rows in _FAULTS.values() for row in rows], ids=lambda text: text[:40]
)
def test_a_fault_is_shown(fault: str, shown_by: str) -> None:
    assert [name for name in code(shown_by) if not _exists(name)] == []
    assert any("::" in name for name in code(shown_by)), "a run alone does not keep it true"


def test_every_run_is_a_fault() -> None:
    named = {name for rows in _FAULTS.values() for row in rows for name in code(row[2])}
    assert {f"chaos: {fault}" for fault in FAULTS} <= named


@pytest.mark.parametrize(
    ("threat", "shown_by"), [(row[0], row[2]) for rows in _THREATS.values() for row in rows], ids=lambda text: text[:40]
)
def test_a_threat_has_a_test(threat: str, shown_by: str) -> None:
    assert code(shown_by), threat
    assert [name for name in code(shown_by) if not _exists(name)] == []


def test_the_tables_are_read() -> None:
    assert sum(map(len, _FAULTS.values())) >= 20
    assert {"Messages", "Identity", "Pages", "Data at rest", "Availability"} <= set(_THREATS)
