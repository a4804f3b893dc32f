"""Clicks that wait too long in spools go: nothing is kept of visitors longer than the operator said.

The stream keeps what is to be folded (`storage.stream`), profiles expire by themselves (`storage.profile_store`). A
spool keeps an hour what was sent, and without Redis all of it until this says that it is enough. Invariant: a segment
goes only when its last click is older than the limit, by a clock that was not just set.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.pausing import pause
from storage.spool import SEGMENT_SUFFIX
from storage.steady_clock import SteadyClock

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


async def keep_to(retained: Retained, stop: asyncio.Event, clock: SteadyClock) -> None:
    """Now and then, until `stop`."""
    while not stop.is_set():
        now = clock.trusted()
        if now is not None and (gone := await asyncio.to_thread(retained.drop_old, now)):
            _log.warning("%d segments of clicks were older than the retention and are gone", gone)
        await pause(EVERY_S, stop)
