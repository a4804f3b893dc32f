"""Plans: an edit resolved on the body at hand into the bytes to replace, or refused with a reason.

Invariant: a plan's range begins and ends at the edge of a tag or of an attribute, as located; nothing here looks for
markup by itself.
"""

import re
from collections.abc import Sequence
from operator import attrgetter, gt
from typing import NamedTuple

from transforms.page import escape
from transforms.page.anatomy import NOWHERE, RAW, RCDATA, Span, Unit
from transforms.page.edits import Edit, Insert, Markup, Refused, Remove, Reorder, Replace, SetAttribute, SetText
from transforms.page.ground import Ground
from transforms.page.payload import encode, guard, shape
from transforms.page.reorder import permute

_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")
_URLS = frozenset("href src action formaction poster cite data background longdesc manifest ping".split())  # noqa: SIM905
_FORBIDDEN = frozenset("style srcdoc srcset charset http-equiv id type is".split())  # noqa: SIM905
_FRAME_TAGS = frozenset(["html", "head", "body"])
_IN_SELECT = frozenset(["option", "optgroup"])


class Plan(NamedTuple):
    """One resolved edit: `new` stands for body[start:end]; `shape` is what the gate's verdict depends on."""

    number: int
    edit: Edit
    query: str
    nth: int
    matches: int
    start: int
    end: int
    new: bytes
    shape: tuple[str | int, ...]
    is_isolated: bool = False
    value: str = ""
    moved: tuple[Span, ...] = ()
    rewrites: tuple[tuple[int, int, bytes], ...] = ()
    classes: tuple[str | None, ...] = ()


def plan(number: int, edit: Edit, ground: Ground) -> Plan | Refused:
    """Resolve one edit."""
    if isinstance(edit, Reorder):
        return _plan_reorder(number, edit, ground)
    target = edit.target
    query, nth = target.query, target.index
    units = ground.units(query)
    if units is None:
        return Refused(number, "SELECTOR_MISS", f"no editable query is named {query!r}")
    if not 0 <= nth < len(units):
        return Refused(number, "SELECTOR_MISS", f"{query!r} has {len(units)} matches, no number {nth}")
    unit = units[nth]
    made = (_select_problem(edit, unit) if unit.in_select else None) or _make(edit, unit, ground)
    if isinstance(made, str):
        reason, _, detail = made.partition(": ")
        return Refused(number, reason, f"{query}[{nth}] <{unit.tag}>: {detail}")
    start, end, new, kind, value = made
    is_isolated = unit.tag == "body" and isinstance(edit, Insert) and edit.position == "end"
    return Plan(number, edit, query, nth, len(units), start, end, new, (query, nth, *kind), is_isolated, value)


def behind_another(made: Plan, ground: Ground) -> Plan:
    """`made`, at the end of body, where an insertion before it has closed already what was open there."""
    units = ground.units(made.query)
    left_open = units[made.nth].left_open if units else ""
    if not left_open:
        return made
    return made._replace(new=made.new[len(left_open) :], shape=(*made.shape, "behind"))


def _select_problem(edit: Edit, unit: Unit) -> str | None:
    """Text in an option is all that every browser reads alike; the gate knows only the newest rules."""
    if unit.tag not in ("select", "option", "optgroup"):
        return "BROWSERS_DISAGREE: only options stand in a select"
    has_markup = isinstance(edit, Insert | Replace) and isinstance(edit.payload, Markup)
    is_beside = isinstance(edit, Replace) or (isinstance(edit, Insert) and edit.position in ("before", "after"))
    if (has_markup and not (unit.tag == "select" and is_beside)) or (
        isinstance(edit, SetText) and unit.tag != "option"
    ):
        return "BROWSERS_DISAGREE: markup in a select"
    return None


_Made = tuple[int, int, bytes, tuple[str, ...], str]


def _make(edit: Insert | Replace | Remove | SetText | SetAttribute, unit: Unit, ground: Ground) -> _Made | str:
    # By type, not by pattern: this runs for every edit of every page.
    if isinstance(edit, Insert):
        payload, position = edit.payload, edit.position
        sent = encode(payload)
        if not sent:
            return "EMPTY: the payload is empty"
        offset = _insertion(unit, position, is_markup=isinstance(payload, Markup))
        if isinstance(offset, str):
            return offset
        at, body = ground.at(offset), ground.body
        if position == "start" and unit.tag in ("pre", "listing", "textarea") and body[at : at + 1] == b"\n":
            at += 1  # the parser drops this newline, so the content starts after it
        sent = unit.left_open.encode() + sent if position == "end" and unit.left_open else guard(sent, body, at)
        return at, at, sent, ("insert", position, shape(payload)), ""
    if isinstance(edit, SetText):
        if unit.void or unit.tag in RAW or unit.tag in _FRAME_TAGS:
            return "NO_CONTENT: the content of this element is not text that could be set"
        if NOWHERE in (unit.content_start, unit.content_end):
            return "NO_LOCATION: the content has no place in the source"
        kind = ("text", shape(edit.text))
        return ground.at(unit.content_start), ground.at(unit.content_end), encode(edit.text), kind, ""
    if isinstance(edit, SetAttribute):
        return _attribute(unit, edit.name, edit.value, ground)
    extent = _extent(unit, ground)
    if isinstance(extent, str):
        return extent
    if isinstance(edit, Remove):
        return *extent, b"", ("remove",), ""
    return *extent, guard(encode(edit.payload), ground.body, extent[0]), ("replace", shape(edit.payload)), ""


def _insertion(unit: Unit, position: str, *, is_markup: bool) -> int | str:
    if position in ("before", "after"):
        if unit.tag in _FRAME_TAGS:
            return "NO_LOCATION: nothing can stand beside this element"
        if position == "after" and not unit.closed:
            return "IMPLIED_END: the element has no end tag to insert after"
        offset = unit.start if position == "before" else unit.end
    else:
        if unit.void or unit.tag in RAW or unit.tag == "html" or (is_markup and unit.tag in RCDATA):
            return "NO_CONTENT: nothing can be inserted into this element"
        offset = unit.content_start if position == "start" else unit.content_end
    return "NO_LOCATION: the element has no such place in the source" if offset == NOWHERE else offset


def _extent(unit: Unit, ground: Ground) -> Span | str:
    if unit.tag in _FRAME_TAGS or NOWHERE in (unit.start, unit.end):
        return "NO_LOCATION: the element has no extent in the source"
    return ground.at(unit.start), ground.at(unit.end)


def _attribute(unit: Unit, name: str, value: str, ground: Ground) -> _Made | str:
    if unit.start == NOWHERE:
        return "NO_LOCATION: the start tag is not in the source"
    if _NAME.match(name) is None or name.startswith("on") or name in _FORBIDDEN:
        return f"UNSAFE: attribute {name!r} is never set"
    if name in _URLS or name.endswith("href"):
        escaped = escape.url(value)
        if escaped is None:
            return f"UNSAFE: {name} takes an http(s) or relative URL"
        plain = escape.url_text(value) or ""
    else:
        escaped, plain = escape.attribute(value), escape.clean(value)
    new = f'{name}="{escaped}"'.encode("ascii")
    span = unit.attributes.get(name)
    if span is not None:
        return ground.at(span[0]), ground.at(span[1]), new, ("attribute", name, "set"), plain
    last = max((end for _, end in unit.attributes.values()), default=unit.start + 1 + len(unit.tag))
    at = ground.at(last)
    return at, at, b" " + new, ("attribute", name, "add"), plain


def _plan_reorder(number: int, edit: Reorder, ground: Ground) -> Plan | Refused:
    units = ground.units(edit.query)
    if units is None:
        return Refused(number, "SELECTOR_MISS", f"no editable query is named {edit.query!r}")
    if len(edit.order) != len(units) or set(edit.order) != set(range(len(units))):
        return Refused(number, "BAD_ORDER", f"{edit.query!r}: not a permutation of its {len(units)} matches")
    key = (edit.query, "movable")
    if key not in ground.memo:
        ground.memo[key] = _unmovable(units)
    reason = ground.memo[key]
    if isinstance(reason, str):
        return Refused(number, reason, f"{edit.query!r}: {_UNMOVABLE[reason]}")
    permuted = permute(edit, units, ground)
    if isinstance(permuted, str):
        return Refused(number, "POSITIONAL", f"{edit.query!r}: {permuted}")
    return Plan(
        number=number,
        edit=edit,
        query=edit.query,
        nth=0,
        matches=len(units),
        start=permuted.start,
        end=permuted.end,
        new=permuted.new,
        shape=(edit.query, "reorder", *edit.positional),
        moved=permuted.moved,
        rewrites=permuted.rewrites,
        classes=permuted.classes,
    )


_UNMOVABLE = {
    "NOT_SIBLINGS": "its matches are neither siblings nor cells of one grid",
    "NO_LOCATION": "a match has no extent in the source",
    "BROWSERS_DISAGREE": "only options stand in a select",
    "OVERLAP": "its matches overlap or do not stand in the order of the source",
}


def _unmovable(units: Sequence[Unit]) -> str | None:
    """Why units cannot be permuted, if they cannot."""
    if len(set(map(attrgetter("parent"), units))) > 1:
        return "NOT_SIBLINGS"
    starts, ends = list(map(attrgetter("start"), units)), list(map(attrgetter("end"), units))
    if NOWHERE in starts or NOWHERE in ends or not _FRAME_TAGS.isdisjoint(map(attrgetter("tag"), units)):
        return "NO_LOCATION"
    if not {unit.tag for unit in units if unit.in_select} <= _IN_SELECT:
        return "BROWSERS_DISAGREE"
    return "OVERLAP" if any(map(gt, ends, starts[1:])) else None
