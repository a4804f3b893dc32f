"""The list of what grows with traffic says what the code says, and lacks nothing that remembers."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.unit.docs.reading import ROOT, code, tables
from vitrina.metrics import COUNTERS, GAUGES

PAGE = ROOT / "docs" / "reference" / "limits.md"
HEADING = "What grows with traffic"
ROWS = tables(PAGE)[HEADING]
PACKAGES = ("clicks", "proxy", "transforms", "decisions", "visitors", "storage")
REMEMBERING = {"lru_cache", "OrderedDict", "deque", "Queue", "Remembered"}
"""What is called to remember or to let wait; a plain dictionary is too common to be told by its name."""
PARTS_OF_OTHERS = {
    "transforms/page/families.py": "templates",
    "transforms/page/family.py": "templates",
    "transforms/page/engine.py": "shapes",
    "transforms/page/verdict.py": "verdicts of the gate",
    "proxy/origin_pool.py": "connections to the origin",
}


def _constants() -> Iterator[tuple[str, str]]:
    for row in ROWS:
        for name in code(row[2]):
            yield name, row[1]


@pytest.mark.parametrize(("name", "at_most"), list(_constants()))
def test_a_limit_is_the_codes(name: str, at_most: str) -> None:
    module, _, path = name.partition(":")
    named, _, field = path.partition(".")
    found: Any = getattr(import_module(module), named)
    if field:
        found = found.__dataclass_fields__[field].default
    if isinstance(found, type):
        return  # where there is no number to compare
    if hasattr(found, "cache_parameters"):
        found = found.cache_parameters()["maxsize"]
    spellings = {f"{found:g}" if isinstance(found, float) else str(found)}
    for bits, unit in ((10, "KB"), (20, "MB"), (30, "GB")):
        if isinstance(found, int) and found % (1 << bits) == 0:
            spellings.add(f"{found >> bits} {unit}")
    assert any(re.search(rf"(?<!\d){spelling}(?!\d)", at_most) for spelling in spellings), (spellings, at_most)


@pytest.mark.parametrize("metric", sorted({name for row in ROWS for name in code(row[3])}))
def test_it_is_seen_in_a_metric_or_by_a_command(metric: str) -> None:
    ours = {f"vitrina_{name.removesuffix('_total')}_total" for name in COUNTERS} | {
        f"vitrina_{name}" for name in GAUGES
    }
    ours |= set(code((ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")))
    assert metric in ours or re.match(r"(?:HLEN|ZCARD) vitrina:\{vitrina\}:", metric)


def _remembers(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.value if isinstance(node.func, ast.Subscript) else node.func
            if (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in REMEMBERING:
                return True
    return False


def test_nothing_that_remembers_is_left_out() -> None:
    text = PAGE.read_text("utf-8").partition(f"## {HEADING}")[2]
    named = {f"{name.partition(':')[0].replace('.', '/')}.py" for name in code(text)}
    found = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if _remembers(path)
    }
    assert sorted(found - named - PARTS_OF_OTHERS.keys()) == []
