"""How late the event loop is: what a request waits unread while the loop is busy with others.

Invariant: asking costs a subtraction. A timer that should have fired at `due` and has not says that the loop has not
come round since then, so whatever is read now may have lain there for as long.
"""

import asyncio

PROBE_S = 0.05
"""How often the timer fires; lateness below that is not always seen, and does not matter."""


class LoopLag:
    """Runs from `start` to `stop`, in the loop it measures."""

    __slots__ = ("_loop", "_timer", "_worst_s", "due")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.due = float("inf")
        """Until then, on the monotonic clock, the loop is not late."""
        self._worst_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to measure."""
        self._timer = self._loop.call_later(PROBE_S, self._fired)
        self.due = self._loop.time() + PROBE_S

    def stop(self) -> None:
        """Measure no more."""
        if self._timer is not None:
            self._timer.cancel()
        self.due = float("inf")

    def worst_s(self) -> float:
        """The most since it was asked last."""
        worst, self._worst_s = self._worst_s, 0.0
        return worst

    def _fired(self) -> None:
        self._worst_s = max(self._worst_s, self._loop.time() - self.due)
        self.start()
