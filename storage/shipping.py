"""The scripts that put clicks into the stream and take them out, each atomic on the server.

Invariants: a spool's position and its entry are written together, so a resend after a lost answer is recognised and
nothing enters twice; an entry only follows the one before it, so a server that forgot its last second says so.
"""

from typing import Any, Final

from redis.asyncio import Redis

from storage import keys
from storage.connecting import Client
from storage.spool_reader import Chunk

SHIP: Final = """
local last = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or -1)
local first = tonumber(ARGV[2])
if first <= last or (first > last + 1 and ARGV[5] == '0') then return last end
redis.call('XADD', KEYS[1], '*', 's', ARGV[1], 'f', ARGV[2], 'n', ARGV[4] - ARGV[2] + 1, 'b', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
return tonumber(ARGV[4])
"""
"""Returns the spool's position: the chunk's last sequence when it is in, else the one to go on from. Entry ids are
minted by the server, which keeps them ascending even when its clock goes back."""


async def ship(client: Client, chunks: list[Chunk]) -> list[int]:
    """Put chunks of records into the stream, in order; returns the position of each one's spool after it."""
    commands = [
        (
            "EVAL",
            SHIP,
            2,
            keys.STREAM,
            keys.SHIPPED,
            chunk.spool,
            chunk.first,
            chunk.packed,
            chunk.last,
            int(chunk.gap),
        )
        for chunk in chunks
    ]
    return [int(position) for position in await run_in_order(client, commands)]


async def positions(client: Client, spools: list[str]) -> list[int]:
    """The last sequence of each spool that is in the stream; -1 where none is."""
    if not spools:
        return []
    found = await client.execute_command("HMGET", keys.SHIPPED, *spools)
    return [-1 if position is None else int(position) for position in found]


async def run_in_order(client: Client, commands: list[tuple[Any, ...]]) -> list[Any]:
    """Run commands one after the other, in one round trip where the server is a single one; raises the first error."""
    if len(commands) == 1:
        return [await client.execute_command(*commands[0])]
    if isinstance(client, Redis):
        pipeline = client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return list(await pipeline.execute())
    return [await client.execute_command(*command) for command in commands]
