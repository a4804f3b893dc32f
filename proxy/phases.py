"""Requests, pages and other answers that are ready in the same turn of the loop go together, step by step.

What the processor keeps at hand of one step is lost while the rest of a page is made: to take several pages through the
same step, one after the other, costs a third less CPU a page (docs/decisions/0008-pages-in-step.md).

Invariant: pages keep their order, nothing else happens between the steps of one run, and a step that fails is its own
page's loss.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from typing import Protocol

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


class Phases:
    """What is about to be done for exchanges of one data plane."""

    __slots__ = ("_is_due", "_loop", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[_UnderWay] = deque()
        self._is_due = False

    def begin(self, exchange: Failing, steps: Steps) -> None:
        """Take these steps in the loop's next turn, together with those of others."""
        self._waiting.append((exchange, steps))
        self._call()

    def _call(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self.run)

    def run(self) -> None:
        """Take what waits through all of its steps."""
        self._is_due = False
        waiting = self._waiting
        pages = [waiting.popleft() for _ in range(min(len(waiting), MOST))]
        while pages:
            following = []
            for page in pages:
                exchange, steps = page
                try:
                    next(steps)
                except StopIteration:
                    continue
                except Exception:
                    failed(exchange)
                    continue
                following.append(page)
            pages = following
        if waiting:  # what else has arrived comes first
            self._call()


def failed(exchange: Failing) -> None:
    """Log and answer for a failure in a step: nobody above is there to do so."""
    _LOG.exception("failure while serving a request")
    try:
        exchange.fail(500, "internal")
    except Exception:  # which costs the others of its run nothing
        _LOG.exception("a failure could not be answered")
