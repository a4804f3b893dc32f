"""Composing: from where shapes lie on a body to its anatomy and gaps, as a parse of that body would have told them."""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from transforms.page.anatomy import NOWHERE, Anatomy, Place, Span, Unit
from transforms.page.query import Query
from transforms.page.shape import REGION, Match, Shape, Spot
from transforms.page.slots import BETWEEN

MAX_PLACES = 20_000
"""Matches of queries on one body."""


class Gap(NamedTuple):
    """A place of a matched body where text may vary: slot `number` of `shape`, None for text between blocks."""

    start: int
    end: int
    kind: str
    shape: Shape | None
    number: int


class Composed(NamedTuple):
    """What a match says of its body; `order` are the shapes that occur on it, one after the other.

    `structure` is that with the text between blocks (None): equal for two bodies that a parser builds alike.
    """

    anatomy: Anatomy
    order: tuple[Shape, ...]
    structure: tuple[Shape | None, ...]


_Found = tuple[int, int, str, str]
"""Start, end, name and kind of a field's value."""
_BEYOND = sys.maxsize


class Standing(NamedTuple):
    """A match of a query where it stands on a body."""

    start: int
    end: int
    spot: Spot
    match: Match
    place: object
    """Which block of which region, as the parent of what stands at its top."""


class _Walk:
    """The matches of a body, the outermost first, with what they hold."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Standing]] = {}
        self.loose: dict[tuple[str, int], list[_Found]] = {}
        """In order of their places once all is taken."""
        self.structure: list[Shape | None] = []
        self.regions: list[Span] = []

    def take(self, match: Match, place: object) -> None:
        """Take what `match` and the blocks in its regions hold."""
        shape = match.shape
        self.structure.append(shape)
        for spot in shape.spots:
            start = match.at(spot.start)
            end = NOWHERE if spot.end == NOWHERE else match.at(spot.end)
            self.rows.setdefault(spot.query, []).append(Standing(start, end, spot, match, place))
        for query, field, found in shape.loose:
            span = match.at(found.start), match.at(found.end), found.name, found.kind
            self.loose.setdefault((query, field), []).append(span)
        for number, blocks, between in zip(shape.region_numbers, match.blocks, match.texts, strict=True):
            self.regions.append(match.spans[number])
            texts = [span[0] for span in between]
            for block in blocks:
                while texts and texts[0] < block.starts[0]:
                    self.structure.append(None)
                    texts.pop(0)
                self.take(block, (id(match), number))
            self.structure += [None] * len(texts)


def gaps_of(match: Match) -> list[Gap]:
    """Where text may vary on the body that `match` is of, in order."""
    gaps: list[Gap] = []
    _add_gaps(match, gaps)
    gaps.sort(key=lambda gap: gap.start)
    return gaps


def _add_gaps(match: Match, gaps: list[Gap]) -> None:
    shape = match.shape
    for number, (kind, (start, end)) in enumerate(zip(shape.kinds, match.spans, strict=True)):
        if kind != REGION:
            gaps.append(Gap(start, end, kind, shape, number))
    for blocks, texts in zip(match.blocks, match.texts, strict=True):
        gaps += [Gap(first, last, BETWEEN, None, 0) for first, last in texts]
        for block in blocks:
            _add_gaps(block, gaps)


def compose(match: Match, queries: Sequence[Query]) -> Composed | None:
    """The anatomy of the body that `match` is of; None when it cannot be told without a parse."""
    walk = _Walk()
    walk.take(match, None)
    for loose in walk.loose.values():
        loose.sort()
    counts: dict[str, int] = {}
    units: dict[str, tuple[Unit, ...]] = {}
    places: dict[str, tuple[tuple[Place, ...], ...]] = {}
    for query in queries:
        rows = walk.rows.get(query.name, [])
        if len(rows) > MAX_PLACES:
            return None
        rows.sort(key=lambda row: row.start)
        counts[query.name] = len(rows)
        units[query.name] = units_of(rows, walk.regions) if query.editable else ()
        places[query.name] = tuple([_places(row, query, walk) for row in rows]) if query.fields else ()
    structure = tuple(walk.structure)
    order = tuple([shape for shape in structure if shape is not None])
    return Composed(Anatomy(counts, units, places, False), order, structure)


def _places(row: Standing, query: Query, walk: _Walk) -> tuple[Place, ...]:
    """The places of a match's fields: where its first match of each selector is."""
    found: list[Place] = []
    at = row.match.at
    for number, (taken, place) in enumerate(zip(query.fields, row.spot.places, strict=True)):
        if place is not None:
            found.append(Place(place.name, place.kind, at(place.start), at(place.end)))
        elif row.spot.is_open and taken.css:
            loose = walk.loose.get((query.name, number), ())
            nearest = bisect_right(loose, (row.start, _BEYOND))
            if nearest < len(loose) and loose[nearest][0] < row.end:
                start, end, name, kind = loose[nearest]
                found.append(Place(name, kind, start, end))
    return tuple(found)


def units_of(rows: Sequence[Standing], regions: Sequence[Span]) -> tuple[Unit, ...]:
    parents = parents_of(rows, regions)
    made = []
    for (_, _, spot, match, _), parent in zip(rows, parents, strict=True):
        unit = spot.unit
        if unit is None:
            continue
        at = match.at
        start, content_start, content_end, end = [
            edge if edge == NOWHERE else at(edge)
            for edge in (unit.start, unit.content_start, unit.content_end, unit.end)
        ]
        attributes = {name: (at(first), at(last)) for name, (first, last) in unit.attributes.items()}
        made.append(
            Unit(
                unit.tag,
                start,
                content_start,
                content_end,
                end,
                unit.closed,
                unit.void,
                parent,
                attributes,
                unit.in_select,
                unit.left_open,
            )
        )
    return tuple(made)


def parents_of(rows: Sequence[Standing], regions: Sequence[Span]) -> list[int]:
    """Numbers that are equal for units that may change places: siblings, or cells of one grid."""
    if not rows:
        return []
    if all(row.place is None for row in rows):
        numbers = [row.spot.unit.parent if row.spot.unit is not None else 0 for row in rows]
        first, last = rows[0].start, rows[-1].end
        is_touched = any(
            first < start and end < last and not any(row.start < start and end < row.end for row in rows)
            for start, end in regions
        )
        if not is_touched:
            return numbers
    known: dict[object, int] = {}
    tops = {row.place for row in rows}
    numbers = [
        known.setdefault(
            row.place if row.spot.parent == NOWHERE and row.place is not None else (id(row.match), row.spot.parent),
            len(known),
        )
        for row in rows
    ]
    if len(known) > 1 and len(tops) == 1 and None not in tops:
        grids = {row.match.shape.grids.get(row.spot.query) for row in rows}
        if len(grids) == 1 and None not in grids:
            return [0] * len(rows)
    return numbers
