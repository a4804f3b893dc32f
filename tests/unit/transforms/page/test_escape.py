"""Escaping per context: nothing of a value becomes markup, a handler or a script URL, in any engine or charset."""

import json
import re
import warnings

import pytest
import turbohtml
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from tests.fixtures.nasty_values import CHARSETS, STRIDE, nasty_values, page_of
from transforms.page import escape

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import html5lib

CLEANED = [
    ("plain", "José", "José"),
    ("composed", "e\u0301", "é"),
    ("controls", "a\x00b\x1fc\x7fd\x85e", "abcde"),
    ("white space", "a\tb\r\nc", "a b c"),
    ("zero width", "a\u200bb\u2060c\ufeffd\u00ade", "abcde"),
    ("bidi", "a\u202eb\u2066c\u200fd", "abcd"),
    ("line separators", "a\u2028b\u2029c", "abc"),
    ("noncharacters", "a\ufdd0b\uffffc\U0001ffffd", "abcd"),
    ("surrogate", "a\ud800b", "ab"),
    ("emoji", "👍", "👍"),
    ("long", "x" * 5000, "x" * escape.MAX_LENGTH),
]


@pytest.mark.parametrize(("value", "expected"), [row[1:] for row in CLEANED], ids=[row[0] for row in CLEANED])
def test_clean(value: str, expected: str) -> None:
    assert escape.clean(value) == expected


CONTEXTS = [
    ("text", escape.text, "a<b> & \"c\" 'd'", "a&#60;b&#62; &#38; &#34;c&#34; &#39;d&#39;"),
    ("text for scripts that read text", escape.text, "`{x=1}` é", "&#96;&#123;x&#61;1&#125;&#96; &#233;"),
    ("attribute", escape.attribute, '"><script>', "&#34;&#62;&#60;script&#62;"),
    ("url part", escape.url_part, "a/b?c=d&é'", "a%2Fb%3Fc%3Dd%26%C3%A9%27"),
    ("json", escape.json_string, "</script>\"'&é\u2028", '"\\u003c/script\\u003e\\"\\u0027\\u0026\\u00e9"'),
    ("url", escape.url, "/p?a=b&c='d'", "/p?a&#61;b&#38;c&#61;&#39;d&#39;"),
    ("absolute url", escape.url, "HTTPS://x.test/é", "HTTPS://x.test/%C3%A9"),
    ("fragment", escape.url, "#x:y", "#x:y"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "value", "expected"), [r[1:] for r in CONTEXTS], ids=[r[0] for r in CONTEXTS])
def test_contexts(function: object, value: str, expected: str) -> None:
    assert callable(function)
    assert function(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:x",
        "java\tscript:x",
        "java\u200bscript:x",
        " \x01javascript:x",
        "data:text/html,x",
        "vbscript:x",
        "http:x",
        "https:/x",
        "//x\\y",
        "\\\\x",
        "a\\b",
        "1:2",
        "é:x",
        "",
        "  ",
    ],
)
def test_no_url(value: str) -> None:
    assert escape.url(value) is None
    assert escape.url_text(value) is None


NASTY = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            (
                "<script>",
                "</",
                "'",
                '"',
                "`",
                "on",
                "onload=",
                "javascript:",
                "&",
                "&#x3c;",
                "-->",
                "]]>",
                "{",
                "}",
                "=",
            )
        ),
        max_size=8,
    ).map("".join),
    st.lists(
        st.sampled_from(("/", ">", "<b>", "%3c", "//", "http:", "é", "𝒳", "\\", "\t", "\x00", "\u2028", "\ud800"))
    ).map(lambda pieces: "".join(pieces)[:40]),
)


@given(NASTY)
def test_a_value_stays_a_value(value: str) -> None:
    url = escape.url(value)
    text, attribute = escape.text(value), escape.attribute(value)
    html = (
        f"<!DOCTYPE html><title>{text}</title><p title=\"{attribute}\">{text}</p><i title='{attribute}'></i>"
        f'<a href="{url or ""}">x</a><a href="/?q={escape.url_part(value)}">y</a>'
        f"<textarea>{text}</textarea><script>var x = {escape.json_string(value)};</script>"
    )
    assert html.isascii()
    tags = ["html", "head", "title", "body", "p", "i", "a", "a", "textarea", "script"]
    clean = escape.clean(value)
    assert json.loads(escape.json_string(value)) == clean
    for charset in ("utf-8", "cp1252", "gb18030", "big5", "shift_jis", "euc-jp", "koi8-r"):
        decoded = html.encode("ascii").decode(charset)
        document = turbohtml.parse(decoded, scripting=True)
        assert [element.tag for element in document.select("*")] == tags
        tree = LexborHTMLParser(decoded, scripting=True)
        assert [node.tag for node in tree.css("*")] == tags
        for node in tree.css("*"):
            assert set(node.attributes) <= {"title", "href"}
        paragraph = tree.css_first("p")
        assert paragraph is not None
        assert paragraph.attributes["title"] in (clean, clean or None)
        assert paragraph.text() == clean
    if url is not None:
        assert not url.lower().lstrip().startswith(("javascript", "data", "vbscript")) or ":" not in url


def _looked_at(count: int) -> None:
    """Every charset and context in all three engines: the very elements, attributes and values that were meant."""
    expected = ["p", "i", "textarea", "a", "a", "script"]
    for number, charset in enumerate(CHARSETS):
        values = list(nasty_values(number, count))
        body = page_of(values, charset).decode({"windows-1252": "cp1252"}.get(charset, charset))
        lexbor = LexborHTMLParser(body, scripting=True).css("body *")
        turbo = turbohtml.parse(body, scripting=True).select("body *")
        third = list(html5lib.parse(body, namespaceHTMLElements=False).find("body").iter())[1:]
        assert [node.tag for node in lexbor] == [element.tag for element in turbo] == expected * count
        assert [element.tag for element in third] == expected * count
        for index, (node, element, other) in enumerate(zip(lexbor, turbo, third, strict=True)):
            value, kind = escape.clean(values[index // STRIDE]), index % STRIDE
            names = {"p": {"title"}, "i": {"title"}, "a": {"href"}, "script": {"type"}}.get(expected[kind], set())
            assert set(node.attributes) == set(element.attrs) == set(other.attrib) == names
            if names == {"title"}:
                assert (node.attributes["title"] or "") == (element.attr("title") or "") == other.get("title") == value
            if kind in (0, 2):
                assert node.text() == element.text == (other.text or "") == value
            if names == {"href"}:
                assert re.match(r"https?://|[/#?]|[^:]*([/?#]|\Z)", other.get("href"), re.IGNORECASE), other.get("href")
            if kind == 5:
                assert json.loads(other.text) == value


def test_nasty_values_in_all_engines() -> None:
    _looked_at(100)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_nasty_values_in_all_engines() -> None:
    _looked_at(10_000)
