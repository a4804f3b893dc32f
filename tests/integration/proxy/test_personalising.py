"""From request to rewritten page: who gets what, what it says to caches, and the origin's bytes in every other case."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Budget, Consent
from tests.fixtures.held import is_held
from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values

Start = Callable[..., Any]


async def test_signed_in_customer_is_greeted_and_nothing_else_changes(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        head, body = await s.ask(opens("/", cookie(JOSE, session="s1"), 'If-None-Match: "abc"', "Range: bytes=0-9"))
        assert b'<p id="hello">Hola, Jos&#233;</p>' in body
        assert body.index(b"id=3") < body.index(b"id=1") < body.index(b"id=2")
        assert sorted(body.replace(b"Hola, Jos&#233;", b"Welcome")) == sorted(PAGE)
        assert values(head, b"cache-control") == [b"private, no-store"]
        assert values(head, b"content-length") == [b"%d" % len(body)]
        assert not values(head, b"etag")
        origin = s.origin.requests[0]
        assert not origin.values(b"if-none-match")
        assert not origin.values(b"range")
        assert origin.values(b"cookie") == [b"agreed=yes; sid=s1"]
        click = await s.click()
        assert (click.profile, click.customer, click.variant) == (JOSE, True, "personalised")
        assert click.listed is not None
        assert click.listed["grid"] == ("3", "1", "2")
        assert click.moved == 3
        assert click.bytes_out == len(body)
        assert {"page_view", "view_promotion"} <= {event.name for event in click.events}


async def test_head_agrees_with_what_get_would_send(shop: Start) -> None:
    async with shop(html(b"", b"X-Kept: 1").replace(b"Content-Length: 0", b"Content-Length: 500"), **PERSONAL) as s:
        raw = opens("/", cookie(JOSE), 'If-None-Match: "abc"').replace(b"GET", b"HEAD", 1)
        head, _ = await s.ask(raw, for_head=True)
        assert not s.origin.requests[0].values(b"if-none-match")
        assert not values(head, b"content-length")
        assert not values(head, b"etag")
        assert values(head, b"x-kept") == [b"1"]
        assert values(head, b"cache-control") == [b"private, no-store"]


async def test_unchanged_page_is_the_origins_very_answer(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE)
        head, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == PAGE
        assert values(head, b"etag") == [b'"abc"']
        assert values(head, b"cache-control") == [b"max-age=60"]


async def test_two_visitors_never_share_a_page(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        await asyncio.sleep(0.001 * (len(s.origin.requests) % 7))
        return html()

    names = {f"visitor{n:013d}": f"Name{n}" for n in range(20)}
    patient = {"budget": Budget(profile_ms=60_000.0, added_p95_ms=60_000.0)}  # whatever else the machine does
    async with shop(answer, **PERSONAL | {"site": PERSONAL["site"] | patient}) as s:
        for profile, name in names.items():
            s.profiles.stored[profile] = likes(profile, "2", first_name=name, customer=True)

        async def browse(profile: str, name: str) -> None:
            client = await s.client()
            for _ in range(10):
                head, body = await client.ask(opens("/", cookie(profile, session=profile)))
                assert f"Hola, {name}<".encode() in body
                assert body.count(b"Name") == 1
                assert values(head, b"cache-control") == [b"private, no-store"]

        await asyncio.gather(*(browse(profile, name) for profile, name in names.items()))
        assert len(s.clicks.all) == 200


UNTOUCHED = [
    ("no-transform", html(PAGE, b"Cache-Control: no-transform")),
    ("attachment", html(PAGE, b"Content-Disposition: attachment; filename=x.html")),
    ("large", html(PAGE + b" " * 3_000_000)),
    ("fragment", html(b"<p id=hello>Welcome</p>")),
    ("mislabelled JSON", html(b'{"a": "<p id=hello>Welcome</p>"}')),
    ("plain text", html().replace(b"text/html", b"text/plain")),
    ("500", html().replace(b"200 OK", b"500 Oops")),
    ("empty", html(b"")),
]


@pytest.mark.parametrize("answer", [row[1] for row in UNTOUCHED], ids=[row[0] for row in UNTOUCHED])
async def test_what_is_never_transformed(shop: Start, answer: bytes) -> None:
    async with shop(answer, **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        head, body = await s.ask(opens("/", cookie(JOSE, session="s1")))
        assert body == answer.partition(b"\r\n\r\n")[2]
        assert values(head, b"etag") == [b'"abc"']


async def test_chunked_page_over_the_cap_streams_through(shop: Start) -> None:
    big = PAGE + b"<p>x</p>" * 200_000

    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (big[:100_000], big[100_000:]))
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
        )

    settings = {**PERSONAL, "site": {"mode": "live", "budget": Budget(max_html_kb=64)}}
    async with shop(answer, **settings) as s:
        _, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == big
        assert s.count("over_budget") == 1


async def test_switch_acts_on_the_next_request(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        client = await s.client()
        assert (await client.ask(opens("/", cookie(JOSE))))[1] != PAGE
        s.control.turn(False)
        _, body = await client.ask(opens("/", cookie(JOSE), 'If-None-Match: "abc"'))
        assert body == PAGE
        assert s.origin.requests[-1].values(b"if-none-match") == [b'"abc"']
        assert s.origin.requests[-1].values(b"cookie") == [b"agreed=yes"]
        assert (await s.click(2)).outcome == "DISABLED"
        s.control.turn(True)
        assert (await client.ask(opens("/", cookie(JOSE))))[1] != PAGE


@pytest.mark.parametrize(
    ("site", "variant"),
    [
        ({"mode": "observe"}, ""),
        ({"mode": "live", "holdout": 100.0}, "holdout"),
        ({"mode": "live", "never_touch": ("/",)}, ""),
    ],
)
async def test_pages_that_are_only_read(shop: Start, site: dict[str, Any], variant: str) -> None:
    async with shop(html(), **{**PERSONAL, "site": site}) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        head, body = await s.ask(opens("/", cookie(JOSE), 'If-None-Match: "old"'))
        assert body == PAGE
        assert values(head, b"etag") == [b'"abc"']
        assert s.origin.requests[0].values(b"if-none-match") == [b'"old"']
        click = await s.click()
        assert click.variant == variant
        assert click.listed is not None
        assert click.listed["grid"] == ("1", "2", "3")


async def test_the_shop_gets_the_cookies_of_pages_that_are_only_read(shop: Start) -> None:
    async with shop(html(), site={"mode": "observe"}) as s:
        for _ in range(2):  # read, then remembered
            await s.ask(opens("/", cookie(JOSE, session="s1"), "Accept-Encoding: gzip"))
        assert [request.values(b"cookie") for request in s.origin.requests] == 2 * [[b"agreed=yes; sid=s1"]]


async def test_server_timing_for_the_secret_only(shop: Start) -> None:
    site = {"mode": "live", "debug_secret": "tell-me"}
    async with shop(html(), **{**PERSONAL, "site": site}) as s:
        head, _ = await s.ask(opens("/", cookie(JOSE), "Vitrina-Debug: tell-me"))
        assert values(head, b"server-timing")[0].startswith(b"vitrina;dur=")
        assert not s.origin.requests[0].values(b"vitrina-debug")
        head, _ = await s.ask(opens("/", cookie(JOSE), "Vitrina-Debug: guess"))
        assert not values(head, b"server-timing")
        assert not s.origin.requests[1].values(b"vitrina-debug")


async def test_only_who_says_nothing_of_themselves_teaches_a_page_with_a_way_out_alone(shop: Start) -> None:
    offers_a_way_out = PAGE.replace(b"</body>", b'<a href="/logout.php">Out</a></body>')
    async with shop(html(offers_a_way_out), **{**PERSONAL, "consent": Consent(required=False)}) as s:
        reader = s.plane._serving.personaliser
        nobodys = opens().replace(b"Cookie: agreed=yes\r\n", b"")
        for raw in (opens(), opens(), opens(), nobodys.replace(b"GET / ", b"GET /?sid=1 ")):
            await s.ask(raw)
            assert not is_held(reader, "Welcome")
        await s.ask(nobodys)
        assert is_held(reader, "Welcome")
