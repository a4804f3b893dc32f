"""Shapes: what was proven of one body's structure, and how another body is matched with it without a parse.

A shape is fixed segments with joints between them: slots, whose text may be anything fit (`transforms.page.slots`), and
regions, the whole content of an element, which may be any sequence of known blocks. A block is a shape of its own.
Invariant: a match proves that a parser would build the same tree around and within: segments are compared in full,
slots hold nothing that changes a parser's state, and each block leaves the state in which it found it (`outline`).
"""

import re
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from transforms.page.anatomy import Place, Span, Unit
from transforms.page.slots import BETWEEN, TERMINATORS, Kinds, expression, is_fit
from transforms.page.witnesses import Witnesses

REGION = "R"
MAX_BLOCKS = 256
"""Known blocks of one region; the one used longest ago gives way."""
MAX_REPEATS = 2000
"""Blocks in one region of one body."""

_BLANK = re.compile(rb"[ \t\n\r\f]*")
_LONGEST = 4096
"""Bytes of a block's segments: to make an expression of more holds the event loop up."""
_SOON = 24
"""Brief matches of a block until it is worth an expression, which takes as long to make as some hundred of them."""


class Spot(NamedTuple):
    """A query's match within a shape. Offsets are local; `parent`: its parent's start, NOWHERE where that is none."""

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

    __slots__ = ("_found", "_spans", "_starts", "begin", "blocks", "shape", "stop", "texts", "times")

    def __init__(self, shape: "Shape", starts: Sequence[int], spans: Sequence[Span]) -> None:
        self.shape = shape
        self._starts = starts
        self._spans = spans
        self._found: re.Match[bytes] | None = None
        self.begin = starts[0]
        self.stop = starts[-1] + shape.sizes[-1]
        """Where it ends; of a block without an end tag, where the next one begins."""
        self.blocks: Sequence[list[Match]] = ()
        self.texts: Sequence[list[Span]] = ()
        self.times = 0
        """Of several in a row that were matched at once: how many; where each of them lies is not told then."""

    @classmethod
    def brief(cls, shape: "Shape", found: re.Match[bytes]) -> "Match":
        """By an expression of `shape`: where its segments are is worked out when it is asked for."""
        match = cls.__new__(cls)
        match.shape = shape
        match._found = found
        match._starts = match._spans = ()
        match.begin, match.stop = found.span()
        match.blocks = match.texts = ()
        match.times = 0
        return match

    @property
    def starts(self) -> Sequence[int]:
        """Where each segment starts."""
        if not self._starts and self._found is not None:
            self._starts = (self.begin, *[end for _, end in self.spans])
        return self._starts

    @property
    def spans(self) -> Sequence[Span]:
        """Where each joint is."""
        if not self._spans and self._found is not None:
            self._spans = self._found.regs[1:]
        return self._spans

    def segment(self, number: int) -> int:
        """Where one segment starts; the end of all after the last one."""
        if number == len(self.shape.sizes):
            return self.stop
        if self._found is not None and number:
            return self._found.end(number)
        return self.starts[number] if number else self.begin

    def values(self, body: bytes, slots: tuple[int, ...], groups: tuple[int, ...]) -> tuple[bytes, ...]:
        """What some slots hold; `groups` are their numbers and one."""
        if self._found is not None and len(groups) > 1:
            return self._found.group(*groups)
        return tuple([body[slice(*self.spans[slot])] for slot in slots])

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
        "_witnesses",
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
        self._witnesses = Witnesses()
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
        """`visitor` was sent `body`, which holds this shape; enough `Witnesses` make its segments known in clear."""
        if self.segments is None and self._witnesses.add(visitor):
            self.segments = tuple(body[at : at + size] for at, size in zip(match.starts, self.sizes, strict=True))

    def match(self, body: bytes, at: int, blocks: "Blocks") -> Match | None:
        """Where this shape lies on `body` from `at` on, or None."""
        segments, hashes, sizes = self.segments, self._hashes, self.sizes
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
        return match

    def brief(self, body: bytes, at: int, blocks: "Blocks") -> Match | None:
        """The same where little is asked: rows of blocks of which nothing is are one match, and that slots hold no `<`,
        `>` and NUL is left to the caller to see."""
        if self._run is not None and self.segments is not None:
            found = self._run.match(body, at)
            if found is None:
                return None
            match = Match.brief(self, found)
            match.times = body.count(self.segments[0], at, match.stop)
            return match
        if self._expression is None:
            match_ = self.match(body, at, blocks)
            if match_ is not None and self.segments is not None and self._until > 0:
                self._until -= 1
                if self._until == 0:
                    self._express(self.segments, blocks.reach - 4)
            return match_
        found = self._expression.match(body, at)
        return None if found is None else Match.brief(self, found)

    def _express(self, segments: Sequence[bytes], reach: int) -> None:
        """Have a block without regions matched by an expression from now on, in a fraction of the time; those with
        slots of rare kinds are matched piece by piece."""
        slots = [expression(kind, reach) for kind in self.kinds]
        if None in slots or sum(self.sizes) > _LONGEST:
            return
        fixed = [re.escape(segment) for segment in segments]
        joints = [(slot, after) for slot, after in zip(slots, fixed[1:], strict=True) if slot is not None]
        blank = rb"[ \t\n\r\f]*+"
        if self.spots or self.loose or self.is_unclosed:
            self._expression = re.compile(fixed[0] + b"".join([b"(%b)%b" % joint for joint in joints]) + blank)
        else:
            once = fixed[0] + b"".join([b"%b%b" % joint for joint in joints]) + blank
            self._run = re.compile(b"(?:%b){1,%d}+" % (once, MAX_REPEATS))


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
                match = shape.brief(body, at, blocks) if blocks.is_brief else shape.match(body, at, blocks)
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
        """Blocks are matched as `Shape.brief` does."""

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
            if body[at : at + 1] != b"<":
                white = blank(body, at)
                at = white.end() if white is not None else at
                if body[at : at + 1] != b"<":
                    end = body.find(b"<", at, at + self.reach)
                    if not region.holds_text or end < 0 or not is_fit(BETWEEN, body[start:end]):
                        return None
                    texts.append((start, end))
                    at = end
            if body[at + 1 : at + 2] == b"/":
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
                one.stop = following.begin
        if found and found[-1].shape.is_unclosed:
            found[-1].stop = at
        return at, found, texts
