"""However a page comes, in whatever pieces and framing, it is read and changed the same way."""

import asyncio
import gzip
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from clicks.click import Click
from tests.integration.proxy.conftest import Request
from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values

Start = Callable[..., Any]
HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=ISO-8859-1\r\nETag: "abc"\r\n'
CODINGS: dict[bytes, Callable[[bytes], bytes]] = {b"": bytes, b"gzip": gzip.compress}
FRAMINGS = ("content-length", "chunked", "close")
GREETED = cookie(JOSE, session="s1")
GZIP = "Accept-Encoding: gzip"


def pieces(random: Random, raw: bytes, most: int) -> list[bytes]:
    """`raw` cut at up to `most` places."""
    places = sorted({0, len(raw), *(random.randrange(1, len(raw)) for _ in range(random.randint(0, most)))})
    return [raw[start:end] for start, end in pairwise(places)]


def framed(random: Random, framing: str, coding: bytes) -> bytes:
    """The page as an origin's answer."""
    body = CODINGS[coding](PAGE)
    head = HEAD + (b"Content-Encoding: %b\r\n" % coding if coding else b"")
    if framing == "content-length":
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if framing == "close":
        return head + b"Connection: close\r\n\r\n" + body
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces(random, body, 30)]
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks) + b"0\r\n\r\n"


def plain(head: bytes, body: bytes) -> bytes:
    return gzip.decompress(body) if values(head, b"content-encoding") == [b"gzip"] else body


def told(click: Click) -> tuple[object, ...]:
    """What a click says of its page and of what was done to it."""
    return click.kind, click.listed, click.events, click.reasons, click.moved, click.variant


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("framing", FRAMINGS)
async def test_any_splitting_gives_the_same_page(shop: Start, framing: str, coding: bytes) -> None:
    sent: list[list[bytes]] = [[html()]]

    async def answer(request: Request, reader: Any, writer: asyncio.StreamWriter) -> bytes | None:
        for piece in sent[-1]:
            writer.write(piece)
            await asyncio.sleep(0)  # the proxy reads it before the next one is there
        return None

    random = Random(f"{framing} {coding!r}")
    async with shop(answer, **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        whole = plain(*await s.ask(opens("/", GREETED, GZIP)))
        assert b"Hola, Jos&#233;" in whole
        raw = framed(random, framing, coding)
        for split in ([raw], [raw[n : n + 1] for n in range(len(raw))], *(pieces(random, raw, 40) for _ in range(10))):
            sent.append(split)
            assert plain(*await s.ask(opens("/", GREETED, GZIP))) == whole
            assert plain(*await s.ask(opens("/"))) == PAGE
        await s.click(2 * len(sent) - 1)
        first, *others = s.clicks.all
        assert told(first)[1] == {"grid": ("3", "1", "2")}
        assert [click for click in others[::2] if told(click) != told(first)] == []
