"""The table in docs/reference/messages.md: topic → the tests that show it."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "reference" / "messages.md"
_UNIT = ("framing/", "headers/")


@dataclass(frozen=True, slots=True)
class Row:
    """A topic and its tests, as pytest names them."""

    topic: str
    tests: tuple[str, ...]


def rows() -> tuple[Row, ...]:
    """All rows of the page."""
    found = []
    for line in TABLE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and "::" in cells[2]:
            found.append(Row(cells[0].replace("`", ""), tuple(map(_whole, re.findall(r"`([^`]+::[^`]+)`", cells[2])))))
    return tuple(found)


def _whole(name: str) -> str:
    if name.startswith("tests/"):
        return name
    return ("tests/unit/proxy/" if name.startswith(_UNIT) else "tests/integration/proxy/") + name
