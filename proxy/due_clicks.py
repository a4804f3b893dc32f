"""Clicks of answers that go together, between the moment they are made and the first byte of any of those answers.

Invariant: nothing waits here once a step of such answers is over (`proxy.phases`): whoever hands over last bytes, or
has handed over all there will be, calls `write` first. So a process that dies loses no click of what was answered.
"""

import logging
from collections.abc import Callable

from clicks.click import Click
from proxy.ports import ClickSink

_LOG = logging.getLogger("vitrina.proxy")


class DueClicks:
    """The way of this data plane's clicks into the sink: those that are made one after the other, by one write."""

    __slots__ = ("_count", "_sink", "add", "due")

    def __init__(self, sink: ClickSink, count: Callable[[str, int], None]) -> None:
        self._sink = sink
        self._count = count
        self.due: list[Click] = []
        """With the next `write`."""
        self.add: Callable[[Click], None] = self.due.append

    def write(self) -> None:
        """Write what is due, and count what was kept of it. Never raises."""
        if not self.due:
            return
        due = tuple(self.due)
        self.due.clear()
        try:
            self._count("clicks", self._sink.append(*due))
        except Exception:
            _LOG.exception("clicks could not be written")
            self._count("clicks_lost", len(due))
