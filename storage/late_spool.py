"""The spool of a worker that starts on a disk without room: the shop is served, clicks are lost and counted until there
is room.

Invariant: as of `storage.spool`: what `append` counts as kept is kept, and it never raises.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from clicks.click import Click
from storage.spool import Spool

TRY_EVERY_S: Final = 1.0

_log = logging.getLogger(__name__)


class LateSpool:
    """The data plane's `ClickSink`: a `Spool` that is made as soon as it can be. Not for use by two threads at once."""

    def __init__(self, root: Path, on_lost: Callable[[int], None]) -> None:
        self._root = root
        self._on_lost = on_lost
        self._spool: Spool | None = None
        self._tried: float | None = None
        self._open()

    def append(self, *clicks: Click) -> int:
        """Keep clicks by one write(); how many of them, fewer when the disk refuses. Never raises."""
        spool = self._spool or self._open()
        if spool is None:
            self._on_lost(len(clicks))
            return 0
        return spool.append(*clicks)

    def close(self) -> None:
        """Sync and let go."""
        if self._spool is not None:
            self._spool.close()

    def _open(self) -> Spool | None:
        now = time.monotonic()
        if self._tried is not None and now - self._tried < TRY_EVERY_S:
            return None
        is_first, self._tried = self._tried is None, now
        try:
            self._spool = Spool.create(self._root)
        except OSError as error:
            if is_first:
                _log.error("clicks are lost until a spool can be made: %s", error)
            return None
        self._spool.on_lost = self._on_lost
        return self._spool
