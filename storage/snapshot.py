"""All that Redis holds of an installation, as one consistent moment, and back into an empty Redis.

Invariants: what belongs to the whole site (positions of the spools, catalogue, totals, clicks in the stream that are
not folded yet) is read by one script, so it is of one moment. Profiles are read after it and may know more clicks than
that; each carries what it knows (`applied`), so when those clicks come again from the spool they are not counted twice.
Values are our own formats, not the server's: a snapshot goes from one Redis or Valkey to another of any version.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgpack

from storage import keys
from storage.connecting import Client
from storage.line import run_in_order
from storage.profile_store import ProfileStore
from visitors.wire import decode_profile

Kind = Literal["string", "hash", "sorted_set", "stream"]

MOST_UNFOLDED: Final = 2000
"""Entries of the stream that the script reads while the server serves others too; it takes some milliseconds."""
_PAGE: Final = 200
_WAIT_S: Final = 0.2

_CAPTURE: Final = """
local entries, limit = {}, tonumber(ARGV[2])
if redis.call('EXISTS', KEYS[1]) == 1 then
  local last = '-'
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local field = {}
    for at = 1, #group, 2 do field[group[at]] = group[at + 1] end
    if field['name'] == ARGV[1] then last = '(' .. field['last-delivered-id'] end
  end
  if last ~= '-' then
    for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', limit + 1)) do
      for _, entry in ipairs(redis.call('XRANGE', KEYS[1], pending[1], pending[1])) do
        entries[#entries + 1] = entry[2]
      end
    end
  end
  for _, entry in ipairs(redis.call('XRANGE', KEYS[1], last, '+', 'COUNT', limit + 1)) do
    entries[#entries + 1] = entry[2]
  end
  if #entries > limit then return {'behind'} end
end
return {'ok', entries, redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3]), redis.call('HGETALL', KEYS[4]),
  redis.call('GET', KEYS[5]) or '', redis.call('ZRANGE', KEYS[6], 0, -1, 'WITHSCORES')}
"""


class SnapshotError(Exception):
    """It cannot be taken or put back; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Item:
    """One key. `value` is bytes (string), a mapping (hash), pairs (sorted set) or one entry's fields (stream)."""

    kind: Kind
    key: bytes
    value: Any
    expires_ms: int = 0
    """Milliseconds it has left; 0: it stays."""

    def packed(self) -> bytes:
        """For a file."""
        data: bytes = msgpack.packb((self.kind, self.key, self.value, self.expires_ms))
        return data


def unpacked(data: Iterable[bytes]) -> "Iterable[Item]":
    """The items of a file's blocks. ValueError when they are none."""
    unpacker = msgpack.Unpacker(use_list=False, raw=False, strict_map_key=False, max_buffer_size=1 << 30)
    try:
        for block in data:
            unpacker.feed(block)
            for fields in unpacker:
                kind, key, value, expires_ms = fields[:4]  # a later version may say more
                if kind not in ("string", "hash", "sorted_set", "stream"):
                    raise ValueError(f"unknown kind {kind!r}")
                yield Item(kind, key, value, expires_ms)
    except (TypeError, msgpack.UnpackException) as error:
        raise ValueError(str(error)) from None


@dataclass(frozen=True, slots=True)
class SiteState:
    """What the script read: the items, and up to which sequence each spool is among them."""

    items: tuple[Item, ...]
    positions: dict[str, int]


async def site_state(client: Client, *, most_unfolded: int = MOST_UNFOLDED, patience_s: float = 60.0) -> SiteState:
    """The whole site's keys as of one moment. Waits until the consumer is not far behind; SnapshotError in the end."""
    names = (
        keys.STREAM,
        keys.SHIPPED,
        keys.TOTALS,
        keys.CATALOGUE,
        keys.CATALOGUE_VERSION,
        keys.CATALOGUE_CHANGES,
    )
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        reply = await client.execute_command("EVAL", _CAPTURE, len(names), *names, keys.GROUP, most_unfolded)
        if reply[0] == b"ok":
            break
        if asyncio.get_running_loop().time() > deadline:
            raise SnapshotError(
                f"more than {most_unfolded} batches of clicks wait to be folded into profiles; let the work process "
                "catch up, or stop Vitrina and take the backup then"
            )
        await asyncio.sleep(_WAIT_S)
    entries, shipped, totals, catalogue, version, changes = reply[1:]
    items = [Item("stream", keys.STREAM, tuple(entry)) for entry in entries]
    items += [
        Item("hash", name, _pairs(flat))
        for name, flat in ((keys.SHIPPED, shipped), (keys.TOTALS, totals), (keys.CATALOGUE, catalogue))
        if flat
    ]
    if version:
        items.append(Item("string", keys.CATALOGUE_VERSION, version))
    if changes:
        items.append(Item("sorted_set", keys.CATALOGUE_CHANGES, _pairs(changes)))
    return SiteState(tuple(items), {spool.decode(): int(at) for spool, at in _pairs(shipped).items()})


async def profiles(client: Client) -> AsyncIterator[Item]:
    """Every profile, then the marks of those that were erased."""
    store = ProfileStore(client)
    found: dict[str, tuple[str, ...]] = {}
    moved: dict[str, str] = {}
    page: list[tuple[str, bytes]] = []
    async for profile_id, raw in store.scan():
        merged, moved_to = _relations(raw)
        if moved_to is None:
            found[profile_id] = merged
        else:
            moved[profile_id] = moved_to
        page.append((profile_id, raw))
        if len(page) == _PAGE:
            for item in await _with_expiry(client, page):
                yield item
            page = []
    for item in await _with_expiry(client, page):
        yield item
    # A profile that was joined into another between two pages: its history is in there by now, for it is written
    # before the tombstone.
    late = {target for gone, target in moved.items() if gone not in found.get(target, (gone,))}
    late |= {target for target in moved.values() if target not in found}
    fresh = zip(late, await store.get_many(list(late)), strict=True)
    for item in await _with_expiry(client, [(name, raw) for name, raw in fresh if raw is not None]):
        yield item
    async for key in client.scan_iter(match=keys.ERASED_PATTERN, count=500):
        mark, expires_ms = await client.get(key), await client.pttl(key)
        if mark is not None:
            yield Item("string", bytes(key), mark, max(0, expires_ms))


async def is_empty(client: Client) -> bool:
    """Whether this Redis holds nothing of an installation."""
    for name in (keys.STREAM, keys.SHIPPED, keys.TOTALS, keys.CATALOGUE):
        if await client.execute_command("EXISTS", name):
            return False
    async for _ in client.scan_iter(match=keys.PROFILE_PATTERN, count=500):
        return False
    return True


async def put_back(client: Client, items: Iterable[Item]) -> int:
    """Write the items; the number of profiles among them."""
    count = 0
    commands: list[tuple[Any, ...]] = []
    for item in items:
        count += item.key.startswith(keys.PROFILE_PREFIX)
        commands += _commands(item)
        if len(commands) >= _PAGE:
            await run_in_order(client, commands)
            commands = []
    if commands:
        await run_in_order(client, commands)
    return count


def _commands(item: Item) -> list[tuple[Any, ...]]:
    match item.kind:
        case "string":
            expiry = ("PX", item.expires_ms) if item.expires_ms else ()
            return [("SET", item.key, item.value, *expiry)]
        case "stream":
            return [("XADD", item.key, "*", *item.value)]
        case "hash":
            pairs = list(item.value.items())
            return [
                ("HSET", item.key, *(piece for pair in pairs[start : start + _PAGE] for piece in pair))
                for start in range(0, len(pairs), _PAGE)
            ]
        case "sorted_set":
            return [("ZADD", item.key, score, member) for member, score in item.value.items()]


async def _with_expiry(client: Client, page: list[tuple[str, bytes]]) -> list[Item]:
    if not page:
        return []
    names = [keys.profile_key(profile_id) for profile_id, _ in page]
    left = await run_in_order(client, [("PTTL", name) for name in names])
    return [Item("string", name, raw, max(0, int(ms))) for name, (_, raw), ms in zip(names, page, left, strict=True)]


def _relations(raw: bytes) -> tuple[tuple[str, ...], str | None]:
    try:
        profile = decode_profile(raw)
    except ValueError:  # of a version unknown here: it travels as it is
        return (), None
    return profile.merged, profile.moved_to


def _pairs(flat: Any) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
