"""What came more than once in the last seconds: a bounded memory in two generations.

Most of what a proxy sees comes once, and an object that is kept costs the collector's time: of what is offered once
only a hash is kept, and a value from its second time on. Invariant: at most `most` values of a generation, two
generations, and nothing stays that was not asked for within two times `GENERATION_S`.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

GENERATION_S = 10.0
"""After so long what was not asked for again is on its way out; after twice that it is gone."""
SEEN_ONCE_PER_KEPT = 16
"""A hash costs a small part of what a value costs."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Generation(dict[K, V]):
    """What was asked for since the one before ended: what is asked for again comes over from that, by `keep`."""

    __slots__ = ("_keep", "before")

    def __init__(self, before: dict[K, V], keep: Callable[[K, V], None]) -> None:
        super().__init__()
        self.before = before
        self._keep = keep

    def __missing__(self, key: K) -> V | None:
        found = self.before.pop(key, None)
        if found is not None:
            self._keep(key, found)
        return found


class Remembered(Generic[K, V]):
    """Values by key. `now` is a clock in seconds."""

    __slots__ = ("_most", "_now", "_once", "_recent", "_since", "get")

    get: Callable[[K], V | None]
    """The value of a key, which then stays for another generation; None when it is not known. What was asked for
    lately is found by the dictionary alone."""

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self._most = most
        self._now = now
        self._recent: _Generation[K, V] = _Generation({}, self.keep)
        self._once: set[int] = set()
        self.age()

    def offer(self, key: K, value: V) -> None:
        """Keep `value` if its key was offered before."""
        digest = hash(key)
        if digest in self._once:
            self.keep(key, value)
            return
        if len(self._once) >= SEEN_ONCE_PER_KEPT * self._most:
            self._once.clear()
        self._once.add(digest)

    def keep(self, key: K, value: V) -> None:
        """Keep `value` from its first time on, where what comes once is most likely to come again."""
        if len(self._recent) >= self._most:
            self.age()
        self._recent[key] = value

    def sweep(self, now: float) -> None:
        """Called now and then: what is old is forgotten."""
        if now - self._since >= GENERATION_S:
            self.age()

    def age(self) -> None:
        """A new generation."""
        ended = self._recent
        ended.before = {}  # what nobody asked for since is gone
        self._recent = _Generation(ended, self.keep)
        self.get = self._recent.__getitem__
        self._once.clear()
        self._since = self._now()

    def forget(self) -> None:
        """All of it."""
        self._recent.clear()
        self._recent.before.clear()
        self._once.clear()

    def __len__(self) -> int:
        return len(self._recent) + len(self._recent.before)
