"""How much Redis holds, as the operator is told; and that what it knows of spools is bounded."""

import asyncio

from storage import keys
from storage.connecting import Client
from storage.occupancy import Occupancy
from storage.profile_store import ProfileStore
from storage.records import frame
from storage.shipping import forget, forget_oldest, positions, ship
from storage.spool_reader import Chunk
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn
from visitors.fold import new_profile
from visitors.wire import encode_profile


async def told(client: Client, *spools: str) -> None:
    """A click of each is shipped."""
    await ship(client, [Chunk(spool, 0, 1, frame(0, b"click"), False) for spool in spools])


async def test_what_redis_holds(redis_client: Client, spawn: Spawn) -> None:
    occupancy, stop = Occupancy(redis_client), asyncio.Event()
    await occupancy.look()
    before = occupancy.redis_keys
    await told(redis_client, "a", "b")
    await ProfileStore(redis_client).write_many([("p", None, encode_profile(new_profile("p", 1.0)), None)])
    running = spawn(occupancy.run(stop), "occupancy")

    async def seen() -> bool:
        return occupancy.stream_entries > 0

    await eventually(seen)
    stop.set()
    await running
    assert occupancy.stream_entries == 2
    assert occupancy.redis_keys == before + len((keys.STREAM, keys.SHIPPED, keys.SHIPPED_AT, "p"))
    assert occupancy.redis_bytes > 100_000


async def test_spools_of_machines_that_are_gone_are_forgotten(redis_client: Client) -> None:
    """Those silent longest first; one that an older version shipped is taken for the oldest."""
    await told(redis_client, *(f"lost-{number}" for number in range(5)))
    for number in range(5):
        await redis_client.execute_command("ZADD", keys.SHIPPED_AT, number, f"lost-{number}")
    await redis_client.execute_command("HSET", keys.SHIPPED, "of-an-older-version", 7)
    await told(redis_client, "alive")
    assert await forget_oldest(redis_client, 7) == 0
    assert await forget_oldest(redis_client, 3) == 4
    left = await redis_client.execute_command("HKEYS", keys.SHIPPED)
    assert sorted(left) == [b"alive", b"lost-3", b"lost-4"]
    assert await positions(redis_client, ["alive", "lost-0"]) == [0, -1]
    assert await redis_client.execute_command("ZCARD", keys.SHIPPED_AT) == 3


async def test_a_spool_that_was_tidied_away_leaves_nothing(redis_client: Client) -> None:
    await told(redis_client, "a")
    await forget(redis_client, "a")
    assert await redis_client.execute_command("EXISTS", keys.SHIPPED) == 0
    assert await redis_client.execute_command("EXISTS", keys.SHIPPED_AT) == 0
