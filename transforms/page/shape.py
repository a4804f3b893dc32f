"""Shapes: what was proven of one body's structure, and how another body is matched with it without a parse.

A shape is fixed segments with joints between them: slots, whose text may be anything fit (`transforms.page.slots`), and
regions, the whole content of an element, which may be any sequence of known blocks. A block is a shape of its own.
Invariant: a match proves that a parser would build the same tree around and within: segments are compared in full,
slots hold nothing that changes a parser's state, and each block leaves the state in which it found it (`outline`).
"""

import re
import sys
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from transforms.page.anatomy import Place, Span, Unit
from transforms.page.slots import BETWEEN, TERMINATORS, Kinds, expression, is_fit

REGION = "R"
MAX_BLOCKS = 256
"""Known blocks of one region; the one used longest ago gives way."""
MAX_REPEATS = 2000
"""Blocks in one region of one body."""
VISITORS = 3
"""Distinct visitors who must have been sent a shape before its segments are kept in clear."""

_BLANK = re.compile(rb"[ \t\n\r\f]*")
_SOON = 24
"""Matches of a block until it is worth an expression, which takes as long to make as some hundred of them."""


class Spot(NamedTuple):
    """A match of a query within a shape: offsets are local, `parent` is the start of its parent or NOWHERE for the
    element whose content the region is."""

    query: str
    start: int
    end: int
    unit: Unit | None
    parent: int
    places: tuple[Place | None, ...]
    is_open: bool
    """A region lies inside of it, so values may be found there as well."""


class Loose(NamedTuple):
    """Where a field's selector matches in a block, for a match of its query around the block."""

    query: str
    field: int
    place: Place


class Region(NamedTuple):
    """What a region may hold: the blocks kept under `key`, and text where that may stand."""

    key: int
    holds_text: bool


class Match:
    """Where a shape lies on a body: its segments' starts, the slots' spans, and the blocks of each region."""

    __slots__ = ("blocks", "shape", "spans", "starts", "stop", "texts", "times")

    def __init__(self, shape: "Shape", starts: list[int], spans: list[Span]) -> None:
        self.shape = shape
        self.starts = starts
        self.spans = spans
        self.stop = starts[-1] + shape.sizes[-1]
        """Where it ends; of a block without an end tag, where the next one begins."""
        self.blocks: list[list[Match]] = []
        self.texts: list[list[Span]] = []
        self.times = 0
        """Of several in a row that were matched at once: how many; where each of them lies is not told then."""

    def at(self, offset: int) -> int:
        """The place on the body of a local offset."""
        shape = self.shape
        if offset >= shape.size and shape.is_unclosed:
            return self.stop
        number = bisect_right(shape.starts, offset) - 1
        return self.starts[number] + offset - shape.starts[number]


class Shape:
    """One structure. Until three visitors were sent a signed-in page's, its segments are keyed hashes."""

    __slots__ = (
        "_expression",
        "_hashes",
        "_run",
        "_until",
        "_visitors",
        "facet",
        "first",
        "grids",
        "is_unclosed",
        "kinds",
        "loose",
        "region_numbers",
        "regions",
        "segments",
        "size",
        "sizes",
        "slots",
        "spots",
        "starts",
        "varying",
    )

    def __init__(
        self,
        body: bytes,
        span: Span,
        joints: Sequence[tuple[int, int, str]],
        regions: Sequence[Region],
        *,
        is_private: bool,
        is_unclosed: bool,
    ) -> None:
        """`joints` are (start, end, kind) on `body`, in order and apart; `span` is all of the shape."""
        edges = [span[0], *(edge for start, end, _ in joints for edge in (start, end)), span[1]]
        segments = tuple(body[start:end] for start, end in zip(edges[0::2], edges[1::2], strict=True))
        self.kinds = "".join(kind for _, _, kind in joints)
        self.slots = Kinds(self.kinds)
        self.regions = tuple(regions)
        self.region_numbers = tuple(number for number, kind in enumerate(self.kinds) if kind == REGION)
        self.starts = [start - span[0] for start in edges[0::2]]
        self.sizes = [len(segment) for segment in segments]
        self.size = span[1] - span[0]
        self.is_unclosed = is_unclosed
        self.segments: tuple[bytes, ...] | None = None if is_private else segments
        self._hashes = array("q", map(hash, segments)) if is_private else array("q")
        self.first = hash(segments[0])
        self._visitors: set[int] = set()
        self._expression: re.Pattern[bytes] | None = None
        self._run: re.Pattern[bytes] | None = None
        self._until = _SOON
        self.facet: object = None
        """What `transforms.page.passing` knows of it."""
        self.spots: tuple[Spot, ...] = ()
        self.loose: tuple[Loose, ...] = ()
        self.grids: Mapping[str, tuple[str, ...] | None] = {}
        self.varying: set[int] = set()
        """Slots that were seen to vary on one and the same page; the others may be frozen for speed."""

    @property
    def weight(self) -> int:
        """Bytes held, roughly."""
        text = len(self._hashes) * 8 if self.segments is None else sum(self.sizes)
        return text + 16 * len(self.sizes) + 200 * len(self.spots) + 500

    def count(self, visitor: str | None, body: bytes, match: Match) -> None:
        """`visitor` was sent `body`, which holds this shape; the third one makes its segments known in clear."""
        if self.segments is None and visitor is not None:
            self._visitors.add(hash(visitor))
            if len(self._visitors) >= VISITORS:
                self.segments = tuple(body[at : at + size] for at, size in zip(match.starts, self.sizes, strict=True))

    def match(self, body: bytes, at: int, blocks: "Blocks") -> Match | None:
        """Where this shape lies on `body` from `at` on, or None."""
        segments, hashes, sizes = self.segments, self._hashes, self.sizes
        if self._expression is not None:
            return self._matched(self._expression, body, at)
        if segments is not None:
            if not body.startswith(segments[0], at):
                return None
        elif hash(body[at : at + sizes[0]]) != hashes[0]:
            return None
        find, reach = body.find, blocks.reach
        starts, spans = [at], []
        inside: list[list[Match]] = []
        between: list[list[Span]] = []
        for number, kind in enumerate(self.kinds):
            at += sizes[number]
            if kind == REGION:
                found = blocks.match(self.regions[len(inside)], body, at)
                if found is None:
                    return None
                end = found[0]
                inside.append(found[1])
                between.append(found[2])
            else:
                end = find(TERMINATORS[kind], at, at + reach)
                if kind == "c":
                    end -= 1
                if end < at:
                    return None
            spans.append((at, end))
            at = end
            if segments is not None:
                if not body.startswith(segments[number + 1], at):
                    return None
            elif hash(body[at : at + sizes[number + 1]]) != hashes[number + 1]:
                return None
            starts.append(at)
        if not self.slots.hold([body[start:end] for start, end in spans]):
            return None
        match = Match(self, starts, spans)
        match.blocks, match.texts = inside, between
        self._until -= 1
        if self._until < 0 and segments is not None:
            self._until = sys.maxsize
            self._express(segments, reach)
        return match

    def _matched(self, expression: re.Pattern[bytes], body: bytes, at: int) -> Match | None:
        """The same of a block that was matched often."""
        found = expression.match(body, at)
        if found is None:
            return None
        spans = list(found.regs[1:])
        match = Match(self, [at, *[end for _, end in spans]], spans)
        match.stop = found.end()
        return match

    def _express(self, segments: Sequence[bytes], reach: int) -> None:
        """Have a block without regions matched by an expression from now on, which says the same in a fraction of the
        time; those with slots of rare kinds are matched piece by piece."""
        slots = [expression(kind, reach - 4) for kind in self.kinds]
        if not slots or None in slots:
            return
        fixed = [re.escape(segment) for segment in segments]
        parts = [b"(%b)%b" % (slot, after) for slot, after in zip(slots, fixed[1:], strict=True) if slot is not None]
        self._expression = re.compile(fixed[0] + b"".join(parts))
        if not (self.spots or self.loose or self.is_unclosed):
            plain = [b"%b%b" % (slot, after) for slot, after in zip(slots, fixed[1:], strict=True) if slot is not None]
            self._run = re.compile(b"(?:%b%b[ \\t\\n\\r\\f]*+){1,%d}+" % (fixed[0], b"".join(plain), MAX_REPEATS))

    def run(self, body: bytes, at: int) -> Match | None:
        """Blocks like this that stand at `at` one after the other, with the white space between and behind them; None
        unless nothing is asked of them but that they are there."""
        found = None if self._run is None or self.segments is None else self._run.match(body, at)
        if found is None or self.segments is None:
            return None
        match = Match(self, [at] * len(self.sizes), [])
        match.stop = found.end()
        match.times = body.count(self.segments[0], at, match.stop)
        return match


class Alternatives:
    """The blocks that may stand in one region, told apart by their first segments: most differ in those."""

    __slots__ = ("_by_first", "_used")

    def __init__(self) -> None:
        self._by_first: dict[int, dict[int, list[Shape]]] = {}
        """By the size of the first segment, and its hash."""
        self._used: OrderedDict[Shape, None] = OrderedDict()

    def __iter__(self) -> Iterator[Shape]:
        return iter(self._used)

    def __len__(self) -> int:
        return len(self._used)

    def add(self, shape: Shape) -> None:
        """Another one; the one used longest ago gives way."""
        self._by_first.setdefault(shape.sizes[0], {}).setdefault(shape.first, []).insert(0, shape)
        self._used[shape] = None
        if len(self._used) > MAX_BLOCKS:
            self.drop(next(iter(self._used)))

    def drop(self, shape: Shape) -> None:
        """Forget one."""
        if shape in self._used:
            del self._used[shape]
            alike = self._by_first[shape.sizes[0]]
            alike[shape.first].remove(shape)
            if not alike[shape.first]:
                del alike[shape.first]
            if not alike:
                del self._by_first[shape.sizes[0]]

    def match(self, body: bytes, at: int, blocks: "Blocks") -> Match | None:
        """The block that stands at `at`."""
        for size, alike in self._by_first.items():
            for shape in alike.get(hash(body[at : at + size]), ()):
                match = (blocks.is_brief and shape.run(body, at)) or shape.match(body, at, blocks)
                if match is not None:
                    self._used.move_to_end(shape)
                    return match
        return None


_NONE = Alternatives()


class Blocks:
    """The known blocks of regions, by what a parser's state depends on where the region begins."""

    __slots__ = ("_known", "is_brief", "reach")

    def __init__(self, max_gap: int) -> None:
        self._known: dict[int, Alternatives] = {}
        self.reach = max_gap + 4
        self.is_brief = False
        """Rows of blocks of which nothing is asked are matched at once."""

    def brief(self) -> "Blocks":
        """The same blocks, matched briefly."""
        other = Blocks(self.reach - 4)
        other._known = self._known
        other.is_brief = True
        return other

    @property
    def weight(self) -> int:
        """Bytes held, roughly."""
        return sum(shape.weight for shapes in self._known.values() for shape in shapes)

    def add(self, key: int, shape: Shape) -> None:
        """Another block for the regions of `key`."""
        self._known.setdefault(key, Alternatives()).add(shape)

    def drop(self, key: int, shape: Shape) -> None:
        """Forget a block."""
        self._known.get(key, _NONE).drop(shape)

    def find(self, key: int, body: bytes, span: Span) -> Match | None:
        """The known block that `span` of `body` is, if there is one."""
        for shape in self._known.get(key, ()):
            match = shape.match(body, span[0], self)
            if match is not None and match.stop == span[1]:
                return match
        return None

    def match(self, region: Region, body: bytes, at: int) -> tuple[int, list[Match], list[Span]] | None:
        """Where the content of a region that begins at `at` ends, its blocks, and the text between them."""
        known = self._known.get(region.key, _NONE)
        found: list[Match] = []
        texts: list[Span] = []
        blank = _BLANK.match
        while True:
            start = at
            white = blank(body, at)
            at = white.end() if white is not None else at
            if body[at : at + 1] != b"<":
                end = body.find(b"<", at, at + self.reach)
                if not region.holds_text or end < 0 or not is_fit(BETWEEN, body[start:end]):
                    return None
                texts.append((start, end))
                at = end
            elif body[at + 1 : at + 2] == b"/":
                break
            match = known.match(body, at, self)
            if match is None:
                break
            found.append(match)
            if len(found) > MAX_REPEATS:
                return None
            at = match.stop
        for one, following in pairwise(found):
            if one.shape.is_unclosed:
                one.stop = following.starts[0]
        if found and found[-1].shape.is_unclosed:
            found[-1].stop = at
        return at, found, texts
