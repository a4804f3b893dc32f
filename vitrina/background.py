"""The one place that starts background tasks: it keeps a reference and a name, and logs what would vanish."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger("vitrina")
_running: set[asyncio.Task[None]] = set()


def spawn(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Run `work` in the background under `name`; a failure is logged, a cancellation is not."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _running.add(task)
    task.add_done_callback(_finished)
    return task


def _finished(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("background task %s failed", task.get_name(), exc_info=error)
