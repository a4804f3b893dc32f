"""Forming: from the outline of one parsed body to its shape, with the regions that are to be opened and their blocks.

Invariant: a shape is only as general as this one body proves; and before it is used, it must match that very body and
give the places that the parse gave.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from turbohtml import Element

from transforms.page.anatomy import NOWHERE, Place, Span, Unit
from transforms.page.contexts import may_vary
from transforms.page.grid import levels_below
from transforms.page.locate import Located
from transforms.page.outline import COMMENT, Node, Outline
from transforms.page.query import Query
from transforms.page.selectors import tags_by_siblings
from transforms.page.shape import REGION, Blocks, Loose, Region, Shape, Spot


@dataclass(slots=True)
class _Forming:
    """What is common to all shapes of one body."""

    outline: Outline
    located: Located
    blocks: Blocks
    regions: list[Node]
    spots: list[tuple[Spot, Element]]
    loose: list[tuple[int, Loose]]
    is_private: bool
    added: list[tuple[int, int, Shape]]


class Formed(NamedTuple):
    """The shape of a whole body, and its new blocks, inner ones first: the region's key, the place, and the shape."""

    shape: Shape
    added: list[tuple[int, int, Shape]]


def form(
    outline: Outline, varying: Iterable[int], blocks: Blocks, protected: frozenset[str], *, is_private: bool
) -> Formed | None:
    """The shape of a body whose content in the contexts `varying` may repeat, and the blocks that are new.

    None when something that a query matches has no place of its own in the source.
    """
    located = outline.located
    if not may_vary(located, [(slot.start, slot.end) for slot in outline.slots], protected):
        return None
    nodes = {node.element: node for node in outline.nodes}
    regions = _regions(outline, located.queries, frozenset(varying), nodes)
    around = set()
    for region in regions:
        above: Node | None = region
        while above is not None and above not in around:
            around.add(above)
            above = above.parent
    forming = _Forming(outline, located, blocks, regions, [], [], is_private, [])
    for query in located.queries:
        if not _find_spots(forming, query, nodes, around):
            return None
    forming.loose.sort(key=lambda loose: loose[0])
    shape = _shape(forming, (0, len(located.body)), None, is_unclosed=False)
    return None if shape is None else Formed(shape, forming.added)


def _regions(
    outline: Outline, queries: Sequence[Query], varying: frozenset[int], nodes: dict[Element, Node]
) -> list[Node]:
    """The nodes whose content may repeat, outer ones first."""
    body = outline.located.body
    everywhere = _tags(query.css for query in queries)
    touchy = [
        (nodes[element], tags)
        for query in queries
        if (tags := _tags(field.css for field in query.fields)) != frozenset()
        for element in outline.located.elements[query.name]
        if element in nodes
    ]
    found = []
    for node in outline.nodes:
        if node.context not in varying or not outline.can_repeat(node):
            continue
        if not outline.are_forms_tidy and b"<form" in body[node.inner : node.stop].lower():
            continue
        kids = {kid.element.tag for kid in node.kids}
        if any(
            tags is None or not kids.isdisjoint(tags)
            for tags in (everywhere, *(tags for item, tags in touchy if _is_inside(node, item)))
        ):
            continue
        if node.implies and _has_comment_between(node, body):
            continue
        found.append(node)
    return found


def _tags(selectors: Iterable[str]) -> frozenset[str] | None:
    """The tags that any of `selectors` tests by siblings; None for all."""
    found: frozenset[str] = frozenset()
    for css in selectors:
        tags = tags_by_siblings(css) if css else found
        if tags is None:
            return None
        found |= tags
    return found


def _is_inside(node: Node, item: Node) -> bool:
    above: Node | None = node
    while above is not None and above is not item:
        above = above.parent
    return above is item


def _has_comment_between(node: Node, body: bytes) -> bool:
    """A comment before the first of kids that close one another; those behind them are inside of them."""
    return (bool(node.kids) and b"<!" in body[node.inner : node.kids[0].start]) or any(
        b"<!" in body[one.end : other.start] for one, other in pairwise(node.kids)
    )


def _find_spots(forming: _Forming, query: Query, nodes: dict[Element, Node], around: set[Node]) -> bool:
    """The matches of a query with their values; False when one has no place."""
    located = forming.located
    units: Sequence[Unit | None] = (
        located.units(query) if query.editable else [None] * len(located.elements[query.name])
    )
    before = -1
    for element, unit in zip(located.elements[query.name], units, strict=True):
        node = nodes.get(element)
        if node is None or node.start <= before:
            return False
        before = node.start
        end = node.end if node.end > 0 else NOWHERE if unit is None else unit.end
        is_open = node in around
        if is_open and end == NOWHERE:
            return False
        places: list[Place | None] = []
        for number, taken in enumerate(query.fields):
            if not taken.css or not is_open:
                target = element.select_one(taken.css) if taken.css else element
                place = None if target is None else located.place(target, taken)
                if place is not None and place.start == NOWHERE:
                    return False
                places.append(place)
                continue
            places.append(None)
            for target in element.select(taken.css):
                place = located.place(target, taken)
                start = nodes[target].start if target in nodes else NOWHERE
                if start == NOWHERE or (place is not None and place.start == NOWHERE):
                    return False
                if place is None:
                    # The first match decides, and this one, if first, has no such attribute: rare, and not learnt.
                    return False
                forming.loose.append((start, Loose(query.name, number, place)))
        parent = node.parent.start if node.parent is not None else NOWHERE
        spot = Spot(query.name, node.start, end, unit, parent, tuple(places), is_open)
        forming.spots.append((spot, element))
    return True


def _shape(forming: _Forming, span: Span, holder: Node | None, *, is_unclosed: bool) -> Shape | None:
    """The shape of a stretch of the body; `holder` is the element it is a block of, None for the whole page."""
    outline, body = forming.outline, forming.located.body
    start, end = span
    regions: list[Node] = []
    for node in forming.regions:
        if start <= node.start and node.end <= end and (not regions or regions[-1].end <= node.start):
            regions.append(node)
    holes = [(node.inner, node.stop) for node in regions]
    slots = outline.slots
    first, last = bisect_left(slots, (start,)), bisect_left(slots, (end,))
    joints: list[tuple[int, int, str]] = [slot for slot in slots[first:last] if not _is_within(slot.start, holes)]
    joints += [(inner, stop, REGION) for inner, stop in holes]
    joints.sort()
    known = []
    for node in regions:
        key = outline.region_key(node)
        if not _learn_blocks(forming, node, key):
            return None
        known.append(Region(key, outline.holds_text(node)))
    shape = Shape(body, span, joints, known, is_private=forming.is_private, is_unclosed=is_unclosed)
    spots = [
        (spot, element)
        for spot, element in forming.spots
        if start <= spot.start < end and not _is_within(spot.start, holes)
    ]
    container = set() if holder is None else _container(holder)
    shape.spots = tuple(_local(spot, element, start, container) for spot, element in spots)
    loose = {
        (found.query, found.field, at): found._replace(place=_moved(found.place, start))
        for at, found in forming.loose
        if start <= at < end and not _is_within(at, holes)
    }
    shape.loose = tuple(loose.values())
    if holder is not None:
        names = dict.fromkeys(spot.query for spot, _ in spots)
        shape.grids = {
            name: None
            if regions
            else levels_below([element for spot, element in spots if spot.query == name], container)
            for name in names
        }
    return shape


def _container(holder: Node) -> set[Element]:
    """The elements that can be the parents of a region's blocks: itself, and what a parser implies in a table."""
    own = {holder.element}
    if holder.implies:
        own |= {child for child in holder.element.children if isinstance(child, Element) and child.tag == "tbody"}
    return own


def _learn_blocks(forming: _Forming, node: Node, key: int) -> bool:
    """See to it that all blocks of a region are known."""
    body = forming.located.body
    spans: list[tuple[int, int, bool]] = []
    at = node.inner
    for kid in node.kids:
        spans += [(*found.span(), False) for found in COMMENT.finditer(body, at, kid.start)]
        end = kid.end if kid.is_closed else kid.start + len(body[kid.start : kid.end].rstrip(b" \t\n\r\f"))
        spans.append((kid.start, end, not kid.is_closed))
        at = kid.end
    spans += [(*found.span(), False) for found in COMMENT.finditer(body, at, node.stop)]
    for start, end, is_unclosed in spans:
        if forming.blocks.find(key, body, (start, end)) is not None:
            continue
        shape = _shape(forming, (start, end), node, is_unclosed=is_unclosed)
        if shape is None:
            return False
        forming.blocks.add(key, shape)
        forming.added.append((key, start, shape))
    return True


def _is_within(offset: int, holes: Sequence[Span]) -> bool:
    number = bisect_right(holes, offset, key=_start) - 1
    return number >= 0 and offset < holes[number][1]


def _start(span: Span) -> int:
    return span[0]


def _moved(place: Place, by: int) -> Place:
    return place._replace(start=place.start - by, end=place.end - by)


def _local(spot: Spot, element: Element, by: int, container: set[Element]) -> Spot:
    """A spot in offsets of its shape."""
    unit = spot.unit
    if unit is not None:
        edges = [
            edge if edge == NOWHERE else edge - by
            for edge in (unit.start, unit.content_start, unit.content_end, unit.end)
        ]
        unit = unit._replace(
            start=edges[0],
            content_start=edges[1],
            content_end=edges[2],
            end=edges[3],
            attributes={name: (start - by, end - by) for name, (start, end) in unit.attributes.items()},
        )
    is_top = element.parent in container
    return spot._replace(
        start=spot.start - by,
        end=spot.end - by,
        unit=unit,
        parent=NOWHERE if is_top else spot.parent,
        places=tuple(None if place is None else _moved(place, by) for place in spot.places),
    )
