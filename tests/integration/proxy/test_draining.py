"""Draining: what is under way is ended, tunnels are dismissed in good order, and nobody who knocked is lost."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.proxy.conftest import get, ok

Start = Callable[..., Any]


async def test_drain_dismisses_a_websocket_between_frames(shop: Start) -> None:
    rest, got = asyncio.Event(), bytearray()

    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        writer.write(b"\x81\x05he")
        await rest.wait()
        writer.write(b"llo")
        got.extend(await reader.readexactly(8))
        writer.write(b"\x88\x02\x03\xe9")
        writer.close()

    async with shop(answer) as s:
        client = await s.client()
        await client.ask(get(b"/ws", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: x"))
        assert await client.reader.readexactly(4) == b"\x81\x05he"
        draining = asyncio.get_running_loop().create_task(s.plane.drain(5))
        await asyncio.sleep(0.1)
        rest.set()
        assert await client.reader.readexactly(7) == b"llo\x88\x02\x03\xe9"
        client.writer.write(b"\x88\x82mask\x6e\x88")
        assert await client.reader.read() == b""
        client.writer.close()
        await draining
        assert got == b"\x88\x82mask\x6e\x88"
        assert (await s.click()).aborted is False


async def test_drain_closes_a_tunnel_that_does_not_answer(shop: Start) -> None:
    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81")
        await reader.read()

    async with shop(answer) as s:
        client = await s.client()
        await client.ask(get(b"/ws", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: x"))
        await s.plane.drain(5)
        assert await client.reader.read() == b"\x81"


async def test_drain_fails_nobody(shop: Start) -> None:
    release = asyncio.Event()

    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        if request.path == b"/slow":
            await release.wait()
        return ok(request.path)

    async with shop(answer) as s:
        busy, idle = await s.client(), await s.client()
        await idle.ask(get())
        busy.writer.write(get(b"/slow"))
        await asyncio.sleep(0.05)
        draining = asyncio.get_running_loop().create_task(s.plane.drain(5))
        await asyncio.sleep(0.05)
        head, body = await idle.ask(get(b"/idle"))
        assert (body, b"Connection: close" in head) == (b"/idle", True)
        release.set()
        head, body = await busy.response()
        assert (body, b"Connection: close" in head) == (b"/slow", True)
        await draining
        with pytest.raises(OSError):
            await s.client()
        assert len(s.clicks.all) == 3


async def test_a_drain_serves_who_waits_in_the_listeners_queue(shop: Start) -> None:
    async with shop(ok(b"whole")) as s:
        with (
            socket.create_connection(("127.0.0.1", s.plane.port)) as early,
            socket.create_connection(("127.0.0.1", s.plane.port)) as silent,
        ):
            early.sendall(get(b"/early"))  # connected by the kernel; the event loop has not turned since
            await s.plane.drain(5)
            said = b""
            while more := early.recv(4096):
                said += more
            assert said.startswith(b"HTTP/1.1 200")
            assert said.endswith(b"whole")
            assert silent.recv(1) == b"", "closed in good order"


async def test_drain_ends_at_its_deadline(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        await asyncio.sleep(60)
        return b""

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(get())
        await asyncio.sleep(0.05)
        await s.plane.drain(0.1)
        assert (await s.click()).aborted
