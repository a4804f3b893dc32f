"""Recorded pages of real shops (not part of the project; skipped when absent): a sample of every page is edited.

Every third page with the suite, all of them with `make slow`.
"""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from transforms.page.charset import sniff
from transforms.page.edits import Insert, Markup, Remove, Reorder, SetAttribute, SetText, Spliced, Target, Text
from transforms.page.engine import Engine, Page, PageLimits, Refusal, TemplateKey
from transforms.page.query import Query

SHARED = Path(os.environ.get("VITRINA_SHARED", Path(__file__).parents[5] / "shared"))
PAGES = sorted(SHARED.glob("shops/*/*.html"))
pytestmark = pytest.mark.skipif(not PAGES, reason="no recorded pages on this machine")
SOME_AND_ALL = pytest.mark.parametrize(
    "paths", [PAGES[::3], pytest.param(PAGES, marks=pytest.mark.slow)], ids=["every third", "all"]
)

QUERIES = (
    Query("a", "a[href]"),
    Query("div", "div"),
    Query("li", "li"),
    Query("h", "h1, h2, h3"),
    Query("body", "body"),
)
FRAME = frozenset(["html", "head", "body"])
LIMITS = PageLimits(inline_compile_ms=60_000)
"""Whatever the size, proven on the spot, as a compile process would."""
HTML = re.compile(rb"<html|<body|<!doctype", re.IGNORECASE)


@SOME_AND_ALL
def test_edits_on_recorded_pages(paths: Sequence[Path], rebuilt: Callable[[bytes, Spliced], bytes]) -> None:
    tried = made = ends = pages = 0
    for path in paths:
        body = path.read_bytes()
        encoding = sniff(body, b"text/html")
        if isinstance(encoding, Refusal) or HTML.search(body, 0, 2048) is None:
            continue
        page = Engine(QUERIES, LIMITS).open(body, encoding, TemplateKey("h", "/", False, "1"), None)
        assert isinstance(page, Page), (path, page)
        pages += 1
        edits = []
        for name in ("a", "div", "li", "h"):
            indexes = [n for n, unit in enumerate(page.units(name) or ()) if unit.closed]
            for index in indexes[:: max(1, len(indexes) // 3)][:3]:
                target = Target(name, index)
                edits += [
                    Insert(target, "before", Text("José")),
                    Insert(target, "after", Markup("<span>é</span>")),
                    SetAttribute(target, "title", '"é"'),
                    *([Insert(target, "end", Text("¡"))] if name != "a" else [SetText(target, Text("new"))]),
                ]
        for edit in edits:
            tried += 1
            spliced = page.splice([edit])
            assert rebuilt(body, spliced) == spliced.body, (path, edit)
            assert all(refused.reason != "ERROR" for refused in spliced.refused), (path, spliced.refused)
            made += bool(spliced.changes)
        end = page.splice([Insert(Target("body"), "end", Markup("<div>x</div>"))])
        assert rebuilt(body, end) == end.body
        ends += bool(end.changes)
    assert pages
    assert made >= 0.95 * tried, f"{made} of {tried}"
    assert ends >= 0.998 * pages, f"{ends} of {pages}"


@SOME_AND_ALL
def test_nearly_every_element_with_explicit_tags_is_editable(
    paths: Sequence[Path], rebuilt: Callable[[bytes, Spliced], bytes]
) -> None:
    """Of a fixed sample of every page's elements: each takes an attribute and its own removal."""
    elements = editable = 0
    for path in paths:
        body = path.read_bytes()
        encoding = sniff(body, b"text/html")
        if isinstance(encoding, Refusal):
            continue
        page = Engine((Query("all", "*"),), LIMITS).open(body, encoding, TemplateKey("h", "/", False, "1"), None)
        assert isinstance(page, Page), (path, page)
        explicit = [n for n, unit in enumerate(page.units("all") or ()) if unit.closed and unit.tag not in FRAME]
        for index in explicit[:: max(1, len(explicit) // 8)][:8]:
            made = [
                page.splice([edit])
                for edit in (SetAttribute(Target("all", index), "title", "x"), Remove(Target("all", index)))
            ]
            assert all(rebuilt(body, spliced) == spliced.body for spliced in made), (path, index)
            elements += 1
            editable += all(spliced.changes for spliced in made)
    assert editable >= 0.98 * elements, f"{editable} of {elements}"


def test_lists_on_recorded_pages(rebuilt: Callable[[bytes, Spliced], bytes]) -> None:
    made = 0
    for path in PAGES:
        body = path.read_bytes()
        encoding = sniff(body, b"text/html")
        if isinstance(encoding, Refusal):
            continue
        for css in ("ul.products > li", ".row > li", "article.product_pod", "#new-products > .box", "ol.products > li"):
            page = Engine((Query("q", css),)).open(body, encoding, TemplateKey("h", "/", False, "1"), None)
            if isinstance(page, Refusal) or page.count("q") < 2:
                continue
            spliced = page.splice([Reorder("q", tuple(reversed(range(page.count("q")))))])
            assert rebuilt(body, spliced) == spliced.body, path
            assert all(refused.reason in ("GATE_REFUSED", "NOT_SIBLINGS") for refused in spliced.refused)
            made += bool(spliced.changes)
            spliced = page.splice([Remove(Target("q", 0))])
            assert rebuilt(body, spliced) == spliced.body, path
    assert made
