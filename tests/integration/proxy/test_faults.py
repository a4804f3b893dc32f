"""What a data plane must survive: slow, dead, lying and leaving peers."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from config.settings import Limits
from proxy.answers import ERROR_PAGE
from tests.integration.proxy.conftest import get, ok
from tests.integration.proxy.pages import JOSE, PERSONAL, cookie, opens

Start = Callable[..., Any]
QUICK = Limits(
    head_timeout_s=0.2, idle_timeout_s=0.3, connect_timeout_s=0.3, first_byte_timeout_s=0.3, send_timeout_s=0.3
)


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


async def test_dead_origin_is_502(shop: Start) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with shop(ok(), site={"origin": f"http://127.0.0.1:{unused.getsockname()[1]}"}) as s:
            client = await s.client()
            for _ in range(2):
                head, _ = await client.ask(get(b"/", b"Content-Length: 0"))
                assert head.startswith(b"HTTP/1.1 502")
                client = await s.client()
            click = await s.click()
            assert (click.status, click.outcome) == (502, "origin_refused")


BROWSER = b"Accept: text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.mark.parametrize("own", ["", "<h1>Volvemos ma\u00f1ana</h1>"], ids=["ours", "the operator's"])
async def test_people_get_a_page_to_read_and_programs_a_line(shop: Start, own: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        site = {"origin": f"http://127.0.0.1:{unused.getsockname()[1]}", "error_page": own}
        async with shop(ok(), site=site) as s:
            head, body = await s.ask(get(b"/", BROWSER))
            assert head.startswith(b"HTTP/1.1 502")
            assert b"\r\nContent-Type: text/html; charset=utf-8\r\n" in head
            assert b"\r\nX-Robots-Tag: noindex\r\n" in head
            assert body == (own.encode() or ERROR_PAGE)
            client = await s.client()
            client.writer.write(get(b"/", BROWSER, method=b"HEAD"))
            head, _, nothing = (await client.reader.read()).partition(b"\r\n\r\n")
            assert (b"\r\nContent-Length: %d\r\n" % len(body) in head, nothing) == (True, b"")
            for asks in (b"Accept: */*", b"Accept: image/avif,image/webp"):
                head, body = await s.ask(get(b"/", asks))
                assert b"\r\nContent-Type: text/plain; charset=us-ascii\r\n" in head
                assert body == b"502 Bad Gateway\n"


async def test_silent_origin_is_504(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        await asyncio.sleep(5)
        return b""

    async with shop(answer, limits=QUICK) as s:
        head, _ = await s.ask(get())
        assert head.startswith(b"HTTP/1.1 504")
        assert (await s.click()).outcome == "first_byte_timeout"


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"]
)
async def test_origin_that_makes_no_sense_is_502(shop: Start, answer: bytes) -> None:
    async def once(request: Any, reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    async with shop(once) as s:
        assert (await s.ask(get()))[0].startswith(b"HTTP/1.1 502")


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
async def test_truncated_answer_breaks_the_client_off(shop: Start, start: bytes) -> None:
    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        await asyncio.sleep(0.02)

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(get())
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await client.response()
        click = await s.click()
        assert (click.status, click.aborted) == (200, True)


@pytest.mark.parametrize("part", [b"", b"<html>"], ids=["behind its head", "within its body"])
@pytest.mark.parametrize(("target", "status"), [(b"/a.png", 200), (b"/", 504)], ids=["a picture", "a held page"])
async def test_an_answer_that_stands_still_is_given_up(shop: Start, target: bytes, status: int, part: bytes) -> None:
    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n" + part)
        await reader.read()

    async with shop(answer, **PERSONAL, limits=replace(QUICK, first_byte_timeout_s=60, stall_timeout_s=0.1)) as s:
        client = await s.client()
        client.writer.write(opens(target.decode(), cookie(JOSE)))
        async with asyncio.timeout(30):
            assert (await client.reader.read(12)) == b"HTTP/1.1 %d" % status
            click = await s.click()
        assert (click.status, click.outcome) == (status, "stalled")


async def test_stale_connection_get_is_repeated_once(shop: Start) -> None:
    seen: list[Any] = []

    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        seen.append(writer)
        if len(seen) == 2:
            writer.transport.abort()  # the kept-alive connection goes as the request comes
            return None
        return ok(b"%d" % len(seen))

    async with shop(answer) as s:
        client = await s.client()
        assert (await client.ask(get()))[1] == b"1"
        assert (await client.ask(get()))[1] == b"3"
        assert s.count("origin_retries") == 1


async def test_post_is_never_sent_twice(shop: Start) -> None:
    posts: list[Any] = []

    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> bytes | None:
        if request.line.startswith(b"POST"):
            posts.append(request)
            writer.transport.abort()
            return None
        return ok()

    async with shop(answer) as s:
        client = await s.client()
        await client.ask(get())
        head, _ = await client.ask(get(b"/pay", b"Content-Length: 1", method=b"POST") + b"x")
        assert head.startswith(b"HTTP/1.1 502")
        assert len(posts) == 1


async def test_get_on_a_fresh_connection_is_not_repeated(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with shop(answer) as s:
        assert (await s.ask(get()))[0].startswith(b"HTTP/1.1 502")
        assert len(s.origin.requests) == 1


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


async def test_a_fast_start_buys_no_time_for_a_slow_rest(shop: Start) -> None:
    async with shop(ok(), limits=QUICK) as s:
        client = await s.client()
        head, _ = await client.ask(get(b"/", b"Content-Length: 1000000", method=b"POST") + b"x" * 100_000)
        assert head.startswith(b"HTTP/1.1 408")


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


async def test_early_answer_to_an_upload_arrives(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> None:
        writer.write(ok(b"too large").replace(b"200 OK", b"413 Too Large"))

    async with shop(answer) as s:
        client = await s.client()
        head, body = await client.ask(
            get(b"/", b"Content-Length: 1000000", b"Expect: 100-continue", method=b"POST") + b"x" * 1000
        )
        assert (head[:12], body) == (b"HTTP/1.1 413", b"too large")
        assert await client.reader.read() == b""


async def test_bytes_after_an_answer_cost_its_connection(shop: Start) -> None:
    async with shop(ok(b"ok") + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad") as s:
        client = await s.client()
        for _ in range(3):
            assert (await client.ask(get()))[1] == b"ok"
        assert s.origin.connections == 3


async def test_bytes_that_come_while_a_connection_rests_cost_it(shop: Start) -> None:
    """They would be the next visitor's answer."""

    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        late = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
        asyncio.get_running_loop().call_later(0.02, writer.write, late)
        return ok(b"ok")

    async with shop(answer) as s:
        client = await s.client()
        for _ in range(3):
            assert (await client.ask(get()))[1] == b"ok"
            await asyncio.sleep(0.1)
        assert s.origin.connections == 3


async def test_unasked_101_is_502(shop: Start) -> None:
    async with shop(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n") as s:
        assert (await s.ask(get()))[0].startswith(b"HTTP/1.1 502")


async def test_websocket_is_a_byte_tunnel(shop: Start) -> None:
    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert request.values(b"upgrade") == [b"websocket"]
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: 1\r\n\r\nfirst"
        )
        while data := await reader.read(65536):
            writer.write(data.upper())
            await writer.drain()

    async with shop(answer) as s:
        client = await s.client()
        head, _ = await client.ask(get(b"/ws", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: x"))
        assert head.startswith(b"HTTP/1.1 101")
        assert b"Upgrade: websocket" in head
        assert b"X-A: 1" in head
        assert await client.reader.readexactly(5) == b"first"
        big = b"abcdefgh" * 50_000
        client.writer.write(big)
        assert await client.reader.readexactly(len(big)) == big.upper()
        assert not s.clicks.all
        client.writer.close()
        click = await s.click()
        assert (click.status, click.bytes_out) == (101, len(big) + 5)
