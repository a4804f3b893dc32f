"""The one place that starts background tasks: it keeps a reference and a name, and logs what would vanish."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger("vitrina")
_running: set[asyncio.Task[None]] = set()

_ROUNDS, _ROUND_S = 50, 0.1


def spawn(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Run `work` in the background under `name`; a failure is logged, a cancellation is not."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _running.add(task)
    task.add_done_callback(_finished)
    return task


async def finish() -> None:
    """End all background tasks; to be awaited before the event loop closes.

    A task is cancelled until it has ended: `asyncio.wait_for` up to Python 3.11 swallows a cancellation that arrives
    together with its result, and the loop's own end, which cancels once, would wait for such a task for ever.
    """
    for _ in range(_ROUNDS):
        running = tuple(_running)
        if not running:
            return
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=_ROUND_S)
    _log.error("background tasks that would not end: %s", ", ".join(sorted(task.get_name() for task in _running)))


def _finished(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("background task %s failed", task.get_name(), exc_info=error)
