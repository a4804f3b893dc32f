"""Where requests go, how long they wait for a connection, and how long one rests."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from config.settings import Limits
from tests.integration.proxy.conftest import ok
from tests.integration.proxy.pages import JOSE, PERSONAL, cookie, html, opens

Start = Callable[..., Any]
GET = b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n"


@contextmanager
def black_hole() -> Iterator[int]:
    """A port to which one connects and is never connected: the queue of its listener is full, and stays so."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(8)]
        for knocking in waiting:
            knocking.setblocking(False)
            knocking.connect_ex(("127.0.0.1", port))
        yield port
        for knocking in waiting:
            knocking.close()


async def test_a_black_hole_is_504_by_the_connect_timeout(shop: Start) -> None:
    with black_hole() as port:
        async with shop(ok(), site={"origin": f"http://127.0.0.1:{port}"}, limits=Limits(connect_timeout_s=0.2)) as s:
            head, _ = await s.ask(GET)
            assert head.startswith(b"HTTP/1.1 504")
            click = await s.click()
            assert (click.status, click.outcome) == (504, "connect_timeout")


async def test_who_waits_too_long_for_a_connection_is_told_when_to_come_back(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        await asyncio.sleep(30)
        return b""

    async with shop(answer, limits=Limits(max_origin_connections=1, connect_timeout_s=0.1)) as s:
        hangs, waits = await s.client(), await s.client()
        hangs.writer.write(GET)
        async with asyncio.timeout(30):
            while not s.origin.requests:  # noqa: ASYNC110 (noted by the origin's own task)
                await asyncio.sleep(0.01)
        head, _ = await waits.ask(GET)
        assert head.startswith(b"HTTP/1.1 503")
        assert b"\r\nRetry-After: " in head
        assert len(s.origin.requests) == 1


@pytest.mark.parametrize("repeatable", [True, False], ids=["GET", "POST"])
async def test_a_connection_rests_shorter_than_the_origin_keeps_it(shop: Start, repeatable: bool) -> None:
    raw = GET if repeatable else b"POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 0\r\n\r\n"
    for keeps, connections in ((b"Keep-Alive: timeout=1", 2), (b"Keep-Alive: timeout=5", 1)):
        async with shop(ok(b"ok", keeps)) as s:
            client = await s.client()
            for _ in range(2):
                assert (await client.ask(raw))[1] == b"ok"
            assert s.origin.connections == connections


async def test_what_rests_too_long_is_closed(shop: Start) -> None:
    closed = asyncio.Event()

    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ok())
        assert await reader.read() == b""
        closed.set()

    async with shop(answer, limits=Limits(origin_idle_s=0.05)) as s:
        await s.ask(GET)
        await asyncio.wait_for(closed.wait(), 30)


async def test_who_has_left_does_not_keep_a_connection_of_a_shop_that_hangs(shop: Start) -> None:
    async def answer(request: Any, reader: asyncio.StreamReader, writer: Any) -> bytes | None:
        if request.path == b"/hangs":
            await reader.read()
            return None
        return ok()

    async with shop(answer, limits=Limits(max_origin_connections=1, gone_timeout_s=0.1)) as s:
        leaves = await s.client()
        leaves.writer.write(GET.replace(b"GET /", b"GET /hangs"))
        async with asyncio.timeout(30):
            while not s.origin.connections:  # noqa: ASYNC110 (counted by the origin's own task)
                await asyncio.sleep(0.01)
        leaves.writer.write_eof()  # as of a browser whose window was closed
        assert (await s.ask(GET))[1] == b"ok"


FOREIGN = [
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    b"GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: shop.test\r\n\r\n",
    b"GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    b"GET //127.0.0.1:PORT/ HTTP/1.1\r\nHost: shop.test\r\n\r\n",
    b"GET /http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: shop.test\r\n\r\n",
    b"GET @127.0.0.1:PORT/ HTTP/1.1\r\nHost: shop.test\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.test@127.0.0.1:PORT\r\n\r\n",
    b"CONNECT 127.0.0.1:PORT HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.test\r\nX-Forwarded-Host: 127.0.0.1:PORT\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.test\r\nForwarded: host=127.0.0.1:PORT\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.test\r\nX-Original-URL: http://127.0.0.1:PORT/\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.test\r\nDestination: http://127.0.0.1:PORT/\r\n\r\n",
]


async def test_nothing_that_a_request_says_chooses_the_origin(shop: Start) -> None:
    reached: list[str] = []

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("a connection")
        writer.close()

    inner = await asyncio.start_server(met, "127.0.0.1", 0)
    port = str(inner.sockets[0].getsockname()[1]).encode()
    async with inner, shop(ok(b"the shop")) as s:
        for raw in FOREIGN:
            head, body = await s.ask(raw.replace(b"PORT", port))
            assert body == b"the shop" or head.split(b" ")[1] in (b"400", b"405", b"421"), raw
        assert s.origin.requests
    assert reached == []


@pytest.mark.parametrize(
    "seam",
    [
        "proxy.visit.Visit.outbound",
        "proxy.exchange.answered",
        "proxy.page_body.HeldPage.end",
        "proxy.page_body.is_document",
        "proxy.exchange.Exchange.response_head",
        "proxy.exchange.Exchange.concluding",
        "proxy.exchange.log",
        "proxy.origin_pool.OriginPool.acquire",
    ],
)
async def test_a_callback_that_raises_leaves_nobody_without_an_answer(
    shop: Start, monkeypatch: pytest.MonkeyPatch, seam: str
) -> None:
    called = asyncio.Event()

    def raises(*_: object, **__: object) -> None:
        called.set()
        raise ZeroDivisionError("planted")

    async with shop(html(), **PERSONAL) as s:
        with monkeypatch.context() as planted:
            planted.setattr(seam, raises)
            client = await s.client()
            client.writer.write(opens("/", cookie(JOSE)))
            async with asyncio.timeout(30):
                answer = await client.reader.read(12)
            assert answer in (b"HTTP/1.1 200", b"HTTP/1.1 500"), "an answer"
            assert called.is_set()
        head, _ = await s.ask(opens("/", cookie(JOSE)))
        assert head.startswith(b"HTTP/1.1 200")
