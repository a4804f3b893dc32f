"""Profiles in Redis for whoever may wait: read, written by compare-and-set, put to rest, erased.

Invariant: a profile is only written over the very bytes it was made from (but for an operator's import), and never
brought back by clicks from before its erasure.
"""

from collections.abc import AsyncIterator, Sequence
from itertools import chain
from typing import Final, Literal

from redis.asyncio import Redis

from storage import keys
from storage.connecting import Client
from storage.line import run_in_order
from storage.resp import Piece
from visitors.wire import decode_profile

PROFILE_TTL_S: Final = 395 * 86400
"""A profile that no click reached for that long goes; the cookie lasts as long. `[retention] profiles_days`"""
ERASED_TTL_S: Final = PROFILE_TTL_S
"""As long as profiles: a backup older than that brings none back that has not expired."""


COMPARE_AND_SET: Final = """
local results = {}
for at = 1, #KEYS / 2 do
  local profile, expected, fresh, known = KEYS[2 * at - 1], ARGV[3 * at - 1], ARGV[3 * at], ARGV[3 * at + 1]
  local mark = redis.call('GET', KEYS[2 * at])
  if mark and known ~= '*' and mark ~= known then
    results[at] = mark
  elseif (redis.call('GET', profile) or '') ~= expected then
    results[at] = 0
  else
    redis.call('SET', profile, fresh, 'EX', ARGV[1])
    results[at] = 1
  end
end
return results
"""
"""Per profile 1 when written, 0 when it is not what it was, else the mark of an erasure the writer did not know; '*'
as the known mark writes in spite of one."""
PUT_TO_REST: Final = """
local written = 0
for at = 1, #KEYS do
  if redis.call('GET', KEYS[at]) == ARGV[2 * at - 1] then
    redis.call('SET', KEYS[at], ARGV[2 * at], 'KEEPTTL')
    written = written + 1
  end
end
return written
"""
PUT: Final = """
for at = 1, #KEYS do redis.call('SET', KEYS[at], ARGV[at + 1], 'EX', ARGV[1]) end
return #KEYS
"""
_WRITES_AT_ONCE: Final = 64
"""Profiles in one script: it holds up the server's other clients for well under a millisecond."""


class ProfileStore:
    """Profiles by id, as bytes, for whoever may wait: the consumer and the operator's commands."""

    def __init__(self, client: Client, *, ttl_s: float = PROFILE_TTL_S, erased_s: float = ERASED_TTL_S) -> None:
        self._client = client
        self._ttl_s = int(ttl_s)
        self._erased_s = int(erased_s)

    async def get(self, profile_id: str) -> bytes | None:
        """The profile's bytes; None when there is none."""
        [found] = await self.get_many([profile_id])
        return found

    async def get_many(self, profile_ids: Sequence[str]) -> list[bytes | None]:
        """Bytes of each, in their order; one round trip where the server is a single one."""
        if not profile_ids:
            return []
        names = [keys.profile_key(profile_id) for profile_id in profile_ids]
        if isinstance(self._client, Redis):
            found: list[bytes | None] = await self._client.mget(names)  # type: ignore[assignment]
            return found
        return list(await self._client.mget_nonatomic(names))

    async def compare_and_set(self, profile_id: str, expected: bytes | None, raw: bytes) -> bool:
        """Write `raw` if the profile is still `expected` (None: absent). The operator's word goes over an erasure."""
        [written] = await self.write_many([(profile_id, expected, raw, None)], over_erasure=True)
        return written is True

    async def write_many(
        self, changes: Sequence[tuple[str, bytes | None, bytes, float | None]], *, over_erasure: bool = False
    ) -> list[Literal[True, False] | float]:
        """Compare-and-set each (id, expected, raw, known erasure). Per change: True when written, False when another
        was faster, or the time of an erasure that the writer did not know of."""
        # On a Cluster every profile has its own slot, and a script only one.
        step = _WRITES_AT_ONCE if isinstance(self._client, Redis) else 1
        commands: list[Sequence[Piece]] = []
        for start in range(0, len(changes), step):
            names: list[bytes] = []
            values: list[bytes] = [b"%d" % self._ttl_s]
            for profile_id, expected, raw, known in changes[start : start + step]:
                names += (keys.profile_key(profile_id), keys.erased_key(profile_id))
                mark = b"*" if over_erasure else b"" if known is None else repr(known).encode()
                values += (expected or b"", raw, mark)
            commands.append(("EVAL", COMPARE_AND_SET, len(names), *names, *values))
        results: list[list[bytes | int]] = await run_in_order(self._client, commands) if commands else []
        flat = (result for some in results for result in some)
        return [float(result) if isinstance(result, bytes) else result == 1 for result in flat]

    async def put_to_rest(self, changes: Sequence[tuple[str, bytes, bytes]]) -> int:
        """Write each (id, expected, raw) that is still what was expected, and leave the time it expires as it is; how
        many were."""
        found = await self._scripted(PUT_TO_REST, [(name, (expected, raw)) for name, expected, raw in changes])
        return sum(found)

    async def put_many(self, profiles: Sequence[tuple[str, bytes]]) -> None:
        """Write each (id, raw) over whatever is there: the operator's word."""
        await self._scripted(PUT, [(name, (raw,)) for name, raw in profiles], b"%d" % self._ttl_s)

    async def _scripted(
        self, script: str, changes: Sequence[tuple[str, tuple[bytes, ...]]], *first: bytes
    ) -> list[int]:
        step = _WRITES_AT_ONCE if isinstance(self._client, Redis) else 1
        commands: list[Sequence[Piece]] = []
        for start in range(0, len(changes), step):
            some = changes[start : start + step]
            names = [keys.profile_key(profile_id) for profile_id, _ in some]
            values = chain.from_iterable(values for _, values in some)
            commands.append(("EVAL", script, len(names), *names, *first, *values))
        return await run_in_order(self._client, commands) if commands else []

    async def erase(self, profile_id: str, at: float) -> bool:
        """As `take_out`; whether there was anything."""
        return any(raw is not None for raw in (await self.take_out(profile_id, at)).values())

    async def joined(self, profile_id: str) -> set[str]:
        """Ids of all profiles that were joined with this one, its own among them."""
        waiting, found = [profile_id], set[str]()
        while waiting:
            found.add(one := waiting.pop())
            waiting += [other for other in _related(await self.get(one)) if other not in found]
        return found

    async def take_out(self, profile_id: str, at: float) -> dict[str, bytes | None]:
        """Forget a profile and all that were joined with it; clicks up to `at` (Unix seconds) never bring
        them back. What went, by id; None where there was none: the mark is set all the same."""
        waiting, done = [profile_id], dict[str, bytes | None]()
        while waiting:
            gone = waiting.pop()
            raw = await self.get(gone)
            # The mark is there first: what a consumer writes in between is deleted with the rest.
            await self._client.execute_command("SET", keys.erased_key(gone), repr(float(at)), "EX", self._erased_s)
            await self._client.execute_command("DEL", keys.profile_key(gone))
            done[gone] = raw
            waiting += [other for other in _related(raw) if other not in done]
        return done

    async def scan(self) -> AsyncIterator[tuple[str, bytes]]:
        """Every profile that is there all the while, as (id, bytes), once; tombstones too."""
        seen: set[str] = set()
        async for page in self.pages():
            for profile_id, raw in page:
                if profile_id not in seen:
                    seen.add(profile_id)
                    yield profile_id, raw

    async def pages(self, size: int = 200) -> AsyncIterator[list[tuple[str, bytes]]]:
        """The same, so many at a time, some of them more than once; nothing of them is remembered."""
        ids: list[str] = []
        async for key in self._client.scan_iter(match=keys.PROFILE_PATTERN, count=500):
            ids.append(keys.profile_id(bytes(key)))
            if len(ids) == size:
                yield await self._page(ids)
                ids = []
        yield await self._page(ids)

    async def _page(self, ids: list[str]) -> list[tuple[str, bytes]]:
        found = await self.get_many(ids)
        return [(profile_id, raw) for profile_id, raw in zip(ids, found, strict=True) if raw is not None]


def _related(raw: bytes | None) -> tuple[str, ...]:
    if raw is None:
        return ()
    try:
        profile = decode_profile(raw)
    except ValueError:
        return ()
    return profile.merged + ((profile.moved_to,) if profile.moved_to else ())
