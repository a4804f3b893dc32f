"""Patterns: what a body is compared with, its static segments in clear or their fingerprints, and the gaps between.

Matching is the proof that a body has the structure of the body that was parsed: the segments are compared in full and
gaps hold nothing that could change the tokenizer's state, so any way of cutting a body into these segments and clean
gaps puts every tag at the same place. Learnt bytes are compared, never sent.
"""

import re
from array import array
from collections.abc import Sequence
from struct import Struct

from transforms.page.anatomy import Span
from transforms.page.layout import Layout
from transforms.page.slots import UNCLEAN, Kinds

_DELIMITER = re.compile(rb"""[<>"'&]""")
_PROBE = 24
_LAYOUTS = 4
_FEW = 64
"""Gaps up to which segments are compared one by one where they should be, which copies nothing of them; more are cut
out of the body all at once."""
_COMMENT_ENDS = (b" -->", b"\n-->")
COMMENT_TAIL = 3
"""Bytes between a comment's varying content and the `>` that ends it: white space and two hyphens."""


def are_clean(gaps: Sequence[bytes]) -> bool:
    """Whether every one of `gaps`, none of them empty, is clean."""
    joined = b"".join(gaps)
    return len(joined.translate(None, UNCLEAN)) == len(joined) and not any(map(bytes.isspace, gaps))


def cut(body: bytes, gaps: Sequence[Span]) -> tuple[bytes, ...]:
    """The segments of `body` around `gaps`."""
    edges = [0, *(edge for gap in gaps for edge in gap), len(body)]
    return tuple(body[start:end] for start, end in zip(edges[0::2], edges[1::2], strict=True))


class Segments:
    """Static segments in clear; `kinds` says of each gap what slot it is, where it may hold more than plain text."""

    __slots__ = (
        "_guesses",
        "_kinds",
        "_later",
        "_layouts",
        "_reach",
        "_rest",
        "_seen",
        "_whole",
        "kinds",
        "segments",
        "size",
    )

    def __init__(self, segments: tuple[bytes, ...], max_gap: int, kinds: str = "") -> None:
        self.segments = segments
        self.kinds = kinds
        self._kinds = Kinds(kinds) if kinds else None
        self.size = sum(map(len, segments))
        self._whole = Layout([0])
        self._later = segments[1:]
        self._rest = [(segment[:_PROBE], segment, len(segment)) for segment in segments[1:]]
        self._guesses = [0] * len(self._rest)
        self._reach = max_gap + _PROBE
        self._seen: dict[int, list[int]] = {}
        self._layouts: dict[int, tuple[Struct, Layout]] = {}
        """By the body's length. Tokens have a fixed length, so most bodies of one length have one layout."""

    def match(self, body: bytes) -> Layout | None:
        """Where the segments are in `body`, or None when it is not of this pattern."""
        if not self._rest:
            return self._whole if body == self.segments[0] else None
        if not body.startswith(self.segments[0]):
            return None
        known = self._layouts.get(len(body))
        if known is not None:
            gaps = self._cut(body, *known)
            if gaps is not None and self._hold(gaps):
                return known[1]
        ends = self._walk(body)
        return None if ends is None else self._layout(body, ends)

    def _cut(self, body: bytes, cut: Struct, layout: Layout) -> Sequence[bytes] | None:
        """What the gaps hold of a body that begins as it should, if the segments are where they are in this layout."""
        if len(self._later) <= _FEW:
            return cut.unpack(body) if all(map(body.startswith, self._later, layout.ends[1:])) else None
        pieces = cut.unpack(body)
        return pieces[1::2] if pieces[2::2] == self._later else None

    def gaps(self, layout: Layout) -> list[Span]:
        """Where the gaps are on a body that matched."""
        stops = [start + len(segment) for start, segment in zip(layout.ends, self.segments, strict=True)]
        return list(zip(stops, layout.ends[1:], strict=False))

    def _hold(self, gaps: Sequence[bytes]) -> bool:
        """Whether the gaps hold what they may."""
        return are_clean(gaps) or (self._kinds is not None and self._kinds.hold(gaps))

    def _walk(self, body: bytes) -> list[int] | None:
        """The segments one after the other, each after as many bytes as last time if it can be."""
        at = len(self.segments[0])
        ends, gaps = [0], []
        find, startswith, reach = body.find, body.startswith, self._reach
        for (probe, segment, size), guess in zip(self._rest, self._guesses, strict=True):
            found = at + guess
            # A short segment may well stand at the guessed place by chance, inside of what the gap is now.
            if not guess or size < _PROBE or not startswith(segment, found):
                found = find(probe, at + 1, at + reach)
                if found < 0 or not startswith(segment, found):
                    return None
            gaps.append(body[at:found])
            ends.append(found)
            at = found + size
        if at != len(body) or not self._hold(gaps):
            return None
        self._guesses = list(map(len, gaps))
        return ends

    def _layout(self, body: bytes, ends: list[int]) -> Layout:
        """The layout of a matched body; it is kept when two bodies of one length had the same."""
        layout = Layout(ends)
        if self._seen.get(len(body)) == ends:
            sizes = [len(segment) for segment in self.segments]
            stops = [start + size for start, size in zip(ends, sizes, strict=True)]
            gaps = [after - stop for stop, after in zip(stops, ends[1:], strict=False)]
            taken = "x" if len(gaps) <= _FEW else "s"
            form = "".join(f"{size}{taken}{gap}s" for size, gap in zip(sizes, gaps, strict=False))
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.pop(next(iter(self._layouts)))
            self._layouts[len(body)] = Struct(f"{form}{sizes[-1]}{taken}"), layout
            self._seen.pop(len(body))
        else:
            if len(self._seen) >= _LAYOUTS:
                self._seen.pop(next(iter(self._seen)))
            self._seen[len(body)] = ends
        return layout


class Fingerprints:
    """Static segments as keyed hashes (Python's SipHash, whose key is drawn per process): nothing in clear is kept.

    Gaps are whole runs between delimiters, or the content of a whole comment up to the white space before its end
    mark, so that where each ends is told by the body alone.
    """

    __slots__ = ("_hashes", "_lengths", "_tails", "size")

    def __init__(self, segments: tuple[bytes, ...]) -> None:
        self._lengths = array("q", map(len, segments))
        self._hashes = array("q", map(hash, segments))
        self._tails = bytes(COMMENT_TAIL if segment[:4] in _COMMENT_ENDS else 0 for segment in segments)
        """How far before the next delimiter the gap before each segment ends."""
        self.size = 17 * len(segments)

    def match(self, body: bytes) -> Layout | None:
        """Where the segments are in `body`, or None when it is not of this pattern."""
        at = 0
        ends: list[int] = []
        gaps: list[bytes] = []
        search = _DELIMITER.search
        for size, digest, tail in zip(self._lengths, self._hashes, self._tails, strict=True):
            if ends:
                found = search(body, at)
                if found is None or (end := found.start() - tail) <= at:
                    return None
                gaps.append(body[at:end])
                at = end
            if hash(body[at : at + size]) != digest:
                return None
            ends.append(at)
            at += size
        return Layout(ends) if at == len(body) and are_clean(gaps) else None

    def cut(self, body: bytes, layout: Layout) -> tuple[bytes, ...]:
        """The segments of a body that matched."""
        return tuple(body[at : at + size] for at, size in zip(layout.ends, self._lengths, strict=True))


class Once:
    """The pattern of one body that is not kept: no body matches it again."""

    __slots__ = ()
    size = 0

    def match(self, body: bytes) -> Layout | None:
        """None."""
        return None


Pattern = Segments | Fingerprints | Once
