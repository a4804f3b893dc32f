"""Long, uninterruptible work on one body, off the event loop: packing and unpacking of large pages.

Invariant: `done` is called once, in the event loop. The libraries release Python's lock while they work, so a thread
is enough; there is one, and a short queue before it.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_LOG = logging.getLogger("vitrina.proxy")
MOST_INLINE_BYTES = 2 * 1024 * 1024
"""Content of this size is packed or unpacked on the event loop: at most a few milliseconds."""
MOST_WAITING = 8
"""Pages waiting; what comes beyond goes out as it came."""

Result = TypeVar("Result")


class Offloading:
    """One thread, started when the first work comes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._executor: ThreadPoolExecutor | None = None
        self._waiting = 0
        self._is_closed = False

    def run(self, work: Callable[[], Result], done: Callable[[Result | None], None]) -> bool:
        """False when too much waits; else `done` gets the result, or None when `work` raised."""
        if self._is_closed or self._waiting >= MOST_WAITING:
            return False
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="codings")
        self._waiting += 1

        def finished(future: "asyncio.Future[Result]") -> None:
            self._waiting -= 1
            result: Result | None = None
            if future.cancelled():
                pass
            elif (error := future.exception()) is not None:
                _LOG.error("packing a page failed", exc_info=error)
            else:
                result = future.result()
            done(result)

        self._loop.run_in_executor(self._executor, work).add_done_callback(finished)
        return True

    def close(self) -> None:
        """Let what runs end; nothing more is taken."""
        self._is_closed = True
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
