"""URLs of all kinds, and one clear line when nothing sound answers there."""

import asyncio
import socket
from pathlib import Path
from typing import Any, cast

import pytest
import uvloop
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import RedisError

from bench.chaos.redis_servers import OneSentinel
from storage.connecting import SOCKET_TIMEOUT_S, Client, check_url, connect, shown
from storage.embedded import EmbeddedValkey
from storage.line import Line
from storage.profiles import BatchedProfiles
from storage.resp import Endpoint, RespConnection, encode_command
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn, killed


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("redis://localhost", Redis),
        ("redis://:secret@10.0.0.1:6380/3", Redis),
        ("rediss://user:secret@redis.example", Redis),
        ("unix:///run/valkey.sock?db=2", Redis),
        ("redis+sentinel://a:26379,b,c:26380/mymaster/1", Redis),
        ("redis+cluster://a,b:7001", RedisCluster),
        ("rediss+cluster://u:p@a,b:7001", RedisCluster),
    ],
)
async def test_every_kind_makes_a_client(url: str, kind: type) -> None:
    client = connect(url)
    assert isinstance(client, kind)
    await client.aclose()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://localhost", "unknown scheme; allowed: embedded, redis"),
        ("localhost:6379", "unknown scheme"),
        ("redis://", "a host is missing"),
        ("redis://a,b", "several hosts need"),
        ("redis://localhost/one", "'one' is not a database number"),
        ("redis://localhost:port", "is not host:port"),
        ("redis+sentinel://a:26379", "master's name is missing"),
        ("unix://", "a socket path is missing"),
    ],
)
async def test_what_cannot_be_understood_is_said(url: str, says: str) -> None:
    problem = await check_url(url)
    assert problem is not None
    assert says in problem
    assert "\n" not in problem


async def test_unreachable_is_one_line_without_the_password() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        problem = await check_url(f"redis://user:hush@127.0.0.1:{closed.getsockname()[1]}/0")
    assert problem is not None
    assert "unreachable" in problem
    assert "hush" not in problem
    assert "\n" not in problem
    assert shown("redis://user:hush@h/0") == "redis://user:…@h/0"


async def test_what_answers_is_fine(redis_url: str) -> None:
    assert await check_url(redis_url) is None


async def test_a_wrong_password_is_named(own_valkey: EmbeddedValkey) -> None:
    client = connect(own_valkey.url)
    await client.execute_command("CONFIG", "SET", "requirepass", "right")
    await client.aclose()
    problem = await check_url(own_valkey.url)
    assert problem is not None
    assert "password" in problem or "Authentication" in problem


URLS = ("redis://{}", "redis+cluster://{}", "redis+sentinel://{}/shop")


@pytest.mark.parametrize("url", URLS)
def test_a_reset_connection_is_a_lost_one_under_uvloop_too(url: str) -> None:
    async def talk() -> None:
        transports: list[asyncio.WriteTransport] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            transports.append(writer.transport)
            while data := await reader.read(65536):
                writer.write(b"+OK\r\n" * data.count(b"*"))
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        client = connect(url.format(f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        connection = _connection(client)
        await connection.connect()
        connection._writer.transport.abort()
        await asyncio.sleep(0)
        try:
            with pytest.raises(RedisError):
                await connection.send_command("PING")
            assert not connection.is_connected
        finally:
            await client.aclose()
            server.close()
            for transport in transports:
                transport.abort()

    uvloop.run(talk())


def _connection(client: Client) -> Any:
    """A connection as the client makes them."""
    if isinstance(client, RedisCluster):
        (node,) = client.nodes_manager.startup_nodes.values()
        return node.acquire_connection()
    pool = client.connection_pool
    pool = pool.sentinel_manager.sentinels[0].connection_pool if isinstance(pool, SentinelConnectionPool) else pool
    return pool.make_connection()


ENDLESS = b"endless"
TURNS = 40
"""Of the event loop: more than a command takes here."""


@pytest.mark.parametrize("url", URLS)
async def test_a_cancellation_is_heard_at_every_turn_of_a_command(url: str, spawn: Spawn) -> None:
    """Else a limit around a command (`asyncio.timeout`) would be none: it cancels once."""

    server = await asyncio.get_running_loop().create_server(_Agreeing, "127.0.0.1", 0)
    client = connect(url.format(f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    connection = _connection(client)

    async def talk_for_ever() -> None:
        while True:
            await connection.connect()
            await connection.send_command("PING")
            await connection.read_response()

    deaf = []
    for turns in range(TURNS):
        talking = spawn(talk_for_ever(), "talking")
        for _ in range(turns):
            await asyncio.sleep(0)
        talking.cancel()
        await asyncio.wait([talking], timeout=2)  # at once, but on a busy machine
        if not talking.done():
            deaf.append(turns)
            await killed(talking)
        assert talking.cancelled()
    await connection.disconnect()
    await client.aclose()
    server.close()
    assert deaf == []


async def test_a_sentinel_that_says_nothing_keeps_nobody_from_asking_the_next(tmp_path: Path, spawn: Spawn) -> None:
    server = OneSentinel(tmp_path)
    await server.start()
    silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    url = server.url.replace("://", f"://127.0.0.1:{port},127.0.0.1:{port},")
    try:
        await eventually(lambda: _is_sound(server.url))
        for_work, for_pages = connect(url), connect(url)
        assert isinstance(for_work, Redis)
        profiles = BatchedProfiles(for_pages, 5.0, spawn)
        found = await asyncio.gather(
            check_url(url), Line(for_work).execute_command("PING"), profiles.ready(SOCKET_TIMEOUT_S)
        )
        assert list(found) == [None, b"PONG", True]
        profiles.close()
        await for_work.aclose()
        await for_pages.aclose()
    finally:
        silent.close()
        await server.stop()


async def test_a_reply_without_end_costs_the_connection() -> None:
    lost = asyncio.Event()
    server = await asyncio.get_running_loop().create_server(_Agreeing, "127.0.0.1", 0)
    endpoint = Endpoint(None, "127.0.0.1", server.sockets[0].getsockname()[1], None, None, 0, None)
    connection = await RespConnection.open(endpoint, lost.set, 5, max_buffered=1 << 20)
    answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    connection.send(encode_command([b"GET", ENDLESS]), answer.set_result)
    assert isinstance(await asyncio.wait_for(answer, 20), ConnectionResetError)
    assert lost.is_set()
    server.close()


class _Agreeing(asyncio.Protocol):
    """A server that says OK to every command; but for one key, whose value never ends."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if ENDLESS in data:
            self._transport.write(b"$900000000\r\n" + b"x" * (2 << 20))
        else:
            self._transport.write(b"+OK\r\n" * data.count(b"*"))


async def _is_sound(url: str) -> bool:
    return await check_url(url) is None
