"""Readings: the rows of matches in a block, kept by what its values were, since lists of one shop share their items.

Invariant: of a signed-in page a row is kept once three visitors were sent its values, and not before; a row is equal to
what reading the block's places again would give.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from transforms.page.charset import Encoding
from transforms.page.facts import read
from transforms.page.query import Query, Row, Told
from transforms.page.shape import REGION, VISITORS, Match, Shape

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
    """None when a value is in a region, or may be; `fields` tells queries of the same fields by equal numbers."""
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


class Readings:
    """Rows by block and values; those kept longest leave first."""

    __slots__ = ("_kept", "_waiting")

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Shape, tuple[bytes, ...], str], tuple[Row, ...]] = OrderedDict()
        self._waiting: OrderedDict[int, set[int]] = OrderedDict()
        """Hashes of visitors by that of what they were sent."""

    def reader(
        self,
        body: bytes,
        queries: Mapping[str, Query],
        encoding: Encoding,
        visitor: str | None,
        is_private: bool,
        keep: bool,
    ) -> Callable[[Match, Plan], Sequence[Row]]:
        """What reads the rows of the spots of a block on `body`, in their order; `keep`: they may be kept."""
        kept, name = self._kept, encoding.name

        def rows(match: Match, plan: Plan) -> Sequence[Row]:
            values = match.values(body, plan.slots, plan.groups)
            key = match.shape, values, name
            known = kept.get(key)
            if known is not None:
                return known
            made = _read(match, plan, queries, body, encoding)
            if keep and sum(map(len, values)) <= _LONGEST and (not is_private or self._is_common(hash(key), visitor)):
                kept[key] = made
                if len(kept) > _KEPT:
                    kept.popitem(last=False)
            return made

        return rows

    def _is_common(self, digest: int, visitor: str | None) -> bool:
        """Whether a third visitor is sent the same now."""
        if visitor is None:
            return False
        seen = self._waiting.get(digest)
        if seen is None:
            seen = self._waiting[digest] = set()
            if len(self._waiting) > _KEPT:
                self._waiting.popitem(last=False)
        seen.add(hash(visitor))
        if len(seen) < VISITORS:
            return False
        del self._waiting[digest]
        return True
