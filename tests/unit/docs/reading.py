"""Reads the documents as the tests need them: pages, links, fenced blocks, tables by heading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
TOP_PAGES = ("README.md", "THREAT_MODEL.md", "CONTRIBUTING.md", "CHANGELOG.md")

_FENCE = re.compile(r"^```(.*)$")
_HEADING = re.compile(r"^(#{1,6}) (.*)$")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its info string ("toml fragment"), its text, and where it stands."""

    info: str
    text: str
    place: str


def pages() -> list[Path]:
    """All documents: docs/ and those at the top."""
    return [*(ROOT / name for name in TOP_PAGES), *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    """The page's path inside the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """Fenced blocks of a page."""
    info: str | None = None
    lines: list[str] = []
    start = 0
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if fence is None:
            lines.append(line)
        elif info is None:
            info, lines, start = fence[1].strip(), [], number
        else:
            yield Block(info, "\n".join(lines) + "\n", f"{name_of(page)}:{start}")
            info = None
    if info is not None:
        raise ValueError(f"{name_of(page)}:{start}: the fence is not closed")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    kept, is_inside = [], False
    for line in page.read_text("utf-8").splitlines():
        if _FENCE.match(line):
            is_inside = not is_inside
        elif not is_inside:
            kept.append(line)
    return "\n".join(kept) + "\n"


def headings(page: Path) -> list[str]:
    """Texts of all headings, without back-ticks."""
    return [found[2].replace("`", "") for line in prose(page).splitlines() if (found := _HEADING.match(line))]


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def tables(page: Path) -> dict[str, list[list[str]]]:
    """Heading → rows of the tables below it (without their heads); cells as written."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    is_head = True
    for line in prose(page).splitlines():
        if title := _HEADING.match(line):
            heading, is_head = title[2].replace("`", ""), True
        elif not line.startswith("|"):
            is_head = True
        elif is_head:
            is_head = False
        elif not set(line) <= set("|- :"):
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found.setdefault(heading, []).append(cells)
    return found


def code(cell: str) -> list[str]:
    """Everything in back-ticks."""
    return _CODE.findall(cell)


def rows_by_code(page: Path, heading: str) -> dict[str, list[str]]:
    """Rows below a heading by the first name in back-ticks of their first cell."""
    return {code(row[0])[0]: row for row in tables(page)[heading] if code(row[0])}
