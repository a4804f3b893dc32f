"""Plans: which bytes each kind of edit means, what its verdict depends on, and in which words it is refused."""

from collections.abc import Callable

import pytest

from transforms.page.edits import Edit, Insert, Markup, Refused, Remove, Reorder, Replace, SetAttribute, SetText, Target
from transforms.page.edits import Text as Words
from transforms.page.page import Page
from transforms.page.plan import Plan, behind_another, plan
from transforms.page.query import Query

Open = Callable[..., Page]
T = Target("t")
MARK = Markup("<i>!</i>")
OPTION = Markup("<option>x</option>")
LISTED = b"<ul><li>a</li><li>b</li></ul>"
CHOICE = b"<div><select><optgroup><option>a</option></optgroup><option>b</option></select></div>"

MISS = "SELECTOR_MISS"
DISAGREE = "BROWSERS_DISAGREE"
REFUSED: list[tuple[str, bytes, str, Edit, str, str]] = [
    ("no such match", LISTED, "li", Remove(Target("t", 2)), MISS, "'t' has 2 matches, no number 2"),
    ("a match before the first", LISTED, "li", Remove(Target("t", -1)), MISS, "'t' has 2 matches, no number -1"),
    ("no such query", LISTED, "li", Remove(Target("u")), MISS, "no editable query is named 'u'"),
    ("no such query to reorder", LISTED, "li", Reorder("u", (1, 0)), MISS, "no editable query is named 'u'"),
    ("too short an order", LISTED, "li", Reorder("t", (0,)), "BAD_ORDER", "'t': not a permutation of its 2 matches"),
    ("a match twice", LISTED, "li", Reorder("t", (0, 0)), "BAD_ORDER", "'t': not a permutation of its 2 matches"),
    ("a match twice and all", LISTED, "li", Reorder("t", (0, 1, 0)), "BAD_ORDER",
     "'t': not a permutation of its 2 matches"),
    ("not siblings", b"<div><b>a</b></div><p><i><b>c</b></i></p>", "b", Reorder("t", (1, 0)), "NOT_SIBLINGS",
     "'t': its matches are neither siblings nor cells of one grid"),
    ("no extents", b"<table><b>x</b><b>y</b><tr><td>z</table>", "b", Reorder("t", (1, 0)), "NO_LOCATION",
     "'t': a match has no extent in the source"),
    ("frames of the page", b"<html><head></head><body>a</body></html>", "head, body", Reorder("t", (1, 0)),
     "NO_LOCATION", "'t': a match has no extent in the source"),
    ("what is no option", b"<select><hr><hr><option>a</select>", "hr", Reorder("t", (1, 0)), DISAGREE,
     "'t': only options stand in a select"),
    ("classes with references", b"<ul><li class='first &amp;'>1</li><li>2</li></ul>", "li", Reorder("t", (1, 0)),
     "POSITIONAL", "'t': a class attribute with character references"),
    ("an empty payload", LISTED, "li", Insert(T, "end", Markup("")), "EMPTY", "t[0] <li>: the payload is empty"),
    ("text of a void element", b"<p><br></p>", "br", SetText(T, Words("x")), "NO_CONTENT",
     "t[0] <br>: the content of this element is not text that could be set"),
    ("text of a script", b"<script>a</script>", "script", SetText(T, Words("x")), "NO_CONTENT",
     "t[0] <script>: the content of this element is not text that could be set"),
    ("text of body", b"<body>a</body>", "body", SetText(T, Words("x")), "NO_CONTENT",
     "t[0] <body>: the content of this element is not text that could be set"),
    ("text without an end", b"<table><b>x<tr><td>z</table>", "b", SetText(T, Words("x")), "NO_LOCATION",
     "t[0] <b>: the content has no place in the source"),
    ("before body", b"<body>a</body>", "body", Insert(T, "before", MARK), "NO_LOCATION",
     "t[0] <body>: nothing can stand beside this element"),
    ("after html", b"<html><body>a</body></html>", "html", Insert(T, "after", MARK), "NO_LOCATION",
     "t[0] <html>: nothing can stand beside this element"),
    ("before head", b"<head></head>", "head", Insert(T, "before", MARK), "NO_LOCATION",
     "t[0] <head>: nothing can stand beside this element"),
    ("after an implied end", b"<ul><li>a<li>b</ul>", "li", Insert(T, "after", MARK), "IMPLIED_END",
     "t[0] <li>: the element has no end tag to insert after"),
    ("into a void element", b"<p><br></p>", "br", Insert(T, "start", MARK), "NO_CONTENT",
     "t[0] <br>: nothing can be inserted into this element"),
    ("text into a void element", b"<p><br></p>", "br", Insert(T, "end", Words("x")), "NO_CONTENT",
     "t[0] <br>: nothing can be inserted into this element"),
    ("into a style", b"<style>a</style>", "style", Insert(T, "end", Words("x")), "NO_CONTENT",
     "t[0] <style>: nothing can be inserted into this element"),
    ("into html", b"<html><body>a</body></html>", "html", Insert(T, "start", MARK), "NO_CONTENT",
     "t[0] <html>: nothing can be inserted into this element"),
    ("text into html", b"<html><body>a</body></html>", "html", Insert(T, "end", Words("x")), "NO_CONTENT",
     "t[0] <html>: nothing can be inserted into this element"),
    ("markup into a title", b"<title>a</title>", "title", Insert(T, "end", MARK), "NO_CONTENT",
     "t[0] <title>: nothing can be inserted into this element"),
    ("at the start of a body without a tag", b"<p>a", "body", Insert(T, "start", MARK), "NO_LOCATION",
     "t[0] <body>: the element has no such place in the source"),
    ("before what the parser made", b"<table><tr><td>a</table>", "tbody", Insert(T, "before", MARK), "NO_LOCATION",
     "t[0] <tbody>: the element has no such place in the source"),
    ("removing what the parser made", b"<table><tr><td>a</table>", "tbody", Remove(T), "NO_LOCATION",
     "t[0] <tbody>: the element has no extent in the source"),
    ("removing body", b"<body>a</body>", "body", Remove(T), "NO_LOCATION",
     "t[0] <body>: the element has no extent in the source"),
    ("replacing head", b"<head></head>", "head", Replace(T, MARK), "NO_LOCATION",
     "t[0] <head>: the element has no extent in the source"),
    ("replacing what has no end", b"<b>x<p>a</b>b", "b", Replace(Target("t", 1), MARK), "NO_LOCATION",
     "t[1] <b>: the element has no extent in the source"),
    ("an attribute of what the parser made", b"<table><tr><td>a</table>", "tbody", SetAttribute(T, "title", "a"),
     "NO_LOCATION", "t[0] <tbody>: the start tag is not in the source"),
    ("an event handler", LISTED, "li", SetAttribute(T, "onclick", "a"), "UNSAFE",
     "t[0] <li>: attribute 'onclick' is never set"),
    ("a style attribute", LISTED, "li", SetAttribute(T, "style", "a"), "UNSAFE",
     "t[0] <li>: attribute 'style' is never set"),
    ("a name in capitals", LISTED, "li", SetAttribute(T, "Title", "a"), "UNSAFE",
     "t[0] <li>: attribute 'Title' is never set"),
    ("a name with a colon", LISTED, "li", SetAttribute(T, "a: b", "a"), "UNSAFE",
     "t[0] <li>: attribute 'a: b' is never set"),
    ("a script URL", b"<a>b</a>", "a", SetAttribute(T, "href", "javascript:a"), "UNSAFE",
     "t[0] <a>: href takes an http(s) or relative URL"),
    ("a script URL as src", b"<img>", "img", SetAttribute(T, "src", "data:a"), "UNSAFE",
     "t[0] <img>: src takes an http(s) or relative URL"),
    ("a script URL in a name that ends in href", b"<a>b</a>", "a", SetAttribute(T, "data-href", "javascript:a"),
     "UNSAFE", "t[0] <a>: data-href takes an http(s) or relative URL"),
    ("what is no option of a select", b"<select><hr><option>a</select>", "hr", Remove(T), DISAGREE,
     "t[0] <hr>: only options stand in a select"),
    ("markup into a select", CHOICE, "select", Insert(T, "end", OPTION), DISAGREE,
     "t[0] <select>: markup in a select"),
    ("markup into an option", CHOICE, "option", Insert(T, "start", OPTION), DISAGREE,
     "t[0] <option>: markup in a select"),
    ("markup before an option", CHOICE, "option", Insert(T, "before", OPTION), DISAGREE,
     "t[0] <option>: markup in a select"),
    ("markup after an option group", CHOICE, "optgroup", Insert(T, "after", OPTION), DISAGREE,
     "t[0] <optgroup>: markup in a select"),
    ("markup for an option", CHOICE, "option", Replace(T, OPTION), DISAGREE, "t[0] <option>: markup in a select"),
    ("text of a select", CHOICE, "select", SetText(T, Words("x")), DISAGREE, "t[0] <select>: markup in a select"),
    ("text of an option group", CHOICE, "optgroup", SetText(T, Words("x")), DISAGREE,
     "t[0] <optgroup>: markup in a select"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "css", "edit", "reason", "detail"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refused(body: bytes, css: str, edit: Edit, reason: str, detail: str, opened: Open) -> None:
    assert plan(7, edit, opened(body, t=css)) == Refused(7, reason, detail)


def test_a_query_for_facts_is_no_target(opened: Open) -> None:
    page = opened(LISTED, queries=[Query("t", "li", editable=False)])
    assert plan(0, Remove(T), page) == Refused(0, "SELECTOR_MISS", "no editable query is named 't'")


TAGGED = b'<p id=a title="b">c</p>'
# name, body, css, edit, (start, end, new, shape, isolated, value)
PLANNED: list[tuple[str, bytes, str, Edit, tuple[int, int, bytes, tuple[object, ...], bool, str]]] = [
    ("before", LISTED, "li", Insert(T, "before", MARK),
     (4, 4, b"<i>!</i>", ("t", 0, "insert", "before", "<i>.</i>"), False, "")),
    ("after the second", LISTED, "li", Insert(Target("t", 1), "after", Words("x")),
     (24, 24, b"x", ("t", 1, "insert", "after", "text"), False, "")),
    ("start", LISTED, "li", Insert(T, "start", Words(" ")),
     (8, 8, b" ", ("t", 0, "insert", "start", "blank"), False, "")),
    ("end, guarded", LISTED, "li", Insert(T, "end", Words("x")),
     (9, 9, b"&#120;", ("t", 0, "insert", "end", "text"), False, "")),
    ("text into a title", b"<title>a</title>", "title", Insert(T, "start", Words("x")),
     (7, 7, b"x", ("t", 0, "insert", "start", "text"), False, "")),
    ("the newline of pre", b"<pre>\nx</pre>", "pre", Insert(T, "start", MARK),
     (6, 6, b"<i>!</i>", ("t", 0, "insert", "start", "<i>.</i>"), False, "")),
    ("the newline of listing", b"<listing>\nx</listing>", "listing", Insert(T, "start", MARK),
     (10, 10, b"<i>!</i>", ("t", 0, "insert", "start", "<i>.</i>"), False, "")),
    ("the newline of textarea", b"<textarea>\nx</textarea>", "textarea", Insert(T, "start", Words("y")),
     (11, 11, b"y", ("t", 0, "insert", "start", "text"), False, "")),
    ("a newline elsewhere", b"<div>\nx</div>", "div", Insert(T, "start", MARK),
     (5, 5, b"<i>!</i>", ("t", 0, "insert", "start", "<i>.</i>"), False, "")),
    ("a newline at the end of pre", b"<pre>x\n</pre>", "pre", Insert(T, "end", MARK),
     (7, 7, b"<i>!</i>", ("t", 0, "insert", "end", "<i>.</i>"), False, "")),
    ("end of body", b"<body>a</body>", "body", Insert(T, "end", MARK),
     (7, 7, b"<i>!</i>", ("t", 0, "insert", "end", "<i>.</i>"), True, "")),
    ("start of body", b"<body>a</body>", "body", Insert(T, "start", MARK),
     (6, 6, b"<i>!</i>", ("t", 0, "insert", "start", "<i>.</i>"), False, "")),
    ("text", LISTED, "li", SetText(Target("t", 1), Words("x<y")),
     (18, 19, b"x&#60;y", ("t", 1, "text", "text"), False, "")),
    ("remove", LISTED, "li", Remove(T), (4, 14, b"", ("t", 0, "remove"), False, "")),
    ("replace, guarded by what is before it", b"<p>&n<b>xy</b>z</p>", "b", Replace(T, Words("o")),
     (5, 14, b"&#111;", ("t", 0, "replace", "text"), False, "")),
    ("replace", LISTED, "li", Replace(T, MARK),
     (4, 14, b"<i>!</i>", ("t", 0, "replace", "<i>.</i>"), False, "")),
    ("an attribute set", TAGGED, "p", SetAttribute(T, "title", 'x"'),
     (8, 17, b'title="x&#34;"', ("t", 0, "attribute", "title", "set"), False, 'x"')),
    ("an attribute added", TAGGED, "p", SetAttribute(T, "lang", "es"),
     (17, 17, b' lang="es"', ("t", 0, "attribute", "lang", "add"), False, "es")),
    ("a first attribute", b"<p>c</p>", "p", SetAttribute(T, "lang", "es"),
     (2, 2, b' lang="es"', ("t", 0, "attribute", "lang", "add"), False, "es")),
    ("a URL", b"<a href=b>c</a>", "a", SetAttribute(T, "href", "/a b?c&d"),
     (3, 9, b'href="/a%20b?c&#38;d"', ("t", 0, "attribute", "href", "set"), False, "/a%20b?c&d")),
    ("a URL in a name that ends in href", b"<a>c</a>", "a", SetAttribute(T, "data-href", "/a b"),
     (2, 2, b' data-href="/a%20b"', ("t", 0, "attribute", "data-href", "add"), False, "/a%20b")),
    ("text before a select", CHOICE, "select", Insert(T, "before", Words("x")),
     (5, 5, b"x", ("t", 0, "insert", "before", "text"), False, "")),
    ("markup before a select", CHOICE, "select", Insert(T, "before", MARK),
     (5, 5, b"<i>!</i>", ("t", 0, "insert", "before", "<i>.</i>"), False, "")),
    ("markup after a select", CHOICE, "select", Insert(T, "after", MARK),
     (79, 79, b"<i>!</i>", ("t", 0, "insert", "after", "<i>.</i>"), False, "")),
    ("markup for a select", CHOICE, "select", Replace(T, MARK),
     (5, 79, b"<i>!</i>", ("t", 0, "replace", "<i>.</i>"), False, "")),
    ("text of an option", CHOICE, "option", SetText(Target("t", 1), Words("x")),
     (60, 61, b"x", ("t", 1, "text", "text"), False, "")),
    ("an option group removed", CHOICE, "optgroup", Remove(T), (13, 52, b"", ("t", 0, "remove"), False, "")),
    ("a select removed", CHOICE, "select", Remove(T), (5, 79, b"", ("t", 0, "remove"), False, "")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "css", "edit", "expected"), [row[1:] for row in PLANNED], ids=[row[0] for row in PLANNED]
)
def test_planned(
    body: bytes,
    css: str,
    edit: Insert | Remove | Replace | SetText | SetAttribute,
    expected: tuple[int, int, bytes, tuple[str | int, ...], bool, str],
    opened: Open,
) -> None:
    page = opened(body, t=css)
    start, end, new, shape, is_isolated, value = expected
    assert plan(3, edit, page) == Plan(
        3, edit, "t", edit.target.index, page.count("t"), start, end, new, shape, is_isolated, value
    )


def test_a_reorder_is_planned_as_one_range(opened: Open) -> None:
    edit = Reorder("t", (1, 0), ("first",))
    page = opened(b"<ul><li class=first>a</li><li>b</li></ul>", t="li")
    made = plan(5, edit, page)
    assert made == Plan(
        number=5,
        edit=edit,
        query="t",
        nth=0,
        matches=2,
        start=4,
        end=36,
        new=b'<li class="first">b</li><li class="">a</li>',
        shape=("t", "reorder", "first"),
        moved=((26, 36), (4, 26)),
        rewrites=((29, 29, b' class="first"'), (8, 19, b'class=""')),
        classes=("first", ""),
    )


@pytest.mark.parametrize(
    ("body", "css", "order"),
    [
        (b"<select><option>a</option><option>b</option></select>", "option", (1, 0)),
        (b"<select><optgroup><option>a</optgroup><optgroup></optgroup></select>", "optgroup", (1, 0)),
        (b"<ul><li>a</li><li>b</li><li>c</li></ul>", "li", (0, 2, 1)),
    ],
    ids=["options", "groups of options", "units that touch"],
)
def test_movable(body: bytes, css: str, order: tuple[int, ...], opened: Open) -> None:
    assert isinstance(plan(0, Reorder("t", order), opened(body, t=css)), Plan)


def test_why_units_do_not_move_is_worked_out_once_per_query(opened: Open) -> None:
    page = opened(b"<ul><li>a</li></ul><div><ol><li>b</li></ol></div><p>1</p><p>2</p>", t="li", u="p")
    for _ in range(2):
        assert isinstance(plan(0, Reorder("t", (1, 0)), page), Refused)
        assert isinstance(plan(0, Reorder("u", (1, 0)), page), Plan)


def test_only_the_first_at_the_end_of_body_closes_what_is_open(opened: Open) -> None:
    page = opened(b"<body><div><p>a</p>\n</body></html>", t="body")
    first = plan(0, Insert(T, "end", MARK), page)
    assert isinstance(first, Plan)
    assert first.new == b"</div><i>!</i>"
    second = behind_another(first, page)
    assert (second.new, second.shape) == (b"<i>!</i>", (*first.shape, "behind"))
    closed = opened(b"<body><div><p>a</p></div>\n</body></html>", t="body")
    made = plan(0, Insert(T, "end", MARK), closed)
    assert isinstance(made, Plan)
    assert behind_another(made, closed) is made
