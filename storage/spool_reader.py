"""Reads one spool in order while its writer writes, across segments, past what a crash tore.

Invariant: chunks come out in sequence and hold only whole, checked records; where a sequence is missing for good the
chunk says so (`gap`), so that nobody mistakes damage for a resend.
"""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.records import find_run, is_damaged, next_sound
from storage.spool import LOCK_NAME, SEGMENT_SUFFIX, segment_name

CHUNK_RECORDS: Final = 64
_READ_BYTES: Final = 256 << 10
_WIDE_READ_BYTES: Final = 4 << 20
_LOOK_EVERY_S: Final = 0.25
_DAMAGE_PATIENCE_S: Final = 1.0
"""A record may look damaged while its writer takes back a failed write; only what stays so is skipped."""

_STILLBORN_S: Final = 60.0
"""A spool without a segment is being made, or lost its last one; by then it is the latter."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Framed records first … last of one spool. `gap`: the records before `first` are gone for good."""

    spool: str
    first: int
    count: int
    packed: bytes
    gap: bool

    @property
    def last(self) -> int:
        """Sequence of the last record."""
        return self.first + self.count - 1


class SpoolReader:
    """A place in one spool. `position` is the last sequence read, -1 at the start."""

    def __init__(self, path: Path, position: int = -1) -> None:
        self.path = path
        self.id = path.name
        self.position = position
        self.damaged = 0
        """Places that had to be skipped."""
        self._is_exhausted = False
        self._segment: int | None = None
        self._fd = -1
        self._offset = 0
        self._stalled_since: float | None = None
        self._look_again = 0.0

    def seek(self, position: int) -> None:
        """Go on behind `position`, forwards or back; the next chunk starts there or, if that is gone, with a gap."""
        self.close()
        self.position = position

    def close(self) -> None:
        """Let go of the open segment."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._segment, self._offset, self._stalled_since = -1, None, 0, None

    def segments(self) -> list[int]:
        """First sequences of the segments on disk, ascending."""
        try:
            names = os.listdir(self.path)
        except FileNotFoundError:
            return []
        return sorted(int(name[: -len(SEGMENT_SUFFIX)]) for name in names if name.endswith(SEGMENT_SUFFIX))

    def is_abandoned(self) -> bool:
        """Whether the writer is gone: nobody holds the lock, which it takes before it makes its first segment."""
        has_begun = bool(self.segments())
        try:
            lock = os.open(self.path / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False  # being created
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return has_begun or time.time() - os.fstat(lock).st_mtime > _STILLBORN_S
        except OSError:
            return False
        finally:
            os.close(lock)

    def has_news(self) -> bool:
        """Whether bytes came behind what was read; a cheap look, which a new segment escapes."""
        return self._fd < 0 or os.pread(self._fd, 1, self._offset) != b""

    def read(self, max_chunks: int) -> list[Chunk]:
        """What is new, at most `max_chunks` of up to 64 records; empty when all is read."""
        chunks: list[Chunk] = []
        while len(chunks) < max_chunks:
            if self._fd < 0 and not self._open_first():
                break
            data = os.pread(self._fd, _READ_BYTES, self._offset)
            if len(data) == _READ_BYTES and find_run(data, 0, 1) is None:
                data = os.pread(self._fd, _WIDE_READ_BYTES, self._offset)
            taken = self._take(data, max_chunks - len(chunks), chunks)
            self._offset += taken
            if taken:
                self._stalled_since = None
            elif not (self._advance() or self._skip_stalled(data)):
                break
        self._is_exhausted = not chunks
        return chunks

    def is_at_end(self) -> bool:
        """Whether the last `read` found nothing, and nothing damaged lies there or in front of a later segment."""
        return (
            self._is_exhausted
            and self._stalled_since is None
            and all(self._segment is None or first <= self._segment for first in self.segments())
        )

    def _take(self, data: bytes, limit: int, chunks: list[Chunk]) -> int:
        offset, room = 0, len(chunks) + limit
        while len(chunks) < room and (run := find_run(data, offset, CHUNK_RECORDS)) is not None:
            offset = run.end
            start, first, count = run.start, run.first, run.count
            if run.last <= self.position:
                continue
            if first <= self.position:
                again = find_run(data, start, self.position - first + 1)
                if again is None:
                    break
                start, count, first = again.end, run.last - self.position, self.position + 1
            chunks.append(Chunk(self.id, first, count, data[start : run.end], first != self.position + 1))
            self.position = run.last
        return offset

    def _open_first(self) -> bool:
        segments = self.segments()
        if not segments:
            return False
        holding = [first for first in segments if first <= self.position + 1]
        return self._open(holding[-1] if holding else segments[0])

    def _open(self, first: int) -> bool:
        try:
            fd = os.open(self.path / segment_name(first), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        self.close()
        self._fd, self._segment = fd, first
        return True

    def _advance(self) -> bool:
        """Go to the next segment: it is named after the record that follows, so nothing sound is left in this one."""
        following = self.position + 1
        if self._segment == following or not os.path.exists(f"{self.path}/{segment_name(following)}"):
            return False
        return self._open(following)

    def _skip_stalled(self, data: bytes) -> bool:
        """Get past damage that lasts: to the next sound record of this segment, else to the next segment."""
        if not data and time.monotonic() < self._look_again:
            return False
        self._look_again = time.monotonic() + _LOOK_EVERY_S
        later = [first for first in self.segments() if self._segment is not None and first > self._segment]
        if not later and not is_damaged(data, 0):
            self._stalled_since = None
            return False
        now = time.monotonic()
        if self._stalled_since is None:
            self._stalled_since = now
        if now - self._stalled_since < _DAMAGE_PATIENCE_S:
            return False
        found = next_sound(data, 0)
        if found is not None:
            self._offset += found
        elif not (later and self._open(later[0])):
            return False
        self.damaged += 1
        self._stalled_since = None
        return True
