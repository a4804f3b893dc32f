"""A template: static segments and the gaps between them, and where everything is, relative to them.

Matching is the proof that a body has the structure of the body that was parsed: the segments are compared in full and
gaps hold nothing that could change the tokenizer's state, so any way of cutting a body into these segments and clean
gaps puts every tag at the same place. Learnt bytes are compared, never sent.
"""

import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from transforms.page.anatomy import NOWHERE, Anatomy, Place, Span
from transforms.page.charset import Encoding
from transforms.page.facts import read
from transforms.page.locate import Rows
from transforms.page.verdict import Verdicts

_UNCLEAN = re.compile(rb"""[<>"'&\x00]""")
_PROBE = 24
_VARIED = 16


def is_clean(gap: bytes) -> bool:
    """A gap's content: not blank, and nothing that begins or ends a tag, a quoted value or a reference."""
    return bool(gap) and not gap.isspace() and _UNCLEAN.search(gap) is None


class Template:
    """What is known of one structure of a page: immutable but for the caches of what was proven of it."""

    __slots__ = (
        "anatomy",
        "bounds",
        "encoding",
        "gaps",
        "is_private",
        "max_gap",
        "memo",
        "rest",
        "segments",
        "size",
        "starts",
        "static",
        "varied",
        "verdicts",
        "volatile",
    )

    def __init__(
        self,
        body: bytes,
        gaps: Sequence[Span],
        anatomy: Anatomy,
        facts: Rows,
        encoding: Encoding,
        verdicts: Verdicts,
        max_gap: int,
        *,
        is_private: bool,
    ) -> None:
        """`facts` are the rows of `body`; of an `is_private` (signed-in) page nothing that varies is kept."""
        self.encoding = encoding
        self.verdicts = verdicts
        self.is_private = is_private
        self.memo: dict[tuple[str, ...], object] = {}
        self.gaps = tuple(gaps)
        self.anatomy = anatomy
        self.max_gap = max_gap
        edges = [0, *(edge for gap in gaps for edge in gap), len(body)]
        self.starts = edges[0::2]
        self.segments = [body[start:end] for start, end in zip(edges[0::2], edges[1::2], strict=True)]
        self.rest = [(segment[:_PROBE], segment, len(segment)) for segment in self.segments[1:]]
        self.size = sum(map(len, self.segments))
        self.volatile: tuple[tuple[str, int, Place], ...] = tuple(
            (name, row, place)
            for name, rows in anatomy.places.items()
            for row, places in enumerate(rows)
            for place in places
            if place.start != NOWHERE and self._varies(place.start, place.end)
        )
        self.bounds: dict[str, list[tuple[int, int, int, int]]] = {}
        self.static = self._with(facts, dict.fromkeys(((name, row, place.name) for name, row, place in self.volatile)))
        self.varied: OrderedDict[tuple[bytes, ...], Rows] = OrderedDict()
        """Rows by the raw values of the volatile places; stays empty for private pages."""

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

    def read(self, body: bytes, ends: Sequence[int], encoding: Encoding) -> Rows:
        """The facts of a matched body: the very object of before when no value changed."""
        if not self.volatile:
            return self.static
        raw = tuple(
            body[self.offset(ends, place.start) : self.offset(ends, place.end)] for _, _, place in self.volatile
        )
        known = self.varied.get(raw)
        if known is not None:
            self.varied.move_to_end(raw)
            return known
        values: dict[tuple[str, int, str], str | None] = {
            (name, row, place.name): read(value, place.kind, encoding)
            for (name, row, place), value in zip(self.volatile, raw, strict=True)
        }
        facts = self._with(self.static, values)
        if not self.is_private:
            self.varied[raw] = facts
            if len(self.varied) > _VARIED:
                self.varied.popitem(last=False)
        return facts

    @staticmethod
    def _with(facts: Rows, values: Mapping[tuple[str, int, str], str | None]) -> Rows:
        """`facts` with some values replaced."""
        if not values:
            return facts
        changed: dict[tuple[str, int], dict[str, str | None]] = {}
        for (name, row, field), value in values.items():
            changed.setdefault((name, row), dict(facts[name][row]))[field] = value
        rows = {name: list(found) for name, found in facts.items()}
        for (name, row), fields in changed.items():
            rows[name][row] = MappingProxyType(fields)
        return MappingProxyType({name: tuple(found) for name, found in rows.items()})
