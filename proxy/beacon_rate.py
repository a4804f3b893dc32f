"""How often what a visitor's beacon tells is believed.

Invariant: bounded; what is beyond is still answered, and is a click without an event.
"""

from collections.abc import Callable

MOST_A_MINUTE = 60
"""Of one visitor, and worker; who turns to another tab and back each second is nobody."""
MOST_VISITORS = 10_000
"""Of one minute and worker; beyond, nothing is believed until the next."""


class BeaconRate:
    """How often each visitor has told something within this minute."""

    __slots__ = ("_ends", "_now", "_told")

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ends = 0.0
        self._told: dict[str, int] = {}

    def allows(self, profile: str) -> bool:
        """Once more; counts it."""
        if self._now() >= self._ends:
            self._ends = self._now() + 60
            self._told.clear()
        told = self._told.get(profile, 0)
        if told >= MOST_A_MINUTE or (not told and len(self._told) >= MOST_VISITORS):
            return False
        self._told[profile] = told + 1
        return True
