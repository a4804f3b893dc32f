"""Framing instead of content, by megabytes or a byte at a time, from a client and from a shop: refused early, in flat
memory; tiny chunks pass. Whoever else comes is served."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from bench.servers import resident_mb
from config.settings import Limits
from tests.integration.proxy.conftest import Request, ok

Start = Callable[..., Any]
MB = 1 << 20
MUCH = 64 * MB
FLAT_MB = 8
HANGS_S = 30
GET = b"GET / HTTP/1.1\r\nHost: shop.test\r\n"
POST = b"POST /poured HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"


def much_of(piece: bytes) -> Iterator[bytes]:
    """64 MB of it."""
    block = piece * (65536 // len(piece))
    return repeat(block, MUCH // len(block))


def one_by_one(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


BODIES: dict[str, Callable[[], Iterable[bytes]]] = {
    "an extension without end": lambda: chain([b"5;"], much_of(b"a")),
    "extensions of megabytes on tiny chunks": lambda: much_of(b"1;" + b"a" * 200 + b"\r\nx\r\n"),
    "a chunk size without end": lambda: much_of(b"0"),
    "trailers without end": lambda: chain([b"0\r\n"], much_of(b"A: b\r\n")),
    "a trailer line without end": lambda: chain([b"0\r\nA: "], much_of(b"b")),
    "an extension a byte at a time": lambda: chain([b"5;"], one_by_one(b"a" * 5000)),
    "a trailer a byte at a time": lambda: chain([b"0\r\nA: "], one_by_one(b"b" * 9000)),
}
HEADS: dict[str, Callable[[], Iterable[bytes]]] = {
    "fields without end": lambda: much_of(b"A: b\r\n"),
    "a line without end": lambda: chain([b"A: "], much_of(b"b")),
    "fields a byte at a time": lambda: one_by_one(b"A: b\r\n" * 2000),
}
SMALL = Limits(max_head_bytes=8192)


async def pour(writer: asyncio.StreamWriter, pieces: Iterable[bytes]) -> bool:
    """Whether all of it could be sent."""
    try:
        for piece in pieces:
            writer.write(piece)
            await (asyncio.sleep(0) if len(piece) == 1 else writer.drain())
    except (ConnectionError, RuntimeError):  # uvloop: the handler is closed
        return False
    return not writer.transport.is_closing()


@pytest.mark.parametrize(
    ("begin", "pieces", "status"),
    [
        *((POST, BODIES[name], b"431" if "trailer" in name else b"400") for name in BODIES),
        *((GET, HEADS[name], b"431") for name in HEADS),
    ],
    ids=[*BODIES, *HEADS],
)
async def test_a_client_is_refused(
    shop: Start, begin: bytes, pieces: Callable[[], Iterable[bytes]], status: bytes
) -> None:
    async with asyncio.timeout(HANGS_S), shop(ok(), limits=SMALL) as s:
        before = resident_mb(os.getpid())
        client = await s.client()
        client.writer.write(begin)
        pouring = asyncio.create_task(pour(client.writer, pieces()))  # noqa: TID251
        head, _ = await client.response()
        assert head.split(b" ")[1] == status
        assert await client.reader.read() == b""
        client.writer.transport.abort()
        assert not await pouring
        assert resident_mb(os.getpid()) - before < FLAT_MB
        assert [request.path for request in s.origin.requests if request.path == b"/poured"] == []
        assert (await s.ask(GET + b"\r\n"))[1] == b"ok"


@pytest.mark.parametrize(
    ("begin", "pieces"),
    [
        *((ANSWER, BODIES[name]) for name in BODIES),
        *((b"HTTP/1.1 200 OK\r\n", HEADS[name]) for name in HEADS),
        (b"", lambda: much_of(INTERIM)),
        (b"", lambda: much_of(b"\r\n")),
        (b"", lambda: one_by_one(b"\r\n" * 4000)),
    ],
    ids=[*BODIES, *HEADS, "interim answers without end", "empty lines without end", "empty lines a byte at a time"],
)
async def test_a_shop_is_given_up(shop: Start, begin: bytes, pieces: Callable[[], Iterable[bytes]]) -> None:
    all_went_out = asyncio.get_running_loop().create_future()

    async def poured(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        if request.path != b"/poured":
            return ok()
        writer.write(begin)
        all_went_out.set_result(await pour(writer, pieces()))
        return None

    async with asyncio.timeout(HANGS_S), shop(poured, limits=SMALL) as s:
        before = resident_mb(os.getpid())
        client = await s.client()
        client.writer.write(GET.replace(b"/ ", b"/poured ") + b"\r\n")
        got = (await client.reader.read()).replace(INTERIM, b"")
        assert not got.endswith(b"0\r\n\r\n"), "broken off, so that nobody takes it for whole"
        if begin != ANSWER:
            assert got.startswith(b"HTTP/1.1 502 ")
        assert len(got) < MB
        assert not await all_went_out
        assert resident_mb(os.getpid()) - before < FLAT_MB
        assert (await s.ask(GET + b"\r\n"))[1] == b"ok"


async def test_tiny_chunks_pass_in_both_directions(shop: Start) -> None:
    tiny = b"1\r\nx\r\n" * 20_000

    async def answer(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        return ANSWER + b"1\r\n%b\r\n" % request.body[:1] + tiny + b"0\r\n\r\n"

    async with shop(answer) as s:
        head, body = await s.ask(POST + tiny + b"0\r\n\r\n")
        assert (head.split(b" ")[1], body) == (b"200", b"x" * 20_001)
        assert s.origin.requests[0].body == b"x" * 20_000
