"""Operator's HTML: a value stays a value in every context that is allowed, and all others are refused."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.markup import filled_markup, missing_in, parse_markup

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
