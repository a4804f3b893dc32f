"""Messages pass byte for byte in both directions, whatever their shape."""

import asyncio
import hashlib
import resource
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.proxy.conftest import get, ok

Start = Callable[..., Any]


TARGETS = [
    b"//x",
    b"/%zz",
    b"/a%2Fb",
    "/ñandú?q=é".encode(),
    b"/?u=http%3A%2F%2Fshop.test%2F",
    b"/a/../b/./c",
    b"/?a[]=1&a[]=2&empty=&=",
    b"/;jsessionid=1?x",
    b'/|{}^`"<>\\',
]


@pytest.mark.parametrize("target", TARGETS)
async def test_target_arrives_byte_exact(shop: Start, target: bytes) -> None:
    async with shop(ok()) as s:
        await s.ask(get(target))
        assert s.origin.requests[0].path == target


async def test_headers_keep_order_case_and_bytes_both_ways(shop: Start) -> None:
    answer = ok(
        b"x",
        b"X-Ni\xc3\xb1o: caf\xe9".replace(b"\xc3\xb1", b"n"),
        b"sEt-cOOkie: cart[uid]=1; Expires=Sunday, 29-Nov-2026",
        b"Set-Cookie: a=1; path=/",
        b"Set-Cookie: a=1; path=/b",
        b"x-empty:",
        b"Server: Apache/1.3",
    )
    async with shop(answer) as s:
        head, _ = await s.ask(
            get(
                b"/",
                b"x-LOWER: 1",
                b"X-Raw: caf\xe9 \xf0\x9f\x98\x80",
                b"Cookie: cart[uid]=1; b=2",
                b"X-Dup: 1",
                b"x-dup: 2",
            )
        )
        sent = s.origin.requests[0].head
        for line in (
            b"x-LOWER: 1",
            b"X-Raw: caf\xe9 \xf0\x9f\x98\x80",
            b"Cookie: cart[uid]=1; b=2",
            b"X-Dup: 1",
            b"x-dup: 2",
        ):
            assert b"\r\n" + line + b"\r\n" in sent
        assert sent.index(b"x-LOWER") < sent.index(b"X-Raw") < sent.index(b"X-Dup") < sent.index(b"x-dup")
        lines = head.split(b"\r\n")
        assert lines[1:-2] == [
            b"Content-Type: text/plain",
            b"Content-Length: 1",
            *[f if f != b"x-empty:" else b"x-empty: " for f in answer.split(b"\r\n")[3:9]],
        ]


@pytest.mark.parametrize("method", [b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"PROPFIND", b"BREW"])
async def test_any_method_passes(shop: Start, method: bytes) -> None:
    async with shop(ok()) as s:
        _, body = await s.ask(get(method=method))
        assert body == b"ok"
        assert s.origin.requests[0].line == method + b" / HTTP/1.1"
        assert (await s.click()).method == method.decode()


async def test_head_keeps_the_length_and_has_no_body(shop: Start) -> None:
    async with shop(b'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n') as s:
        client = await s.client()
        for _ in range(2):
            head, _ = await client.ask(get(method=b"HEAD"), for_head=True)
            assert b"Content-Length: 1234" in head
            assert b'ETag: "x"' in head
        assert s.origin.connections == 1


async def test_304_passes_with_its_validators(shop: Start) -> None:
    async with shop(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 99\r\n\r\n') as s:
        client = await s.client()
        for _ in range(2):
            head, _ = await client.ask(get(b"/", b'If-None-Match: "x"'))
            assert head.startswith(b"HTTP/1.1 304")
            assert b'ETag: "x"' in head
        assert s.origin.requests[0].values(b"if-none-match") == [b'"x"']


async def test_range_passes(shop: Start) -> None:
    async with shop(ok(b"cd", b"Content-Range: bytes 2-3/10", status=b"206 Partial Content")) as s:
        head, body = await s.ask(get(b"/a.mp3", b"Range: bytes=2-3"))
        assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 206 Partial Content", b"cd")
        assert s.origin.requests[0].values(b"range") == [b"bytes=2-3"]


@pytest.mark.parametrize("status", [b"520 ", b"999 Odd", b"299", b"418 I'm a teapot"])
async def test_odd_statuses_pass(shop: Start, status: bytes) -> None:
    async with shop(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as s:
        head, _ = await s.ask(get())
        assert head.split(b"\r\n")[0].rstrip() == b"HTTP/1.1 " + status.rstrip()


async def test_chunked_answer_is_framed_anew_and_the_connection_lives(shop: Start) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"
    async with shop(answer) as s:
        client = await s.client()
        for _ in range(3):
            _, body = await client.ask(get())
            assert body == b"abcde"
        assert s.origin.connections == 1


async def test_chunked_answer_to_http_1_0_ends_with_the_connection(shop: Start) -> None:
    async with shop(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") as s:
        head, body = await s.ask(b"GET / HTTP/1.0\r\n\r\n")
        assert body == b"abc"
        assert b"chunked" not in head


async def test_close_delimited_answer_is_whole(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nhalf ")
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(b"and half")

    async with shop(answer) as s:
        client = await s.client()
        for _ in range(2):
            assert (await client.ask(get()))[1] == b"half and half"


async def test_chunked_request_body_passes(shop: Start) -> None:
    async with shop(ok()) as s:
        raw = b"POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n"
        await s.ask(raw)
        request = s.origin.requests[0]
        assert request.body == b"abcdefgh"
        assert request.values(b"transfer-encoding") == [b"chunked"]


async def test_request_in_single_bytes_is_the_same_request(shop: Start) -> None:
    async with shop(ok()) as s:
        client = await s.client()
        for byte in get(b"/slow", b"Content-Length: 3", method=b"POST") + b"abc":
            client.writer.write(bytes((byte,)))
            await client.writer.drain()
        assert (await client.response())[1] == b"ok"
        assert s.origin.requests[0].body == b"abc"


async def test_pipelined_requests_are_answered_in_order(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        if request.path == b"/0":
            await asyncio.sleep(0.05)
        return ok(request.path)

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(b"".join(get(b"/%d" % i) for i in range(20)))
        assert [(await client.response())[1] for _ in range(20)] == [b"/%d" % i for i in range(20)]
        assert len(s.clicks.all) == 20


async def test_pipelined_requests_behind_a_post(shop: Start) -> None:
    async with shop(ok()) as s:
        client = await s.client()
        client.writer.write(get(b"/a", b"Content-Length: 2", method=b"POST") + b"hi" + get(b"/b"))
        assert [(await client.response())[1] for _ in range(2)] == [b"ok", b"ok"]
        assert [(r.path, r.body) for r in s.origin.requests] == [(b"/a", b"hi"), (b"/b", b"")]


async def test_half_closed_client_gets_its_answer(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        await asyncio.sleep(0.05)
        return ok(b"late")

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(get())
        client.writer.write_eof()
        assert (await client.response())[1] == b"late"
        assert await client.reader.read() == b""


async def test_expect_100_continue_goes_end_to_end(shop: Start) -> None:
    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.body = await reader.readexactly(4)
        return ok(request.body)

    async with shop(answer) as s:
        client = await s.client()
        head, _ = await client.ask(get(b"/", b"Content-Length: 4", b"Expect: 100-continue", method=b"POST"))
        assert head == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert (await client.ask(b"body"))[1] == b"body"


async def test_refused_expectation_is_passed_on_and_closes(shop: Start) -> None:
    async with shop(ok(b"no", status=b"417 Expectation Failed")) as s:
        client = await s.client()
        head, _ = await client.ask(get(b"/", b"Content-Length: 4", b"Expect: 100-continue", method=b"POST"))
        assert head.startswith(b"HTTP/1.1 417")
        assert b"Connection: close" in head


async def test_103_reaches_http_1_1_clients_only(shop: Start) -> None:
    async with shop(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + ok()) as s:
        client = await s.client()
        head, _ = await client.ask(get())
        assert head == b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
        assert (await client.response())[1] == b"ok"
        head, body = await s.ask(b"GET / HTTP/1.0\r\n\r\n")
        assert (head[:12], body) == (b"HTTP/1.1 200", b"ok")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("size", [0, 1, 20_000, 120_000])
async def test_a_picture_that_comes_in_one_piece(shop: Start, size: int) -> None:
    picture = (bytes(range(256)) * 512)[:size]
    async with shop(ok(picture, content_type=b"image/jpeg")) as s:
        client = await s.client()
        client.writer.write(get(b"/a.jpg") * 3)
        for number in range(1, 4):
            head, body = await client.response()
            assert head.startswith(b"HTTP/1.1 200")
            assert body == picture
            assert (await s.click(number)).bytes_out == size


async def test_download_of_50_mb_in_flat_memory(shop: Start) -> None:
    piece = bytes(range(256)) * 1024

    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (200 * len(piece)))
        for _ in range(200):
            writer.write(piece)
            await writer.drain()
        return b""

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(get())
        await client.reader.readuntil(b"\r\n\r\n")
        before = _peak_mb()
        await asyncio.sleep(0.2)  # nobody reads: the origin must be stopped, not buffered
        left, digest = 200 * len(piece), hashlib.sha256()
        while left:
            data = await client.reader.read(262_144)
            digest.update(data)
            left -= len(data)
        assert digest.digest() == hashlib.sha256(piece * 200).digest()
        assert _peak_mb() - before < 20 + 50  # the expected digest's own 50 MB
        assert (await s.click()).bytes_out == 200 * len(piece)


async def test_upload_of_50_mb_in_flat_memory(shop: Start) -> None:
    piece = bytes(range(256)) * 1024
    reading = asyncio.Event()

    async def answer(request: Any, reader: asyncio.StreamReader, writer: Any) -> bytes:
        await reading.wait()
        left, digest = 200 * len(piece), hashlib.sha256()
        while left:
            data = await reader.read(min(left, 262_144))
            digest.update(data)
            left -= len(data)
        return ok(digest.hexdigest().encode())

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(
            get(b"/", b"X-Len: 1", b"Content-Length: %d" % (200 * len(piece)), b"Expect: 100-continue", method=b"POST")
        )
        before = _peak_mb()

        async def send() -> None:
            for _ in range(200):
                client.writer.write(piece)
                await client.writer.drain()

        sending = asyncio.get_running_loop().create_task(send())
        await asyncio.sleep(0.2)
        assert not sending.done()
        reading.set()
        await sending
        assert (await client.response())[1] == hashlib.sha256(piece * 200).hexdigest().encode()
        assert _peak_mb() - before < 20 + 50


async def test_events_stream_as_they_come(shop: Start) -> None:
    step = asyncio.Event()

    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"9\r\ndata: 1\n\n\r\n")
        await step.wait()
        return b"9\r\ndata: 2\n\n\r\n0\r\n\r\n"

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(get(b"/events"))
        await client.reader.readuntil(b"data: 1\n\n")
        assert not s.clicks.all
        step.set()
        await client.reader.readuntil(b"data: 2\n\n")


async def test_head_of_a_slow_answer_is_not_held_back(shop: Start) -> None:
    step = asyncio.Event()

    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        await step.wait()
        return b"ok"

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(get())
        await client.reader.readuntil(b"\r\n\r\n")
        step.set()
        assert await client.reader.readexactly(2) == b"ok"


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
