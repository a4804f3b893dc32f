"""The shipper: moves every spool of this machine into the stream, each click once and in its spool's order.

Invariants: one shipper per machine (a lock in the spool folder); the position is Redis's own and is compared again
after every failure and now and then, so a Redis that was killed, replaced by a replica or wiped gets what it lacks as
long as the segments are there; a segment goes only when all of it is in the stream since an hour.
"""

import asyncio
import fcntl
import itertools
import logging
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.blanking import blanked_records, first_time
from storage.connecting import Client
from storage.line import Line, Server
from storage.pausing import pause
from storage.shipping import forget, forget_oldest, positions, ship
from storage.spool import LOCK_NAME, segment_name
from storage.spool_reader import Chunk, SpoolReader
from storage.tombstones import Tombstones
from storage.trail import Trail
from storage.watching import FolderWatch

POLL_S: Final = 0.004
COLLECT_S: Final = 0.012
"""The longest pause before the next look while clicks come in numbers: a round trip, a fold and their wake-ups cost the
same for one click as for ten. A click changes the next page within 31.2 ms all the same, 99 of 100 times (100 are
allowed; `make bench-next-page` at 500 clicks a second, 2 cores, 2026-11-30, commit 82ff9b6)."""
RUSH_S: Final = 0.03
"""The same in a rush, a thousand clicks a second and more, when the processor is what everybody waits for."""
_A_CLICK_S: Final = 0.001
IDLE_POLL_S: Final = 0.01
_IDLE_AFTER_S: Final = 1.0
DISCOVER_EVERY_S: Final = 0.25
COMPARE_EVERY_S: Final = 5.0
TIDY_EVERY_S: Final = 10.0
KEEP_S: Final = 3600.0
"""Shipped segments stay that long: a replica that takes over may lack what its master had."""
_CHUNKS_A_ROUND: Final = 32
SILENT_S: Final = 0.2
"""An answer that takes longer: what waits is counted, and again as often, until there is one."""
_BACKOFF_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
_DRAIN_S: Final = 1.0

_log = logging.getLogger(__name__)


class Shipper:
    """Attributes are progress: `shipped` and `errors` count up, `depth` is what waits in the spools now."""

    def __init__(
        self, root: Path, client: Client, *, keep_s: float = KEEP_S, tombstones: Tombstones | None = None
    ) -> None:
        self.shipped = 0
        self.errors = 0
        self.damaged = 0
        """Places in spools that could not be read (a power cut, a bad disk)."""
        self.depth = 0
        """Clicks that are spooled and not in the stream; exact while Redis is away or silent, else 0 or about to be."""
        self._root = root
        # On one connection, positions are always those of the server that the clicks go to.
        self._line = Line(client) if isinstance(client, Redis) else None
        self._server: Server = self._line or client
        self._keep_s = keep_s
        self._tombstones = tombstones
        self._readers: dict[str, SpoolReader] = {}
        self._lookahead: dict[str, SpoolReader] = {}
        self._trails: dict[str, Trail] = {}
        self._confirmed: dict[str, int] = {}
        self._abandoned: set[str] = set()
        """Spools that nobody writes any more, as of the last look."""
        self._settled: set[str] = set()
        """Those of them that are in the stream: not read again unless Redis loses some of it. They stay for an hour,
        and workers come and go more often than that."""
        self._finished: dict[Path, float] = {}
        """Since when segments are in the stream, and spools empty: by the monotonic clock, for the other may be set."""
        self._compared = self._discovered = self._tidied = -COMPARE_EVERY_S
        self._stale = self._is_behind = False
        self._failures = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Ship until `stop`, then what is left, for a second at most."""
        self._root.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._root / "shipper.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            if await self._take_lock(lock, stop):
                await self._ship_until(stop)
        finally:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()
            self._look_no_further()
            if self._line is not None:
                self._line.close()
                await asyncio.sleep(0)  # the loop lets go of the socket in its next turn
            os.close(lock)

    async def _take_lock(self, lock: int, stop: asyncio.Event) -> bool:
        told = False
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not told:
                    _log.warning("%s is shipped by another process; waiting for it to end", self._root)
                    told = True
                await asyncio.sleep(0.2)
            else:
                return True
        return False

    async def _ship_until(self, stop: asyncio.Event) -> None:
        last_news = time.monotonic()
        deadline: float | None = None
        while True:
            if stop.is_set() and deadline is None:
                deadline, self._discovered = time.monotonic() + _DRAIN_S, -DISCOVER_EVERY_S
            if deadline is not None and time.monotonic() > deadline:
                return
            sent = await self._guarded_round()
            now = time.monotonic()
            if sent is None:
                if deadline is not None:
                    return
                await pause(_BACKOFF_S[min(self._failures, len(_BACKOFF_S)) - 1], stop)
                last_news = now
            elif sent:
                last_news = now
                await asyncio.sleep(0 if self._is_behind else pause_after(sent))
            elif deadline is not None:
                return
            elif now - last_news < _IDLE_AFTER_S:
                await asyncio.sleep(POLL_S)
            elif await self._doze():
                last_news = time.monotonic()

    async def _doze(self) -> bool:
        """Nothing came for a while: wait for news, at most until it is time to look around. Whether there were any."""
        reading = self._reading()
        watch = FolderWatch.open([self._root, *(reader.path for reader in reading)])
        if watch is None:
            await asyncio.sleep(IDLE_POLL_S)
            return False
        try:
            # What came before the watch was set up does not wake it.
            return any(reader.has_news() for reader in reading) or await watch.wait(DISCOVER_EVERY_S)
        finally:
            watch.close()

    async def _guarded_round(self) -> int | None:
        """Clicks shipped; None when Redis failed."""
        self._count_unless_answered()
        try:
            sent = await self._round()
        except (RedisError, OSError, TimeoutError) as error:
            self._failures += 1
            self.errors += 1
            self._stale = True
            self._measure_depth()
            if self._failures == 1:
                _log.warning("clicks stay in the spool: %s", " ".join(str(error).split()))
            return None
        finally:
            self._silence.cancel()
        if self._failures:
            _log.warning("clicks are shipped again; %d wait in the spool", self.depth)
            self._failures = 0
        return sent

    def _count_unless_answered(self) -> None:
        """A Redis that says nothing keeps a round for as long as a socket may wait."""
        self._silence = asyncio.get_running_loop().call_later(SILENT_S, self._count_in_silence)

    def _count_in_silence(self) -> None:
        self._measure_depth()
        self._count_unless_answered()

    async def _round(self) -> int:
        now = time.monotonic()
        if now - self._discovered >= DISCOVER_EVERY_S:
            self._discovered = now
            await self._discover()
            if self._is_behind:
                self._measure_depth()
        if self._stale or now - self._compared >= COMPARE_EVERY_S:
            await self._compare()
            self._compared, self._stale = now, False
        if now - self._tidied >= TIDY_EVERY_S:
            self._tidied = now
            await self._tidy()
        return await self._send_new()

    async def _discover(self) -> None:
        names = {
            entry.name for entry in os.scandir(self._root) if entry.is_dir() and (Path(entry) / LOCK_NAME).exists()
        }
        for gone in self._readers.keys() - names:
            self._let_go(gone)
        fresh = sorted(names - self._readers.keys())
        for name, position in zip(fresh, await positions(self._server, fresh), strict=True):
            self._readers[name] = SpoolReader(self._root / name, position)
            self._confirmed[name] = position

    async def _compare(self) -> None:
        """Go on from what Redis has: behind us when it lost its last second, ahead when an answer was lost."""
        names = list(self._readers)
        for name, position in zip(names, await positions(self._server, names), strict=True):
            self._confirmed[name] = position
            if position != self._readers[name].position:
                self._settled.discard(name)
                self._readers[name].seek(position)

    async def _send_new(self) -> int:
        reading = self._reading()
        share = max(1, _CHUNKS_A_ROUND // max(1, len(reading)))
        taken = [reader.read(share) for reader in reading]
        self._is_behind = any(len(chunks) == share for chunks in taken)
        self.damaged = sum(reader.damaged for reader in self._readers.values())
        chunks = [self._without_erased(chunk) for some in taken for chunk in some]
        sent = 0
        if chunks:
            self._stale = True  # until Redis says what it has, our readers are ahead of what is sure
            for chunk, position in zip(chunks, await ship(self._server, chunks), strict=True):
                self._confirmed[chunk.spool] = position
                if position == chunk.last:
                    sent += chunk.count
            self._stale = any(self._confirmed[chunk.spool] != self._readers[chunk.spool].position for chunk in chunks)
            self.shipped += sent
        self._settle()
        self._count_down()
        return sent

    def _reading(self) -> list[SpoolReader]:
        return [reader for name, reader in self._readers.items() if name not in self._settled]

    def _settle(self) -> None:
        for name in self._abandoned - self._settled:
            reader = self._readers[name]
            # It was abandoned before this read found nothing.
            if reader.position == self._at(name) and reader.is_at_end():
                reader.close()
                self._settled.add(name)

    def _without_erased(self, chunk: Chunk) -> Chunk:
        """Clicks of erased visitors go out blank: a replay or a restored spool brings none of them back."""
        marks = self._tombstones
        if marks is None or first_time(chunk.packed) > marks.latest:
            return chunk
        blank = blanked_records(chunk.packed, marks.refuses)
        return chunk if blank is None else replace(chunk, packed=blank)

    def _count_down(self) -> None:
        self.depth = sum(max(0, ahead.position - self._at(name)) for name, ahead in self._lookahead.items())
        if self.depth == 0:
            self._look_no_further()

    def _look_no_further(self) -> None:
        for ahead in self._lookahead.values():
            ahead.close()
        for trail in self._trails.values():
            trail.close()
        self._lookahead.clear()
        self._trails.clear()

    def _measure_depth(self) -> None:
        """Count what waits, by reading ahead of what is shipped; Redis is away, so there is time for it."""
        depth = 0
        try:
            folders = [entry for entry in self._root.iterdir() if (entry / LOCK_NAME).exists()]
        except OSError:
            return
        for folder in folders:
            if folder.name in self._settled:
                continue
            ahead = self._lookahead.get(folder.name)
            if ahead is None:
                ahead = self._lookahead[folder.name] = SpoolReader(folder, self._at(folder.name))
            while ahead.read(_CHUNKS_A_ROUND):
                pass
            depth += max(0, ahead.position - self._at(folder.name))
        self.depth = depth

    @property
    def is_failing(self) -> bool:
        """Redis took nothing the last time it was asked."""
        return self._failures > 0

    def oldest(self) -> float | None:
        """Unix time of the oldest click that is not in the stream, as far as `depth` says that there is one.

        It may tell that of a click up to a chunk before it. Asked several times a second while a spool is caught up
        on, it reads each click at most once more.
        """
        if self.depth == 0:
            return None
        times = []
        for name, ahead in self._lookahead.items():
            at = self._at(name)
            if ahead.position <= at:
                continue
            trail = self._trails.get(name)
            if trail is None or trail.first > at + 1:  # none yet, or Redis has lost what it had
                trail = self._trails[name] = Trail(SpoolReader(ahead.path, at))
            if (found := trail.first_behind(at)) is not None:
                times.append(found)
        return min(times, default=None)

    def _at(self, name: str) -> int:
        return self._confirmed.get(name, -1)

    async def _tidy(self) -> None:
        """Delete segments that are in the stream since `keep_s`, and with its last one the spool of a dead writer."""
        now = time.monotonic()
        await forget_oldest(self._server)
        # Retention, and whoever tidies by hand, delete segments, too.
        self._finished = {path: since for path, since in self._finished.items() if path.exists()}
        self._abandoned = {
            name for name, reader in self._readers.items() if name in self._settled or reader.is_abandoned()
        }
        for name, reader in list(self._readers.items()):
            is_done = name in self._settled
            segments = reader.segments()
            for first, following in itertools.zip_longest(segments, segments[1:]):
                path = reader.path / segment_name(first)
                if not (is_done if following is None else following <= self._at(name) + 1):
                    self._finished.pop(path, None)
                elif now - self._finished.setdefault(path, now) >= self._keep_s:
                    path.unlink()
                    del self._finished[path]
            if is_done and not reader.segments() and now - self._finished.setdefault(reader.path, now) >= self._keep_s:
                await self._forget(name)

    async def _forget(self, name: str) -> None:
        path = self._readers[name].path
        shutil.rmtree(path, ignore_errors=True)
        self._finished.pop(path, None)
        self._let_go(name)
        await forget(self._server, name)

    def _let_go(self, name: str) -> None:
        self._readers.pop(name).close()
        self._confirmed.pop(name, None)
        self._abandoned.discard(name)
        self._settled.discard(name)


def pause_after(sent: int) -> float:
    """Seconds until the next look when so many clicks had come since the last one."""
    return min(sent * POLL_S, max(COLLECT_S, min(sent * _A_CLICK_S, RUSH_S)))
