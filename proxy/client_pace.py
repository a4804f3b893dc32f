"""How slowly a client may send a body, and take an answer.

Invariant: what came or went fast buys no time for the rest, so nobody holds a connection by a byte now and then.
"""

from typing import Final

SLOWEST_BODY: Final = 500
"""Bytes per second below which a body is too slow (once the head's time has passed)."""


class BodyPace:
    """Of one body that comes in; `now` is on the loop's clock, as everywhere here."""

    __slots__ = ("_read", "_since")

    def __init__(self, now: float) -> None:
        self._since = now
        self._read = 0

    def came(self, size: int) -> None:
        """So many bytes more."""
        self._read += size

    def is_too_slow(self, now: float, most_s: float) -> bool:
        """Whether fewer than it should came in `most_s`; each such part of a body is looked at anew."""
        if self._read >= SLOWEST_BODY * most_s:
            self._since, self._read = now, 0
        return now - self._since >= most_s + self._read / SLOWEST_BODY


class UnsentPace:
    """Of what waits for a client that reads slower than is written: `size` bytes at first."""

    __slots__ = ("_deadline", "_size")

    def __init__(self, size: int, now: float, most_s: float) -> None:
        self._size = size
        self._deadline = now + most_s

    def is_stuck(self, size: int, now: float, most_s: float) -> bool:
        """Whether it took nothing for `most_s`; `size` bytes wait now."""
        if size < self._size:
            self._size, self._deadline = size, now + most_s
            return False
        return now >= self._deadline
