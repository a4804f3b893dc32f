"""Pages that come as they came before, by the byte: known without a copy, and never taken for others."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from proxy import page_body
from tests.integration.proxy.pages import ANNA, JOSE, PAGE, PERSONAL, cookie, html, likes, opens

Start = Callable[..., Any]
Answer = Callable[..., Awaitable[bytes | None]]
OTHER = PAGE.replace(b"Three", b"Trois")
"""As long."""
ORDERS = {JOSE: (b"3", b"1", b"2"), ANNA: (b"2", b"1", b"3")}


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def in_order(page: bytes, order: Sequence[bytes]) -> bytes:
    """The page with its three blocks in this order."""
    start, end = page.index(b'<li class="box">'), page.index(b"</ul>")
    blocks = page[start:end].split(b"\n")
    return page[:start] + b"\n".join(blocks[int(number) - 1] for number in order) + page[end:]


def answers(*sent: bytes, together: bool = True) -> Answer:
    """These answers, one after the other; else each in two pieces with a pause within its body."""
    left = list(sent)

    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        whole = left.pop(0)
        if together:
            return whole
        cut = whole.index(b"\r\n\r\n") + 100
        writer.write(whole[:cut])
        await writer.drain()
        await asyncio.sleep(0.01)
        return whole[cut:]

    return answer


def sized(body: bytes, is_packed: bool) -> bytes:
    return html(packed(body), b"Content-Encoding: gzip") if is_packed else html(body)


def chunked(body: bytes, is_packed: bool) -> bytes:
    whole = sized(body, is_packed)
    head, _, content = whole.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    lines.append(b"Transfer-Encoding: chunked")
    return b"\r\n".join(lines) + b"\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("framed", [sized, chunked])
@pytest.mark.parametrize("together", [True, False], ids=["whole", "pieces"])
async def test_each_visitor_gets_the_page_that_was_sent(
    shop: Start, framed: Callable[[bytes, bool], bytes], is_packed: bool, together: bool
) -> None:
    pages = [*[PAGE] * 5, OTHER, PAGE, OTHER, *[PAGE] * 3, PAGE + b"<!-- -->\n", PAGE]
    sent = [framed(page, is_packed) for page in pages]
    async with shop(answers(*sent, together=together), **PERSONAL) as s:
        s.profiles.stored[JOSE], s.profiles.stored[ANNA] = likes(JOSE, "3"), likes(ANNA, "2")
        for number, page in enumerate(pages):
            who = (JOSE, ANNA)[number % 2]
            _, body = await s.ask(opens("/", cookie(who), "Accept-Encoding: gzip"))
            assert plain(body) == in_order(page, ORDERS[who]), number


async def test_what_was_unpacked_once_is_not_unpacked_again(shop: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[bytes] = []

    def decode(body: bytes, *arguments: Any) -> Any:
        unpacked.append(body)
        return real(body, *arguments)

    real = page_body.decode
    monkeypatch.setattr(page_body, "decode", decode)
    other = gzip.compress(PAGE, 1, mtime=0)
    sent = [packed(PAGE)] * 5 + [other] * 2 + [packed(OTHER)] * 2
    async with shop(answers(*[html(body, b"Content-Encoding: gzip") for body in sent]), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        for _ in sent:
            await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: gzip"))
    # The first teaches the page, the second how it is packed; of a page that varies nothing is expected.
    assert unpacked == [packed(PAGE)] * 2 + [other] + [packed(OTHER)] * 2


async def test_what_cannot_be_unpacked_is_not_expected(shop: Start) -> None:
    broken = packed(PAGE)[:-8] + b"\0" * 8
    sent = [packed(PAGE)] * 3 + [broken, broken, packed(PAGE)]
    async with shop(answers(*[html(body, b"Content-Encoding: gzip") for body in sent]), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        got = [(await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: gzip")))[1] for _ in sent]
    assert [body == broken for body in got] == [False] * 3 + [True] * 2 + [False]
    assert plain(got[-1]) == in_order(PAGE, ORDERS[JOSE])
