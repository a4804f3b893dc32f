"""A wall clock to delete by: nothing is deleted by one that was just set.

Why: a clock that is set forward by mistake, and soon back, would delete all that is kept for less. Invariant: what is
`trusted` has gone as time goes for an hour.
"""

import time
from collections.abc import Callable
from typing import Final

TRUSTED_AFTER_S: Final = 3600.0
"""From the start of the process too: a machine may learn the time after it has started."""
JUMP_S: Final = 60.0
"""Between two looks; less is drift that was made good, or a leap second."""


class SteadyClock:
    """`wall` tells Unix seconds, `monotonic` the seconds that pass."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._since = monotonic()
        self._apart = wall() - self._since

    def trusted(self) -> float | None:
        """Unix seconds; None within an hour of a jump, forward or back, or of the start."""
        wall, passed = self._wall(), self._monotonic()
        if abs(wall - passed - self._apart) > JUMP_S:
            self._since = passed
        self._apart = wall - passed
        return wall if passed - self._since >= TRUSTED_AFTER_S else None
