"""Requests, pages and other answers that are ready in the same turn of the loop go together, step by step.

What the processor keeps at hand of one step is lost while the rest of a page is made: to take several pages through the
same step, one after the other, costs a third less CPU a page (docs/decisions/0008-pages-in-step.md).

Invariant: pages keep their order, nothing else happens between the steps of one run, and a step that fails is its own
page's loss.
"""

import asyncio
import logging
from collections.abc import Iterator
from typing import Final, Protocol

_LOG = logging.getLogger("vitrina.proxy")

MOST = 16
"""Pages that go together, whatever their size: of more, the first would wait for the last, and none takes less."""

Steps = Iterator[None]
"""What is done for a page, with a `yield` between one step and the next."""


class Failing(Protocol):
    """An exchange, as far as a step that fails is concerned."""

    def fail(self, status: int, reason: str) -> None:
        """Answer in the origin's place."""
        ...


_UnderWay = tuple[Failing, Steps]
"""An exchange and what is still to be done for it."""
_NOTHING_LEFT: Final = object()


def at_once(steps: Steps) -> None:
    """Take these steps alone; what fails is the caller's."""
    for _ in steps:
        pass


class Phases:
    """What is about to be done for exchanges of one data plane."""

    __slots__ = ("_is_due", "_loop", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[_UnderWay] = []
        self._is_due = False

    def begin(self, exchange: Failing, steps: Steps) -> None:
        """Take these steps in the loop's next turn, together with those of others."""
        self._waiting.append((exchange, steps))
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self.run)

    def run(self) -> None:
        """Take what waits through all of its steps."""
        pages, self._waiting = self._waiting, []
        if len(pages) > MOST:
            pages, self._waiting = pages[:MOST], pages[MOST:]
        self._is_due = False
        while pages:
            following = []
            for page in pages:
                exchange, steps = page
                try:
                    if next(steps, _NOTHING_LEFT) is None:
                        following.append(page)
                except Exception:
                    failed(exchange)
            pages = following
        if self._waiting and not self._is_due:  # what else has arrived comes first
            self._is_due = True
            self._loop.call_soon(self.run)


def failed(exchange: Failing) -> None:
    """Log and answer for a failure in a step: nobody above is there to do so."""
    _LOG.exception("failure while serving a request")
    try:
        exchange.fail(500, "internal")
    except Exception:  # which costs the others of its run nothing
        _LOG.exception("a failure could not be answered")
