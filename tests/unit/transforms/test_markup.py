"""Operator's HTML: a value stays a value in every context that is allowed, and all others are refused."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.markup import filled_markup, missing_in, parse_markup, script_in

VALUES = {"first_name": "José <b>\"'&", "code": "A&B/C"}


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>{first_name}</p>", "<p>Jos&#233; &#60;b&#62;&#34;&#39;&#38;</p>"),
        ("<p title='{code}'>x</p>", "<p title='A&#38;B/C'>x</p>"),
        ('<a href="/cart?c={code}">x</a>', '<a href="/cart?c=A%26B%2FC">x</a>'),
        ('<a href="https://shop.example/{code}/x">x</a>', '<a href="https://shop.example/A%26B%2FC/x">x</a>'),
        ('<a href="cart.php?c={code}#{code}">x</a>', '<a href="cart.php?c=A%26B%2FC#A%26B%2FC">x</a>'),
        ("<p>¡Año! {last_name|amigo}</p>", "<p>&#161;A&#241;o! amigo</p>"),
        ("<textarea>{code}</textarea>", "<textarea>A&#38;B/C</textarea>"),
        ("<style>a{color:red}</style><p>{code}</p>", "<style>a{color:red}</style><p>A&#38;B/C</p>"),
        ("<p>{last_name}</p>", None),
    ],
)
def test_filled(html: str, expected: str | None) -> None:
    assert filled_markup(html, VALUES) == expected


@pytest.mark.parametrize(
    ("html", "word"),
    [
        ("<p title={code}>", "quoted"),
        ("<p {code}>", "quoted"),
        ("<{code}>", "name of a tag"),
        ("</{code}>", "name of a tag"),
        ("<p>a <{code}</p>", "name of a tag"),
        ('<p class="a"{code}>', "quoted"),
        ('<p onclick="{code}">', "event handler"),
        ('<p ONCLICK="{code}">', "event handler"),
        ('<p style="{code}">', "cannot be made safe"),
        ('<iframe srcdoc="{code}"></iframe>', "cannot be made safe"),
        ('<img srcset="{code} 2x">', "cannot be made safe"),
        ("<script>var a = '{code}'</script>", "<script>"),
        ("<SCRIPT >{code}</scrip></SCRIPT>", "<script>"),
        ("<style>{code}</style>", "<style>"),
        ("<!-- {code} -->", "quoted"),
        ("<!-- > {code} -->", "quoted"),
        ('<a href="{code}">', "path of yours"),
        ('<a href="javascript:{code}">', "path of yours"),
        ('<a href="java&#115;cript:/{code}">', "path of yours"),
        ('<a href="//{code}/x">', "path of yours"),
        ('<a href="https://{code}/x">', "path of yours"),
        ('<a href="/\\{code}/x">', "path of yours"),
        ('<svg><a xlink:href="{code}"></a></svg>', "path of yours"),
        ("<p>{first_nme}</p>", 'did you mean "first_name"?'),
    ],
)
def test_refused(html: str, word: str) -> None:
    problems = parse_markup(html).problems
    assert problems
    assert word in problems[0]
    assert filled_markup(html, VALUES | {"first_nme": "x"}) is None


def test_links_of_an_offer() -> None:
    html = '<a href="/a?x=1&amp;y=2">a</a><A class=x HREF=\'b.php\'>b</A><link href="/style.css"><a name=x>c</a>'
    assert parse_markup(html).links == ("/a?x=1&y=2", "b.php")


def test_missing_values_are_named() -> None:
    assert missing_in("<p title='{last_name}'>{code} {first_name|-}</p>", VALUES) == "last_name"


OFFER = '<p title="{first_name}">{first_name}</p><a href="/cart?c={first_name}&amp;z=1">x</a>'


class Seen(HTMLParser):
    """What a parser makes of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))


@given(st.text(st.sampled_from("<>\"'&={}`/ \\:javscripthf\n\x00é李\u202e|")) | st.text())
def test_no_value_changes_the_markup(value: str) -> None:
    html = filled_markup(OFFER, {"first_name": value})
    assert html is not None
    assert html.isascii()
    seen = Seen()
    seen.feed(html)
    assert [(tag, [name for name, _ in attrs]) for tag, attrs in seen.tags] == [("p", ["title"]), ("a", ["href"])]
    parts = urlsplit(seen.tags[1][1][0][1] or "")
    assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/cart")
    assert [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)] == ["c", "z"]


TAG_NAME = "directly after < it would be the name of a tag, not text or part of a quoted value"
QUOTED = "inside a tag, but not inside a quoted attribute value"
OWN_PATH = "a URL must begin with a path of yours, not with a value"
IN_PLACE = [
    # What is around the placeholder; None: a value may stand there.
    ("{code}", None),
    ("{code}<br>", None),
    ("<br>{code}", None),
    ("a < b {code}", None),
    ("1 <2 {code}", None),
    ("a <= {code} < b", None),
    ("<p>x</p> {code} <p>y</p>", None),
    ("<!-- a -->{code}", None),
    ("<!-- a --><p>{code}</p>", None),
    ("{code}<!-- a -->", None),
    ("{code}<!-- a", None),
    ("<!-- a --><!-- b -->{code}<p>c</p>", None),
    ("<!-- <p> --> {code} <p title='{code}'>", None),
    ("<!-- a {code}", QUOTED),
    ("<!-- {code} --><p>", QUOTED),
    ("<!-->{code}-->", QUOTED),
    ("<!--->{code}-->", QUOTED),
    ("<!---->{code}", None),
    ("<!doctype html>{code}", None),
    ("{code}<!doctype html>", None),
    ("<!doctype html><p>a</p>{code}", None),
    ("<!doctype {code}>", QUOTED),
    ("<!doctype {code}", QUOTED),
    ("<?php a ?>{code}", None),
    ("{code}<?php a ?>", None),
    ("<?php {code} ?>", QUOTED),
    ("<? {code}", QUOTED),
    ("<! {code} > {first_name}", QUOTED),
    ("</{code}>", TAG_NAME),
    ("<{code}", TAG_NAME),
    ("<!{code}>", TAG_NAME),
    ("<?{code}>", TAG_NAME),
    ("a<</{code}>", TAG_NAME),
    ("a</ {code}", None),
    ("x>{code}", None),
    ("<p title = '{code}' >a", None),
    ("<p / title='{code}'>a", None),
    ("<p title=''lang='{code}'>a", None),
    ("<p = title='{code}'>a", None),
    ("<p '' title='{code}'>a", None),
    ("<p title='{code}", QUOTED),
    ("<p title='a' {code}", QUOTED),
    ('<p\ntitle=\n"{code}"\n>{first_name}', None),
    ("<p title='a'>{code}", None),
    ("<p title=a>{code}", None),
    ("<p title>{code}", None),
    ("<p>{code}</p >{first_name}", None),
    ("</p title='{code}'>", None),
    ("<p data-x='{code}' style='a'>", None),
    ("<img src='/{code}.png'>", None),
    ("<img src='?x={code}'>", None),
    ("<img src='a/{code}'>", None),
    ("<img src='//shop.test/{code}'>", None),
    ("<img src='http://shop.test?{code}'>", None),
    ("<img src='HTTPS://shop.test/{code}'>", OWN_PATH),
    ("<img src='{code}'>", OWN_PATH),
    ("<img src='a{code}'>", OWN_PATH),
    ("<img src='//{code}'>", OWN_PATH),
    ("<img src='https:{code}'>", OWN_PATH),
    ("<title>{code}</title>", None),
    ("<title>{code}", None),
    ("<TITLE>{code}</Title>{first_name}", None),
    ("<title><p {code}</title>", None),
    ("<textarea>a</textarea><p>{code}", None),
    ("<textarea></textareas>{code}</textarea >", None),
    ("<script>a</script>{code}", None),
    ("<script>a</script ><p title='{code}'>", None),
    ("</script>{code}", None),
    ("</title><p {code}>", QUOTED),
    ("<script>{code}", "inside <script> a value cannot be made safe"),
    ("<script src='/{code}'></script>", None),
    ("<style>a</style/>{code}", None),
    ("<xmp>{code}</xmp>", "inside <xmp> a value cannot be made safe"),
    ("<noscript><p>{code}</noscript>", "inside <noscript> a value cannot be made safe"),
    ("<plaintext>{code}", "inside <plaintext> a value cannot be made safe"),
    ("<iframe>{code}</iframe>", "inside <iframe> a value cannot be made safe"),
    ("<p onclick='{code}'>", "onclick is an event handler: a value there would be script"),
    ("<p style='{code}'>", "a value in style cannot be made safe"),
    ("<meta http-equiv='{code}'>", "a value in http-equiv cannot be made safe"),
    ("<meta content='{code}'>", "a value in content cannot be made safe"),
]


@pytest.mark.parametrize(("html", "problem"), IN_PLACE, ids=[row[0] for row in IN_PLACE])
def test_where_a_value_may_stand(html: str, problem: str | None) -> None:
    problems = parse_markup(html).problems
    assert problems[:1] == (() if problem is None else (f"{{code}}: {problem}",))


MISSPELT = [
    ("{cod}", '{cod}: unknown value; did you mean "code"?'),
    ("{Code}", '{Code}: unknown value; did you mean "code"?'),
    ("{cod|x|y}", '{cod|x|y}: unknown value; did you mean "code"?'),
    ("{code.upper|cod}", '{code.upper|cod}: unknown value; did you mean "code"?'),
    ("{first name}", '{first name}: unknown value; did you mean "first_name"?'),
    ("{code} {cod}", '{cod}: unknown value; did you mean "code"?'),
    ("{code|a b} <p title='{cod}'>", '{cod}: unknown value; did you mean "code"?'),
]


@pytest.mark.parametrize(("html", "problem"), MISSPELT)
def test_misspelt(html: str, problem: str) -> None:
    assert parse_markup(html).problems == (problem,)


@pytest.mark.parametrize("html", ["{ code }", "{}", "{1}", "<style>a{color:red}</style>", "<p {cod}>", "{<cod>}"])
def test_no_placeholder_at_all(html: str) -> None:
    assert parse_markup(html).problems == ()


SCRIPTS = [
    ("<p>x</p><SCRIPT>go()</SCRIPT>", "<SCRIPT"),
    ('<p title="on"onclick="go()">', "onclick"),
    ("<p\nonLoad = 'x'>", "onLoad"),
    ("<p/onload=x>", "onload"),
    ('<a href=" javascript:go()">', "javascript:"),
    ("<p>on sale = x</p>", None),
    ("<p title=' onclick=x'>", None),
    ("<p>javascript: x</p>", None),
]


@pytest.mark.parametrize(("html", "found"), SCRIPTS)
def test_script_in(html: str, found: str | None) -> None:
    assert script_in(html) == found
