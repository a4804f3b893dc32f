"""Surroundings: what a verdict of the gate depends on, as a value, so that a page of known structure needs no gate.

It holds the target's ancestors, its siblings' tags, the tags inside it, and, for the whole page, the doctype and how
many formatting elements were left open or cloned, which a parser carries across the tree.
"""

import re
from collections.abc import Hashable
from itertools import groupby
from typing import cast

from turbohtml import Element, Node

from transforms.page.anatomy import Unit
from transforms.page.edits import Insert, Reorder
from transforms.page.locate import Located
from transforms.page.plan import Plan

_TAGS = re.compile(rb"<[/!?]?[a-zA-Z0-9\[-]*")
_DOCTYPE_LATEST = 4096


def of_page(located: Located) -> Hashable:
    """What of the whole page may matter anywhere on it."""
    # An end tag whose element never opened is dropped by a parser; only those of the others can leave a trace.
    balance = tuple([(tag, opened - closed) for tag, (opened, closed) in located.formatting.items()])
    return (_doctype(located.body), balance)


def _doctype(body: bytes) -> bytes:
    """The doctype in lower case, b"" without one: text and comments may stand before it."""
    at = body.find(b"<", 0, _DOCTYPE_LATEST)
    while at >= 0 and body.startswith(b"<!--", at):
        end = body.find(b"-->", at + 2, _DOCTYPE_LATEST)
        at = -1 if end < 0 else body.find(b"<", end, _DOCTYPE_LATEST)
    if at < 0 or body[at : at + 9].lower() != b"<!doctype":
        return b""
    end = body.find(b">", at, _DOCTYPE_LATEST)
    return body[at : _DOCTYPE_LATEST if end < 0 else end + 1].lower()


def of_plan(located: Located, plan: Plan) -> Hashable:
    """What of the page's structure matters to one plan."""
    elements = located.elements[plan.query]
    element = elements[plan.nth]
    chain: Hashable = _chain(located, element)
    siblings = _children(located, element.parent) if element.parent is not None else ()
    inside: Hashable
    if isinstance(plan.edit, Reorder):
        units = located.units_by_name(plan.query)
        chain = frozenset([_chain(located, moved) for moved in elements])
        inside = frozenset(tags_within(located.body, unit) for unit in units)
    elif isinstance(plan.edit, Insert) and element.tag == "body":
        left_open = located.units_by_name(plan.query)[plan.nth].left_open
        inside = (_children(located, element), left_open, tags_at_end(located.body, plan.start))
    else:
        unit = located.units_by_name(plan.query)[plan.nth]
        inside = tags_within(located.body, unit)
    return (_mark(element), chain, siblings, _neighbours(element), inside)


def tags_within(body: bytes, unit: Unit) -> Hashable:
    """The tags of an element and of all inside of it."""
    return tuple(_TAGS.findall(body, unit.start, max(unit.start, unit.end)))


def tags_at_end(body: bytes, at: int) -> Hashable:
    """The tags before and behind the place `at` where content at the end of body goes."""
    return tuple(_TAGS.findall(body, max(0, at - 500)))


def _chain(located: Located, element: Element) -> Hashable:
    """The ancestors, worked out once for all children of one."""
    key = (element.parent, "chain")
    known = located.memo.get(key)
    if known is None:
        found = tuple([_mark(ancestor) for ancestor in element.ancestors if isinstance(ancestor, Element)])
        known = located.memo[key] = found
    return known


def _mark(element: Element) -> Hashable:
    location = element.source_location
    return (element.tag, 0 if location is None else 1 if location.end_tag is None else 2)


def _children(located: Located, parent: Node) -> Hashable:
    """The element children by tag, runs of equal ones as one, and how the last one ends."""
    key = (parent, "children")
    known = located.memo.get(key)
    if known is None:
        children = cast(list[Element], parent.xpath("*"))
        tags = tuple([tag for tag, _ in groupby([child.tag for child in children])])
        known = located.memo[key] = (tags, _mark(children[-1]) if children else None)
    return known


def _neighbours(element: Element) -> Hashable:
    """How the elements beside this one end: an implied end before it would swallow what is inserted."""
    found: list[Hashable] = []
    for siblings in (element.previous_siblings, element.next_siblings):
        sibling = next((sibling for sibling in siblings if isinstance(sibling, Element)), None)
        found.append(None if sibling is None else _mark(sibling))
    return tuple(found)
