"""What nobody sends by mistake: storms, floods, and pages that are not what they say. Whoever else comes is served."""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.proxy.conftest import Request, ok
from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values

Start = Callable[..., Any]
HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"


async def test_a_shop_that_only_hints_is_given_up(shop: Start) -> None:
    async def storm(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        if request.path != b"/storm":
            return ok()
        while True:
            writer.write(HINT * 100)
            await writer.drain()
            await asyncio.sleep(0)

    async with shop(storm) as s:
        client = await s.client()
        client.writer.write(b"GET /storm HTTP/1.1\r\nHost: shop.test\r\n\r\n")
        got = await client.reader.read()
        hints, _, answer = got.rpartition(HINT)
        assert answer.startswith(b"HTTP/1.1 502 ")
        assert len(hints) < 100 * len(HINT)
        assert (await s.ask(b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n"))[1] == b"ok"


async def test_1000_requests_at_once_take_one_connection_of_the_shop(shop: Start) -> None:
    async def answer(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        return ok(request.path)

    async with shop(answer) as s:
        client = await s.client()
        client.writer.write(b"".join(b"GET /%d HTTP/1.1\r\nHost: shop.test\r\n\r\n" % n for n in range(1000)))
        assert [(await client.response())[1] for _ in range(1000)] == [b"/%d" % n for n in range(1000)]
        assert s.origin.connections == 1


ODD_GZIP = {
    "two members": gzip.compress(PAGE[:200]) + gzip.compress(PAGE[200:]),
    "garbage behind it": gzip.compress(PAGE) + b"garbage that is no member",
    "zeros behind it": gzip.compress(PAGE) + b"\0" * 50,
    "5,000 empty members": gzip.compress(b"") * 5000 + gzip.compress(PAGE),
    "half a member behind it": gzip.compress(PAGE) + gzip.compress(PAGE)[:30],
}


@pytest.mark.parametrize("packed", ODD_GZIP.values(), ids=ODD_GZIP)
async def test_gzip_that_is_more_than_one_member_goes_out_as_it_came(shop: Start, packed: bytes) -> None:
    async with shop(html(packed, b"Content-Encoding: gzip"), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        for _ in range(2):
            head, body = await s.ask(opens("/", cookie(JOSE, session="s1"), "Accept-Encoding: gzip"))
            assert (body, values(head, b"content-encoding")) == (packed, [b"gzip"])


@pytest.mark.parametrize(("wrong", "status"), [(-40, b"200"), (40, b"502")])
async def test_a_known_page_of_another_length_than_it_says(shop: Start, wrong: int, status: bytes) -> None:
    length = len(PAGE)

    async def answer(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        writer.write(html(PAGE).replace(b"Content-Length: %d" % len(PAGE), b"Content-Length: %d" % length))
        await writer.drain()
        return None

    async with shop(answer, **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        for _ in range(3):
            _, body = await s.ask(opens("/", cookie(JOSE, session="s1")))
            assert b"Hola" in body
        length += wrong
        head, body = await s.ask(opens("/", cookie(JOSE, session="s1")))
        assert head.split(b" ")[1] == status
        assert status == b"502" or PAGE[:length].endswith(body[-20:])


@pytest.mark.parametrize("cookies", ["vitrina=" + "A" * 60_000, "; ".join(["vitrina=" + "A" * 40] * 500)])
async def test_huge_and_many_cookies_of_ours_are_a_strangers(shop: Start, cookies: str) -> None:
    async with shop(html(), **PERSONAL) as s:
        head, body = await s.ask(opens("/", f"agreed=yes; {cookies}; cart=1"))
        assert body == PAGE
        assert s.origin.requests[0].values(b"cookie") == [b"agreed=yes; cart=1"]
        assert s.profiles.asked == []
        assert len(values(head, b"set-cookie")) == 1
