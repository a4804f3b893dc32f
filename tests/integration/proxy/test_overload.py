"""More to do than can be done: personalisation is given up first, then requests; what cannot be asked again never."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Budget, Limits
from proxy.making_room import AGAIN_S
from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values

Start = Callable[..., Any]
CONSENTS = "agreed=yes"


def slow_to_identify() -> str:
    """Work that holds the loop up: each visitor without an id gets one."""
    time.sleep(0.15)
    return "browser00000000000000000000"


async def together(shop: Any, *requests: bytes) -> list[tuple[bytes, bytes]]:
    """Their answers, in order; a visitor without an id is read before them, so that they lie unread for a while."""
    slow, *clients = [await shop.client() for _ in range(1 + len(requests))]
    for client, request in zip((slow, *clients), (opens("/", CONSENTS), *requests), strict=True):
        client.writer.write(request)
    answers = [
        await client.response(for_head=raw[:4] == b"HEAD") for client, raw in zip(clients, requests, strict=True)
    ]
    assert (await slow.response())[0].startswith(b"HTTP/1.1 200")
    return answers


@pytest.fixture
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer requests are an overload."""
    monkeypatch.setattr("proxy.admission.AT_ONCE", 0)


@pytest.mark.usefixtures("_few_at_once")
async def test_there_is_time_for_some_and_the_others_are_refused_at_once(shop: Start) -> None:
    page = opens("/", CONSENTS)  # of each the loop is held up for longer than a slice
    head_only = page.replace(b"GET", b"HEAD", 1)
    closing = page.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    form = b"POST /cart HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 3\r\n\r\na=b"
    async with shop(html(), **PERSONAL, limits=Limits(shed_after_s=0.3), new_id=slow_to_identify) as s:
        answers = await together(s, head_only, closing, page, form, *[page] * 12)
        statuses = [head.split(b" ")[1] for head, _ in answers]
        assert statuses[3] == b"200", "what cannot be asked again"
        assert set(statuses) == {b"200", b"503"}
        assert statuses.count(b"503") >= 6
        assert b"503" not in statuses[-2:], "who came last"
        assert statuses[:3] == [b"503"] * 3, "who came first"
        (head_alone, _), (last, _), (head, body) = answers[:3]
        assert len(body) == int(values(head, b"content-length")[0])
        assert values(head, b"retry-after") == values(head_alone, b"retry-after") == [b"2"]
        assert (values(head, b"connection"), values(last, b"connection")) == ([], [b"close"])
        assert s.count("shed") == statuses.count(b"503")
        assert all(click.status == 200 for click in s.clicks.all)
        client = await s.client()
        assert (await client.ask(opens("/", cookie(JOSE))))[0].startswith(b"HTTP/1.1 200")  # and once it is over


@pytest.mark.usefixtures("_few_at_once")
async def test_a_connection_that_was_refused_or_had_to_wait_goes_on(shop: Start) -> None:
    async with shop(html(), **PERSONAL, limits=Limits(shed_after_s=0.3), new_id=slow_to_identify) as s:
        page = opens("/", CONSENTS)
        many = [await s.client() for _ in range(10)]
        for client in many:
            client.writer.write(page + opens("/images/1.gif", cookie(JOSE)))  # pipelined behind what waits
        first = [await client.response() for client in many]
        assert {head.split(b" ")[1] for head, _ in first} == {b"200", b"503"}
        for client in many:
            assert (await client.response())[0].split(b" ")[1] in (b"200", b"503")
            assert (await client.ask(opens("/images/2.gif", cookie(JOSE))))[0].startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("_few_at_once")
async def test_who_leaves_or_closes_its_side_while_it_waits(shop: Start) -> None:
    async with shop(html(), **PERSONAL, new_id=slow_to_identify) as s:
        slow, gone, half = [await s.client() for _ in range(3)]
        slow.writer.write(opens("/", CONSENTS))
        gone.writer.write(opens("/gone", cookie(JOSE)))
        gone.writer.transport.abort()
        half.writer.write(opens("/half", cookie(JOSE)))
        half.writer.write_eof()
        assert (await half.response())[0].startswith(b"HTTP/1.1 200")
        assert await half.reader.read() == b""
        await slow.response()
        assert s.plane.connections == 1


async def test_who_waited_for_one_pause_is_served(shop: Start) -> None:
    def pause() -> str:
        time.sleep(0.7)  # longer than `shed_after_s`, and than any turn before it on a busy machine
        return "browser00000000000000000000"

    async with shop(html(), **PERSONAL, new_id=pause) as s:
        answers = await together(s, *[opens("/", cookie(JOSE))] * 3)
        assert all(head.startswith(b"HTTP/1.1 200") for head, _ in answers)
        assert s.count("shed") == 0


async def test_a_page_that_lay_unread_for_longer_than_our_share_passes_untouched(shop: Start) -> None:
    settings = {**PERSONAL, "site": {"mode": "live", "budget": Budget(added_p95_ms=20)}}
    async with shop(html(), **settings, new_id=slow_to_identify) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        [(head, body)] = await together(s, opens("/", cookie(JOSE), 'If-None-Match: "abc"'))
        assert (body, values(head, b"etag")) == (PAGE, [b'"abc"'])
        assert (s.count("untouched"), s.profiles.asked) == (1, [])
        assert any(request.values(b"if-none-match") for request in s.origin.requests)
        assert [click.profile for click in s.clicks.all if click.profile == JOSE] == [JOSE]


async def test_the_breaker_on_our_own_time_lets_pages_pass_untouched(shop: Start) -> None:
    settings = {**PERSONAL, "site": {"mode": "live", "budget": Budget(profile_ms=20, added_p95_ms=5)}}
    async with shop(html(), **settings) as s:
        s.profiles.mode = "silent"  # what each page waits for is our own time
        client = await s.client()
        while not s.plane.passes_untouched:
            assert len(s.profiles.asked) < 6
            await client.ask(opens("/", cookie(JOSE)))
        assert len(s.profiles.asked) == 6
        untouched = s.count("untouched")  # none, unless a busy machine let a request lie for longer than our share
        head, body = await client.ask(opens("/", cookie(JOSE)))
        assert (body, values(head, b"etag")) == (PAGE, [b'"abc"'])
        assert (s.count("untouched"), len(s.profiles.asked)) == (untouched + 1, 6)
        async with asyncio.timeout(30):
            while s.count("added_breaker_opened") == 0:  # noqa: ASYNC110 (counted by the sweep under test)
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: sh"], ids=["nothing asked", "half a head"])
async def test_who_holds_all_connections_and_asks_nothing_shuts_nobody_out(shop: Start, begun: bytes) -> None:
    async with shop(html(), **PERSONAL, limits=Limits(max_client_connections=8)) as s:
        holders = []
        for _ in range(30):
            holders.append(await s.client())
            if begun:
                holders[-1].writer.write(begun)
                await holders[-1].writer.drain()
            client = await s.client()
            assert (await client.ask(opens("/", cookie(JOSE))))[0].startswith(b"HTTP/1.1 200")
        assert s.plane.connections <= 8
        assert (s.count("shed"), s.count("evicted")) == (0, 52)
        said = await holders[0].reader.read()
        assert said.startswith(b"HTTP/1.1 408") if begun else said == b""


async def test_who_is_being_served_does_not_give_way(shop: Start) -> None:
    asked, gate = asyncio.Semaphore(0), asyncio.Event()

    async def slow(request: Any, reader: Any, writer: Any) -> bytes:
        asked.release()
        await gate.wait()
        return html()

    async with shop(slow, **PERSONAL, limits=Limits(max_client_connections=3)) as s:
        served = [await s.client() for _ in range(3)]
        for client in served:
            client.writer.write(opens("/", cookie(JOSE)))
        for _ in served:
            await asked.acquire()
        assert (await (await s.client()).response())[0].startswith(b"HTTP/1.1 503")
        gate.set()
        for client in served:
            assert (await client.response())[0].startswith(b"HTTP/1.1 200")
        assert (s.count("shed"), s.count("evicted")) == (1, 0)
        await asyncio.sleep(AGAIN_S)
        assert (await (await s.client()).ask(opens("/", cookie(JOSE))))[0].startswith(b"HTTP/1.1 200")
        assert (s.count("shed"), s.count("evicted")) == (1, 1)
