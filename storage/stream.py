"""The consumer's side of the stream: who may read, what comes next, what is done, what may go.

Invariants: one consumer folds at a time. The lease and the read are one script, so a consumer that lost its lease is
never handed an entry, and whoever takes over first gets everything that was handed out and not acknowledged; this is
what keeps each spool's clicks in their order, on which `applied` in the profiles rests. Catalogue, totals and
acknowledgement are one script too, so they count a batch once.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import RedisCluster
from redis.exceptions import ResponseError

from storage import keys
from storage.catalogue import Learnt, encode_product
from storage.connecting import Client
from storage.line import Line, Server, run_in_order
from storage.records import Record, unpack_records
from storage.resp import Piece

LEASE_MS: Final = 1500
MAX_AGE_MS: Final = 48 * 3600 * 1000
_NEW: Final = "new"
REPLAY_MS: Final = 60_000
"""On a Cluster a node that takes over may lack what its master had for some moments: so long what was folded stays in
the stream, to be folded into its profiles again."""

READ: Final = """
local holder = redis.call('GET', KEYS[2])
local is_ours = holder == ARGV[1]
if holder and not is_ours and redis.call('PTTL', KEYS[2]) <= tonumber(ARGV[2]) then return {'standby'} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
if not is_ours then return {'taken'} end
if ARGV[6] == 'new' then
  local streams = redis.call('XREADGROUP', 'GROUP', ARGV[3], ARGV[4], 'COUNT', ARGV[5], 'STREAMS', KEYS[1], '>')
  return {'entries', '', streams and streams[1][2] or {}}
end
local claimed = redis.call('XAUTOCLAIM', KEYS[1], ARGV[3], ARGV[4], 0, ARGV[6], 'COUNT', ARGV[5])
return {'entries', claimed[1], claimed[2]}
"""

"""A lease that has longer to go than any was ever given is from before the server's clock was set back: it is void, or
nobody would fold until the clock has caught up."""

RELEASE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

FINISH: Final = """
local expected, ids, products, dropped = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if products > 0 and (redis.call('GET', KEYS[4]) or '0') ~= expected then return -1 end
local at, acknowledged = 6, 0
for _ = 1, ids do
  acknowledged = acknowledged + redis.call('XACK', KEYS[1], ARGV[1], ARGV[at])
  at = at + 1
end
if acknowledged == 0 then return tonumber(expected) end
local version = tonumber(expected)
if products > 0 then
  version = redis.call('INCR', KEYS[4])
  for _ = 1, products do
    redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
    redis.call('ZADD', KEYS[5], version, ARGV[at])
    at = at + 2
  end
  for _ = 1, dropped do
    redis.call('HDEL', KEYS[3], ARGV[at])
    redis.call('ZREM', KEYS[5], ARGV[at])
    at = at + 1
  end
end
while ARGV[at] do
  redis.call('HINCRBY', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
return version
"""

TRIM: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local function parts(id)
  local ms, number = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local function before(a, b)
  local a_ms, a_number = parts(a)
  local b_ms, b_number = parts(b)
  return a_ms < b_ms or (a_ms == b_ms and a_number < b_number)
end
local time = redis.call('TIME')
local oldest = string.format('%.0f-0', math.max(0, tonumber(time[1]) * 1000 - tonumber(ARGV[1])))
local floor, ours
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local field = {}
  for at = 1, #group, 2 do field[group[at]] = group[at + 1] end
  local lowest = field['last-delivered-id']
  if field['pending'] > 0 then lowest = redis.call('XPENDING', KEYS[1], field['name'])[2] end
  if field['name'] == ARGV[3] then
    ours = lowest
  elseif not floor or before(lowest, floor) then
    floor = lowest
  end
end
if floor and before(floor, oldest) then floor = oldest end
if ours and (not floor or before(ours, floor)) then floor = ours end
if not floor then floor = oldest end
local recent = string.format('%.0f-0', math.max(0, tonumber(time[1]) * 1000 - tonumber(ARGV[2])))
if tonumber(ARGV[2]) > 0 and before(recent, floor) then floor = recent end
return redis.call('XTRIM', KEYS[1], 'MINID', floor)
"""
"""Entries before the oldest that some group still needs go, and what only other groups need and is older than 48 h.
What is still to be folded stays, however old the clock says it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream entry: records of one spool."""

    id: bytes
    spool: str
    records: tuple[Record, ...]
    missing: int
    """Records that it should hold and that could not be read."""


@dataclass(frozen=True, slots=True)
class Standby:
    """Another consumer holds the lease."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The lease is ours from now on: begin with what others left unacknowledged."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries to fold; `cursor` says where pending ones go on ("0-0" at their end)."""

    entries: tuple[Entry, ...]
    cursor: str = ""


class ClickStream:
    """The stream as one consumer sees it; `token` names this very consumer, `name` its place in the group."""

    def __init__(self, client: Client, name: str, token: str, line: Line | None = None) -> None:
        """`line` takes what is asked of `client`, where there is one."""
        self._client = client
        self._commands: Server = line or client
        self._name = name
        self._token = token
        self._replay_ms = REPLAY_MS if isinstance(client, RedisCluster) else 0

    @property
    def masters(self) -> frozenset[str]:
        """The nodes of a Cluster that may be written to, as far as the client knows; none elsewhere."""
        if not isinstance(self._client, RedisCluster):
            return frozenset()
        return frozenset(node.name for node in self._client.get_primaries())

    async def open(self) -> None:
        """Make the group where it is missing; it starts with the oldest entry there is."""
        try:
            await self._commands.execute_command("XGROUP CREATE", keys.STREAM, keys.GROUP, "0", "MKSTREAM")
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def read(self, count: int, cursor: str | None = None) -> Entries | Taken | Standby:
        """New entries, or with a cursor ("0-0" first) those handed out and not acknowledged, in the stream's order."""
        return _answer(await self._commands.execute_command(*self._reading(count, cursor or _NEW)))

    async def await_new(self, count: int, after: str, block_ms: int) -> Entries | Taken | Standby:
        """New entries once there is one behind `after`, and whatever `read` says after `block_ms` without any."""
        waiting = ("XREAD", "COUNT", 1, "BLOCK", block_ms, "STREAMS", keys.STREAM, after)
        *_, reply = await run_in_order(self._commands, [waiting, self._reading(count, _NEW)])
        return _answer(reply)

    def _reading(self, count: int, cursor: str) -> tuple[Piece, ...]:
        return "EVAL", READ, 2, keys.STREAM, keys.LEASE, self._token, LEASE_MS, keys.GROUP, self._name, count, cursor

    async def folded_lately(self, count: int) -> AsyncIterator[tuple[Entry, ...]]:
        """On a Cluster the entries of the last minute that were handed out, oldest first; nothing elsewhere, where the
        profiles lie on the stream's own server and know what it knows."""
        if not self._replay_ms:
            return
        seconds, _ = await self._commands.execute_command("TIME", target_nodes=RedisCluster.RANDOM)
        after, last = f"{max(0, int(seconds) * 1000 - self._replay_ms)}", await self.last_delivered()
        while found := await self._commands.execute_command("XRANGE", keys.STREAM, after, last, "COUNT", count):
            yield tuple(_entry(entry_id, _flat(fields)) for entry_id, fields in found)
            after = f"({bytes(found[-1][0]).decode()}"

    async def last_delivered(self) -> str:
        """Id of the entry that the group was handed last."""
        for group in await self._commands.execute_command("XINFO GROUPS", keys.STREAM):
            fields = group if isinstance(group, dict) else _paired(group)
            if fields["name"] == keys.GROUP:
                return bytes(fields["last-delivered-id"]).decode()
        return "0-0"

    async def finish(
        self, entries: tuple[Entry, ...], version: int, learnt: Learnt, totals: dict[str, int]
    ) -> int | None:
        """Acknowledge entries and write what they taught. The catalogue's version after it; None when it was written
        by another meanwhile (nothing is done then)."""
        taught: list[Any] = []
        for product_id, product in learnt.products.items():
            taught += [product_id, encode_product(product)]
        counted = [piece for name, n in totals.items() if n for piece in (name, n)]
        result = await self._commands.execute_command(
            "EVAL",
            FINISH,
            5,
            keys.STREAM,
            keys.TOTALS,
            keys.CATALOGUE,
            keys.CATALOGUE_VERSION,
            keys.CATALOGUE_CHANGES,
            keys.GROUP,
            version,
            len(entries),
            len(learnt.products),
            len(learnt.dropped),
            *(entry.id for entry in entries),
            *taught,
            *learnt.dropped,
            *counted,
        )
        return None if result == -1 else int(result)

    async def trim(self) -> int:
        """Drop what every group has acknowledged (on a Cluster a minute ago), and what is folded and older than 48 h;
        how many."""
        return int(
            await self._commands.execute_command("EVAL", TRIM, 1, keys.STREAM, MAX_AGE_MS, self._replay_ms, keys.GROUP)
        )

    async def release(self) -> None:
        """Give the lease back."""
        await self._commands.execute_command("EVAL", RELEASE, 1, keys.LEASE, self._token)


def _paired(flat: list[Any]) -> dict[str, Any]:
    return {bytes(name).decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def _flat(fields: dict[bytes, bytes]) -> list[bytes]:
    return [piece for pair in fields.items() for piece in pair]


def _answer(reply: list[Any]) -> Entries | Taken | Standby:
    match reply[0]:
        case b"standby":
            return Standby()
        case b"taken":
            return Taken()
    return Entries(tuple(_entry(*pair) for pair in reply[2]), bytes(reply[1]).decode())


def _entry(entry_id: bytes, pairs: list[bytes]) -> Entry:
    fields = dict(zip(pairs[::2], pairs[1::2], strict=True))
    records = tuple(unpack_records(fields.get(b"b", b"")))
    expected = fields.get(b"n", b"0")
    missing = int(expected) - len(records) if expected.isdigit() else 0
    return Entry(entry_id, fields.get(b"s", b"").decode("ascii", "replace"), records, missing)
