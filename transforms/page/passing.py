"""Passing pages: what a match with shapes says of a body whose like does not come again, worked out as it is asked for.

It stands where a template stands, for one page. Invariant: it says what a parse of the body would say, and a verdict
found under its key is one that `surroundings` of that parse would lead to: the key tells all that those are made of.
"""

import re
import sys
from bisect import bisect_right
from collections.abc import Hashable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple, cast

from transforms.page.anatomy import NOWHERE, RAW, RCDATA, VOID, Span, Unit
from transforms.page.complexity import occurrences
from transforms.page.composing import MAX_PLACES, Standing, parents_of
from transforms.page.locate import Rows
from transforms.page.page_end import FORMATTING
from transforms.page.query import Query, Row
from transforms.page.readings import Plan, Reader, plan_of
from transforms.page.shape import Match, Shape, Spot
from transforms.page.surroundings import tags_at_end, tags_within
from transforms.page.verdict import Verdicts

_TOP = re.compile(rb"<([a-zA-Z][^\t\n\f\r />]*)")
_TAG = re.compile(rb"<(/?)([a-zA-Z][^\t\n\f\r /<>]*)[^<>]*>")
_OPAQUE = frozenset(name.encode() for name in RAW | RCDATA | {"svg", "math"})
_FORMATTING = frozenset(name.encode() for name in FORMATTING)


_Mark = tuple[bytes, bool]
_Found = tuple[int, Row | None, Spot, Match, "Held | None", int]
"""Where a match starts, its row (None while it is not read), and which spot of which block in which region it is."""


class Facet:
    """What is known of a shape besides where its segments are: worked out once, when it first passes."""

    __slots__ = ("closed", "edges", "formatting", "mark", "opened", "plan")

    def __init__(self, match: Match, body: bytes, fields: Mapping[str, int]) -> None:
        self.plan: Plan | None = plan_of(match.shape, fields)
        """How its rows are read; None when what is in its regions tells."""
        self.mark = _mark(match, body)
        """Tag of the element that the block is, and whether its end tag is there; None of a comment."""
        self.formatting = _formatting(match, body)
        """Formatting elements in it, as many opened as closed; None when that cannot be told."""
        own = _own(match, body)
        self.opened, self.closed = own.count(b"<"), own.count(b">")
        """How many `<` and `>` its segments hold."""
        self.edges = [None if spot.unit is None else _Edges.of(match.shape, spot.unit) for spot in match.shape.spots]
        """By spot: its unit, if it has one."""


_Edge = tuple[int, int]
"""A segment's number and an offset in it: an offset of a shape, wherever the shape lies."""


class _Plain(NamedTuple):
    """The offsets of a unit, as most are, that has all edges: those of the start tag in the first segment of its shape,
    those of the end tag in one, whose number is given."""

    start: int
    content_start: int
    number: int
    content_end: int
    end: int
    attributes: tuple[tuple[str, int, int], ...]


class _Edges(NamedTuple):
    """A unit in its shape."""

    model: Unit
    edges: tuple[_Edge | None, ...]
    attributes: tuple[tuple[str, _Edge, _Edge], ...]
    plain: _Plain | None

    @classmethod
    def of(cls, shape: Shape, unit: Unit) -> "_Edges":
        """Where the edges of a unit of `shape` are."""

        def edge(offset: int) -> _Edge:
            if offset >= shape.size and shape.is_unclosed:
                return len(shape.starts), 0
            number = bisect_right(shape.starts, offset) - 1
            return number, offset - shape.starts[number]

        edges = tuple([None if offset == NOWHERE else edge(offset) for offset in unit[1:5]])
        attributes = tuple([(name, edge(start), edge(end)) for name, (start, end) in unit.attributes.items()])
        plain: _Plain | None = None
        match edges:
            case (0, start), (0, content_start), (number, content_end), (last, end) if number == last:
                if all(left[0] == right[0] == 0 for _, left, right in attributes):
                    inside = tuple([(name, left[1], right[1]) for name, left, right in attributes])
                    plain = _Plain(start, content_start, number, content_end, end, inside)
            case _:
                pass
        return cls(unit, edges, attributes, plain)

    def unit(self, match: Match, parent: int) -> Unit:
        """The unit on a body."""
        tag, _, _, _, _, closed, void, _, _, in_select, left_open = self.model
        plain = self.plain
        if plain is not None:
            start, content_start, number, content_end, end, inside = plain
            begin = match.begin
            tail = match.segment(number) if number else begin
            attributes = {name: (begin + left, begin + right) for name, left, right in inside}
            start, content_start, content_end, end = (
                begin + start,
                begin + content_start,
                tail + content_end,
                tail + end,
            )
        else:
            segment = match.segment
            start, content_start, content_end, end = [
                NOWHERE if edge is None else segment(edge[0]) + edge[1] for edge in self.edges
            ]
            attributes = {name: (segment(a) + b, segment(c) + d) for name, (a, b), (c, d) in self.attributes}
        return Unit(tag, start, content_start, content_end, end, closed, void, parent, attributes, in_select, left_open)


def _mark(match: Match, body: bytes) -> _Mark | None:
    found = _TOP.match(body, match.begin)
    if found is None:
        return None
    tag = found[1].lower()
    return tag, not (match.shape.is_unclosed or tag.decode("latin-1") in VOID)


def _own(match: Match, body: bytes) -> bytes:
    """The segments of a block; blocks in its regions are told by their own."""
    shape = match.shape
    return b"".join(
        shape.segments or [body[at : at + size] for at, size in zip(match.starts, shape.sizes, strict=True)]
    )


def _formatting(match: Match, body: bytes) -> frozenset[bytes] | None:
    own = _own(match, body)
    if b"<" in (rest := _TAG.sub(b"", own)) or b">" in rest:
        return None  # comments, or markup inside of values
    tags = [(found[2].lower(), found[1]) for found in _TAG.finditer(own)]
    if any(tag in _OPAQUE for tag, _ in tags):
        return None
    names = frozenset(name for name, _ in tags if name in _FORMATTING)
    return names if all(tags.count((name, b"")) == tags.count((name, b"/")) for name in names) else None


class Held:
    """One region on one body: its blocks, and in what it stands."""

    __slots__ = ("_marks", "blocks", "holders")

    def __init__(self, blocks: Sequence[Match], holders: tuple[Hashable, ...]) -> None:
        self.blocks = blocks
        self.holders = holders
        """The number of this region, the shape that has it, and so on outwards."""
        self._marks: list[tuple[Match, _Mark]] | None = None

    def around(self, match: Match) -> Hashable:
        """What stands beside a block: runs of tags, how the last one ends, and how those next to it do."""
        if self._marks is None:
            self._marks = [(block, mark) for block in self.blocks if (mark := facet_of(block).mark) is not None]
        marks = self._marks
        at = next(number for number, (block, _) in enumerate(marks) if block is match)
        before = marks[at - 1][1] if at else None
        after = marks[at + 1][1] if at + 1 < len(marks) else None
        return tuple([tag for tag, _ in groupby([mark[0] for _, mark in marks])]), marks[-1][1], before, after


def facet_of(match: Match) -> Facet:
    """The facet of a shape that has passed before."""
    return cast(Facet, match.shape.facet)


class Asked(NamedTuple):
    """What is looked for on pages of a kind, and the verdicts of the gate that were found for some of them."""

    queries: Mapping[str, Query]
    fields: Mapping[str, int]
    """By query: equal numbers for the very same fields."""
    verdicts: Verdicts

    @classmethod
    def of(cls, queries: Sequence[Query], limit: int) -> "Asked":
        """With room for `limit` verdicts."""
        return cls({q.name: q for q in queries}, {q.name: id(q.fields) for q in queries}, Verdicts(limit))


class Passing:
    """One body by its match. `is_hidden`: it holds a shape whose bytes are not known in clear."""

    has_lasting_facts = False

    def __init__(self, main: Match, body: bytes, asked: Asked) -> None:
        self._body = body
        self._main = main
        self._asked = asked
        self._found: dict[str, list[_Found]] = {name: [] for name in asked.queries}
        self._facets: set[Facet] = set()
        self._regions: list[Span] = []
        self._units: dict[str, tuple[Unit, ...]] = {}
        self._loose: dict[tuple[str, int], list[tuple[int, int, str]]] = {}
        """Where fields' selectors match in regions: start, end and kind of the value."""
        self.structure: list[object] = []
        """The shapes in turn: equal for bodies that one template may be of."""
        self._opened = self._closed = 0
        """`<` and `>` in all segments."""
        self.is_hidden = False

    def read(self, tags: int, reader: Reader) -> Rows | None:
        """Take all that its shapes hold, and the rows; None when that takes a parse. The body holds so many `<`."""
        if not self._take((self._main,), None, (), reader):
            return None
        if self._opened != tags or self._closed != occurrences(b">", self._body) or b"\0" in self._body:
            return None  # a slot, or text between blocks, holds what may begin or end a tag
        by_start = itemgetter(0)
        for found in self._found.values():
            if len(found) > MAX_PLACES:
                return None
            if len(found) > 1:
                found.sort(key=by_start)
        for loose in self._loose.values():
            loose.sort()
        return MappingProxyType(
            {
                name: tuple([self._row(one, reader) if one[1] is None else one[1] for one in found])
                for name, found in self._found.items()
            }
        )

    def _row(self, one: _Found, reader: Reader) -> Row:
        """The row of a match with a region in it: values are where its own place is, or the first one inside."""
        start, _, spot, match, _, _ = one
        query, body = reader.queries[spot.query], self._body
        end = match.at(spot.end)
        raw: list[tuple[str, bytes] | None] = []
        for number, (taken, place) in enumerate(zip(query.fields, spot.places, strict=True)):
            value = None
            if place is not None:
                value = place.kind, body[match.at(place.start) : match.at(place.end)]
            elif spot.is_open and taken.css:
                loose = self._loose.get((query.name, number), ())
                nearest = bisect_right(loose, (start, sys.maxsize))
                if nearest < len(loose) and loose[nearest][0] < end:
                    first, last, kind = loose[nearest]
                    value = kind, body[first:last]
            raw.append(value)
        return reader.row(match.shape, query, tuple(raw))

    def _take(self, matches: Sequence[Match], held: Held | None, holders: tuple[Hashable, ...], reader: Reader) -> bool:
        """Take what blocks of one region hold, with all that is in their regions."""
        found_by_query, structure, facets = self._found, self.structure, self._facets
        opened = closed = 0
        # This runs for every block of every page that passes.
        for match in matches:
            shape, times = match.shape, match.times
            facet = shape.facet
            if not isinstance(facet, Facet):
                facet = shape.facet = Facet(match, self._body, self._asked.fields)
            if held is not None:
                facets.add(facet)
            structure.append(shape)
            if times:
                structure.append(times)
                opened += facet.opened * times
                closed += facet.closed * times
                continue
            opened += facet.opened
            closed += facet.closed
            if shape.segments is None:
                self.is_hidden = True
            if shape.spots:
                rows = None if facet.plan is None else reader.rows(match, facet.plan)
                for number, spot in enumerate(shape.spots):
                    start = match.at(spot.start) if spot.start else match.begin
                    row = None if rows is None else rows[number]
                    found_by_query[spot.query].append((start, row, spot, match, held, number))
            for query, field, place in shape.loose:
                value = match.at(place.start), match.at(place.end), place.kind
                self._loose.setdefault((query, field), []).append(value)
            if not match.blocks:
                continue
            for number, blocks in zip(shape.region_numbers, match.blocks, strict=False):
                self._regions.append(match.spans[number])
                inner = (number, shape, *holders)
                if not self._take(blocks, Held(blocks, inner), inner, reader):
                    return False
        self._opened += opened
        self._closed += closed
        return True

    def count(self, name: str) -> int:
        """How many elements a query matched."""
        return len(self._found.get(name, ()))

    def units(self, name: str) -> tuple[Unit, ...]:
        """The extents of an editable query's matches."""
        units = self._units.get(name)
        if units is None:
            found = self._found[name]
            parents = self._parents(found)
            units = self._units[name] = tuple(
                [
                    edges.unit(match, parent)
                    for (_, _, _, match, _, number), parent in zip(found, parents, strict=True)
                    if (edges := facet_of(match).edges[number]) is not None
                ]
            )
        return units

    def _parents(self, found: Sequence[_Found]) -> Sequence[int]:
        """Equal numbers for what may change places."""
        if found and found[0][4] is not None and all(one[4] is found[0][4] and one[2].parent < 0 for one in found):
            return [0] * len(found)  # blocks of one region
        standing = [
            Standing(start, NOWHERE if spot.end == NOWHERE else match.at(spot.end), spot, match, held)
            for start, _, spot, match, held, _ in found
        ]
        return parents_of(standing, self._regions)

    def get(self, shapes: tuple[tuple[str | int, ...], ...]) -> tuple[bool, ...] | None:
        """The verdict on edits of these shapes, if it is known from a page that is the same around them."""
        key = self._key(shapes)
        return None if key is None else self._asked.verdicts.get(key)

    def put(self, shapes: tuple[tuple[str | int, ...], ...], verdict: tuple[bool, ...]) -> None:
        """Remember a verdict."""
        key = self._key(shapes)
        if key is not None:
            self._asked.verdicts.put(key, verdict)

    @property
    def verdicts(self) -> "Passing":
        """Itself, as far as a template's verdicts are asked for."""
        return self

    def _key(self, shapes: tuple[tuple[str | int, ...], ...]) -> Hashable | None:
        """What verdicts depend on (`surroundings`), by the shapes that all of that is made of; None when that would
        not tell."""
        formatting: set[bytes] = set()
        for facet in self._facets:
            if facet.formatting is None:
                return None
            formatting |= facet.formatting
        around: list[Hashable] = []
        for query, what, *kind in shapes:
            found = self._found[str(query)]
            targets = [found[what]] if isinstance(what, int) else found
            _, _, spot, match, held, _ = targets[0]
            if any(one[2].is_open for one in targets):
                # Of others all that is inside is in the shape.
                units = self.units(str(query))
                if spot.unit is not None and spot.unit.tag == "body" and kind[:2] == ["insert", "end"]:
                    if any(start == units[0].content_start for start, _ in self._regions):
                        return None
                    around.append(tags_at_end(self._body, units[0].content_end))
                else:
                    edited = (units[what],) if isinstance(what, int) else units
                    around.append(frozenset([tags_within(self._body, unit) for unit in edited]))
            around.append(frozenset([(one[3].shape, one[2].start, one[4] and one[4].holders) for one in targets]))
            if held is not None and spot.parent == NOWHERE:
                around.append(held.around(match))
        return shapes, self._main.shape, frozenset(formatting), tuple(around)
