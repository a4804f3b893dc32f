"""Surroundings: two bodies that a verdict may treat alike have equal ones; where the structure differs, they differ."""

from collections.abc import Hashable

import pytest

from transforms.page import surroundings
from transforms.page.charset import Encoding
from transforms.page.edits import Edit, Insert, Markup, Remove, Reorder, SetText, Target, Text
from transforms.page.engine import Engine, Page, PageLimits, TemplateKey
from transforms.page.locate import Located, locate
from transforms.page.plan import Plan, plan
from transforms.page.query import Query

T = Target("t")
INTO = Insert(T, "end", Markup("<i>!</i>"))
LIMIT = 4096


def page_of(body: str) -> Hashable:
    return surroundings.of_page(locate(body.encode(), ()))


PAGE_ALIKE = [
    ("texts", "<p>a</p>", "<p>b b</p>"),
    ("doctype in another case", "<!doctype html><p>a", "<!DOCTYPE HTML><p>a"),
    ("text before the doctype", "<!doctype html><p>a", " \n<!doctype html><p>a"),
    ("a comment before the doctype", "<!doctype html><p>a", "<!-- x --><!doctype html><p>a"),
    ("two comments before the doctype", "<!doctype html><p>a", "<!-- < --> <!-- > y --><!doctype html><p>a"),
    ("what follows the doctype", "<!doctype html><p>a", "<!doctype html><p>a</p><p>b</p>"),
    ("a comment without an end", "<!-- a", "<!-- a b"),
    ("a late doctype", "<p>a", " " * LIMIT + "<!doctype html><p>a"),
    ("a comment that ends late", "<p>a", "<!--" + " " * LIMIT + "--><!doctype html><p>a"),
    ("closed formatting", "<p><b>a</b></p>", "<p><b>a</b><b>c</b></p>"),
    ("closed formatting in capitals", "<p><b>a</b></p>", "<p><b>a</B></p>"),
    ("an end tag of what was never opened", "<p>a</p>", "<p>a</b></p>"),
    ("nothing but end tags", "<p><i>a</i></p>", "<p><i>a</i></b></p>"),
]
PAGE_APART = [
    ("no doctype", "<!doctype html><p>a", "<p>a"),
    ("another doctype", "<!doctype html><p>a", "<!doctype html public 'x'><p>a"),
    ("a doctype behind a tag", "<!doctype html><p>a", "<p><!doctype html>a"),
    ("a doctype in a comment", "<!doctype html><p>a", "<!-- <!doctype html> --><p>a"),
    ("a doctype without an end", "<!doctype html><p>a", "<!doctype html"),
    ("open formatting", "<p><b>a</b></p>", "<p><b>a</p>"),
    ("open formatting of another kind", "<p><b>a</b><i>c</p>", "<p><b>a<i>c</i></p>"),
    ("cloned formatting", "<p><b>a</b></p><p>b</p>", "<p><b>a</p><p>b</b></p>"),
    ("formatting closed twice", "<p><b>a</b></p>", "<p><b>a</b></b></p>"),
    ("formatting that is there", "<p>a</p>", "<p><em>a</em></p>"),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in PAGE_ALIKE], ids=[row[0] for row in PAGE_ALIKE])
def test_pages_alike(one: str, other: str) -> None:
    assert page_of(one) == page_of(other)


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in PAGE_APART], ids=[row[0] for row in PAGE_APART])
def test_pages_apart(one: str, other: str) -> None:
    assert page_of(one) != page_of(other)


def test_the_doctype_is_its_bytes_in_lower_case() -> None:
    doctype, balance = page_of("x <!-- y --> <!DOCTYPE Html SYSTEM 'a'><b>a")  # type: ignore[misc]
    assert (doctype, balance) == (b"<!doctype html system 'a'>", (("b", 1),))
    doctype, _ = page_of("<!doctype " + "x" * LIMIT + ">")  # type: ignore[misc]
    assert doctype == b"<!doctype " + b"x" * (LIMIT - 10)


def planned(body: str, edit: Edit, css: str) -> tuple[Located, Plan]:
    queries = (Query("t", css),)
    located = locate(body.encode(), queries)
    page = Engine(queries, PageLimits()).open(
        body.encode(), Encoding("utf-8", "utf-8"), TemplateKey("shop.test", "/", False, "1"), None
    )
    assert isinstance(page, Page)
    made = plan(0, edit, page)
    assert isinstance(made, Plan)
    return located, made


def around(body: str, edit: Edit, css: str) -> Hashable:
    return surroundings.of_plan(*planned(body, edit, css))


ORDER = Reorder("t", (1, 0))
LIST = "<ul><li>a</li><li>b</li></ul>"
ALIKE: list[tuple[str, Edit, str, str, str]] = [
    ("other texts", INTO, "p", "<div><p>a</p></div>", "<div>x<p>b</p>y</div>"),
    ("other attributes", INTO, "p", "<div><p>a</p></div>", "<div id=d><p class=p>a</p></div>"),
    ("more of the same siblings", INTO, "#t", "<p id=t>a</p><p>b</p><b>c</b>", "<p id=t>a</p><p>b</p><p>c</p><b>c</b>"),
    ("what is behind the neighbours' parent", INTO, "p", "<div><p>a</p></div>", "<div><p>a</p></div><hr>"),
    ("what is inside the siblings", INTO, "p", "<div><p>a</p><ul></ul></div>", "<div><p>a</p><ul><li></li></ul></div>"),
    ("more of the same blocks", INTO, "#t", "<ul id=t></ul>" + LIST, "<ul id=t></ul>" + LIST),
    ("what is behind removed bytes", Remove(T), "p", "<div><p>a</p></div>", "<div><p>b c</p></div>"),
    ("texts of blocks", ORDER, "li", LIST, LIST.replace(">a<", ">c d<")),
    ("tags before the end of a long body", INTO, "body", "<body><p>" + "a" * 600 + "</p></body>",
     "<body><p><b>x</b>" + "a" * 600 + "</p></body>"),
]  # fmt: skip
APART: list[tuple[str, Edit, str, str, str]] = [
    ("another target", INTO, "#t", "<p id=t>a</p>", "<h1 id=t>a</h1>"),
    ("another parent", INTO, "#t", "<div><b id=t>a</b></div>", "<p><b id=t>a</b></p>"),
    ("another grandparent", INTO, "#t", "<div><i><b id=t>a</b></i></div>", "<h1><i><b id=t>a</b></i></h1>"),
    ("an end of the target that is implied", INTO, "p", "<div><p>a</p></div>", "<div><p>a</div>"),
    ("an end of the parent that is implied", INTO, "b", "<div><p><b>a</b></p></div>", "<div><p><b>a</b></div>"),
    ("a parent that is not in the source", INTO, "td", "<table><tbody><tr><td>a</td></tr></tbody></table>",
     "<table><tr><td>a</td></tr></table>"),
    ("another sibling", INTO, "#t", "<p id=t>a</p><p>b</p>", "<p id=t>a</p><b>b</b>"),
    ("a sibling farther away", INTO, "#t", "<div><b id=t></b><hr><p>a</p><hr></div>",
     "<div><b id=t></b><hr><i>a</i><hr></div>"),
    ("one sibling less", INTO, "#t", "<p id=t>a</p><hr>", "<p id=t>a</p>"),
    ("the end of the sibling before", INTO, "#t", "<div><p>a</p><div id=t></div></div>",
     "<div><p>a<div id=t></div></div>"),
    ("the end of the sibling behind", INTO, "#t", "<div><b id=t></b><p>a</p></div>", "<div><b id=t></b><p>a</div>"),
    ("the end of the last sibling", INTO, "#t", "<div><b id=t></b><hr><p>a</p></div>",
     "<div><b id=t></b><hr><p>a</div>"),
    ("tags inside", INTO, "p", "<div><p>a</p></div>", "<div><p>a<b>c</b></p></div>"),
    ("a comment inside", SetText(T, Text("x")), "p", "<div><p>a</p></div>", "<div><p>a<!-- --></p></div>"),
    ("what is inside removed bytes", Remove(T), "p", "<div><p>a</p></div>", "<div><p>a<br></p></div>"),
    ("tags in a block", ORDER, "li", LIST, LIST.replace(">a<", "><b>a</b><")),
    ("tags in the last block", ORDER, "li", LIST, LIST.replace(">b<", "><b>b</b><")),
    ("blocks elsewhere", ORDER, "li", "<div>" + LIST + "</div>", "<p>x</p><h1>" + LIST + "</h1>"),
    ("an end of a block that is implied", ORDER, "li", LIST, LIST.replace("a</li>", "a")),
    ("children of body", INTO, "body", "<body><p>a</p></body>", "<body><p>a</p><hr></body>"),
    ("tags before the end of body", INTO, "body", "<body><p>a</p></body>", "<body><p>a<b></b></p></body>"),
    ("tags behind the end of body", INTO, "body", "<body><p>a</p></body>", "<body><p>a</p></body><!-- --></html>"),
    ("what is open at the end of body", INTO, "body", "<body><div><p>a</p></div></body></html>",
     "<body><div><p>a</p></body></html>"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "css", "one", "other"), [row[1:] for row in ALIKE], ids=[row[0] for row in ALIKE])
def test_alike(edit: Edit, css: str, one: str, other: str) -> None:
    assert around(one, edit, css) == around(other, edit, css)


@pytest.mark.parametrize(("edit", "css", "one", "other"), [row[1:] for row in APART], ids=[row[0] for row in APART])
def test_apart(edit: Edit, css: str, one: str, other: str) -> None:
    assert around(one, edit, css) != around(other, edit, css)


def test_what_is_of_the_whole_page_is_worked_out_once() -> None:
    located, made = planned("<ul><li>a</li><li>b</li></ul>", Insert(Target("t"), "end", Markup("<i>!</i>")), "li")
    first = surroundings.of_plan(located, made)
    kept = dict(located.memo)
    assert len(kept) == 2
    assert surroundings.of_plan(located, made) == first
    assert located.memo == kept
    for what in kept:
        located.memo[what] = "known"
        assert surroundings.of_plan(located, made) != first
        located.memo[what] = kept[what]
