"""The gate by itself: plans that mean what the bytes say pass, and those that lie about them do not."""

from collections.abc import Callable

import pytest

from transforms.page.edits import Edit, Insert, Markup, Remove, Reorder, Replace, SetAttribute, SetText, Target, Text
from transforms.page.gate import _without_last_blanks, passes
from transforms.page.page import Page
from transforms.page.plan import Plan, plan
from transforms.page.verdict import Verdicts, judge, judge_apart, pass_together

Open = Callable[..., Page]
T = Target("t")
U = Target("u")
CSS = {"t": "p", "u": "b"}
BODY = b"<div><p>a</p><b>c</b></div>"
LIST = b"<div><p>1</p><p>2</p><p>3</p></div><b>c</b>"
NOSCRIPT = b"<noscript><p>a</p></noscript><p>b</p><b>c</b>"
END = b"<html><body><p>a</p><b>c</b>\n</body></html>\n"


def plans_of(page: Page, *edits: Edit) -> list[Plan]:
    plans = []
    for number, edit in enumerate(edits):
        made = plan(number, edit, page)
        assert isinstance(made, Plan), made
        plans.append(made)
    return plans


RIGHT: list[tuple[str, bytes, list[Edit]]] = [
    ("nothing", BODY, []),
    ("text before", BODY, [Insert(T, "before", Text("x"))]),
    ("text after", BODY, [Insert(T, "after", Text("x"))]),
    ("markup of two nodes before", BODY, [Insert(T, "before", Markup("<i>1</i>2<i>3</i>"))]),
    ("markup of two nodes after", BODY, [Insert(T, "after", Markup("<i>1</i>2<i>3</i>"))]),
    ("markup of two nodes at the start", BODY, [Insert(T, "start", Markup("<i>1</i><u>2</u>"))]),
    ("markup of two nodes at the end", BODY, [Insert(T, "end", Markup("<i>1</i><u>2</u>"))]),
    ("into an empty element", b"<p></p><b></b>", [Insert(T, "start", Markup("<i>1</i><u>2</u>"))]),
    ("two before", BODY, [Insert(T, "before", Markup("<i>1</i>")), Insert(T, "before", Markup("<u>2</u>"))]),
    ("two after", BODY, [Insert(T, "after", Markup("<i>1</i>")), Insert(T, "after", Markup("<u>2</u>"))]),
    ("two at the start", BODY, [Insert(T, "start", Markup("<i>1</i>")), Insert(T, "start", Markup("<u>2</u>"))]),
    ("two at the end", BODY, [Insert(T, "end", Markup("<i>1</i>")), Insert(T, "end", Markup("<u>2</u>"))]),
    ("text set", BODY, [SetText(T, Text("x <y> & z"))]),
    ("text emptied", BODY, [SetText(T, Text(""))]),
    ("text over elements", b"<p>1<i>2</i>3</p><b></b>", [SetText(T, Text("x"))]),
    ("an attribute set", b"<p title=a>b</p><b></b>", [SetAttribute(T, "title", "c\"d'e&f")]),
    ("an attribute added", BODY, [SetAttribute(T, "title", "c")]),
    ("replaced", BODY, [Replace(T, Markup("<i>1</i>2"))]),
    ("removed", BODY, [Remove(T)]),
    ("all kinds together", BODY, [SetText(T, Text("x")), SetAttribute(T, "lang", "es"), Remove(U),
                                 Insert(T, "before", Text("y")), Insert(T, "after", Markup("<i>z</i>"))]),
    ("reordered", LIST, [Reorder("t", (2, 0, 1))]),
    ("reordered in part", LIST, [Reorder("t", (0, 2, 1))]),
    ("reordered with classes", b"<p class=first>1</p><p>2</p><b></b>", [Reorder("t", (1, 0))]),
    ("beside a noscript", NOSCRIPT, [Insert(T, "end", Text("x"))]),
    ("a noscript as payload", BODY, [Insert(T, "after", Markup("<noscript><i>x</i></noscript>"))]),
    ("at the end of body", END, [Insert(Target("end"), "end", Markup("<i>1</i>"))]),
    ("text at the end of body", END, [Insert(Target("end"), "end", Text("x y"))]),
    ("two at the end of body", END, [Insert(Target("end"), "end", Markup("<i>1</i> ")),
                                    Insert(Target("end"), "end", Markup("<u>2</u>"))]),
    ("at the end of body and elsewhere", END, [Insert(Target("end"), "end", Markup("<i>1</i>")), Remove(T)]),
    ("a comment at the end of body", END, [Insert(Target("end"), "end", Markup("<!-- x -->"))]),
    ("before a late comment", END + b"<!-- y -->", [Insert(Target("end"), "end", Markup("<i>1</i>"))]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "edits"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT])
def test_right(body: bytes, edits: list[Edit], opened: Open) -> None:
    page = opened(body, t="p", u="b", end="body")
    assert passes(body, plans_of(page, *edits), {**CSS, "end": "body"})


HIT = Insert(T, "end", Markup("<i>!</i>"))
LAST = Insert(Target("end"), "end", Markup("<i>!</i>"))
LIES: list[tuple[str, bytes, Edit, dict[str, object]]] = [
    ("another place", BODY, HIT, {"start": 5, "end": 5}),
    ("another payload", BODY, HIT, {"new": b"<i>?</i>"}),
    ("more than the payload", BODY, HIT, {"new": b"<i>!</i><u></u>"}),
    ("nothing at all", BODY, HIT, {"new": b""}),
    ("a tag that stays open", BODY, HIT, {"new": b"<i>!"}),
    ("another number of matches", BODY, HIT, {"matches": 2}),
    ("more removed", BODY, Remove(T), {"end": 21}),
    ("less removed", BODY, Remove(T), {"start": 13, "end": 13, "new": b"<!-- -->"}),
    ("another text", BODY, SetText(T, Text("x")), {"new": b"y"}),
    ("another value", BODY, SetAttribute(T, "lang", "es"), {"new": b' lang="en"'}),
    ("another attribute", BODY, SetAttribute(T, "lang", "es"), {"new": b' title="es"'}),
    ("another order", LIST, Reorder("t", (2, 1, 0)), {"new": b"<p>3</p><p>1</p><p>2</p>"}),
    ("a class that was not said", b"<p class=first>1</p><p>2</p><b></b>", Reorder("t", (1, 0)), {
        "classes": (None, None)}),
    ("another class", b"<p class=first>1</p><p>2</p><b></b>", Reorder("t", (1, 0)), {"classes": ("last", "")}),
    ("another payload at the end of body", END, LAST, {"new": b"<i>?</i>"}),
    ("nothing at the end of body", END, LAST, {"new": b""}),
    ("before other content of body", END, LAST, {"start": 20, "end": 20}),
    ("behind the end of body", b"<body><p>a</p></body>", LAST, {"start": 12, "end": 12, "new": b"<div><i>!</i>"}),
    ("an attribute of body", END, LAST, {"new": b"<body class=x><i>!</i>"}),
    ("a text that is more", END, Insert(Target("end"), "end", Text("x")), {"new": b"x y"}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "edit", "lie"), [row[1:] for row in LIES], ids=[row[0] for row in LIES])
def test_lies(body: bytes, edit: Edit, lie: dict[str, object], opened: Open) -> None:
    page = opened(body, t="p", u="b", end="body")
    made = plans_of(page, edit)[0]
    css = {**CSS, "end": "body"}
    assert passes(body, [made], css)
    assert not passes(body, [made._replace(**lie)], css)  # type: ignore[arg-type]


def test_an_order_over_parents_is_no_order(opened: Open) -> None:
    page = opened(LIST, t="p")
    made = plans_of(page, Reorder("t", (1, 0, 2)))[0]
    apart = b"<div><p>1</p></div><section><p>2</p></section><p>3</p>"
    swapped = made._replace(start=5, end=40, new=b"<p>2</p></div><section><p>1</p>")
    assert apart[5:40] == b"<p>1</p></div><section><p>2</p></sec"[:35]
    assert not passes(apart, [swapped], CSS)


def test_a_plan_without_a_body(opened: Open) -> None:
    frames = b"<html><frameset><frame></frameset></html>"
    page = opened(END, end="body")
    made = plans_of(page, LAST)[0]._replace(start=16, end=16, matches=0)
    assert not passes(frames, [made], {"end": "body"})


BAD = Insert(T, "end", Markup("<div>x</div>"))


@pytest.mark.parametrize(
    ("edits", "verdict"),
    [
        ([HIT], (True,)),
        ([BAD], (False,)),
        ([HIT, Remove(U)], (True, True)),
        ([HIT, BAD], (True, False)),
        ([BAD, Remove(U)], (False, True)),
        ([BAD, BAD], (False, False)),
    ],
)
def test_verdicts_of_each(edits: list[Edit], verdict: tuple[bool, ...], opened: Open) -> None:
    page = opened(BODY, t="p", u="b")
    plans = plans_of(page, *edits)
    assert judge(page, plans, CSS) == verdict
    assert pass_together(page, plans, CSS) is all(verdict)
    if len(plans) > 1:
        assert judge_apart(page, plans, CSS) == verdict


def test_one_plan_that_did_not_pass_is_not_tried_again(opened: Open) -> None:
    page = opened(BODY, t="p", u="b")
    assert judge_apart(page, plans_of(page, HIT), CSS) == (False,)


def test_an_order_passes_with_its_opposite(opened: Open) -> None:
    good = opened(LIST, t="p", u="b")
    assert pass_together(good, plans_of(good, Reorder("t", (1, 0, 2)), Remove(U)), CSS)


def test_verdicts_are_bounded_and_the_least_recent_goes_first() -> None:
    kept = Verdicts(2)
    kept.put("a", (True,))
    kept.put("b", (False,))
    assert kept.get("a") == (True,)
    kept.put("c", (True, False))
    assert [kept.get(key) for key in "abc"] == [(True,), None, (True, False)]
    kept.put("a", (False,))
    assert kept.get("a") == (False,)


ENDS = [
    ("", ""),
    (" ", ""),
    ("text", "text"),
    ("text \n", "text"),
    ("<b>", "<b>"),
    ("</p>", "</p>"),
    (" </p>", "</p>"),
    ("</p> ", "</p>"),
    ("a</p> </div>\n", "a</p></div>"),
    ("a \t</i></b> \r\f</p>", "a</i></b></p>"),
    ("<p> </p>", "<p></p>"),
    ("a </p> b</p>", "a </p> b</p>"),
    ("x > y </p>", "x > y</p>"),
]


@pytest.mark.parametrize(("content", "expected"), ENDS)
def test_blanks_around_the_last_end_tags_do_not_count(content: str, expected: str) -> None:
    assert _without_last_blanks(content) == expected
