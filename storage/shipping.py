"""The scripts that put clicks into the stream and take them out, each atomic on the server.

Invariants: a spool's position and its entry are written together, so a resend after a lost answer is recognised and
nothing enters twice; an entry only follows the one before it, so a server that forgot its last second says so.
"""

from typing import Final

from storage import keys
from storage.line import Server, run_in_order
from storage.spool_reader import Chunk

SHIP: Final = """
local last = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or -1)
local first = tonumber(ARGV[2])
if first <= last or (first > last + 1 and ARGV[5] == '0') then return last end
redis.call('XADD', KEYS[1], '*', 's', ARGV[1], 'f', ARGV[2], 'n', ARGV[4] - ARGV[2] + 1, 'b', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
redis.call('ZADD', KEYS[3], redis.call('TIME')[1], ARGV[1])
return tonumber(ARGV[4])
"""
"""Returns the spool's position: the chunk's last sequence when it is in, else the one to go on from. Entry ids are
minted by the server, which keeps them ascending even when its clock goes back."""


async def ship(server: Server, chunks: list[Chunk]) -> list[int]:
    """Put chunks of records into the stream, in order; returns the position of each one's spool after it."""
    commands = [
        (
            "EVAL",
            SHIP,
            3,
            keys.STREAM,
            keys.SHIPPED,
            keys.SHIPPED_AT,
            chunk.spool,
            chunk.first,
            chunk.packed,
            chunk.last,
            int(chunk.gap),
        )
        for chunk in chunks
    ]
    return [int(position) for position in await run_in_order(server, commands)]


FORGET: Final = """
local over = redis.call('HLEN', KEYS[1]) - tonumber(ARGV[1])
if over <= 0 then return 0 end
for _, spool in ipairs(redis.call('HKEYS', KEYS[1])) do redis.call('ZADD', KEYS[2], 'NX', 0, spool) end
local gone = redis.call('ZRANGE', KEYS[2], 0, math.min(over, 1000) - 1)
redis.call('HDEL', KEYS[1], unpack(gone))
redis.call('ZREM', KEYS[2], unpack(gone))
return #gone
"""
"""Those of which nothing is known (an older version shipped them, a backup brought them back) go first."""

MOST_SPOOLS: Final = 5_000
"""Spools whose positions Redis keeps. A machine forgets its own an hour after their end; those of machines that are
gone with their disks stay, one for each process that wrote clicks there."""


async def forget(server: Server, spool: str) -> None:
    """Of a spool that is no more."""
    await run_in_order(server, [("HDEL", keys.SHIPPED, spool), ("ZREM", keys.SHIPPED_AT, spool)])


async def forget_oldest(server: Server, most: int = MOST_SPOOLS) -> int:
    """Forget the spools of which nothing came for longest, but for `most`; how many."""
    return int(await server.execute_command("EVAL", FORGET, 2, keys.SHIPPED, keys.SHIPPED_AT, most))


async def positions(server: Server, spools: list[str]) -> list[int]:
    """The last sequence of each spool that is in the stream; -1 where none is."""
    if not spools:
        return []
    found = await server.execute_command("HMGET", keys.SHIPPED, *spools)
    return [-1 if position is None else int(position) for position in found]
