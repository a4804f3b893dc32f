"""What a data plane must survive of clients: requests in two readings, slow, idle and leaving ones."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.proxy.conftest import QUICK, get, ok

Start = Callable[..., Any]


REFUSED = [
    ("no host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("CL and TE", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("space before colon", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("gzip, chunked", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("version 2", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("TRACE", b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    ("long target", b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    ("large head", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    ("bad chunk", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
]


@pytest.mark.parametrize(("raw", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_what_must_not_be_understood_is_refused_and_closes(shop: Start, raw: bytes, status: int) -> None:
    async with shop(ok()) as s:
        client = await s.client()
        head, body = await client.ask(raw)
        assert int(head.split(b" ")[1]) == status
        assert b"Connection: close" in head
        assert len(body) < 100
        assert await client.reader.read() == b""
        assert s.origin.requests == []
        assert s.count("bad_requests") == 1


async def test_foreign_host_is_421(shop: Start) -> None:
    async with shop(ok(), site={"hosts": ("shop.test",)}) as s:
        for _ in range(3):  # also where the fields are remembered
            assert (await s.ask(get()))[1] == b"ok"
            assert (await s.ask(b"GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n"))[0].startswith(b"HTTP/1.1 421")
            head, _ = await s.ask(b"GET http://evil.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 421")


async def test_loop_is_508(shop: Start) -> None:
    async with shop(ok()) as s:
        await s.ask(get())
        via = s.origin.requests[0].values(b"via")[0]
        head, _ = await s.ask(get(b"/", b"Via: " + via))
        assert head.startswith(b"HTTP/1.1 508")


@pytest.mark.parametrize("sent", [b"GET / HT", get(b"/", b"Content-Length: 10", method=b"POST") + b"a"])
async def test_slow_sender_is_408(shop: Start, sent: bytes) -> None:
    async with shop(ok(), limits=QUICK) as s:
        client = await s.client()
        head, _ = await client.ask(sent)
        assert head.startswith(b"HTTP/1.1 408")
        assert await client.reader.read() == b""


async def test_idle_client_is_closed_without_a_word(shop: Start) -> None:
    async with shop(ok(), limits=QUICK) as s:
        client = await s.client()
        await client.ask(get())
        assert await client.reader.read() == b""


async def test_leaving_client_ends_the_origins_work(shop: Start) -> None:
    gone = asyncio.Event()

    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        except ConnectionError:
            gone.set()

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(get())
        await client.reader.read(1000)
        client.writer.transport.abort()
        await asyncio.wait_for(gone.wait(), 30)
        click = await s.click()
        assert click.aborted
        assert len(s.clicks.all) == 1


async def test_client_that_does_not_read_is_given_up(shop: Start) -> None:
    async with shop(ok(b"x" * 20_000_000), limits=replace(QUICK, first_byte_timeout_s=10)) as s:
        client = await s.client()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.writer.write(get())
        click = await s.click()
        assert click.aborted


async def test_a_fast_start_buys_no_time_for_a_slow_rest(shop: Start) -> None:
    async with shop(ok(), limits=QUICK) as s:
        client = await s.client()
        head, _ = await client.ask(get(b"/", b"Content-Length: 1000000", method=b"POST") + b"x" * 100_000)
        assert head.startswith(b"HTTP/1.1 408")
