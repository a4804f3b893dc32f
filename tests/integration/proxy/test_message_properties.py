"""Whatever is sent, however cut: one answer per request, bodies byte for byte, and strict h11 reads every answer."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import h11
import pytest

Start = Callable[..., Any]
METHODS = ("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "BREW")


class Strict:
    """Reads answers of one connection with h11, which refuses what is not exactly HTTP/1.1."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)

    async def answer(self, method: str) -> tuple[int, bytes]:
        if self._connection.our_state is not h11.IDLE:
            self._connection.start_next_cycle()
        self._connection.send(h11.Request(method=method, target="/", headers=[("Host", "shop.test")]))
        self._connection.send(h11.EndOfMessage())
        status, body = 0, b""
        while True:
            event = self._connection.next_event()
            if event is h11.NEED_DATA:
                self._connection.receive_data(await self._reader.read(65_536))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
                return status, body


def cut(random: Random, data: bytes) -> list[bytes]:
    """`data` in pieces, some of a single byte."""
    places = sorted({random.randrange(len(data)) for _ in range(random.choice((0, 1, 3, 30)))} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


def chunked(random: Random, body: bytes) -> bytes:
    pieces = cut(random, body) if body else []
    extension = random.choice((b"", b";a=b", b';q="x y"'))
    chunks = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces if piece)
    return chunks + b"0\r\n" + random.choice((b"", b"X-Sum: 1\r\n")) + b"\r\n"


def request(random: Random, number: int) -> tuple[str, bytes, bytes]:
    """A method, the bytes of a request, and its body."""
    method = random.choice(METHODS)
    lines = [f"{method} /{number}?a=%2f&%zz HTTP/1.1", "Host: shop.test", f"X-Number: {number}"]
    body = random.randbytes(random.choice((0, 1, 200, 40_000))) if method not in ("GET", "HEAD") else b""
    framed = b""
    if body or random.random() < 0.2:
        if random.random() < 0.5 and method not in ("GET", "HEAD"):
            lines.append("Transfer-Encoding: chunked")
            framed = chunked(random, body)
        else:
            lines.append(f"Content-Length: {len(body)}")
            framed = body
    return method, "\r\n".join([*lines, "", ""]).encode() + framed, body


@pytest.mark.parametrize("seed", range(25))
async def test_pipelines_of_any_cut(shop: Start, seed: int) -> None:
    random = Random(seed)
    sent = [request(random, number) for number in range(random.randint(1, 9))]

    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> bytes:
        is_head = request.line.startswith(b"HEAD")
        body = b"" if is_head else request.path + b" " + request.body
        if random.random() < 0.5:
            head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            return head if is_head else head + chunked(random, body)
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    async with shop(answer) as s:
        client = await s.client()
        strict = Strict(client.reader)

        async def send() -> None:
            for piece in cut(random, b"".join(raw for _, raw, _ in sent)):
                client.writer.write(piece)
                await client.writer.drain()
                await asyncio.sleep(0)

        sending = asyncio.get_running_loop().create_task(send())
        for number, (method, _, body) in enumerate(sent):
            expected = b"" if method == "HEAD" else b"/%d?a=%%2f&%%zz " % number + body
            assert await asyncio.wait_for(strict.answer(method), 30) == (200, expected)
        await sending
        assert [seen.body for seen in s.origin.requests] == [body for _, _, body in sent]
        assert [seen.values(b"x-number") for seen in s.origin.requests] == [[b"%d" % n] for n in range(len(sent))]
        assert len(s.clicks.all) == len(sent)


QUIRKS = (
    b"X-Raw: caf\xe9 \xf0\x9f\x98\x80\r\n",
    b"no colon here\r\n",
    b"X-Space : 1\r\n",
    b"X-Fold: a\r\n b\r\n",
    b"X-Control: a\x00b\x0bc\r\n",
    b"X[]: bracket\r\n",
    b"Set-Cookie: cart[uid]=1; Expires=Sunday, 29-Nov-2026\r\n" * 3,
    b"Connection: X-Hop\r\nX-Hop: 1\r\n",
    b"Keep-Alive: timeout=5\r\nUpgrade: h2c\r\nTrailer: X-Sum\r\n",
    b"X-Empty:\r\n",
    b"Server:\tApache\r\n",
)
STATUSES = (b"200 OK", b"200", b"404 N\xf3", b"520 ", b"999 Denied", b"418 I'm a teapot")


def quirky(random: Random) -> tuple[bytes, bytes, bool]:
    """An answer that shops may send, its body, and whether the connection ends with it."""
    body = random.randbytes(random.choice((0, 1, 300, 30_000)))
    head = b"HTTP/1.1 " + random.choice(STATUSES) + b"\r\n" + b"".join(random.sample(QUIRKS, random.randint(0, 5)))
    interim = random.choice((b"", b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"))
    match random.randrange(5):
        case 0:
            head += b"Content-Length: %d\r\n" % len(body)
            framed, ends = body, False
        case 1:
            head += b"Content-Length: %d\r\ncontent-length: %d\r\n" % (len(body), len(body))
            framed, ends = body, False
        case 2:
            head += b"Transfer-Encoding: chunked\r\n"
            framed, ends = chunked(random, body), False
        case 3:
            head += b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n"
            framed, ends = chunked(random, body), True
        case _:
            framed, ends = body, True
    raw = head + b"\r\n"
    if random.random() < 0.2 and b"\x00" not in raw:
        raw = raw.replace(b"\r\n", b"\n")
    return interim + raw + framed, body, ends


@pytest.mark.parametrize("seed", range(25))
async def test_answers_of_any_shape_and_cut(shop: Start, seed: int) -> None:
    random = Random(1000 + seed)
    answers = [quirky(random) for _ in range(6)]
    left = iter(answers)

    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> bytes | None:
        raw, _, ends = next(left)
        for piece in cut(random, raw):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        return None if ends else b""

    async with shop(answer) as s:
        client = await s.client()
        strict = Strict(client.reader)
        for number, (raw, body, _) in enumerate(answers):
            client.writer.write(b"GET /%d HTTP/1.1\r\nHost: shop.test\r\n\r\n" % number)
            status, got = await asyncio.wait_for(strict.answer("GET"), 30)
            assert (status, got) == (int(raw[raw.rindex(b"HTTP/1.1 ", 0, 200) + 9 :][:3]), body)
        assert len(s.origin.requests) == len(answers)
