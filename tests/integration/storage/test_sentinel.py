"""A master found by its Sentinel."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from bench.chaos.redis_servers import OneSentinel
from storage import keys
from storage.connecting import check_url, connect
from storage.profiles import BatchedProfiles
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn


@pytest.fixture
async def sentinel(tmp_path: Path) -> AsyncIterator[str]:
    """URL by way of a Sentinel."""
    server = OneSentinel(tmp_path)
    await server.start()
    yield server.url
    await server.stop()


async def test_profiles_come_from_the_master(sentinel: str, spawn: Spawn) -> None:
    client = connect(sentinel)

    async def is_up() -> bool:
        try:
            return bool(await client.execute_command("SET", keys.profile_key("a"), b"raw"))
        except (RedisError, OSError):
            return False

    await eventually(is_up)
    assert await check_url(sentinel) is None
    profiles = BatchedProfiles(client, 5.0, spawn)
    assert await profiles.ready(5)
    answer: asyncio.Future[tuple[bytes | None, str | None]] = asyncio.get_running_loop().create_future()
    profiles.fetch("a", lambda raw, failure: answer.set_result((raw, failure)))
    assert await answer == (b"raw", None)
    profiles.close()
    await client.aclose()
    problem = await check_url(sentinel.replace("/shop", "/another"))
    assert problem is not None
    assert "unreachable" in problem
