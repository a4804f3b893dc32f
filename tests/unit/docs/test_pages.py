"""Pages are short, and every link in them leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.reading import ROOT, anchor, headings, name_of, pages, prose

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_LONGEST = {"README.md": 120, "docs/reference/cli.md": 320, "docs/reference/configuration.md": 200}
"""The two references are looked up, not read."""
_MOST_LINES = 150


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_page_is_short(page: Path) -> None:
    lines = len(page.read_text("utf-8").splitlines())

    assert lines <= _LONGEST.get(name_of(page), _MOST_LINES)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(_INLINE_CODE.sub("", prose(page))):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        is_there = target.exists() and target.is_relative_to(ROOT)
        if not is_there or (fragment and fragment not in {anchor(heading) for heading in headings(target)}):
            broken.append(link)

    assert broken == []


def test_every_page_is_linked_from_the_index() -> None:
    docs = ROOT / "docs"
    index = docs / "README.md"
    linked = {(docs / link).resolve() for link in _LINK.findall(index.read_text("utf-8"))}

    assert [name_of(page) for page in pages() if page.is_relative_to(docs) and page not in {*linked, index}] == []
