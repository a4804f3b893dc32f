"""Clicks that wait too long in spools go: nothing is kept of visitors longer than the operator said.

The stream keeps 48 hours at most (`storage.stream`), profiles expire by themselves (`storage.profile_store`); a spool
keeps an hour after it was sent, and without Redis until this says that it is enough. Invariant: a segment goes only
when its last click is older than the limit.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.spool import SEGMENT_SUFFIX

EVERY_S: Final = 600.0

_log = logging.getLogger("vitrina.retention")


@dataclass(frozen=True, slots=True)
class Retained:
    """The spools below `root`, and how long a click may stay there, in seconds."""

    root: Path
    clicks_s: float

    def drop_old(self, now: float) -> int:
        """Delete segments that were last written before the limit; how many. `now` is Unix seconds."""
        gone = 0
        for path in sorted(self.root.glob(f"*/*{SEGMENT_SUFFIX}")):
            try:
                status = path.stat()
                if status.st_size and status.st_mtime < now - self.clicks_s:
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue  # tidied away meanwhile
        return gone


async def keep_to(retained: Retained, stop: asyncio.Event, now: Callable[[], float] = time.time) -> None:
    """Now and then, until `stop`."""
    while not stop.is_set():
        if gone := await asyncio.to_thread(retained.drop_old, now()):
            _log.warning("%d segments of clicks were older than the retention and are gone", gone)
        try:
            async with asyncio.timeout(EVERY_S):
                await stop.wait()
        except TimeoutError:
            pass
