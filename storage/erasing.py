"""Erasure: everything that is kept of a visitor goes, in the order in which nothing can bring it back.

Marks first (file, then Redis), then the profile with all that were joined to it, spools, the stream, popularity, and at
last the embedded server's append-only file. Invariant: repeating any step, or all of them, changes nothing more; a
request is done only when its last step was.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from storage import keys
from storage.blanking import blank_spools, blanked_records
from storage.catalogue import POPULARITY_HALF_LIFE_S, PURCHASE_WEIGHT, VIEW_WEIGHT, changes_since, encode_product, level
from storage.connecting import Client
from storage.erasure_requests import ErasureRequest, ErasureRequests
from storage.pausing import pause
from storage.profile_store import ProfileStore
from storage.steady_clock import SteadyClock
from storage.tombstones import Tombstones, digest
from visitors.interests import point
from visitors.profile import Profile
from visitors.wire import decode_profile

AGAIN_AFTER_S: Final = 5.0
"""A request under way when the visitor was erased writes its click at its end: all is looked through once more."""
POLL_S: Final = 0.25
SHARED_EVERY_S: Final = 5.0
_OVERLAP_S: Final = 2 * 86_400.0
"""Marks are asked for by the time of whoever set them; the clocks of two machines may be a day apart."""
_REWRITE_S: Final = 40.0
_ATTEMPTS: Final = 20
_ANOTHERS: Final = 0.5 * VIEW_WEIGHT
"""Less than this is nobody else's look of the last week: it may still be this one's."""

_log = logging.getLogger("vitrina.erasing")

_FIND: Final = """
local found = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
  local blob = entry[2][8] or ''
  for _, name in ipairs(ARGV) do
    if string.find(blob, name, 1, true) then
      found[#found + 1] = entry[1]
      found[#found + 1] = blob
      break
    end
  end
end
return found
"""
_REMAKE: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local blank = {}
for at = 1, #ARGV, 2 do blank[ARGV[at]] = ARGV[at + 1] end
local function named(flat)
  local field = {}
  for at = 1, #flat, 2 do field[flat[at]] = flat[at + 1] end
  return field
end
local last = named(redis.call('XINFO', 'STREAM', KEYS[1]))['last-generated-id']
local groups = {}
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = named(flat)
  group.waiting = redis.call('XPENDING', KEYS[1], group['name'], '-', '+', 1000000)
  groups[#groups + 1] = group
end
local entries = redis.call('XRANGE', KEYS[1], '-', '+')
redis.call('DEL', KEYS[1])
for _, entry in ipairs(entries) do
  if blank[entry[1]] then entry[2][8] = blank[entry[1]] end
  redis.call('XADD', KEYS[1], entry[1], unpack(entry[2]))
end
for _, group in ipairs(groups) do
  redis.call('XGROUP', 'CREATE', KEYS[1], group['name'], group['last-delivered-id'], 'MKSTREAM')
end
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('XSETID', KEYS[1], last) end
for _, group in ipairs(groups) do
  for _, one in ipairs(group.waiting) do
    redis.call('XCLAIM', KEYS[1], group['name'], one[2], 0, one[1], 'FORCE', 'JUSTID')
  end
end
return #entries
"""
"""The stream made anew, blanked: an entry that is deleted or trimmed stays in its server's memory and files until all
of its neighbours go."""
_UPDATE: Final = """
if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[1] then return 0 end
local version = redis.call('INCR', KEYS[2])
for at = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
  redis.call('ZADD', KEYS[3], version, ARGV[at])
end
return version
"""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: profiles (joined ones too), clicks in spools and stream, products whose popularity was this one's."""

    profiles: int = 0
    clicks: int = 0
    products: int = 0


class Eraser:
    """Erases on one Redis and one machine's spools."""

    def __init__(self, client: Client, spool: Path, tombstones: Tombstones, *, is_embedded: bool) -> None:
        self._client = client
        self._spool = spool
        self._tombstones = tombstones
        self._is_embedded = is_embedded
        self._store = ProfileStore(client, erased_s=tombstones.keep_s)

    async def erase(self, profile_id: str, at: float) -> Erased:
        """Everything of one visitor up to `at`. RedisError, OSError when it must be tried again."""
        self._tombstones.add([digest(profile_id)], at)
        gone = await self._store.take_out(profile_id, at)
        ids = list(gone)
        self._tombstones.add(map(digest, ids), at)
        await self._client.execute_command(
            "ZADD", keys.ERASURES, *(piece for name in ids for piece in (repr(at), digest(name)))
        )
        products = 0
        for raw in gone.values():
            products += await self._forget_popularity(raw, at)
        clicks = await self.blank(ids)
        return Erased(sum(raw is not None for raw in gone.values()), clicks, products)

    async def blank(self, ids: list[str]) -> int:
        """Blank these visitors' clicks in spools and stream; how many places were."""
        names = [name.encode() for name in ids]
        clicks = await asyncio.to_thread(blank_spools, self._spool, self._tombstones.refuses, names)
        found = await self._client.execute_command("EVAL", _FIND, 1, keys.STREAM, *names)
        changed: list[bytes] = []
        for entry, blob in zip(found[::2], found[1::2], strict=True):
            blank = blanked_records(blob, self._tombstones.refuses)
            if blank is not None:
                changed += (entry, blank)
        await self._client.execute_command("EVAL", _REMAKE, 1, keys.STREAM, *changed)
        return clicks + len(changed) // 2

    async def rewrite_files(self) -> None:
        """The embedded server's append-only file made anew, so that it holds what is there and not what was."""
        if not self._is_embedded or not isinstance(self._client, Redis):
            return
        async with asyncio.timeout(_REWRITE_S):
            await self._rewritten()
            try:
                await self._client.execute_command("BGREWRITEAOF")  # type: ignore[no-untyped-call]
            except ResponseError as error:
                if "in progress" not in str(error):
                    raise
            await asyncio.sleep(0.05)
            await self._rewritten()

    async def _rewritten(self) -> None:
        while await self._is_rewriting():  # noqa: ASYNC110 - the server tells nobody when it is done
            await asyncio.sleep(0.05)

    async def _is_rewriting(self) -> bool:
        info: Any = await self._client.execute_command("INFO", "persistence")
        return bool(info.get("aof_rewrite_in_progress") or info.get("aof_rewrite_scheduled"))

    async def _forget_popularity(self, raw: bytes | None, at: float) -> int:
        """Take this visitor's views and purchases out; where nobody else's are left, nothing is."""
        profile = _decoded(raw)
        if profile is None or not (profile.products or profile.bought):
            return 0
        for _ in range(_ATTEMPTS):
            version, catalogue = await changes_since(self._client, -1)
            changed: list[Any] = []
            for product_id in {*profile.products, *profile.bought}:
                if (product := catalogue.get(product_id)) is None or not product.popularity:
                    continue
                present = level(product, at)
                viewed, bought = profile.products.get(product_id), profile.bought.get(product_id)
                # How often it was looked at is not kept; the interest is, which fades slower and weighs no less.
                own = 0.0 if viewed is None else viewed / point(profile, at)
                own += 0.0 if bought is None else _faded(PURCHASE_WEIGHT, bought, at)
                left = present.popularity - own
                left = left if left >= _ANOTHERS else 0.0
                changed += (product_id, encode_product(replace(present, popularity=left)))
            if not changed:
                return 0
            names = (keys.CATALOGUE, keys.CATALOGUE_VERSION, keys.CATALOGUE_CHANGES)
            if await self._client.execute_command("EVAL", _UPDATE, 3, *names, version, *changed):
                return len(changed) // 2
        raise ResponseError("the catalogue is being written by another all the time")


class Erasing:
    """The background task of `work`: requests of this machine, and what other machines on the same Redis erased."""

    def __init__(
        self,
        eraser: Eraser,
        client: Client,
        requests: ErasureRequests,
        tombstones: Tombstones,
        spool: Path,
        clock: SteadyClock | None = None,
    ) -> None:
        self.erased = 0
        """Requests done."""
        self._eraser = eraser
        self._client = client
        self._requests = requests
        self._tombstones = tombstones
        self._spool = spool
        self._clock = clock or SteadyClock()
        self._again: list[tuple[float, ErasureRequest]] = []
        self._seen = 0.0

    async def run(self, stop: asyncio.Event, now: Callable[[], float] = time.time) -> None:
        """Until `stop`; with Redis away requests wait."""
        failing = False
        shared = 0.0
        while not stop.is_set():
            try:
                if time.monotonic() >= shared:
                    shared = time.monotonic() + SHARED_EVERY_S
                    await self.share(now())
                await self.round()
                failing = False
            except (RedisError, OSError, TimeoutError, ValueError) as error:
                if not failing:
                    _log.warning("erasures wait: %s", " ".join(str(error).split()) or type(error).__name__)
                failing = True
            await pause(1.0 if failing else POLL_S, stop)

    async def round(self) -> None:
        """Do what was asked for; each request once more a little later, and then it is over."""
        fresh = [
            request for request in self._requests.pending() if not any(request == known for _, known in self._again)
        ]
        due = [request for at, request in self._again if at <= time.monotonic()]
        for request in fresh:
            # Each joined one is asked for by itself, before what says that they are joined is gone.
            for other in await ProfileStore(self._client).joined(request.profile) - {request.profile}:
                if not any(known.profile == other and known.at >= request.at for _, known in self._again):
                    self._requests.ask(other, request.at)
        for request in (*fresh, *due):
            await self._eraser.erase(request.profile, request.at)
        if fresh or due:
            await self._eraser.rewrite_files()
        self._again = [(at, request) for at, request in self._again if request not in due]
        self._again += [(time.monotonic() + AGAIN_AFTER_S, request) for request in fresh]
        for request in due:
            self._requests.done(request)
            self.erased += 1

    async def share(self, now: float) -> None:
        """Learn what other machines erased, tell a Redis that lost its marks, forget what is over."""
        trusted = self._clock.trusted()
        if trusted is None:
            self._tombstones.look()
        else:
            self._tombstones.compact(trusted)
            over = trusted - self._tombstones.keep_s
            await self._client.execute_command("ZREMRANGEBYSCORE", keys.ERASURES, "-inf", over)
        since = self._seen - _OVERLAP_S if self._seen else 0.0
        found = await self._client.execute_command("ZRANGEBYSCORE", keys.ERASURES, since, "+inf", "WITHSCORES")
        there = _scores(found)
        news = {name: at for name, at in there.items() if self._tombstones.marks.get(name, 0.0) < at}
        for name, at in news.items():
            self._tombstones.add([name], at)
        if news:  # on this machine's spools, by hash: every click is looked at
            await asyncio.to_thread(blank_spools, self._spool, self._tombstones.refuses)
        if not self._seen:
            lost = {name: at for name, at in self._tombstones.marks.items() if there.get(name, 0.0) < at}
            if lost:
                pairs = (piece for name, at in lost.items() for piece in (repr(at), name))
                await self._client.execute_command("ZADD", keys.ERASURES, *pairs)
                await self._erase_again()
        self._seen = now

    async def _erase_again(self) -> None:
        """A Redis that does not know of erasures may hold who was erased."""
        store = ProfileStore(self._client)
        async for profile_id, raw in store.scan():
            profile = _decoded(raw)
            if profile is not None and self._tombstones.refuses(profile_id, profile.last_click or profile.updated):
                await self._eraser.erase(profile_id, self._tombstones.marks[digest(profile_id)])


def _scores(found: Any) -> dict[str, float]:
    pairs = found if found and isinstance(found[0], tuple | list) else list(zip(found[::2], found[1::2], strict=True))
    return {bytes(name).decode(): float(score) for name, score in pairs}


def _faded(weight: float, then: float, now: float) -> float:
    return weight * float(0.5 ** (max(0.0, now - then) / POPULARITY_HALF_LIFE_S))


def _decoded(raw: bytes | None) -> Profile | None:
    if raw is None:
        return None
    try:
        return decode_profile(raw)
    except ValueError:
        return None
