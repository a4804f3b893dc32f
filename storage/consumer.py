"""The consumer: clicks from the stream into profiles and the catalogue; an entry is acknowledged after its writes.

Invariants: any number may run, one folds (see `storage.stream`); a crash between any two steps repeats the batch, and
a repeated batch changes nothing (`applied` in the profiles, one script for catalogue and acknowledgement). On a Cluster
a profile's node may forget its last moments while the stream's remembers that they were acknowledged: who takes over,
or sees that another node took over, folds the last minute again before anything newer.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from clicks.click import Click
from clicks.wire import decode_click
from storage.catalogue import CatalogueLearner
from storage.connecting import Client
from storage.folded_profiles import ComparedProfiles, FoldedProfiles, WatchedProfiles
from storage.folding import Change, Folding, Numbered, touched
from storage.line import Line
from storage.pausing import pause
from storage.profile_store import PROFILE_TTL_S, ProfileStore
from storage.stream import ClickStream, Entries, Entry, Standby, Taken

BATCH_ENTRIES: Final = 16
"""At most 1,024 clicks: folding is one stretch of computing, and the shipper shares this process."""
_BLOCK_MS: Final = 500
_STANDBY_S: Final = 0.5
_TRIM_EVERY_S: Final = 5.0
_BACKOFF_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
_ATTEMPTS: Final = 10

_log = logging.getLogger(__name__)


class Consumer:
    """Attributes are progress: `folded`, `malformed` and `errors` count up, `lag_s` is the age of the newest entry
    folded when its writes were done, `is_active` says whether this one holds the lease."""

    def __init__(self, client: Client, name: str, *, profile_ttl_s: float = PROFILE_TTL_S) -> None:
        self.folded = 0
        self.malformed = 0
        self.errors = 0
        self.lag_s = 0.0
        self.is_active = False
        # On one connection, all of a batch is read, written and acknowledged on one and the same server.
        self._line = Line(client) if isinstance(client, Redis) else None
        self._stream = ClickStream(client, name, f"{name}-{secrets.token_hex(8)}", self._line)
        self._profiles: FoldedProfiles = (
            ComparedProfiles(ProfileStore(client, ttl_s=profile_ttl_s))
            if self._line is None
            else WatchedProfiles(self._line, profile_ttl_s)
        )
        self._learner = CatalogueLearner(self._line or client)
        self._last = "0-0"
        self._trimmed = 0.0
        self._masters: frozenset[str] = frozenset()

    @property
    def products(self) -> int:
        """Products of the catalogue, as this one knows it."""
        return self._learner.count

    @property
    def products_dropped(self) -> int:
        """How many products gave way to others, because the catalogue is full."""
        return self._learner.dropped

    async def run(self, stop: asyncio.Event) -> None:
        """Fold until `stop`; every failure of Redis is waited out."""
        try:
            await self._run(stop)
        finally:
            if self._line is not None:
                self._line.close()
                await asyncio.sleep(0)  # the loop lets go of the socket in its next turn

    async def _run(self, stop: asyncio.Event) -> None:
        failures = 0
        is_open = False
        while not stop.is_set():
            try:
                if not is_open:
                    await self._stream.open()
                    is_open = True
                await self._step(stop)
                if failures:
                    _log.warning("clicks are folded again")
                failures = 0
            except (RedisError, OSError, TimeoutError) as error:
                is_open = self.is_active = False
                failures += 1
                self.errors += 1
                if failures == 1:
                    _log.warning("clicks are not folded: %s", " ".join(str(error).split()))
                await pause(_BACKOFF_S[min(failures, len(_BACKOFF_S)) - 1], stop)
        if self.is_active:
            try:
                await self._stream.release()
            except (RedisError, OSError, TimeoutError):
                pass  # it lapses by itself
            self.is_active = False

    async def _step(self, stop: asyncio.Event) -> None:
        """One read and what follows from it. After a failure pending entries come first again."""
        if not self.is_active:
            await self._take(stop)
            return
        answer = await self._stream.await_new(BATCH_ENTRIES, self._last, _BLOCK_MS)
        match answer:
            case Entries(entries=entries):
                if entries:
                    await self._fold(entries)
                    self._last = entries[-1].id.decode()
                await self._trim_now_and_then()
            case Taken() | Standby():
                self.is_active = False  # the lease had lapsed, or another took it

    async def _take(self, stop: asyncio.Event) -> None:
        cursor, is_replayed = "0-0", False
        while not stop.is_set():
            answer = await self._stream.read(BATCH_ENTRIES, cursor)
            match answer:
                case Standby():
                    await pause(_STANDBY_S, stop)
                    return
                case Taken():
                    cursor = "0-0"
                case Entries() if not is_replayed:
                    is_replayed = True
                    await self._replay()
                case Entries(entries=entries, cursor=following):
                    if entries:
                        await self._fold(entries)
                    if following == "0-0":
                        break
                    cursor = following
        self._last = await self._stream.last_delivered()
        await self._learner.refresh()
        self.is_active = True

    async def _replay(self) -> None:
        self._masters = self._stream.masters
        async for entries in self._stream.folded_lately(BATCH_ENTRIES):
            await self._write_profiles(self._decode(entries)[1])
            await self._stream.read(1, "0-0")  # the lease is renewed; what it hands out is asked for again

    async def _fold(self, entries: tuple[Entry, ...]) -> None:
        clicks, folding = self._decode(entries)
        await self._write_profiles(folding)
        every = [click for click, _, _ in clicks if not click.preview]
        assets = sum(click.asset for click in every)
        totals = {
            "clicks": len(every),
            "assets": assets,
            "pages": sum(click.kind != "other" and not click.asset for click in every),
            "bytes_out": sum(click.bytes_out for click in every),
        }
        for _ in range(_ATTEMPTS):
            taught = self._learner.learn(every)
            version = await self._stream.finish(entries, self._learner.version, taught, totals)
            if version is not None:
                if taught.products and version > self._learner.version:
                    self._learner.adopt(version, taught)
                break
            await self._learner.refresh()
        else:
            raise ResponseError("the catalogue is being written by another all the time")
        self.folded += len(clicks)
        self.lag_s = max(0.0, time.time() - int(entries[-1].id.partition(b"-")[0]) / 1000)

    def _decode(self, entries: tuple[Entry, ...]) -> tuple[list[Numbered], list[Numbered]]:
        """Every click, and those that profiles are made from: assets only count, unless they prove an event."""
        clicks: list[Numbered] = []
        for entry in entries:
            if entry.missing:
                self.malformed += entry.missing
                _log.error("stream entry %s lacks %d records", entry.id.decode(), entry.missing)
            for record in entry.records:
                try:
                    clicks.append((decode_click(record.payload), entry.spool, record.sequence))
                except ValueError as error:
                    self.malformed += 1
                    _log.error("click %s/%d is left out: %s", entry.spool, record.sequence, error)
        return clicks, [numbered for numbered in clicks if _shapes_profile(numbered[0])]

    async def _write_profiles(self, clicks: Sequence[Numbered]) -> None:
        if not clicks:
            return
        self._profiles.erased.clear()
        for _ in range(_ATTEMPTS):
            changes = await self._plan(clicks)
            if self._stream.masters != self._masters:
                raise RedisConnectionError("another node of the Cluster has taken over")
            if await self._profiles.write(changes):
                return
        raise ResponseError("profiles are being written by another all the time")

    async def _plan(self, clicks: Sequence[Numbered]) -> list[Change]:
        known: dict[str, bytes | None] = {}
        wanted = touched(clicks)
        while True:
            known |= zip(wanted, await self._profiles.read(wanted), strict=True)
            folding = Folding(known, self._profiles.erased)
            folding.apply(clicks)
            if not folding.missing:
                return folding.changes()
            wanted = folding.missing

    async def _trim_now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._trimmed > _TRIM_EVERY_S:
            self._trimmed = now
            await self._stream.trim()


def _shapes_profile(click: Click) -> bool:
    return (
        click.profile is not None
        and "p" in click.purposes
        and not click.preview
        and (not click.asset or bool(click.events) or click.merged_from is not None)
    )
