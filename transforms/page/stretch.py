"""Stretches: long runs of bytes that all bodies of a template have, so that a content coding may keep them packed.

Invariant: a stretch is told only of a body whose match has compared every byte of it; of what is secret there is none.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from transforms.page.layout import Layout

SHORTEST_BYTES: Final = 12 * 1024
"""What is packed apart from all around it refers to none of that: of less more is lost than thoroughness wins."""
LONGEST_BYTES: Final = 64 * 1024
"""Packed at once, on the event loop: under 2 ms."""
MOST_TIMES: Final = 2
"""So many times as long as a template's text are all of its stretches at most: other edits cut it at other places."""


class Stretch:
    """One stretch, to be known again by whoever packs it."""

    __slots__ = ("packed", "times")

    def __init__(self) -> None:
        self.times = 0
        """How often it was sent."""
        self.packed: bytes | None = None
        """As a coding has it that can put it between others."""


class Standing(NamedTuple):
    """A stretch on one body: all between the two offsets."""

    start: int
    end: int
    stretch: Stretch


class Stretches:
    """Those of one template, by segment and place in it: the same on bodies of different layouts."""

    __slots__ = ("_known", "_size")

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], Stretch] = {}
        self._size = 0
        """Bytes that they stand for."""

    def between(self, segments: Sequence[bytes], layout: Layout, start: int, end: int) -> Sequence[Standing]:
        """Those between two offsets of a body on which the segments lie as `layout` says."""
        key = ("stretches", start, end)
        known = layout.memo.get(key)
        if isinstance(known, tuple):
            return known
        most = MOST_TIMES * sum(map(len, segments))
        found = []
        for number, (at, segment) in enumerate(zip(layout.ends, segments, strict=True)):
            first, last = max(at, start), min(at + len(segment), end)
            while last - first >= SHORTEST_BYTES:
                until = last if last - first <= LONGEST_BYTES else first + LONGEST_BYTES
                found.append(Standing(first, until, self._stretch((number, first - at, until - at), most)))
                first = until
        layout.memo[key] = standing = tuple(found)
        return standing

    def _stretch(self, key: tuple[int, int, int], most: int) -> Stretch:
        stretch = self._known.get(key)
        if stretch is None:
            stretch = self._known[key] = Stretch()
            self._size += key[2] - key[1]
            while self._size > most:
                _, first, until = oldest = next(iter(self._known))
                self._size -= until - first
                del self._known[oldest]
        return stretch
