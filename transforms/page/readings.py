"""Readings: the rows of matches in a block, kept by what its values were, since lists of one shop share their items.

Invariant: of a signed-in page a row is kept once three visitors were sent its values, and not before; a row is equal to
what reading the block's places again would give.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from transforms.page.charset import Encoding
from transforms.page.facts import read
from transforms.page.query import Query, Row, Told
from transforms.page.shape import REGION, Match, Shape
from transforms.page.witnesses import Witnesses

_KEPT = 4096
"""Blocks whose rows are kept, and those that wait for a third visitor."""
_LONGEST = 1024
"""Bytes of the values of a block; of longer ones nothing is kept."""


class Plan(NamedTuple):
    """How a shape's rows are read: which slots their values are in, and per spot whether its rows are another's."""

    slots: tuple[int, ...]
    groups: tuple[int, ...]
    """The same as groups of the shape's expression."""
    spots: tuple[int, ...]
    """For each spot the first one of the same element and fields."""


def plan_of(shape: Shape, fields: Mapping[str, int]) -> Plan | None:
    """None when a value may be in a region; `fields` tells queries of the same fields by equal numbers."""
    slots: set[int] = set()
    first: dict[tuple[int, int], int] = {}
    spots = []
    for number, spot in enumerate(shape.spots):
        if spot.is_open and spot.places:
            return None
        spots.append(first.setdefault((spot.start, fields[spot.query]), number))
        for place in spot.places:
            if place is not None:
                for slot, (kind, stop) in enumerate(zip(shape.kinds, shape.starts[1:], strict=True)):
                    begin = shape.starts[slot] + shape.sizes[slot]
                    if kind != REGION and place.start <= stop and begin <= place.end:
                        slots.add(slot)
    return Plan(tuple(sorted(slots)), tuple([slot + 1 for slot in sorted(slots)]), tuple(spots))


def _read(match: Match, plan: Plan, queries: Mapping[str, Query], body: bytes, encoding: Encoding) -> tuple[Row, ...]:
    made: list[Row] = []
    for number, (spot, first) in enumerate(zip(match.shape.spots, plan.spots, strict=True)):
        if first < number:
            made.append(made[first])
            continue
        row = Told()
        for taken, place in zip(queries[spot.query].fields, spot.places, strict=True):
            row[taken.name] = (
                None if place is None else read(body[match.at(place.start) : match.at(place.end)], place.kind, encoding)
            )
        made.append(row)
    return tuple(made)


Raw = tuple[tuple[str, bytes] | None, ...]
"""For each field of a query the kind and the bytes of its value; None where it is absent."""


class Readings:
    """Rows by block and values; those kept longest leave first."""

    __slots__ = ("_kept", "_waiting")

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[Row, ...]] = OrderedDict()
        self._waiting: OrderedDict[int, Witnesses] = OrderedDict()
        """By the hash of what they were sent."""

    def get(self, key: Hashable) -> tuple[Row, ...] | None:
        """What was kept under `key`."""
        return self._kept.get(key)

    def put(self, key: Hashable, rows: tuple[Row, ...]) -> None:
        """Keep rows."""
        self._kept[key] = rows
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def is_common(self, key: Hashable, visitor: str | None) -> bool:
        """Whether a third visitor is sent the same now."""
        if visitor is None:
            return False
        digest = hash(key)
        seen = self._waiting.get(digest)
        if seen is None:
            seen = self._waiting[digest] = Witnesses()
            if len(self._waiting) > _KEPT:
                self._waiting.popitem(last=False)
        if not seen.add(visitor):
            return False
        del self._waiting[digest]
        return True


class Reader(NamedTuple):
    """Reads rows on one body; with `keep` they may be kept, of a signed-in page once three visitors were sent them."""

    readings: Readings
    body: bytes
    queries: Mapping[str, Query]
    encoding: Encoding
    visitor: str | None
    is_private: bool
    keep: bool

    def rows(self, match: Match, plan: Plan) -> Sequence[Row]:
        """The rows of the spots of a block, in their order."""
        values = match.values(self.body, plan.slots, plan.groups)
        key = match.shape, values, self.encoding.name
        known = self.readings.get(key)
        if known is not None:
            return known
        made = _read(match, plan, self.queries, self.body, self.encoding)
        self._keep(key, made, sum(map(len, values)))
        return made

    def row(self, shape: Shape, query: Query, raw: Raw) -> Row:
        """The row of a match of `query` in `shape` by its values."""
        fields = query.fields
        key = shape, id(fields), raw, self.encoding.name  # a shape is of the very queries that it was learnt for
        known = self.readings.get(key)
        if known is not None:
            return known[0]
        row = Told()
        for taken, value in zip(fields, raw, strict=True):
            row[taken.name] = None if value is None else read(value[1], value[0], self.encoding)
        self._keep(key, (row,), sum([len(value[1]) for value in raw if value is not None]))
        return row

    def _keep(self, key: Hashable, rows: tuple[Row, ...], size: int) -> None:
        if self.keep and size <= _LONGEST and (not self.is_private or self.readings.is_common(key, self.visitor)):
            self.readings.put(key, rows)
