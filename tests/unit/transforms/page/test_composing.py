"""Small pages of one kind, each structure by itself: what a match of a shape says of a body is what a parse says."""

import re
from collections.abc import Iterable

import pytest

from tests.unit.transforms.page.test_forms import ANON, MEMBER, opened, said
from transforms.page.edits import Reorder
from transforms.page.engine import Engine, Page, TemplateKey
from transforms.page.query import Field, Query

TEXT, LINK = Field("text", "", "text"), Field("url", "a", "href")

KINDS: list[tuple[str, str, tuple[Field, ...], str]] = [
    ("a list", "li", (TEXT, LINK), '<ul>[<li class=x><a href="/#">n #</a></li>]</ul>'),
    ("a list without end tags", "li", (TEXT,), "<ul>[<li>n #\n]</ul>"),
    ("a list with others in it", "li.x", (), "<ul><li>0</li>[<li class=x>#</li>]</ul>"),
    ("text and comments between", "b", (), "<div>a [<b>#</b>, <!-- c -->] z</div>"),
    ("cells of a grid", "p", (TEXT,), "<ol>[<li><p>#</p></li> ]</ol>"),
    ("rows", "tr", (Field("text", "td", "text"),), "<table>[<tr><td>#</td><td>x</td></tr>]</table>"),
    ("two lists", "li", (TEXT,), "<ul>[<li>#</li>]</ul><ol><li>9</li></ol>"),
    ("two lists of any length", "li", (TEXT,), "<ul>[<li>#</li>]</ul><hr><ol>[<li>#</li>]</ol>"),
    ("lists in blocks", "i", (), "<div>[<p><i>#</i> <i>b</i></p>]</div>"),
    ("what is around a list", "#end, div", (LINK, TEXT), '<div>[<p><a href="/#">n</a></p>]</div>'),
    ("items that hold others", "section", (TEXT,), "<div>[<section><u>#</u><hr></section>]</div>"),
    ("beside a list", "#end", (TEXT,), "<ul>[<li>#</li>]</ul>"),
    ("void elements", "img", (Field("src", "", "src"),), '<div>[<img src="/#.png">]</div>'),
    ("values", "[title]", (Field("t", "", "title"),), '<div>[<b title="t#">x</b>]</div>'),
    ("the body", "body", (), "<ul>[<li>#</li>]</ul>"),
    ("what is not there", ".none", (TEXT,), "<ul>[<li>#</li>]</ul>"),
]


def page(kind: str, items: Iterable[int]) -> bytes:
    """A page whose `[…]` are repeated for each item, with its number for `#`."""
    inner = re.sub(r"\[(.*?)\]", lambda m: "".join(m[1].replace("#", str(n)) for n in items), kind, flags=re.DOTALL)
    return f"<!DOCTYPE html><html><body><h1>t</h1>{inner}<p id=end>e</p></body></html>".encode()


def taught(queries: tuple[Query, ...], kind: str, key: TemplateKey) -> Engine:
    """An engine that was shown lists of some lengths at some paths, by five visitors."""
    engine = Engine(queries)
    for number in range(10):
        body = page(kind, range(number, number + 2 + number % 3))
        opened(engine, body, key._replace(path=f"/{number % 4}"), f"v{number % 5}")
    return engine


@pytest.mark.parametrize("key", [ANON, MEMBER], ids=["anonymous", "signed in"])
@pytest.mark.parametrize(("css", "fields", "kind"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_as_parsed(css: str, fields: tuple[Field, ...], kind: str, key: TemplateKey) -> None:
    queries = (Query("t", css, fields), Query("head", "h1", (TEXT,)), Query("all", css, fields, editable=False))
    engine = taught(queries, kind, key)
    for number, items in enumerate([range(50, 57), range(60, 62), range(3, 12), range(70, 77), range(80, 87)]):
        body = page(kind, items)
        for is_learning in (False, True):
            found = opened(engine, body, key._replace(path=f"/new{number % 2}"), f"w{number}", learn=is_learning)
            assert found.outcome == "hit"
            assert found.body is body
            fresh = opened(Engine(queries), body)
            for query in queries:
                assert said(found, query) == said(fresh, query)
            assert reversed_by(found) == reversed_by(fresh)


def reversed_by(found: Page) -> tuple[bytes, object]:
    spliced = found.splice([Reorder("t", tuple(reversed(range(found.count("t")))))])
    return spliced.body, spliced.refused
