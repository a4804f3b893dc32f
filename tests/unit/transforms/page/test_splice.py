"""Several edits on one page, orders and their class tokens, and what is refused for the company it is in."""

from collections.abc import Callable

import pytest

from transforms.page.edits import (
    Edit,
    Insert,
    Markup,
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
