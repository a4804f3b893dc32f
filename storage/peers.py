"""How many connections the workers of one machine have, told on the control page: the data plane's `Peers`.

Invariant: one who is not heard of any more, or accepts no more, is not waited for.
"""

import time
from collections.abc import Callable
from typing import Final

from storage.control import ControlPage, Slot

HEARD_WITHIN_S: Final = 3.0
"""Workers beat once a second."""
KNOWN_FOR_S: Final = 0.2
"""How long it may take until one who came or hangs is noticed; counts themselves are always those of now."""


class ControlPeers:
    """All slots but one's own in which somebody accepts."""

    def __init__(self, page: ControlPage, own: int, now: Callable[[], float] = time.monotonic) -> None:
        slots = page.slots()
        self._own = slots[own]
        self._all = (*slots[:own], *slots[own + 1 :])
        self._others: tuple[Slot, ...] = ()
        self._known_until = 0.0
        self._now = now

    def tell(self, connections: int | None) -> None:
        """How many this worker has; None: it accepts no more."""
        self._own.accept_with(connections)

    def fewest(self) -> int | None:
        """How many the one with the fewest has, of the others that accept; None when there is no other."""
        now = self._now()
        if now >= self._known_until:
            self._known_until = now + KNOWN_FOR_S
            accepting = (slot for slot in self._all if slot.accepts_with is not None)
            self._others = tuple(slot for slot in accepting if slot.was_heard(HEARD_WITHIN_S))
        return min((count for slot in self._others if (count := slot.accepts_with) is not None), default=None)
