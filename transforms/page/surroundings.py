"""Surroundings: what a verdict of the gate depends on, as a value, so that a page of known structure needs no gate.

It holds the target's ancestors, its siblings' tags, the tags inside it, and, for the whole page, the doctype and how
many formatting elements were left open or cloned, which a parser carries across the tree.
"""

import re
from collections.abc import Hashable, Sequence

from turbohtml import Element

from transforms.page.edits import Insert, Reorder
from transforms.page.locate import Located
from transforms.page.plan import Plan

_TAGS = re.compile(rb"<[/!?]?[a-zA-Z0-9\[-]*")
_DOCTYPE = re.compile(rb"[^<]*(?:<!--.*?-->[^<]*)*(<!doctype[^>]*>)", re.IGNORECASE | re.DOTALL)
_FORMATTING = ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")


def of_page(located: Located) -> Hashable:
    """What of the whole page may matter anywhere on it."""
    lower = located.body.lower()
    doctype = _DOCTYPE.match(lower, 0, 4096)
    balance = tuple(
        len(located.document.select(tag)) - lower.count(b"</%b>" % tag.encode("ascii")) for tag in _FORMATTING
    )
    return (doctype[1] if doctype is not None else b"", balance)


def of_plan(located: Located, plan: Plan) -> Hashable:
    """What of the page's structure matters to one plan."""
    elements = located.elements[plan.query]
    element = elements[plan.nth]
    chain: Hashable = _chain(element)
    siblings = _collapsed(element.parent.children) if element.parent is not None else ()
    inside: Hashable
    if isinstance(plan.edit, Reorder):
        units = located.units_by_name(plan.query)
        chain = frozenset(_chain(moved) for moved in elements)
        inside = frozenset(tuple(_TAGS.findall(located.body, unit.start, unit.end)) for unit in units)
    elif isinstance(plan.edit, Insert) and element.tag == "body":
        inside = (_collapsed(element.children), tuple(_TAGS.findall(located.body, max(0, plan.start - 500))))
    else:
        unit = located.units_by_name(plan.query)[plan.nth]
        inside = tuple(_TAGS.findall(located.body, unit.start, max(unit.start, unit.end)))
    return (_mark(element), chain, siblings, inside)


def _chain(element: Element) -> Hashable:
    return tuple(_mark(ancestor) for ancestor in element.ancestors if isinstance(ancestor, Element))


def _mark(element: Element) -> Hashable:
    location = element.source_location
    return (element.tag, 0 if location is None else 1 if location.end_tag is None else 2)


def _collapsed(children: Sequence[object]) -> tuple[Hashable, ...]:
    """Elements by tag and how they end, runs of equal ones as one; text as blank or not."""
    found: list[Hashable] = []
    for child in children:
        if isinstance(child, Element):
            mark = _mark(child)
            if not found or found[-1] != mark:
                found.append(mark)
    return tuple(found)
