"""What a data plane must survive of shops: dead, silent, lying ones, and those that say more than they were asked."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from proxy.answers import ERROR_PAGE
from tests.integration.proxy.conftest import QUICK, get, ok
from tests.integration.proxy.pages import JOSE, PERSONAL, cookie, opens

Start = Callable[..., Any]


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
