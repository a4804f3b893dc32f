"""Payloads: the bytes that are sent, their guard against what stands before, and what their structure depends on."""

import pytest

from transforms.page import escape
from transforms.page.edits import Markup, Payload, Text
from transforms.page.payload import encode, guard, shape
from transforms.page.slots import Kinds, is_clean, is_fit


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (Text("a<b>&'\"é"), b"a&#60;b&#62;&#38;&#39;&#34;&#233;"),
        (Markup("<b>é&amp;</b>"), b"<b>&#233;&amp;</b>"),
        (Text("é" * 1001), b"&#233;" * 1001),
        (Markup("é" * 1001), b"&#233;" * 1001),
        (Text(""), b""),
    ],
)
def test_sent(payload: Payload, expected: bytes) -> None:
    assert encode(payload) == expected
    assert encode(payload) == expected


GUARDED = [
    ("at the very start", b"abc", 0, b"x", b"x"),
    ("behind a tag", b"<p>", 3, b"x", b"x"),
    ("behind a blank", b"a ", 2, b"x", b"x"),
    ("behind a tab", b"a\t", 2, b"x", b"x"),
    ("behind a line end", b"a\n", 2, b"x", b"x"),
    ("behind a carriage return", b"a\r", 2, b"x", b"x"),
    ("behind a form feed", b"a\f", 2, b"x", b"x"),
    ("behind text", b"ab", 2, b"xy", b"&#120;y"),
    ("behind the first byte", b"a", 1, b"x", b"&#120;"),
    ("behind <", b"a<", 2, b"b", b"&#98;"),
    ("behind &", b"a&", 2, b"lt", b"&#108;t"),
    ("behind a slash", b"</", 2, b"p", b"&#112;"),
    ("a tag behind text", b"ab", 2, b"<b>", b"<b>"),
    ("a reference behind text", b"ab", 2, b"&#98;", b"&#98;"),
    ("an X behind text", b"ab", 2, b"X", b"&#88;"),
    ("nothing", b"ab", 2, b"", b""),
    ("nothing in nothing", b"", 0, b"", b""),
]


@pytest.mark.parametrize(
    ("body", "at", "sent", "expected"), [row[1:] for row in GUARDED], ids=[row[0] for row in GUARDED]
)
def test_guard(body: bytes, at: int, sent: bytes, expected: bytes) -> None:
    assert guard(sent, body, at) == expected


SHAPES: list[tuple[Payload, str]] = [
    (Text("a"), "text"),
    (Text("  a "), "text"),
    (Text(" \n"), "blank"),
    (Text(""), "blank"),
    (Markup(""), ""),
    (Markup("a"), "."),
    (Markup(" \n "), " "),
    (Markup("<b>a</b> <i>c</i>"), "<b>.</b> <i>.</i>"),
    (Markup("<b class='x' id=\"y\">a</b>"), "<b class= id=>.</b>"),
    (Markup("<b class = 'x'>a</b>"), "<b class =>.</b>"),
    (Markup("<b hidden>é</b>"), "<b hidden>.</b>"),
    (Markup("<br/>"), "<br/>"),
]


@pytest.mark.parametrize(("payload", "expected"), SHAPES)
def test_shapes(payload: Payload, expected: str) -> None:
    assert shape(payload) == expected


def test_payloads_alike_and_apart() -> None:
    assert shape(Markup("<a href='/x'>one</a>")) == shape(Markup("<a href='/y'>two 2</a>"))
    telling = ["<p title=a>", "<!-- a -->", "<input name='a'>", "<META name='a'>", "<script>a</script>", "a < b"]
    for markup in telling:
        assert shape(Markup(markup)).startswith("=")
        assert shape(Markup(markup)) != shape(Markup(markup.replace("a", "aa")))


CLEAN = [(b"a", True), (b"a b", True), (b" a", True), (b"", False), (b" \n", False)] + [
    (b"a%cb" % char, False) for char in b"<>\"'&\0"
]


@pytest.mark.parametrize(("gap", "expected"), CLEAN)
def test_clean(gap: bytes, expected: bool) -> None:
    assert is_clean(gap) is expected


FIT = [
    ("t", b"a", True), ("t", b"", False), ("t", b" ", False), ("t", b"a<", False), ("t", b"a>", False),
    ("t", b"a\0", False), ("t", b"&nbsp;", False), ("t", b"a&amp;", True), ("t", b"&amp; &lt;", False),
    ("t", b"&x y", True), ("t", b"\"'", True), ("t", b"a & b", True),
    ('"', b"", True), ('"', b"a'&b", True), ('"', b'a"b', False), ('"', b"a<b", False), ('"', b"a>b", False),
    ('"', b"a\0b", False), ('"', b" ", True),
    ("'", b"aX", True), ('"', b"aX", True), ("t", b"aX", True), ("x", b"aX", True), ("c", b"aX", True),
    ("'", b"", True), ("'", b'a"&b', True), ("'", b"a'b", False), ("'", b"a<b", False), ("'", b"a>b", False),
    ("x", b"", True), ("x", b" a>&'\"", True), ("x", b"a<", False), ("x", b"a\0", False),
    ("c", b" a - b ", True), ("c", b"", False), ("c", b" ", False), ("c", b"a--b", False), ("c", b"-a", False),
    ("c", b"a-", False), ("c", b"a>b", False),
    ("s", b"a b", True), ("s", b"", False), ("s", b"a\\b", False), ("s", b"a\nb", False), ("s", b"a\"b", False),
    ("S", b"a b", True), ("S", b"a\\b", False), ("S", b"a\nb", False), ("S", b"a'b", False), ("S", b" ", False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "expected"), FIT)
def test_fit(kind: str, content: bytes, expected: bool) -> None:
    assert is_fit(kind, content) is expected
    assert Kinds(kind).hold([content]) is expected
    # One by one or all at once, beside what is fit.
    assert Kinds("t\"'" + kind + "cxsS").hold([b"a", b"b", b"c", content, b"d", b"", b"e", b"f"]) is expected


def test_kinds_are_those_of_their_places() -> None:
    assert Kinds("t\"'c").all == "t\"'c"
    assert Kinds("").hold([])
    assert Kinds("tt").hold([b"a", b"b"])
    assert not Kinds("tt").hold([b"a", b""])
    assert not Kinds("tt").hold([b"a", b" "])
    assert not Kinds("tt").hold([b"a", b"&nbsp;"])
    assert Kinds("tt").hold([b"&nbsp;a", b"&amp;b"])
    assert Kinds("\"'").hold([b"'", b'"'])
    assert not Kinds("\"'").hold([b'"', b"'"])
    assert not Kinds("''").hold([b"a", b"'"])
    assert not Kinds('""').hold([b"a", b'"'])


URLS = [
    ("/a b", "/a%20b"),
    (" \x01/a\x1f ", "/a"),
    ("/a\tb\nc\rd", "/abcd"),
    ("http://a/b", "http://a/b"),
    ("HTTP://a/b", "HTTP://a/b"),
    ("https://a", "https://a"),
    ("http:/a", None),
    ("https:a", None),
    ("javascript:x", None),
    ("java\nscript:x", None),
    ("", None),
    (" ", None),
    ("\\\\a", None),
    ("/a\\b", None),
    ("/a?b\\c", "/a?b%5Cc"),
    ("/a#b\\c", "/a#b%5Cc"),
    ("/a?b?c\\d", "/a?b?c%5Cd"),
    ("a:b", None),
    ("1a:b", None),
    ("./a:b", "./a:b"),
    ("?a:b", "?a:b"),
    ("#a:b", "#a:b"),
    ("a/b:c/d:e", "a/b:c/d:e"),
    ("/é", "/%C3%A9"),
    ("%41%", "%41%"),
]


@pytest.mark.parametrize(("value", "expected"), URLS)
def test_urls(value: str, expected: str | None) -> None:
    assert escape.url_text(value) == expected
    assert escape.url(value) == (None if expected is None else escape.attribute(expected))


def test_parts_of_urls_and_strings_of_scripts() -> None:
    assert escape.url_part(" a/b?c=d&e X ") == "a%2Fb%3Fc%3Dd%26e%20X"
    assert escape.json_string("a\"b</script>&'é\u2028") == '"a\\"b\\u003c/script\\u003e\\u0026\\u0027\\u00e9"'


def test_long_values_are_cut() -> None:
    assert escape.clean("a" * 2001) == "a" * 2000
    assert escape.clean("é" * 2001) == "é" * 2000
    assert escape.clean("\x00" * 8000 + "é") == ""
    assert escape.clean("\x00" * 7999 + "é") == "é"
    assert escape.clean("e\u0301") == "é"
    assert escape.clean("a\t\n\r b") == "a  b"
