"""Several edits on one page, orders and their class tokens, and what is refused for the company it is in."""

from collections.abc import Callable
from dataclasses import astuple, replace

import pytest

from transforms.page.edits import (
    Edit,
    Insert,
    Markup,
    Refused,
    Remove,
    Reorder,
    Replace,
    SetAttribute,
    SetText,
    Spliced,
    Target,
    Text,
)
from transforms.page.engine import Page, PageLimits
from transforms.page.plan import Plan, plan
from transforms.page.splice import with_reversal

Made = Callable[..., Spliced]

ORDERS: list[tuple[str, bytes, tuple[int, ...], bytes]] = [
    ("plain", b"<ul><li>a</li> <li>b</li>\n<li>c</li></ul>", (2, 0, 1),
     b"<ul><li>c</li> <li>a</li>\n<li>b</li></ul>"),
    ("the same", b"<ul><li>a</li><li>b</li></ul>", (0, 1), b"<ul><li>a</li><li>b</li></ul>"),
    ("some stay", b"<ul><li>a</li>-<li>b</li>+<li>c</li></ul>", (2, 1, 0),
     b"<ul><li>c</li>-<li>b</li>+<li>a</li></ul>"),
    ("others between", b"<ul><li>a</li><hr><li>b</li></ul>", (1, 0), b"<ul><li>b</li><hr><li>a</li></ul>"),
    ("first and last", b'<ul><li class="x first">a</li><li class="x">b</li><li class="x last">c</li></ul>', (2, 0, 1),
     b'<ul><li class="x first">c</li><li class="x">a</li><li class="x last">b</li></ul>'),
    ("one quote or none", b"<ul><li class=first>a</li><li class='last y'>b</li></ul>", (1, 0),
     b"<ul><li class='first y'>b</li><li class=\"last\">a</li></ul>"),
    ("no class", b"<ul><li class='first'>a</li><li>b</li></ul>", (1, 0),
     b"<ul><li class=\"first\">b</li><li class=''>a</li></ul>"),
    ("empty class", b"<ul><li class=odd>a</li><li class>b</li></ul>", (1, 0),
     b'<ul><li class="odd">b</li><li class="">a</li></ul>'),
    ("names that only begin so", b"<ul><li class='first-x'>a</li><li class='lasting'>b</li></ul>", (1, 0),
     b"<ul><li class='lasting'>b</li><li class='first-x'>a</li></ul>"),
    ("white space kept", b"<ul><li class='  a\tfirst  b '>1</li><li class='c'>2</li></ul>", (1, 0),
     b"<ul><li class='c first'>2</li><li class='  a  b '>1</li></ul>"),
    ("two tokens", b"<ul><li class='first odd'>1</li><li class='even'>2</li><li class='last odd'>3</li></ul>",
     (1, 2, 0),
     b"<ul><li class='first odd'>2</li><li class='even'>3</li><li class='last odd'>1</li></ul>"),
    ("scripts inside", b"<ul><li>a<script>'<li>'</script></li><li>b</li></ul>", (1, 0),
     b"<ul><li>b</li><li>a<script>'<li>'</script></li></ul>"),
    ("bytes kept", b"<ul><LI  ID=x >\xe9\0</LI\n><li>b</li ></ul>", (1, 0),
     b"<ul><li>b</li ><LI  ID=x >\xe9\0</LI\n></ul>"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "order", "expected"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_orders(body: bytes, order: tuple[int, ...], expected: bytes, made: Made) -> None:
    spliced = made(body, [Reorder("t", order)], t="li")
    assert (spliced.body, spliced.refused) == (expected, ())


def test_an_order_reports_what_moved(made: Made) -> None:
    body = b"<ul><li class='a first'>1</li><li class=b>2</li><li>3</li></ul>"
    change = made(body, [Reorder("t", (1, 0, 2))], t="li").changes[0]
    assert (change.kind, body[change.start : change.end]) == (
        "reorder",
        b"<li class='a first'>1</li><li class=b>2</li>",
    )
    assert [body[start:end] for start, end in change.moved] == [b"<li class=b>2</li>", b"<li class='a first'>1</li>"]
    assert [(body[start:end], new) for start, end, new in change.rewrites] == [
        (b"class=b", b'class="b first"'),
        (b"a first", b"a"),
    ]


def test_positional_class_with_references_is_refused(made: Made) -> None:
    spliced = made(b"<ul><li class='first &amp;'>1</li><li>2</li></ul>", [Reorder("t", (1, 0))], t="li")
    assert [refused.reason for refused in spliced.refused] == ["POSITIONAL"]


P, Q = Target("p"), Target("q")
BODY = b"<div><p>a</p><q>b</q></div>"
TOGETHER: list[tuple[str, list[Edit], bytes, list[str]]] = [
    ("side by side", [SetText(P, Text("1")), SetText(Q, Text("2"))], b"<div><p>1</p><q>2</q></div>", []),
    ("both ends", [Insert(P, "start", Text("1")), Insert(P, "end", Text("2"))],
     b"<div><p>1a&#50;</p><q>b</q></div>", []),
    ("before twice", [Insert(P, "before", Text("1")), Insert(P, "before", Text("2"))],
     b"<div>12<p>a</p><q>b</q></div>", []),
    ("after twice", [Insert(P, "after", Markup("<i>1</i>")), Insert(P, "after", Markup("<i>2</i>"))],
     b"<div><p>a</p><i>1</i><i>2</i><q>b</q></div>", []),
    ("start twice", [Insert(P, "start", Text("1")), Insert(P, "start", Text("2"))],
     b"<div><p>12a</p><q>b</q></div>", []),
    ("attribute and text", [SetAttribute(P, "title", "t"), SetText(P, Text("1"))],
     b'<div><p title="t">1</p><q>b</q></div>', []),
    ("text of what is gone", [Remove(P), SetText(P, Text("1"))], b"<div><q>b</q></div>", ["CONFLICT"]),
    ("inside what is replaced", [Replace(P, Text("x")), Insert(P, "end", Text("1"))], b"<div>x<q>b</q></div>",
     ["CONFLICT"]),
    ("the same attribute", [SetText(P, Text("1")), SetText(P, Text("2"))],
     b"<div><p>1</p><q>b</q></div>", ["CONFLICT"]),
    ("one bad, one good", [Insert(P, "end", Markup("<div>x</div>")), SetText(Q, Text("2"))],
     b"<div><p>a</p><q>2</q></div>", ["GATE_REFUSED"]),
    ("bad among good", [SetText(P, Text("1")), Insert(Q, "before", Markup("</div>")), Insert(P, "before", Text("0"))],
     b"<div>0<p>1</p><q>b</q></div>", ["GATE_REFUSED"]),
    ("around a removal", [Insert(P, "before", Text("1")), Remove(P), Insert(P, "after", Text("2"))],
     b"<div>12<q>b</q></div>", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "expected", "reasons"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER]
)
def test_together(edits: list[Edit], expected: bytes, reasons: list[str], made: Made) -> None:
    spliced = made(BODY, edits, p="p", q="q")
    assert (spliced.body, [refused.reason for refused in spliced.refused]) == (expected, reasons)


def test_no_edits_is_the_same_object(opened: Callable[..., Page]) -> None:
    spliced = opened(BODY).splice([])
    assert spliced.body is BODY
    assert (spliced.changes, spliced.refused) == ((), ())


LIMITED = [
    ("edits", PageLimits(max_edits=1), "TOO_LARGE"),
    ("payload", PageLimits(max_payload_bytes=1), "TOO_LARGE"),
    ("attributes", PageLimits(max_attributes=0), "TOO_COMPLEX"),
    ("time", PageLimits(inline_compile_ms=0.0001), "OVER_BUDGET"),
]


@pytest.mark.parametrize(("limits", "reason"), [row[1:] for row in LIMITED], ids=[row[0] for row in LIMITED])
def test_limits(limits: PageLimits, reason: str, opened: Callable[..., Page]) -> None:
    body = b"<p class=x>a</p>" * 3
    page = opened(body, limits=limits, p="p")
    if not isinstance(page, Page):
        assert page.reason == reason
        return
    spliced = page.splice([SetText(P, Text("12")), SetText(Target("p", 1), Text("12"))])
    assert reason in [refused.reason for refused in spliced.refused]


LARGE = "more edits or bytes than are put on one page"
GATE = "the second engine does not agree that the bytes mean this edit"
TEN = b"<div>" + b"".join(b"<p>%d</p>" % n for n in range(6)) + b"<q>b</q></div>"


def number(n: int) -> Target:
    return Target("p", n)


WORDS: list[tuple[str, list[Edit], PageLimits, bytes, list[tuple[int, str, str]]]] = [
    ("as many bytes as may be", [SetText(number(0), Text("ab")), SetText(number(1), Text("cd"))],
     PageLimits(max_payload_bytes=4), TEN.replace(b"<p>0", b"<p>ab").replace(b"<p>1", b"<p>cd"), []),
    ("one byte more", [SetText(number(0), Text("ab")), SetText(number(1), Text("cde")), Remove(number(2))],
     PageLimits(max_payload_bytes=4), TEN.replace(b"<p>0", b"<p>ab"), [(n, "TOO_LARGE", LARGE) for n in (1, 2)]),
    ("units that move do not count", [Reorder("p", (1, 0, 2, 3, 4, 5)), SetText(Q, Text("abcd"))],
     PageLimits(max_payload_bytes=4),
     TEN.replace(b"<p>0</p><p>1</p>", b"<p>1</p><p>0</p>").replace(b"<q>b", b"<q>abcd"), []),
    ("as many edits as may be", [Remove(number(0)), Remove(number(1))], PageLimits(max_edits=2),
     TEN.replace(b"<p>0</p><p>1</p>", b""), []),
    ("one edit more", [Remove(number(0)), Remove(number(1)), Remove(number(2))], PageLimits(max_edits=2),
     TEN.replace(b"<p>0</p><p>1</p>", b""), [(2, "TOO_LARGE", LARGE)]),
    ("after what cannot be planned", [Remove(number(9)), Remove(number(1))], PageLimits(),
     TEN.replace(b"<p>1</p>", b""), [(0, "SELECTOR_MISS", "'p' has 6 matches, no number 9")]),
    ("after what changes nothing", [Reorder("p", (0, 1, 2, 3, 4, 5)), Remove(number(1))], PageLimits(),
     TEN.replace(b"<p>1</p>", b""), []),
    ("nothing but what changes nothing", [Reorder("p", (0, 1, 2, 3, 4, 5))], PageLimits(), TEN, []),
    ("overlapping twice", [Remove(number(0)), SetText(number(0), Text("x")), Remove(number(1)),
                           Insert(number(0), "end", Text("y"))], PageLimits(),
     TEN.replace(b"<p>0</p><p>1</p>", b""), [(1, "CONFLICT", "it overlaps with edit 0"),
                                          (3, "CONFLICT", "it overlaps with edit 0")]),
    ("overlapping a later one", [SetText(Q, Text("x")), Remove(number(1)), Replace(number(1), Text("z"))], PageLimits(),
     TEN.replace(b"<p>1</p>", b"").replace(b"<q>b", b"<q>x"), [(2, "CONFLICT", "it overlaps with edit 1")]),
    ("refused by the gate", [Insert(number(1), "end", Markup("<div>x</div>")), Remove(number(0))], PageLimits(),
     TEN.replace(b"<p>0</p>", b""), [(0, "GATE_REFUSED", f"p[1]: {GATE}")]),
    ("both refused by the gate", [Insert(number(1), "end", Markup("<div>x</div>")),
                                  Insert(number(2), "end", Markup("<div>x</div>"))], PageLimits(),
     TEN, [(0, "GATE_REFUSED", f"p[1]: {GATE}"), (1, "GATE_REFUSED", f"p[2]: {GATE}")]),
    ("over budget, and a miss", [Remove(number(9)), Remove(number(0)), Remove(number(1))],
     PageLimits(inline_compile_ms=0.000001), TEN, [(0, "SELECTOR_MISS", "'p' has 6 matches, no number 9"),
     (1, "OVER_BUDGET", "proving this page's edits would take too long"),
     (2, "OVER_BUDGET", "proving this page's edits would take too long")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "limits", "expected", "refused"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS]
)
def test_in_these_words(
    edits: list[Edit],
    limits: PageLimits,
    expected: bytes,
    refused: list[tuple[int, str, str]],
    opened: Callable[..., Page],
) -> None:
    page = opened(TEN, limits=replace(limits, inline_compile_ms=1000.0), p="p", q="q")
    page._limits = limits
    spliced = page.splice(edits)
    assert (spliced.body, [tuple(each) for each in map(astuple, spliced.refused)]) == (expected, refused)
    assert (spliced.body is TEN) is (expected == TEN)


CONFLICTS: list[tuple[str, Edit, Edit, bool]] = [
    ("insertion at the start of what is removed", Insert(P, "before", Text("1")), Remove(P), False),
    ("insertion at the end of what is removed", Insert(P, "after", Text("1")), Remove(P), False),
    ("insertion inside of what is removed", Insert(P, "start", Text("1")), Remove(P), True),
    ("insertion inside, the other way round", Remove(P), Insert(P, "end", Text("1")), True),
    ("insertion at the start of text", Insert(P, "start", Text("1")), SetText(P, Text("2")), False),
    ("insertion at the end of text", SetText(P, Text("2")), Insert(P, "end", Text("1")), False),
    ("neighbours removed", Remove(P), Remove(Q), False),
    ("neighbours removed, the other way round", Remove(Q), Remove(P), False),
    ("the same twice", Remove(P), Remove(P), True),
    ("text and the whole", SetText(P, Text("1")), Remove(P), True),
    ("attribute and the whole", SetAttribute(P, "lang", "es"), Remove(P), True),
]


@pytest.mark.parametrize(
    ("one", "other", "conflict"), [row[1:] for row in CONFLICTS], ids=[row[0] for row in CONFLICTS]
)
def test_conflicts(one: Edit, other: Edit, conflict: bool, made: Made) -> None:
    for body in (BODY, b"<p>a</p><q>b</q>"):
        spliced = made(body, [one, other], p="p", q="q")
        found = [refused.edit for refused in spliced.refused if refused.reason == "CONFLICT"]
        assert found == ([1] if conflict else [])


def test_each_kind_is_called_by_its_name(made: Made) -> None:
    body = b"<div><p>0</p><p>1</p></div><q>2</q><b>3</b><i>4</i><u>5</u><s>6</s>"
    edits: list[Edit] = [
        SetText(Target("q"), Text("x")),
        Reorder("p", (1, 0)),
        Replace(Target("b"), Text("y")),
        Remove(Target("i")),
        SetAttribute(Target("u"), "lang", "es"),
        Insert(Target("s"), "end", Markup("<b></b>")),
    ]
    spliced = made(body, edits, p="p", q="q", b="b", i="i", u="u", s="s")
    assert [(change.edit, change.kind) for change in spliced.changes] == [
        (1, "reorder"),
        (0, "set_text"),
        (2, "replace"),
        (3, "remove"),
        (4, "set_attribute"),
        (5, "insert"),
    ]


def test_the_opposite_of_an_order(opened: Callable[..., Page]) -> None:
    page = opened(TEN, p="p")
    made_ = plan(4, Reorder("p", (1, 0, 2, 3, 5, 4), ("first",)), page)
    assert isinstance(made_, Plan)
    assert with_reversal(made_, page) == plan(4, Reorder("p", (5, 4, 3, 2, 1, 0), ("first",)), page)
    removal = plan(4, Remove(P), page)
    assert isinstance(removal, Plan)
    assert with_reversal(removal, page) is None


SWAPS: list[tuple[str, str, str, tuple[int, ...], str, str]] = [
    ("dropped at the end", "a first", "b", (1, 0), "b first", "a"),
    ("dropped at the start", "first a", "b", (1, 0), "b first", " a"),
    ("swapped in its place", "x odd y", "even z", (1, 0), "odd z", "x even y"),
    ("one for two", "odd first", "even z", (1, 0), "first z odd", " even"),
    ("given twice", "odd a odd", "b", (1, 0), "b odd", " a"),
    ("blank at the end", "odd", "b ", (1, 0), "b odd", ""),
]


@pytest.mark.parametrize(("one", "other", "order", "first", "last"), [row[1:] for row in SWAPS])
def test_classes_of_positions(one: str, other: str, order: tuple[int, ...], first: str, last: str, made: Made) -> None:
    body = f'<ul><li class="{one}">1</li><li class="{other}">2</li></ul>'.encode()
    expected = f'<ul><li class="{first}">2</li><li class="{last}">1</li></ul>'.encode()
    assert made(body, [Reorder("t", order)], t="li").body == expected


def test_whatever_goes_wrong_each_edit_is_refused(opened: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ValueError("odd")

    page = opened(b"<p>a</p>", p="p")
    monkeypatch.setattr("transforms.page.page.splice", fail)
    spliced = page.splice([Remove(P), SetText(P, Text("b"))])
    assert spliced.body is page.body
    assert spliced.changes == ()
    assert spliced.refused == (Refused(0, "ERROR", "ValueError: odd"), Refused(1, "ERROR", "ValueError: odd"))
