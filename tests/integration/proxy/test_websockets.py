"""WebSocket through the tunnel, with a client and a server that nobody here wrote (the `websockets` library)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from config.settings import Limits

Start = Callable[..., Any]


async def echo(socket: ServerConnection) -> None:
    """Sends each message back; "close N" closes with that code."""
    async for message in socket:
        if isinstance(message, str) and message.startswith("close "):
            await socket.close(int(message.removeprefix("close ")), "as asked")
        else:
            await socket.send(message)


@asynccontextmanager
async def opened(shop: Start, handler: Any = echo, **options: Any) -> AsyncIterator[tuple[Any, str]]:
    """A data plane in front of a WebSocket server: the data plane, and the address for clients."""
    limits = options.pop("limits", None)
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with shop(b"", site={"origin": f"http://127.0.0.1:{port}"}, limits=limits) as s:
            yield s, f"ws://127.0.0.1:{s.plane.port}/chat?room=1"


async def _says(client: ClientConnection, message: str | bytes) -> None:
    await client.send(message)
    assert await client.recv() == message


async def test_text_and_binary(shop: Start) -> None:
    async with opened(shop, max_size=2**22) as (_, url), connect(url, max_size=2**22) as client:
        for message in ("", "ñandú 😀", "x" * 70_000, b"", bytes(range(256)), b"\x88\x02\x03\xe9" * 500_000):
            await _says(client, message)


async def test_fragments(shop: Start) -> None:
    async def fragments(socket: ServerConnection) -> None:
        got = [piece async for piece in socket.recv_streaming()]
        assert [piece for piece in got if piece] == ["one ", "two ", "three"]
        await socket.send(["four ", "five"])

    async with opened(shop, fragments) as (_, url), connect(url) as client:
        await client.send(["one ", "two ", "three"])
        assert [piece async for piece in client.recv_streaming() if piece] == ["four ", "five"]


async def test_ping_and_pong_both_ways(shop: Start) -> None:
    async def pings(socket: ServerConnection) -> None:
        pong = await socket.ping(b"from the shop")
        await pong
        await socket.send("pinged")
        await socket.wait_closed()

    async with opened(shop, pings) as (_, url), connect(url) as client:
        assert await client.recv() == "pinged"
        pong = await client.ping(b"from the browser")
        await asyncio.wait_for(pong, 30)


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
async def test_close_codes_of_either_side(shop: Start, code: int) -> None:
    closed: list[tuple[int | None, str | None]] = []

    async def watched(socket: ServerConnection) -> None:
        try:
            await echo(socket)
        except ConnectionClosed:  # the library's word for any code but 1000 and 1001
            pass
        await socket.wait_closed()
        closed.append((socket.close_code, socket.close_reason))

    async with opened(shop, watched) as (s, url):
        async with connect(url) as client:
            await client.send(f"close {code}")
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert (client.close_code, client.close_reason) == (code, "as asked")
        async with connect(url) as client:
            await client.close(code, "by the browser")
        assert (await s.click(2)).status == 101
        async with asyncio.timeout(30):
            while len(closed) < 2:  # noqa: ASYNC110 (the server's handler fills it)
                await asyncio.sleep(0.01)
        assert closed == [(code, "as asked"), (code, "by the browser")]


async def test_a_connection_that_breaks_is_told_as_broken(shop: Start) -> None:
    async def breaks(socket: ServerConnection) -> None:
        socket.transport.abort()

    async with opened(shop, breaks) as (_, url), connect(url) as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1006


async def test_subprotocol_extension_and_fields_are_the_two_sides_own(shop: Start) -> None:
    async def named(socket: ServerConnection) -> None:
        assert socket.request is not None
        await socket.send(socket.request.headers["Authorization"])

    options = {"subprotocols": [Subprotocol("chat.v2")], "compression": "deflate"}
    async with (
        opened(shop, named, **options) as (_, url),
        connect(url, additional_headers={"Authorization": "Bearer x"}, **options) as client,  # type: ignore[arg-type]
    ):
        assert client.subprotocol == "chat.v2"
        assert [extension.name for extension in client.protocol.extensions] == ["permessage-deflate"]
        assert await client.recv() == "Bearer x"


async def test_a_refused_handshake_is_the_shops_answer(shop: Start) -> None:
    def refuses(socket: ServerConnection, request: Any) -> Any:
        return socket.respond(403, "not you\n")

    async with opened(shop, process_request=refuses) as (_, url):
        with pytest.raises(InvalidStatus) as refusal:
            await connect(url)
        assert (refusal.value.response.status_code, refusal.value.response.body) == (403, b"not you\n")


async def test_100_in_parallel(shop: Start) -> None:
    async with opened(shop) as (s, url):

        async def chat(number: int) -> None:
            async with connect(url, open_timeout=30) as client:
                for turn in range(10):
                    await _says(client, f"{number}:{turn}")
                    await _says(client, bytes((number,)) * 1000)

        await asyncio.gather(*map(chat, range(100)))
        assert (await s.click(100)).status == 101
        assert all(click.status == 101 and not click.aborted for click in s.clicks.all)


async def test_backpressure_reaches_the_sender(shop: Start) -> None:
    async def floods(socket: ServerConnection) -> None:
        for _ in range(40):
            await socket.send(b"x" * 500_000)

    async with opened(shop, floods, max_size=None) as (_, url), connect(url, max_queue=1, compression=None) as client:
        await asyncio.sleep(0.2)  # nobody reads
        size = sum([len(message) async for message in client])
        assert size == 20_000_000


async def test_a_silent_tunnel_is_closed_and_one_that_pings_is_not(shop: Start) -> None:
    limits = Limits(tunnel_idle_s=0.4)
    async with opened(shop, limits=limits, ping_interval=None) as (_, url):
        async with connect(url, ping_interval=None) as client:
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(client.recv(), 30)
        async with connect(url, ping_interval=0.1) as client:
            await asyncio.sleep(0.8)
            await _says(client, "still here")


async def test_a_drain_says_going_away(shop: Start) -> None:
    async with opened(shop) as (s, url), connect(url) as client:
        await _says(client, "hello")
        draining = asyncio.get_running_loop().create_task(s.plane.drain(5))
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1001
        await draining
