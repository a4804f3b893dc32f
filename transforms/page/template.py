"""A template: a pattern, and where everything is on the bodies that match it, relative to the pattern's segments.

Invariant: of a signed-in page nothing is kept in clear before three visitors were sent the same; until then the
pattern is fingerprints, and values are read from the body at hand.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from transforms.page.anatomy import NOWHERE, Anatomy, Place, Span, Unit
from transforms.page.charset import Encoding
from transforms.page.facts import read
from transforms.page.layout import Layout
from transforms.page.locate import Rows
from transforms.page.only_body import OnlyBody
from transforms.page.pattern import Once, Pattern, Segments
from transforms.page.recipe import Form, Recipe
from transforms.page.settling import Settling
from transforms.page.stretch import Standing, Stretches
from transforms.page.verdict import Verdicts

_VARIED = 16


class Template:
    """What is known of one structure of a page: immutable but for the caches of what was proven of it.

    Offsets of the anatomy are those of a sample: the body whose `gaps` are given.
    """

    __slots__ = (
        "anatomy",
        "encoding",
        "gaps",
        "has_lasting_facts",
        "is_private",
        "is_secret",
        "is_waiting",
        "layout",
        "memo",
        "only",
        "pattern",
        "recipes",
        "settling",
        "starts",
        "static",
        "stretches",
        "varied",
        "verdicts",
        "volatile",
        "words",
    )

    def __init__(
        self,
        pattern: Pattern,
        gaps: Sequence[Span],
        anatomy: Anatomy,
        facts: Rows,
        encoding: Encoding,
        verdicts: Verdicts,
        *,
        is_private: bool,
        settling: Settling | None = None,
    ) -> None:
        """`facts` are the rows of a matching body; of an `is_private` (signed-in) page nothing that varies is kept.

        With `settling` its gaps are slots of a shape, some of which may be found not to vary.
        """
        self.pattern = pattern
        self.encoding = encoding
        self.verdicts = verdicts
        self.is_private = is_private
        self.settling = settling
        self.is_secret = not isinstance(pattern, Segments)
        self.only = OnlyBody(pattern.segments[0]) if isinstance(pattern, Segments) and not gaps else None
        """The one body that it matches; None where bodies vary."""
        self.is_waiting = self.is_secret or (settling is not None and not settling.is_settled)
        """More is known once visitors who can be told apart were sent bodies of it."""
        self.memo: dict[tuple[str, ...], object] = {}
        self.recipes: dict[Form, Recipe] | None = None if self.is_secret else {}
        """How edits of a form are made on its bodies; of what is secret nothing is kept."""
        self.gaps = tuple(gaps)
        self.anatomy = anatomy
        self.starts = [0, *(end for _, end in gaps)]
        self.layout = Layout(self.starts)
        """That of the sample."""
        self.volatile = () if isinstance(pattern, Once) else self._volatile()
        self.has_lasting_facts = not is_private or not (self.volatile or isinstance(pattern, Once))
        """Whether bodies to come may have the very object of facts that one had."""
        self.static = self._with(facts, dict.fromkeys(((name, row, place.name) for name, row, place in self.volatile)))
        self.varied: OrderedDict[tuple[bytes, ...], Rows] = OrderedDict()
        """Rows by the raw values of the volatile places; stays empty for private pages."""
        self.words: dict[tuple[bytes, ...], bool] = {}
        """Whether the pattern's text has one of some words."""
        self.stretches = Stretches()

    @property
    def size(self) -> int:
        """Bytes held, but for small objects."""
        return self.pattern.size + (0 if self.settling is None else self.settling.size)

    def count(self, name: str) -> int:
        """How many elements a query matched."""
        return self.anatomy.counts.get(name, 0)

    def units(self, name: str) -> tuple[Unit, ...]:
        """The extents of an editable query's matches on the sample."""
        return self.anatomy.units[name]

    def _volatile(self) -> tuple[tuple[str, int, Place], ...]:
        """The places that are read again from each body, with their query and row."""
        return tuple(
            (name, row, place)
            for name, rows in self.anatomy.places.items()
            for row, places in enumerate(rows)
            for place in places
            if place.start != NOWHERE and (self.is_secret or self._varies(place.start, place.end))
        )

    def _varies(self, start: int, end: int) -> bool:
        first = bisect_right(self.starts, start) - 1
        return first < len(self.gaps) and self.gaps[first][0] < end

    def offset(self, layout: Layout, offset: int) -> int:
        """The place on a matched body of the sample's `offset`."""
        starts = self.starts
        segment = bisect_right(starts, offset) - 1
        return layout.ends[segment] + offset - starts[segment]

    def extents(self, name: str, layout: Layout) -> list[Span]:
        """(start, end) on a matched body of every unit of the query `name`, all of which have both."""
        key = ("extents", name)
        known = layout.memo.get(key)
        if not isinstance(known, list):
            known = layout.memo[key] = [
                (self.offset(layout, unit.start), self.offset(layout, unit.end))
                for unit in self.anatomy.units.get(name, ())
            ]
        return known

    def is_fixed(self, layout: Layout, start: int, end: int) -> bool:
        """Whether all between two offsets of a matched body is kept in clear, and on all bodies."""
        pattern = self.pattern
        if not isinstance(pattern, Segments):
            return False
        number = bisect_right(layout.ends, start) - 1
        return end <= layout.ends[number] + len(pattern.segments[number])

    def stretches_between(self, layout: Layout, start: int, end: int) -> Sequence[Standing]:
        """Long runs between two offsets of a matched body that all bodies of the template have."""
        pattern = self.pattern
        if not isinstance(pattern, Segments):
            return ()
        return self.stretches.between(pattern.segments, layout, start, end)

    def contains(self, words: tuple[bytes, ...], body: bytes, layout: Layout) -> bool:
        """Whether one of `words` is in a matched body: what all such bodies have is searched once."""
        pattern = self.pattern
        if not isinstance(pattern, Segments):
            return any(word in body for word in words)
        is_fixed = self.words.get(words)
        if is_fixed is None:
            is_fixed = self.words[words] = any(word in segment for segment in pattern.segments for word in words)
        if is_fixed or not words:
            return is_fixed
        reach = max(map(len, words)) - 1
        around = layout.memo.get(("around", reach))
        if not isinstance(around, list):  # each gap, and as much beside it as a word that begins or ends there may have
            around = [slice(max(0, left - reach), right + reach) for left, right in pattern.gaps(layout)]
            layout.memo["around", reach] = around
        varying = b"\n".join([body[where] for where in around])
        return any(word in varying for word in words)

    def read(self, body: bytes, layout: Layout, encoding: Encoding) -> Rows:
        """The facts of a matched body: the very object of before when no value changed."""
        if not self.volatile:
            return self.static
        known_slices = layout.memo.get("volatile")
        slices: list[slice] = known_slices if isinstance(known_slices, list) else self._slices(layout)
        raw = tuple([body[where] for where in slices])
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

    def _slices(self, layout: Layout) -> list[slice]:
        """Where the volatile places are on a matched body."""
        found = [
            slice(self.offset(layout, place.start), self.offset(layout, place.end)) for _, _, place in self.volatile
        ]
        layout.memo["volatile"] = found
        return found

    @staticmethod
    def _with(facts: Rows, values: Mapping[tuple[str, int, str], str | None]) -> Rows:
        """`facts` with some values replaced."""
        if not values:
            return facts
        changed: dict[tuple[str, int], dict[str, str | None]] = {}
        for (name, row, field), value in values.items():
            fields = changed.get((name, row))
            if fields is None:
                fields = changed[name, row] = dict(facts[name][row])
            fields[field] = value
        rows = {name: list(found) for name, found in facts.items()}
        for (name, row), fields in changed.items():
            rows[name][row] = MappingProxyType(fields)
        return MappingProxyType({name: tuple(found) for name, found in rows.items()})
