"""A template: static segments and the gaps between them, and where everything is, relative to them.

Matching is the proof that a body has the structure of the body that was parsed: the segments are compared in full and
gaps hold nothing that could change the tokenizer's state, so any way of cutting a body into these segments and clean
gaps puts every tag at the same place. Learnt bytes are compared, never sent.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from transforms.page.anatomy import NOWHERE, Anatomy, Place, Span
from transforms.page.locate import Rows

_UNCLEAN = re.compile(rb"""[<>"'&\x00]""")
_PROBE = 24


def is_clean(gap: bytes) -> bool:
    """A gap's content: not blank, and nothing that begins or ends a tag, a quoted value or a reference."""
    return bool(gap) and not gap.isspace() and _UNCLEAN.search(gap) is None


class Template:
    """What is known of one structure of a page: immutable but for the caches of what was proven of it."""

    __slots__ = ("anatomy", "bounds", "facts", "gaps", "max_gap", "rest", "segments", "size", "starts", "volatile")

    def __init__(self, body: bytes, gaps: Sequence[Span], anatomy: Anatomy, max_gap: int) -> None:
        self.gaps = tuple(gaps)
        self.anatomy = anatomy
        self.max_gap = max_gap
        edges = [0, *(edge for gap in gaps for edge in gap), len(body)]
        self.starts = edges[0::2]
        self.segments = [body[start:end] for start, end in zip(edges[0::2], edges[1::2], strict=True)]
        self.rest = [(segment[:_PROBE], segment, len(segment)) for segment in self.segments[1:]]
        self.size = sum(map(len, self.segments))
        self.facts: dict[tuple[bytes, ...], Rows] = {}
        """Rows by the raw values of the volatile places; never filled for signed-in pages that have such places."""
        self.volatile: tuple[tuple[str, int, Place], ...] = tuple(
            (name, row, place)
            for name, rows in anatomy.places.items()
            for row, places in enumerate(rows)
            for place in places
            if place.start != NOWHERE and self._varies(place.start, place.end)
        )
        self.bounds: dict[str, list[tuple[int, int, int, int]]] = {}

    def _varies(self, start: int, end: int) -> bool:
        first = bisect_right(self.starts, start) - 1
        return first < len(self.gaps) and self.gaps[first][0] < end

    def match(self, body: bytes) -> list[int] | None:
        """Where each segment starts in `body`, or None when the body is not of this template."""
        segments = self.segments
        if not body.startswith(segments[0]):
            return None
        rest = self.rest
        if not rest:
            return [0] if len(body) == self.size else None
        at = len(segments[0])
        ends = [0]
        gaps = []
        find, startswith, reach = body.find, body.startswith, self.max_gap + _PROBE
        for probe, segment, size in rest:
            found = find(probe, at + 1, at + reach)
            if found < 0 or not startswith(segment, found):
                return None
            gap = body[at:found]
            if gap.isspace():
                return None
            gaps.append(gap)
            ends.append(found)
            at = found + size
        if at != len(body) or _UNCLEAN.search(b"".join(gaps)) is not None:
            return None
        return ends

    def offset(self, ends: Sequence[int], offset: int) -> int:
        """The place in a matched body of the sample's `offset`."""
        segment = bisect_right(self.starts, offset) - 1
        return ends[segment] + offset - self.starts[segment]

    def extents(self, name: str, ends: Sequence[int]) -> list[Span]:
        """(start, end) in a matched body of every unit of the query `name`, all of which have both."""
        bounds = self.bounds.get(name)
        if bounds is None:
            starts = self.starts
            bounds = []
            for unit in self.anatomy.units.get(name, ()):
                first, last = bisect_right(starts, unit.start) - 1, bisect_right(starts, unit.end) - 1
                bounds.append((first, unit.start - starts[first], last, unit.end - starts[last]))
            self.bounds[name] = bounds
        return [(ends[first] + start, ends[last] + end) for first, start, last, end in bounds]
