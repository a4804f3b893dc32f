"""The click spool: an append-only log per writer; one write() for what ends together, and no Redis in sight.

Invariants: what `append` counts as kept survives the death of the process at once and a power cut after 50 ms; a
spool's id is never reused and its directory has one writer, who holds the lock for life; sequences have no gaps.
"""

import fcntl
import logging
import os
import secrets
import shutil
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Final

from clicks.click import Click
from clicks.wire import encode_click
from storage.records import frames
from storage.writing import write

SEGMENT_BYTES: Final = 16 << 20
SYNC_INTERVAL_S: Final = 0.04
"""Pause between two syncs; with the sync itself that stays under 50 ms on a sound disk."""
CAP_BYTES: Final = 4 << 30
"""All spools of a machine together: about three days of a shop with 20,000 visitors a day, with Redis gone."""
LOCK_NAME: Final = "lock"
SEGMENT_SUFFIX: Final = ".seg"

_log = logging.getLogger(__name__)


def segment_name(first: int) -> str:
    """File name of the segment whose first record is `first`; names sort like sequences."""
    return f"{first:020d}{SEGMENT_SUFFIX}"


class Spool:
    """The data plane's `ClickSink`. Not for use by two threads at once."""

    def __init__(self, path: Path, lock: int, segment_bytes: int, cap_bytes: int) -> None:
        self.path = path
        self.id = path.name
        self.lost = 0
        """Clicks that could not be kept."""
        self.on_lost: Callable[[int], None] | None = None
        """Told how many clicks are lost, for a counter."""
        self._lock = lock
        self._segment_bytes = segment_bytes
        self._cap_bytes = cap_bytes
        self._next = 0
        self._size = 0
        self._torn = False
        self._fd = self._open_segment()
        self._retired: list[int] = []
        self._dirty = False
        self._over_cap = False
        self._closing = False
        self._reported = 0.0
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._sync_forever, name=f"spool-sync-{self.id[:8]}", daemon=True)
        self._thread.start()

    @classmethod
    def create(cls, root: Path, *, segment_bytes: int = SEGMENT_BYTES, cap_bytes: int = CAP_BYTES) -> "Spool":
        """A new, empty spool under `root`; OSError when the folder cannot be written."""
        path = root / secrets.token_hex(16)
        path.mkdir(parents=True, mode=0o700)
        try:
            lock = os.open(path / LOCK_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)  # a shipper that just looks whether we live holds it for microseconds
                return cls(path, lock, segment_bytes, cap_bytes)
            except BaseException:
                os.close(lock)
                raise
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            raise

    @property
    def written(self) -> int:
        """Number of clicks kept so far; the next one gets this sequence."""
        return self._next

    def append(self, *clicks: Click) -> int:
        """Keep clicks by one write(), in this order; how many of them are kept. Never raises."""
        try:
            payloads = list(map(encode_click, clicks))
        except Exception:
            payloads = self._encodable(clicks)
        return self.append_bytes(*payloads)

    def _encodable(self, clicks: Sequence[Click]) -> list[bytes]:
        """Those that can be encoded, of clicks of which at least one cannot."""
        payloads = []
        for click in clicks:
            try:
                payloads.append(encode_click(click))
            except Exception:
                _log.exception("a click could not be encoded")
                self._count_lost(1)
        return payloads

    def append_bytes(self, *payloads: bytes) -> int:
        """The same of encoded clicks: when the disk refuses or the cap is reached, those at the end are lost."""
        if not payloads:
            return 0
        records = frames(self._next, payloads)
        data = b"".join(records)
        try:
            if self._over_cap:
                return self._refuse(len(records), f"the spools are over their cap of {self._cap_bytes} bytes")
            if self._torn or self._size >= self._segment_bytes:
                self._rotate()
            written = write(self._fd, data)
        except OSError as error:
            return self._refuse(len(records), str(error))
        kept = len(records) if written == len(data) else _whole(records, written)
        self._next += kept
        self._size += written if kept == len(records) else sum(map(len, records[:kept]))
        if not self._dirty:
            self._dirty = True
            self._wake.set()
        if kept < len(records):
            self._refuse(len(records) - kept, f"only {written} of {len(data)} bytes could be written")
        return kept

    def close(self) -> None:
        """Sync and let go; the shipper sends what is left."""
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        self._thread.join()
        for fd in (*self._retired, self._fd):
            _sync(fd)
            os.close(fd)
        os.close(self._lock)

    def _open_segment(self) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
        return os.open(self.path / segment_name(self._next), flags, 0o600)

    def _rotate(self) -> None:
        name = self.path / segment_name(self._next)
        if self._size == 0 and name.exists():
            # Nothing sound is in the present segment: it is the torn one itself; readers stop before its torn part.
            os.truncate(name, 0)
            self._torn = False
            return
        fresh = self._open_segment()
        self._retired.append(self._fd)
        self._fd, self._size, self._torn = fresh, 0, False

    def _refuse(self, lost: int, why: str) -> int:
        """Take back what was written of them; none is kept."""
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            self._torn = True
        now = time.monotonic()
        if now - self._reported > 1:
            self._reported = now
            _log.error("click lost: %s", why)
        self._count_lost(lost)
        return 0

    def _count_lost(self, lost: int) -> None:
        self.lost += lost
        if self.on_lost is not None:
            self.on_lost(lost)

    def _sync_forever(self) -> None:
        measured = 0.0
        while not self._closing:
            self._wake.wait(timeout=1.0 if self._over_cap else None)  # nothing to sync: nothing to measure either
            started = time.monotonic()
            if self._wake.is_set():
                self._wake.clear()
                self._dirty = False  # before the sync: whoever writes from here on asks for the next one
                while self._retired:
                    fd = self._retired[0]
                    _sync(fd)
                    os.close(self._retired.pop(0))
                _sync(self._fd)
            if started - measured >= 1:
                measured = started
                self._over_cap = spooled_bytes(self.path.parent) > self._cap_bytes
            if not self._closing:
                time.sleep(max(0.0, SYNC_INTERVAL_S - (time.monotonic() - started)))


def spooled_bytes(root: Path) -> int:
    """Bytes that all spools under `root` take."""
    total = 0
    for path in root.glob(f"*/*{SEGMENT_SUFFIX}"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue  # the shipper deleted it meanwhile
    return total


def _whole(records: Sequence[bytes], written: int) -> int:
    """How many of the records lie in so many bytes."""
    return bisect_right(list(accumulate(map(len, records))), written)


def _sync(fd: int) -> None:
    try:
        os.fdatasync(fd)
    except OSError as error:
        _log.error("the spool could not be synced: %s", error)
