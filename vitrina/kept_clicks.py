"""The clicks at hand for a command that looks at them, with progress where a person waits.

Invariant: Redis away is no failure: the spools alone are read then, and stderr says so.
"""

import gc
import sys
import time
from collections.abc import Callable

from storage.kept_clicks import Numbered, spooled, spooled_bytes, streamed
from vitrina.attaching import attached
from vitrina.datafolder import DataFolder
from vitrina.failures import Failure
from vitrina.terminal import StatusLine, paint

_TOLD_EVERY_S = 0.25


async def read_clicks(folder: DataFolder, redis_url: str, since: float, take: Callable[[list[Numbered]], None]) -> None:
    """Hand every click from `since` on to `take`, some at a time; one may come twice."""
    gc.disable()  # millions of objects are made here and none in a circle: looking for those doubles the time
    progress = _Progress(spooled_bytes(folder.spool))
    for clicks, size in spooled(folder.spool, since):
        take(clicks)
        progress.read(size, len(clicks))
    try:
        async with attached(folder, redis_url) as client:
            async for clicks in streamed(client, since):
                take(clicks)
                progress.read(0, len(clicks))
    except Failure as failure:
        progress.end()
        print(f"{paint('note:', 'yellow', sys.stderr)} {failure}; read the spools alone", file=sys.stderr)
    progress.end()


class _Progress:
    """A line on stderr, while somebody sits there."""

    def __init__(self, whole: int) -> None:
        self._line = StatusLine(sys.stderr) if sys.stderr.isatty() else None
        self._whole, self._done, self._clicks = whole, 0, 0
        self._told = time.monotonic()

    def read(self, size: int, clicks: int) -> None:
        self._done += size
        self._clicks += clicks
        if self._line is not None and time.monotonic() - self._told >= _TOLD_EVERY_S:
            self._told = time.monotonic()
            self._line.show(f"reading: {self._done >> 20} of {self._whole >> 20} MB, {self._clicks:,} clicks")

    def end(self) -> None:
        if self._line is not None:
            self._line.clear()
