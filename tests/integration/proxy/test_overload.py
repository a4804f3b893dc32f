"""More to do than can be done: personalisation is given up first, then requests; what cannot be asked again never."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from config.settings import Budget, Limits
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


async def test_requests_that_lay_unread_too_long_are_refused_at_once_and_forms_are_not(shop: Start) -> None:
    page = opens("/", cookie(JOSE))
    head_only = page.replace(b"GET", b"HEAD", 1)
    closing = page.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    form = b"POST /cart HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 3\r\n\r\na=b"
    async with shop(html(), **PERSONAL, limits=Limits(shed_after_s=0.02), new_id=slow_to_identify) as s:
        for _ in range(40):  # one pause is no overload: only when the turns before were long as well
            answers = await together(s, form, page, head_only, closing)
            assert answers[0][0].startswith(b"HTTP/1.1 200")
            if all(head.startswith(b"HTTP/1.1 503") for head, _ in answers[1:]):
                break
        else:
            raise AssertionError(answers)
        (head, body), (head_alone, _), (last, _) = answers[1:]
        assert len(body) == int(values(head, b"content-length")[0])
        assert values(head, b"retry-after") == values(head_alone, b"retry-after") == [b"2"]
        assert (values(head, b"connection"), values(last, b"connection")) == ([], [b"close"])
        assert s.count("shed") >= 3
        assert all(click.status == 200 for click in s.clicks.all)
        client = await s.client()
        assert (await client.ask(page))[0].startswith(b"HTTP/1.1 200")  # and once it is over


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
        for number in range(6):
            assert not s.plane.passes_untouched, number
            await client.ask(opens("/", cookie(JOSE)))
        assert s.plane.passes_untouched
        asked = len(s.profiles.asked)
        head, body = await client.ask(opens("/", cookie(JOSE)))
        assert (body, values(head, b"etag")) == (PAGE, [b'"abc"'])
        assert (s.count("untouched"), len(s.profiles.asked)) == (1, asked)
        async with asyncio.timeout(5):
            while s.count("added_breaker_opened") == 0:  # noqa: ASYNC110 (counted by the sweep under test)
                await asyncio.sleep(0.02)
