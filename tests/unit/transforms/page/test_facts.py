"""What a visitor sees is what a row says: charsets, references, white space, nested markup, absent fields."""

from collections.abc import Callable

import pytest

from transforms.page.engine import Page
from transforms.page.query import Field, Query
from transforms.page.selectors import problems

TEXT = [
    ("plain", b"<p> a \n b </p>", "a b"),
    ("reference", b"<p>caf&eacute; &amp; &#8364;&nbsp;x</p>", "café & € x"),
    ("utf-8", "<p>José</p>".encode(), "José"),
    ("utf-8 and reference", "<p>José&ntilde;</p>".encode(), "Joséñ"),
    ("latin-1", b"<p>Jos\xe9</p>", "José"),
    ("gbk", "<meta charset=gbk><p>中文</p>".encode("gbk"), "中文"),
    ("nested", "<p>a<b>é</b> <i>c</i></p>".encode(), "aé c"),
    ("comment inside", b"<p>a<!-- no -->b</p>", "ab"),
    ("implied end", b"<p>a<p>b", "a"),
    ("empty", b"<p></p>", ""),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in TEXT], ids=[row[0] for row in TEXT])
def test_text(body: bytes, expected: str, opened: Callable[..., Page]) -> None:
    page = opened(body, queries=[Query("q", "p", (Field("f", "", "text"),))])
    assert page.rows("q")[0]["f"] == expected


ATTRIBUTES = [
    ("double", b'<a href="/x?a=1&amp;b=2">', "/x?a=1&b=2"),
    ("single", b"<a href='/x'>", "/x"),
    ("bare", b"<a href=/x>", "/x"),
    ("spaced", b"<a href = '/x' >", "/x"),
    ("no value", b"<a href>", ""),
    ("empty", b'<a href="">', ""),
    ("absent", b"<a>", None),
    ("not a reference", b"<a href='/x?a=1&copy=2&lt=3&notx'>", "/x?a=1&copy=2&lt=3&notx"),
    ("reference without ;", b"<a href='&lt &eacute'>", "< é"),
    ("numeric", b"<a href='&#x41;&#66'>", "AB"),
    ("first of two", b"<a href=1 href=2>", "1"),
    ("upper case", b"<A HREF=/x>", "/x"),
    ("utf-8", "<a href='/é'>".encode(), "/é"),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in ATTRIBUTES], ids=[row[0] for row in ATTRIBUTES])
def test_attributes(body: bytes, expected: str | None, opened: Callable[..., Page]) -> None:
    page = opened(body + b"x</a>", queries=[Query("q", "a", (Field("f", "", "href"),))])
    assert page.rows("q")[0]["f"] == expected


def test_fields_are_relative_to_the_match(opened: Callable[..., Page]) -> None:
    fields = (Field("name", "b", "text"), Field("url", "a", "href"), Field("none", "u", "text"), Field("id", "", "id"))
    body = b"<ul><li id=1><a href=/1><b>One</b></a><li id=2><b>Two</b></ul>"
    page = opened(body, queries=[Query("q", "li", fields, editable=False)])
    assert [dict(row) for row in page.rows("q")] == [
        {"name": "One", "url": "/1", "none": None, "id": "1"},
        {"name": "Two", "url": None, "none": None, "id": "2"},
    ]
    assert page.count("q") == 2
    assert page.units("q") is None


@pytest.mark.parametrize(("tag", "expected"), [("title", "a <b>é</b> & c"), ("script", "a <b>é</b> &amp; c")])
def test_text_that_is_not_markup(tag: str, expected: str, opened: Callable[..., Page]) -> None:
    body = f"<{tag}>a <b>é</b> &amp; c</{tag}>".encode()
    page = opened(body, queries=[Query("q", tag, (Field("f", "", "text"),))])
    assert page.rows("q")[0]["f"] == expected


PROBLEMS = [
    ("fine", Query("q", "ul.a > li:first-child", (Field("f", "a[href]", "href"),)), ""),
    ("empty", Query("q", " "), "empty"),
    ("malformed", Query("q", "a[["), "selector 'a[['"),
    ("pseudo-element", Query("q", "p::before"), "before"),
    ("contains", Query("q", "p:contains('x')"), "contains"),
    ("hover", Query("q", "a:hover"), ":hover is not supported"),
    ("field", Query("q", "p", (Field("f", "::x", "text"),)), "field 'f'"),
    ("take", Query("q", "p", (Field("f", "", ""),)), "takes nothing"),
    ("field twice", Query("q", "p", (Field("f", "", "text"), Field("f", "b", "text"))), "there twice"),
    ("string with colon", Query("q", "a[href='x:hover']"), ""),
]


@pytest.mark.parametrize(("query", "expected"), [row[1:] for row in PROBLEMS], ids=[row[0] for row in PROBLEMS])
def test_problems(query: Query, expected: str) -> None:
    found = problems((query,))
    assert bool(found) == bool(expected), found
    assert all("'q'" in problem for problem in found)
    assert not expected or any(expected in problem for problem in found), found


def test_two_queries_of_one_name() -> None:
    assert problems((Query("q", "p"), Query("q", "a"))) == ["query 'q': the name is used twice"]
