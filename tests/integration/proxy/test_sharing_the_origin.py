"""The few connections that a shop can take: who waits, who is turned away, and what body holds one."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Limits
from tests.integration.proxy.conftest import get, ok

Start = Callable[..., Any]


async def test_bulkhead_queues_then_sheds(shop: Start) -> None:
    release = asyncio.Event()

    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        await release.wait()
        return ok()

    async with shop(answer, limits=Limits(max_origin_connections=2)) as s:
        clients = [await s.client() for _ in range(5)]
        for client in clients:
            client.writer.write(get())
            await asyncio.sleep(0.02)
        head, _ = await clients[4].response()
        assert head.startswith(b"HTTP/1.1 503")
        assert b"Retry-After" in head
        release.set()
        assert [(await client.response())[1] for client in clients[:4]] == [b"ok"] * 4
        assert s.origin.connections == 2


async def test_slow_bodies_take_no_connection_of_the_shop(shop: Start) -> None:
    async with shop(ok(), limits=Limits(max_origin_connections=2, hold_body_bytes=50)) as s:
        slow = [await s.client() for _ in range(6)]
        for client in slow:
            client.writer.write(get(b"/cart", b"Content-Length: 100", method=b"POST") + b"x" * 40)
        for client in [await s.client() for _ in range(3)]:
            assert (await client.ask(get()))[1] == b"ok"
        assert [request.path for request in s.origin.requests] == [b"/"] * 3
        for client in slow:
            client.writer.write(b"y" * 60)
            assert (await client.response())[1] == b"ok"
        assert {request.body for request in s.origin.requests[3:]} == {b"x" * 40 + b"y" * 60}


async def test_uploads_leave_connections_of_the_shop_to_others(shop: Start) -> None:
    async def answer(request: Any, reader: asyncio.StreamReader, writer: Any) -> bytes | None:
        if b"\r\nExpect: " in request.head:
            await reader.read()  # it says nothing, so nothing comes
            return None
        return ok()

    async with shop(answer, limits=Limits(max_origin_connections=4, hold_body_bytes=50)) as s:
        many = [await s.client() for _ in range(5)]
        chunk = b"3c\r\n" + b"x" * 60 + b"\r\n"
        for at, client in enumerate(many):
            asks = b"Expect: 100-continue" if at == 0 else b"X-Number: %d" % at
            client.writer.write(get(b"/up", b"Transfer-Encoding: chunked", asks, method=b"POST") + chunk * bool(at))
            await asyncio.sleep(0.02)
        for client in many[2:]:
            head, _ = await client.response()
            assert (head[:12], b"\r\nRetry-After: " in head) == (b"HTTP/1.1 503", True)
        for client in [await s.client() for _ in range(3)]:
            assert (await client.ask(get()))[1] == b"ok"
        many[1].writer.write(b"0\r\n\r\n")  # whole, it makes room for the next
        assert (await many[1].response())[1] == b"ok"
        again = get(b"/up", b"Transfer-Encoding: chunked", method=b"POST") + chunk
        many[1].writer.write(again + b"0\r\n\r\n")
        assert (await many[1].response())[1] == b"ok"
        many[0].writer.transport.abort()  # and so does who leaves
        for client in [await s.client() for _ in range(2)]:
            client.writer.write(again)
            await asyncio.sleep(0.02)
            client.writer.write(b"0\r\n\r\n")
            assert (await client.response())[1] == b"ok"


@pytest.mark.parametrize("framing", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
async def test_a_large_body_streams_before_it_is_whole(shop: Start, framing: bytes) -> None:
    came = asyncio.Event()

    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        came.set()
        return ok()

    part = b"x" * 60 if b"Length" in framing else b"3c\r\n" + b"x" * 60 + b"\r\n"
    async with shop(answer, limits=Limits(hold_body_bytes=50)) as s:
        client = await s.client()
        client.writer.write(get(b"/upload", framing, method=b"POST") + part)
        async with asyncio.timeout(30):
            while not s.origin.connections:  # noqa: ASYNC110 (counted by the origin's own task)
                await asyncio.sleep(0.01)
        assert not came.is_set()
