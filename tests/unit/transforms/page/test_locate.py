"""Locating: extents of elements, places of fields, and what has none; NOWHERE is said of whatever cannot be told."""

import sys
from dataclasses import astuple
from itertools import pairwise

import pytest
import turbohtml

from transforms.page.anatomy import NO_ATTRIBUTES, NOWHERE, Anatomy, Place, Unit
from transforms.page.charset import Encoding
from transforms.page.engine import Engine, Page, PageLimits, Refusal, TemplateKey
from transforms.page.extents import implied_end, nowhere, within_tables
from transforms.page.locate import Located, anatomy_of, locate, rows_of, value_span, view_of
from transforms.page.query import Field, Query

UTF8 = Encoding("utf-8", "utf-8")


def located(body: str | bytes, css: str, *fields: Field, editable: bool = True) -> Located:
    raw = body.encode() if isinstance(body, str) else body
    return locate(raw, (Query("t", css, fields, editable=editable),))


VIEWS = [
    (b"a\r\nb\rc\n", "a \nb\rc\n"),
    (b"\xef\xbb\xbfa", "   a"),
    (b"a\xef\xbb\xbf", "a\xef\xbb\xbf"),
    (b"\xff\0", "\xff\0"),
]


@pytest.mark.parametrize(("body", "expected"), VIEWS)
def test_views_have_one_character_per_byte(body: bytes, expected: str) -> None:
    assert view_of(body) == expected
    assert len(view_of(body)) == len(body)


EXTENTS: list[tuple[str, str, str, list[str]]] = [
    ("closed", "<div><p>a</p>b</div>", "p", ["<p>|a|</p>"]),
    ("void", "<p><br>a</p>", "br", ["<br>||"]),
    ("an input", "<p><input name=a>b</p>", "input", ["<input name=a>||"]),
    ("a slash that means nothing", "<div><p/>a</p></div>", "p", ["<p/>|a|</p>"]),
    ("a slash in svg", "<svg><path/><g>a</g></svg>", "path, g", ["<path/>||", "<g>|a|</g>"]),
    ("ended by a sibling", "<ul><li>a<li>b</ul>", "li", ["<li>|a|", "<li>|b|"]),
    ("ended by the parent", "<div><p>a</div>", "p", ["<p>|a|"]),
    ("ended by the grandparent", "<div><ul><li>a</div>", "li", ["<li>|a|"]),
    ("ended by the end of body", "<body><p>a</body>", "p", ["<p>|a|"]),
    ("ended by the end of everything", "<p>a", "p", ["<p>|a|"]),
    ("text after it", "<div><b>a</div>b", "b", ["<b>|a|", NOWHERE]),  # type: ignore[list-item]
    ("implied", "<table><tr><td>a</table>", "tbody", [NOWHERE]),  # type: ignore[list-item]
    ("foster-parented", "<table><b>a</b><tr><td>b</td></tr></table>", "b", [NOWHERE]),  # type: ignore[list-item]
    ("beside a table", "<b>x</b><table><tr><td>b</td></tr></table><b>y</b>", "b", ["<b>|x|</b>", "<b>|y|</b>"]),
]


@pytest.mark.parametrize(("body", "css", "expected"), [row[1:] for row in EXTENTS], ids=[row[0] for row in EXTENTS])
def test_extents(body: str, css: str, expected: list[object]) -> None:
    shown: list[object] = []
    for unit in located(body, css).units_by_name("t"):
        if NOWHERE in (unit.start, unit.content_start, unit.content_end, unit.end) and not unit.closed:
            shown.append(NOWHERE)
        else:
            cuts = (unit.start, unit.content_start, unit.content_end, unit.end)
            shown.append("|".join(body[a:b] for a, b in pairwise(cuts)))
    assert shown == expected


def test_a_unit_with_all_that_is_told_of_it() -> None:
    body = "<div><p id=a title='b'>c</p></div><select><option>d</select>"
    assert located(body, "p").units_by_name("t") == (
        Unit("p", 5, 23, 24, 28, True, False, 0, {"id": (8, 12), "title": (13, 22)}),
    )
    assert located(body, "option").units_by_name("t") == (
        Unit("option", 42, 50, 51, 51, False, False, 0, {}, in_select=True),
    )
    assert located("<ul><li>a</li></ul><p><i><b>x</b></i></p>", "li, b").units_by_name("t")[1].parent == 1
    assert located("<p><br></p>", "br").units_by_name("t") == (Unit("br", 3, 7, 7, 7, True, True, 0, {}),)
    assert located("<table><tr></table>", "tbody").units_by_name("t") == (
        Unit("tbody", NOWHERE, NOWHERE, NOWHERE, NOWHERE, False, False, 0, {}),
    )
    assert located("<p>a", "body").units_by_name("t") == (
        Unit("body", NOWHERE, NOWHERE, 4, NOWHERE, False, False, 0, {}, left_open="</p>"),
    )
    assert located("<body id=a>b</body>", "body").units_by_name("t") == (
        Unit("body", 0, 11, 12, NOWHERE, False, False, 0, {"id": (6, 10)}),
    )
    assert located("<table><b>a</b><tr><td>b</td></tr></table>", "b").units_by_name("t") == (
        Unit("b", NOWHERE, NOWHERE, NOWHERE, NOWHERE, False, False, 0, NO_ATTRIBUTES),
    )


def test_units_of_what_is_not_edited() -> None:
    assert located("<p>a</p>", "p", editable=False).units_by_name("t") == ()
    assert located("<p>a</p>", "p").units_by_name("u") == ()
    page = located("<p>a</p>", "p")
    assert page.units_by_name("t") is page.units_by_name("t")


def test_nowhere_is_nowhere() -> None:
    assert nowhere("p", 3) == Unit("p", NOWHERE, NOWHERE, NOWHERE, NOWHERE, False, False, 3, NO_ATTRIBUTES)


def test_tables_among_children() -> None:
    body = "<div><table><tr></table><p>a</p><table></div>"
    document = turbohtml.parse(body, source_locations=True)
    assert within_tables(document.select_one("div")) == [(5, 16), (32, sys.maxsize)]
    assert within_tables(None) == []


def test_no_end_outside_of_body() -> None:
    document = turbohtml.parse("<head><title>a</title></head><body><p>b", source_locations=True)
    assert implied_end(document.select_one("title"), 99) == NOWHERE  # type: ignore[arg-type]
    assert implied_end(document.select_one("p"), 99) == 99  # type: ignore[arg-type]
    assert implied_end(document.select_one("html"), 99) == NOWHERE  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("<template><p>a</p></template><p>b</p>", 1),
        ("<template><div><p>a</p></div></template>", 0),
        ("<template></template><p>a</p><p>b</p>", 2),
        ("<p>a</p>", 1),
    ],
)
def test_matches_in_templates_do_not_count(body: str, count: int) -> None:
    found = located(body, "p")
    assert len(found.elements["t"]) == count
    assert anatomy_of(found).counts == {"t": count}


VALUES = [
    ('a="b"', "b"),
    ("a='b'", "b"),
    ("a=b", "b"),
    ("a", ""),
    ("a=", ""),
    ('a=""', ""),
    ('a = "b c"', "b c"),
    ("a\n=\tb", "b"),
    ('a="b', '"b'),
    ("a='", "'"),
    ("=a='b'", "b"),
    ("a=b'", "b'"),
    ("a='b\"", "'b\""),
]


@pytest.mark.parametrize(("source", "value"), VALUES)
def test_values_of_attributes(source: str, value: str) -> None:
    view = f"<p {source} x='y'>"
    start, end = value_span(view, 3, 3 + len(source))
    assert view[start:end] == value


PLACES: list[tuple[str, str, str, Field, Place | None, str | None]] = [
    ("text", "<p>a <b>c</b></p>", "p", Field("f", "", "text"), Place("f", "text", 3, 13), "a c"),
    ("text of a child", "<p>a <b>c</b></p>", "p", Field("f", "b", "text"), Place("f", "text", 8, 9), "c"),
    ("no such child", "<p>a</p>", "p", Field("f", "b", "text"), None, None),
    ("a value", "<p title='x'>a</p>", "p", Field("f", "", "title"), Place("f", "attribute", 10, 11), "x"),
    ("a child's value", "<p><a href=b>a</a></p>", "p", Field("f", "a", "href"), Place("f", "attribute", 11, 12), "b"),
    ("no such value", "<p>a</p>", "p", Field("f", "", "title"), None, None),
    ("text of a title", "<title>a</title>", "title", Field("f", "", "text"), Place("f", "rcdata", 7, 8), "a"),
    ("text of a script", "<script>a</script>", "script", Field("f", "", "text"), Place("f", "raw", 8, 9), "a"),
    ("text of an svg title", "<svg><title>a</title></svg>", "title", Field("f", "", "text"),
     Place("f", "text", 12, 13), "a"),
    ("text up to an implied end", "<ul><li>a<li>b</ul>", "li + li", Field("f", "", "text"), Place("f", "text", 13, 14),
     "b"),
    ("text of body", "<body>a</body>", "body", Field("f", "", "text"), Place("f", "text", 6, 7), "a"),
    ("text of what the parser made", "<table><tr><td>a</table>", "tbody", Field("f", "", "text"),
     Place("f", "text", NOWHERE, NOWHERE), "a"),
    ("a cloned value", "<p><a href=b>x<p>y", "p + p", Field("f", "a", "href"),
     Place("f", "attribute", NOWHERE, NOWHERE), "b"),
    ("a cloned text", "<p><b>x<p>y", "p + p", Field("f", "b", "text"), Place("f", "text", NOWHERE, NOWHERE), "y"),
    ("a value of html, given twice", "<html lang=a><html dir=b>", "html", Field("f", "", "dir"),
     Place("f", "attribute", NOWHERE, NOWHERE), "b"),
    ("in a template", "<div><template><b>a</b></template></div>", "div", Field("f", "b", "text"), None, None),
    ("beside a template", "<template></template><div><b>a</b></div>", "div", Field("f", "b", "text"),
     Place("f", "text", 29, 30), "a"),
    ("itself, beside a template", "<template></template><div>a</div>", "div", Field("f", "", "text"),
     Place("f", "text", 26, 27), "a"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "css", "taken", "place", "value"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES]
)
def test_places(body: str, css: str, taken: Field, place: Place | None, value: str | None) -> None:
    found = located(body, css, taken)
    anatomy = anatomy_of(found)
    assert anatomy.places["t"] == (() if place is None else (place,),)
    assert anatomy.is_opaque is (place is not None and place.start == NOWHERE)
    assert rows_of(found, anatomy, UTF8)["t"] == ({"f": value},)


def test_facts_of_bytes_in_their_encoding() -> None:
    koi8 = Encoding("koi8-r", "koi8-r")
    body = "<p title='привет'>да<table><tr><td>нет</table>".encode("koi8-r")
    found = locate(body, (Query("p", "p", (Field("t", "", "title"),)), Query("b", "tbody", (Field("x", "", "text"),))))
    rows = rows_of(found, anatomy_of(found), koi8)
    assert rows["p"] == ({"t": "привет"},)
    assert rows["b"] == ({"x": "нет"},)
    plain = located("<table><tr><td>&euro;</table>", "tbody", Field("x", "", "text"))
    assert rows_of(plain, anatomy_of(plain), UTF8)["t"] == ({"x": "€"},)


def test_queries_without_fields_have_empty_rows() -> None:
    found = located("<p>a</p><p>b</p>", "p")
    anatomy = anatomy_of(found)
    assert isinstance(anatomy, Anatomy)
    assert anatomy.places["t"] == ()
    assert rows_of(found, anatomy, UTF8)["t"] == ({}, {})


OPENED = [
    ("too large", b"<p>abc</p>", PageLimits(max_html_bytes=9), ("TOO_LARGE", "10 bytes")),
    ("as large as may be", b"<p>abc</p>", PageLimits(max_html_bytes=10), None),
    ("no markup", b" a<p>", PageLimits(), ("NOT_HTML", "the body does not begin with markup")),
    ("nothing", b"", PageLimits(), ("NOT_HTML", "the body does not begin with markup")),
    ("blanks and a BOM before markup", b"\xef\xbb\xbf \n\t\r\f<p>", PageLimits(), None),
    ("too many tags", b"<p>" * 4, PageLimits(max_tags=3), ("TOO_COMPLEX", "more than 3 tags")),
    ("as many tags as may be", b"<p>" * 3, PageLimits(max_tags=3), None),
    ("too deep", b"<div>" * 9, PageLimits(max_depth=5),
     ("TOO_COMPLEX", "nested too deeply, or a tag with too many attributes")),
    ("as deep as may be", b"<div>" * 3, PageLimits(max_depth=5), None),
    ("too deep in a template", b"<p>x</p><template>" + b"<div>" * 9, PageLimits(max_depth=5),
     ("TOO_COMPLEX", "nested too deeply, or a tag with too many attributes")),
    ("too much left open", b"<p><b id=a><p><b id=b>", PageLimits(max_left_open=1),
     ("OVER_BUDGET", "22 bytes would take too long to parse here")),
    ("as much left open as may be", b"<p><b id=a><p><b id=b>", PageLimits(max_left_open=2), None),
    ("too many attributes", b"<p a b c>", PageLimits(max_attributes=2),
     ("TOO_COMPLEX", "nested too deeply, or a tag with too many attributes")),
    ("too long to parse", b"<p>abc</p>", PageLimits(inline_compile_ms=0.0),
     ("OVER_BUDGET", "10 bytes would take too long to parse here")),
]  # fmt: skip


@pytest.mark.parametrize(("body", "limits", "refused"), [row[1:] for row in OPENED], ids=[row[0] for row in OPENED])
def test_what_is_not_opened(body: bytes, limits: PageLimits, refused: tuple[str, str] | None) -> None:
    found = Engine((Query("p", "p"),), limits).open(body, UTF8, TemplateKey("shop.test", "/", False, "1"), None)
    assert (astuple(found) if isinstance(found, Refusal) else None) == refused


def test_a_page_says_nothing_of_what_was_not_asked() -> None:
    engine = Engine((Query("p", "p"), Query("f", "p", editable=False)))
    key = TemplateKey("shop.test", "/", False, "1")
    for learn in (False, True, True):
        page = engine.open(b"<p>a</p><p>b</p>", UTF8, key, None, learn=learn)
        assert isinstance(page, Page)
        assert (page.count("p"), page.count("q")) == (2, 0)
        assert (page.rows("p"), page.rows("q")) == (({}, {}), ())
        assert page.units("q") is None
        assert page.units("f") is None
        assert list(page.extents("p")) == [(0, 8), (8, 16)]
        assert list(page.extents("q")) == []
        assert page.has_lasting_facts is learn
        assert page.splice([]).body is page.body
