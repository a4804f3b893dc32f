"""Rows read from the tree are those read at their places."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.page.charset import Encoding, sniff
from transforms.page.limits import Refusal
from transforms.page.locate import anatomy_of, locate, rows_of
from transforms.page.query import Field, Query
from transforms.page.tree_rows import tree_rows

SHARED = Path(os.environ.get("VITRINA_SHARED", Path(__file__).parents[5] / "shared"))
PAGES = sorted(SHARED.glob("shops/*/*.html"))[::5]
FIELDS = (
    Field("link", "a[href]", "href"),
    Field("own", "", "title"),
    Field("alt", "img[alt]", "alt"),
    Field("class", "", "class"),
    Field("text", "", "text"),
    Field("script", "script, style, title, textarea", "text"),
)
QUERIES = (Query("item", "li, p, tr, div", FIELDS, False), Query("again", "li", FIELDS[:2], False))
UTF8 = Encoding("utf-8", "utf-8")
LATIN = Encoding("windows-1252", "cp1252")


def assert_alike(body: bytes, encoding: Encoding) -> None:
    at_places = locate(body, QUERIES)
    expected = rows_of(at_places, anatomy_of(at_places), encoding)
    found = tree_rows(locate(body, QUERIES), encoding)
    assert {name: [*map(dict, rows)] for name, rows in found.items()} == {
        name: [*map(dict, rows)] for name, rows in expected.items()
    }


@pytest.mark.parametrize("encoding", [UTF8, LATIN], ids=["utf-8", "windows-1252"])
@pytest.mark.parametrize(
    "body",
    [
        '<li title="a &amp; b"><a href="/x?a=1&amp;b=2&copy=3">One  two\r\n three</a></li>',
        "<li>caf&eacute; <b>au</b> lait &#8364; 5</li>",
        "<li>café Ł <img alt='ñ'></li>",
        "<li>&nbsp;5&euro;</li>",
        "<li title=x>open<li title=y>and open<p>closed</p>",
        "<table><tr><td>1<p>2</table>3",
        "<div><script>if (a < b && c) d('&amp;')</script><title>x &lt; y</title></div>",
        "<div><textarea>\n&eacute; <b></textarea></div>",
        "<div><template><a href=no>no</a></template><a href=yes>yes</a></div>",
        "<div class=''><a href>empty</a><img alt></div>",
        "<svg><a href='/s'>s</a></svg><div><svg><title>t</title></svg></div>",
        "<p>a<div>b</p>c</div>",
    ],
)
def test_values_are_those_at_their_places(body: str, encoding: Encoding) -> None:
    assert_alike(body.encode(encoding.codec, "replace"), encoding)


PIECES = ("<li>", "</li>", "<p title='&eacute;'>", "<div class=a>", "</div>", "<a href='é&amp;'>x</a>", "x &lt; ", "ñ")
MORE = (
    "<img alt=&#233;>",
    "<script>&amp;</script>",
    "\r\n ",
    "<b>y</b>",
    "<ul>",
    "</ul>",
    "<br>",
    "</p>",
    "&copy=",
    "\t",
)


@given(st.lists(st.sampled_from([*PIECES, *MORE]), max_size=25))
def test_any_tidy_markup_has_the_same_rows_either_way(parts: list[str]) -> None:
    assert_alike("".join(parts).encode(), UTF8)


@pytest.mark.skipif(not PAGES, reason="no recorded pages on this machine")
def test_recorded_pages_have_the_same_rows_either_way() -> None:
    for path in PAGES:
        body = path.read_bytes()
        encoding = sniff(body, b"text/html")
        if not isinstance(encoding, Refusal):
            assert_alike(body, encoding)
