"""Passing pages: what a match with shapes says of a body whose like does not come again, worked out as it is asked for.

It stands where a template stands, for one page. Invariant: it says what a parse of the body would say, and a verdict
found under its key is one that `surroundings` of that parse would lead to: the key tells all that those are made of.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple, cast

from transforms.page.anatomy import NOWHERE, RAW, RCDATA, VOID, Span, Unit
from transforms.page.composing import MAX_PLACES, Standing, units_of
from transforms.page.locate import Rows
from transforms.page.page_end import FORMATTING
from transforms.page.query import Query, Row
from transforms.page.readings import Plan, plan_of
from transforms.page.shape import Match, Spot
from transforms.page.surroundings import tags_at_end
from transforms.page.verdict import Verdicts

_TOP = re.compile(rb"<([a-zA-Z][^\t\n\f\r />]*)")
_TAG = re.compile(rb"<(/?)([a-zA-Z][^\t\n\f\r /<>]*)[^<>]*>")
_OPAQUE = frozenset(name.encode() for name in RAW | RCDATA | {"svg", "math"})
_FORMATTING = frozenset(name.encode() for name in FORMATTING)


_Mark = tuple[bytes, bool]
_Found = tuple[int, Row, Spot, Match, "Held | None"]
ReadRows = Callable[[Match, Plan], Sequence[Row]]
"""Reads the rows of a block's spots, in their order."""


class Facet:
    """What is known of a shape besides where its segments are: worked out once, when it first passes."""

    __slots__ = ("formatting", "mark", "plan")

    def __init__(self, match: Match, body: bytes, fields: Mapping[str, int]) -> None:
        self.plan: Plan | None = plan_of(match.shape, fields)
        """How its rows are read; None when that takes a parse."""
        self.mark = _mark(match, body)
        """Tag of the element that the block is, and whether its end tag is there; None of a comment."""
        self.formatting = _formatting(match, body)
        """Formatting elements in it, as many opened as closed; None when that cannot be told."""


def _mark(match: Match, body: bytes) -> _Mark | None:
    found = _TOP.match(body, match.starts[0])
    if found is None:
        return None
    tag = found[1].lower()
    return tag, not (match.shape.is_unclosed or tag.decode("latin-1") in VOID)


def _formatting(match: Match, body: bytes) -> frozenset[bytes] | None:
    """Of what is in the block itself; blocks in its regions are told by their own."""
    shape = match.shape
    own = b"".join(shape.segments or [body[at : at + size] for at, size in zip(match.starts, shape.sizes, strict=True)])
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
        self.structure: list[object] = []
        """The shapes in turn: equal for bodies that one template may be of."""
        self.is_hidden = False

    def read(self, rows_of: ReadRows) -> Rows | None:
        """Take all that its shapes hold, and the rows; None when that takes a parse."""
        if not self._take(self._main, None, (), rows_of):
            return None
        by_start = itemgetter(0)
        for found in self._found.values():
            if len(found) > 1:
                found.sort(key=by_start)
        return MappingProxyType({name: tuple([one[1] for one in found]) for name, found in self._found.items()})

    def _take(self, match: Match, held: Held | None, holders: tuple[Hashable, ...], rows_of: ReadRows) -> bool:
        shape = match.shape
        facet = shape.facet
        if not isinstance(facet, Facet):
            facet = shape.facet = Facet(match, self._body, self._asked.fields)
        if held is not None:
            self._facets.add(facet)
        self.structure.append(shape)
        if shape.segments is None:
            self.is_hidden = True
        if shape.spots:
            if facet.plan is None:
                return False
            for spot, row in zip(shape.spots, rows_of(match, facet.plan), strict=True):
                found = self._found[spot.query]
                found.append((match.at(spot.start) if spot.start else match.starts[0], row, spot, match, held))
                if len(found) > MAX_PLACES:
                    return False
        for number, blocks in zip(shape.region_numbers, match.blocks, strict=False):
            self._regions.append(match.spans[number])
            inner = (number, shape, *holders)
            region = Held(blocks, inner)
            for block in blocks:
                if block.times:
                    self.structure.append(block.times)
                if not self._take(block, region, inner, rows_of):
                    return False
        return True

    def count(self, name: str) -> int:
        """How many elements a query matched."""
        return len(self._found.get(name, ()))

    def units(self, name: str) -> tuple[Unit, ...]:
        """The extents of an editable query's matches."""
        units = self._units.get(name)
        if units is None:
            standing = [
                Standing(start, NOWHERE if spot.end == NOWHERE else match.at(spot.end), spot, match, held)
                for start, _, spot, match, held in self._found[name]
            ]
            units = self._units[name] = units_of(standing, self._regions)
        return units

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
            _, _, spot, match, held = targets[0]
            if any(one[2].is_open for one in targets):
                # All of it is in the shape, unless a region is.
                if kind[:2] != ["insert", "end"] or spot.unit is None or spot.unit.tag != "body":
                    return None
                at = self.units(str(query))[int(what)].content_end
                around.append(tags_at_end(self._body, at))
                if any(start == match.at(spot.unit.content_start) for start, _ in self._regions):
                    return None
            around.append(frozenset([(one[3].shape, one[2].start, one[4] and one[4].holders) for one in targets]))
            if held is not None and spot.parent == NOWHERE:
                around.append(held.around(match))
        return shapes, self._main.shape, frozenset(formatting), tuple(around)
