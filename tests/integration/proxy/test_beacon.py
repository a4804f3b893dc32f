"""The visibility beacon through a data plane: who gets its tag, and whose event becomes of what it tells."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from clicks.click import Event
from config.settings import Consent, ConsentCookie, Statistics
from proxy.beacon_rate import MOST_A_MINUTE
from tests.integration.proxy.conftest import Shop, ok
from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values
from transforms.beacon import TAG
from visitors.fold import fold
from visitors.wire import decode_profile

ON = PERSONAL | {"statistics": Statistics(beacon=True)}
WITH_TAG = PAGE.replace(b"</body>", TAG.encode() + b"</body>")
Start = Callable[..., Any]


def tells(body: bytes, cookies: str, *sender: str) -> bytes:
    """A browser that leaves a page; `sender` are fields that say from where."""
    lines = [
        "POST /_vitrina/beacon HTTP/1.1",
        "Host: shop.test",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        "Accept: */*",
        "Sec-Fetch-Dest: empty",
        "Content-Type: application/x-www-form-urlencoded;charset=UTF-8",
        f"Content-Length: {len(body)}",
        f"Cookie: {cookies}",
        *(sender or ("Sec-Fetch-Site: same-origin",)),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_a_page_that_nothing_changes_gets_the_tag_and_is_private(shop: Start) -> None:
    async with shop(html(), **ON) as s:
        head, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == WITH_TAG
        assert values(head, b"cache-control") == [b"private, no-store"]
        assert values(head, b"etag") == []
        assert s.count("personalised") == 0
        click = await s.click()
        assert [event.name for event in click.events] == ["page_view"]


async def test_beside_what_was_personalised(shop: Start) -> None:
    async with shop(html(), **ON) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        s1 = cookie(JOSE, session="s1")
        _, body = await s.ask(opens("/", s1))
        assert b"Hola, Jos&#233;" in body
        assert body.count(TAG.encode() + b"</body>") == 1
        assert s.count("personalised") == 1


@pytest.mark.parametrize(
    ("cookies", "fields", "changes"),
    [
        ("", (), {}),
        ("agreed=no", (), {}),
        (cookie(JOSE), ("Sec-GPC: 1",), {}),
        (cookie(JOSE), ("DNT: 1",), {}),
        (cookie(JOSE), (), {"statistics": Statistics()}),
        (cookie(JOSE), (), {"site": {"mode": "observe"}}),
        (cookie(JOSE), (), {"site": {"mode": "live", "never_touch": ("/",)}}),
        (cookie(JOSE), (), {"site": {"mode": "live", "holdout": 100.0}}),
        (
            cookie(JOSE),
            (),
            {"consent": Consent(cookie=ConsentCookie("agreed", "yes"), statistics=ConsentCookie("stats", "1"))},
        ),
    ],
    ids=[
        *("no consent", "refused", "GPC", "DNT", "switched off", "observing", "never touched", "held out"),
        "personalisation without statistics",
    ],
)
async def test_who_gets_none(shop: Start, cookies: str, fields: tuple[str, ...], changes: dict[str, Any]) -> None:
    async with shop(html(), **(ON | changes)) as s:
        _, body = await s.ask(opens("/", cookies, *fields))
        assert body == PAGE


@pytest.mark.parametrize(
    ("policy", "is_in"),
    [
        (b"Content-Security-Policy: default-src 'self'", True),
        (b"Content-Security-Policy: script-src 'nonce-1'", False),
        (b"Content-Security-Policy: default-src 'self'\r\nContent-Security-Policy: connect-src 'none'", False),
        (b"Content-Security-Policy-Report-Only: default-src 'none'", True),
        (b"Content-Security-Policy: script-src http://shop.test", True),
        (b"Content-Security-Policy: script-src http://other.test", False),
    ],
)
async def test_policies_are_respected(shop: Start, policy: bytes, is_in: bool) -> None:
    async with shop(html(PAGE, policy), **ON) as s:
        _, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == (WITH_TAG if is_in else PAGE)


@asynccontextmanager
async def telling(shop: Start, tmp_path: Path, **changes: Any) -> AsyncIterator[Shop]:
    """A data plane whose own endpoints answer."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    server = await asyncio.start_unix_server(answers, tmp_path / "own")
    async with server, shop(ok(), own_socket=str(tmp_path / "own"), **(ON | changes)) as s:
        yield s


async def test_what_is_told_is_an_event_of_who_tells(shop: Start, tmp_path: Path) -> None:
    async with telling(shop, tmp_path) as s:
        head, _ = await s.ask(tells(b"v=4000&a=9000&p=%2Fproduct.php%3Fid%3D7%26sid%3Dsecret", cookie(JOSE)))
        assert head.startswith(b"HTTP/1.1 204")
        assert values(head, b"set-cookie") == []
        click = await s.click()
        assert click.events == (
            Event("user_engagement", {"page": "/product.php?id=7", "visible_ms": 4000, "age_ms": 9000}),
        )
        assert (click.profile, click.purposes, click.kind, click.is_measure) == (JOSE, "ps", "other", True)


@pytest.mark.parametrize(
    ("cookies", "body", "changes"),
    [
        ("agreed=yes", b"v=1&a=2&p=%2F", {}),
        (cookie(JOSE) + "x", b"v=1&a=2&p=%2F", {}),
        (cookie(JOSE).replace("agreed=yes", "agreed=no"), b"v=1&a=2&p=%2F", {}),
        (cookie(JOSE), b"v=9&a=2&p=%2F", {}),
        (cookie(JOSE), b"v=1&a=2&p=%2F" + b"x" * 9_000, {}),
        (cookie(JOSE), b"v=1&a=2&p=%2F", {"statistics": Statistics()}),
    ],
    ids=["a stranger", "a forged cookie", "who has refused", "impossible", "too long", "switched off"],
)
async def test_what_is_not_believed(
    shop: Start, tmp_path: Path, cookies: str, body: bytes, changes: dict[str, Any]
) -> None:
    async with telling(shop, tmp_path, **changes) as s:
        head, _ = await s.ask(tells(body, cookies))
        assert values(head, b"set-cookie") == []
        assert (await s.click()).events == ()


@pytest.mark.parametrize(
    ("sender", "is_believed"),
    [
        (("Sec-Fetch-Site: same-origin", "Origin: https://evil.test"), True),
        (("Origin: http://shop.test",), True),
        (("Origin: https://Shop.test",), True),
        (("Sec-Fetch-Site: same-site", "Origin: https://blog.shop.test"), False),
        (("Sec-Fetch-Site: cross-site",), False),
        (("Origin: https://evil.test",), False),
        (("Origin: https://shop.test.evil.test",), False),
        (("Origin: null",), False),
        (("Referer: https://shop.test/",), False),
    ],
    ids=lambda value: "; ".join(value) if isinstance(value, tuple) else str(value),
)
async def test_only_pages_of_this_shop_are_believed(
    shop: Start, tmp_path: Path, sender: tuple[str, ...], is_believed: bool
) -> None:
    async with telling(shop, tmp_path) as s:
        head, _ = await s.ask(tells(b"v=1&a=2&p=%2F", cookie(JOSE), *sender))
        assert head.startswith(b"HTTP/1.1 204")
        assert bool((await s.click()).events) is is_believed


async def test_who_tells_too_often_is_not_believed(shop: Start, tmp_path: Path) -> None:
    async with telling(shop, tmp_path) as s:
        for _ in range(MOST_A_MINUTE + 5):
            await s.ask(tells(b"v=1&a=2&p=%2F", cookie(JOSE)))
        await s.ask(tells(b"v=1&a=2&p=%2F", cookie("anna0000000000000000")))
        *of_jose, of_anna = [len(click.events) for click in s.clicks.all]
        assert (sum(of_jose), of_anna) == (MOST_A_MINUTE, 1)


async def test_in_a_profile_it_leaves_no_trace(shop: Start, tmp_path: Path) -> None:
    async with telling(shop, tmp_path) as s:
        await s.ask(tells(b"v=4000&a=9000&p=%2F", cookie(JOSE)))
        before = decode_profile(likes(JOSE, "3"))
        after = fold(before, await s.click(), "s", 1)
        assert after == before._replace(applied={"s": 1})
