"""Learning from a few small bodies: what then hits without a parse, and that it says what a parse says."""

import pytest

from transforms.page.anatomy import NOWHERE
from transforms.page.charset import Encoding
from transforms.page.edits import Edit, Insert, Markup, Remove, Reorder, SetAttribute, SetText, Target, Text
from transforms.page.engine import Engine, Page, TemplateKey
from transforms.page.query import Field, Query

UTF8 = Encoding("utf-8", "utf-8")
KEY = TemplateKey("shop.test", "/c", False, "1", "category")
MEMBER = TemplateKey("shop.test", "/c", True, "1", "category")
NAME = Field("name", "b", "text")
URL = Field("url", "a", "href")
SELF = Field("self", "", "text")
FOOT = "<p id=end>fin</p></body></html>"


def items(*names: str, tag: str = "li", extra: str = "") -> str:
    return "".join(f'<{tag} class="c"{extra}><a href="/p/{n}"><b>{n}</b></a></{tag}>\n' for n in names)


def at(page: Page, offset: int) -> int:
    return NOWHERE if offset == NOWHERE else page.at(offset)


def said(page: Page, query: Query) -> object:
    """All that a page says of a query."""
    units = [
        (
            unit.tag,
            tuple(at(page, edge) for edge in (unit.start, unit.content_start, unit.content_end, unit.end)),
            (unit.closed, unit.void, unit.in_select, unit.left_open),
            {name: (at(page, start), at(page, end)) for name, (start, end) in unit.attributes.items()},
        )
        for unit in page.units(query.name) or ()
    ]
    kin = [unit.parent for unit in page.units(query.name) or ()]
    rows = [dict(row) for row in page.rows(query.name)]
    return page.count(query.name), rows, units, [kin.index(one) for one in kin]


Bodies = list[str]


def varied(head: str, token: str, took: str, title: str, text: str) -> str:
    script, form = f'<script>t = "{token}";</script>', f'<form><input value="{token}"></form>'
    return f"<h1>{head}</h1>{script}<!-- took {took} --><p class=x title='{title}'>{text}</p>{form}"


CASES: list[tuple[str, tuple[Query, ...], Bodies, Bodies]] = [
    ("longer and shorter lists", (Query("i", "li.c", (NAME, URL)), Query("end", "#end")),
     [f"<ul>{items('a', 'b')}</ul>", f"<ul>{items('c')}</ul>"],
     [f"<ul>{items('d', 'e', 'f')}</ul>", f"<ul>{items('x')}</ul>", f"<ul>{items('y' * 20, 'z')}</ul>"]),
    ("a query around the list", (
        Query("l", "ul", (SELF, URL)), Query("i", "li", (SELF,)), Query("end", "#end", (SELF,))),
     [f"<ul title='x'>{items('a', 'b')}</ul>", f"<ul title='y'>{items('c')}</ul>"],
     [f"<ul title='zz'>{items('d', 'e', 'f')}</ul>"]),
    ("blocks of two kinds", (Query("i", ".c", (NAME, URL)), Query("o", ".o", (SELF,))),
     [f"<div>{items('a', tag='div')}<p class=o>x</p></div>",
      f"<div><p class=o>y</p>{items('b', 'c', tag='div')}</div>"],
     [f"<div>{items('d', tag='div')}<p class=o>1</p><p class=o>2</p>{items('e', tag='div')}</div>"]),
    ("items without end tags", (Query("i", "li", (SELF,)),),
     ["<ul><li>a<li>b</ul>", "<ul><li>c</ul>"], ["<ul><li>d<li>e<li>f</ul>"]),
    ("rows of a table", (Query("r", "tr", (Field("t", "td", "text"),)), Query("end", "#end")),
     ["<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "<table><tr><td>c</td></tr></table>"],
     ["<table><tr><td>d</td></tr><tr><td>e</td></tr><tr><td>f</td></tr></table>"]),
    ("text between blocks", (Query("p", "p", (SELF,)),),
     ["<div>x <p>a</p> y <p>b</p></div>", "<div><p>c</p> z</div>"], ["<div>1 <p>d</p> 2 <p>e</p> 3 <p>f</p></div>"]),
    ("values, texts, comments and scripts", (
        Query("p", "p.x", (SELF, Field("t", "", "title"))), Query("h", "h1", (SELF,))),
     [varied("a", "k1", "1", "t", "b"), varied("c", "k22", "22", "uu", "d e")],
     [varied("ff &amp; g", "k333", "3", "v &eacute;", "h")]),
    ("fields that are not always there", (Query("i", "li", (NAME, Field("was", "s", "text"), URL)),),
     ["<ul><li><b>a</b> <s>1</s></li><li><b>b</b></li></ul>", "<ul><li><b>c</b></li></ul>",
      "<ul><li><b>d</b> <s>2</s></li></ul>"],
     ["<ul><li><b>e</b></li><li><b>f</b> <s>33</s></li><li><b>g</b></li></ul>"]),
    ("nothing but texts", (Query("p", "p", (SELF,)),), ["<p>a</p><i>b</i>", "<p>c</p><i>d</i>"],
     ["<p>ee</p><i>ff</i>"]),
]  # fmt: skip


def whole(content: str) -> bytes:
    return f"<!DOCTYPE html><html><head><title>T</title></head><body>{content}{FOOT}".encode()


def opened(engine: Engine, body: bytes, key: TemplateKey, number: int) -> Page:
    found = engine.open(body, UTF8, key, f"visitor {number % 4}")
    assert isinstance(found, Page), found
    return found


@pytest.mark.parametrize("key", [KEY, MEMBER], ids=["signed out", "signed in"])
@pytest.mark.parametrize(("queries", "learnt", "new"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_a_new_body_hits_and_says_what_a_parse_says(
    queries: tuple[Query, ...], learnt: Bodies, new: Bodies, key: TemplateKey
) -> None:
    engine = Engine(queries)
    for number in range(16):
        opened(engine, whole(learnt[number % len(learnt)]), key, number // 2)
    for number, content in enumerate(new):
        body = whole(content)
        found = opened(engine, body, key, number)
        fresh = opened(Engine(queries), body, KEY, 0)
        assert found.outcome == "hit"
        for query in queries:
            assert said(found, query) == said(fresh, query), query.name
        edits: list[Edit] = []
        for query in queries:
            count = found.count(query.name)
            if count > 1:
                edits.append(Reorder(query.name, tuple(reversed(range(count)))))
            edits.append(Insert(Target(query.name, max(count - 1, 0)), "after", Markup("<i>!</i>")))
            edits.append(SetAttribute(Target(query.name), "lang", "es"))
            edits.append(SetText(Target(query.name), Text("x")))
            edits.append(Remove(Target(query.name, max(count - 1, 0))))
        for edit in edits:
            mine, theirs = found.splice([edit]), fresh.splice([edit])
            assert (mine.body, mine.changes, mine.refused) == (theirs.body, theirs.changes, theirs.refused)


UNLIKE: list[tuple[str, Bodies, str]] = [
    ("a block of another kind", [f"<ul>{items('a', 'b')}</ul>", f"<ul>{items('c')}</ul>"],
     f"<ul>{items('d')}<li class=c><i>e</i></li></ul>"),
    ("a block that stays open", [f"<ul>{items('a', 'b')}</ul>", f"<ul>{items('c')}</ul>"],
     f"<ul>{items('d')}<li class=c><a href='/p/e'><b>e</b></li></ul>"),
    ("a tag in a text", ["<div><p>a</p><p>b</p></div>", "<div><p>c</p></div>"], "<div><p>d<p>e</p></p></div>"),
    ("text in a list", [f"<ul>{items('a', 'b')}</ul>", f"<ul>{items('c')}</ul>"], f"<ul>{items('d')}x</ul>"),
    ("another attribute", [f"<ul>{items('a', 'b')}</ul>", f"<ul>{items('c')}</ul>"],
     f"<ul>{items('d', extra=' id=x')}</ul>"),
    ("another class", [f"<ul>{items('a', 'b')}</ul>", f"<ul>{items('c')}</ul>"],
     f"<ul>{items('d')}</ul>".replace('"c"', '"d"')),
    ("a comment that ends early", ["<!-- a --><p>b</p>", "<!-- c --><p>d</p>"], "<!-- --><b>e</b><!-- --><p>f</p>"),
    ("a list that does not end", [f"<ul>{items('a', 'b')}</ul>", f"<ul>{items('c')}</ul>"], f"<ul>{items('d')}"),
]  # fmt: skip


@pytest.mark.parametrize(("learnt", "new"), [row[1:] for row in UNLIKE], ids=[row[0] for row in UNLIKE])
def test_what_is_not_alike_is_parsed(learnt: Bodies, new: str) -> None:
    queries = (Query("i", "li", (NAME, URL)), Query("p", "p", (SELF,)))
    engine = Engine(queries)
    for number in range(12):
        opened(engine, whole(learnt[number % len(learnt)]), KEY, number)
    body = whole(new)
    found, fresh = opened(engine, body, KEY, 0), opened(Engine(queries), body, KEY, 0)
    assert found.outcome != "hit"
    for query in queries:
        assert said(found, query) == said(fresh, query)
