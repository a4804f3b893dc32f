"""URLs of all kinds, and one clear line when nothing sound answers there."""

import asyncio
import socket
from typing import Any

import pytest
import uvloop
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import RedisError

from storage.connecting import Client, check_url, connect, shown
from storage.embedded import EmbeddedValkey


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
