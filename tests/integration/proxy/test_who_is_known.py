"""Consent, signing in and out, and the cookie: whom a page knows, and who is left alone."""

from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Consent
from tests.integration.proxy.pages import ANNA, JOSE, KEYRING, NOW, PAGE, PERSONAL, cookie, html, likes, opens, values
from visitors.cookie import VisitorCookie, bind, customer_id, decode_cookie, encode_cookie

Start = Callable[..., Any]


async def test_session_that_does_not_match_is_anonymous(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, first_name="José", customer=True)
        stolen = cookie(JOSE, session="s1").replace("sid=s1", "sid=s2")
        _, body = await s.ask(opens("/", stolen))
        assert b"Welcome" in body
        assert JOSE not in s.profiles.asked


async def test_answer_that_replaces_a_stale_session_names_nobody(shop: Start) -> None:
    """The shop forgot the session overnight: this page is a stranger's although the request's cookie still matched."""
    stale = encode_cookie(KEYRING, VisitorCookie(JOSE, True, NOW - 40_000, NOW - 30_000, bind(KEYRING, JOSE, "s1")))
    fresh = html(PAGE, b"Set-Cookie: sid=s2; path=/")
    async with shop(fresh, **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        _, body = await s.ask(opens("/", f"agreed=yes; vitrina={stale}; sid=s1"))
        assert body == PAGE


@pytest.mark.parametrize(
    ("name", "cookies", "fields"),
    [
        ("no consent", f"vitrina={cookie(JOSE).partition('vitrina=')[2]}", ()),
        ("GPC", cookie(JOSE), ("Sec-GPC: 1",)),
        ("bot", cookie(JOSE), ("User-Agent: Googlebot/2.1",)),
        ("forged cookie", "agreed=yes; vitrina=1.k1.jose0000000000000000.c.1.1..AAAA", ()),
    ],
)
async def test_who_is_left_alone(shop: Start, name: str, cookies: str, fields: tuple[str, ...]) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José")
        raw = opens("/?utm_source=mail&q=secret", cookies, "Referer: http://shop.test/a?b=c", *fields)
        if name == "bot":
            raw = raw.replace(b"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", b"Googlebot/2.1").replace(
                b"User-Agent: Googlebot/2.1\r\n\r\n", b"\r\n"
            )
        _, body = await s.ask(raw)
        assert body == PAGE
        assert s.profiles.asked == []
        click = await s.click()
        assert click.profile != JOSE
        if name != "forged cookie":
            assert (click.profile, click.session, click.query, click.campaign) == (None, None, None, None)
            assert click.referrer in ("shop.test", "")


async def test_before_consent_no_cookie_after_consent_one(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        head, _ = await s.ask(opens("/", "a=1"))
        assert not values(head, b"set-cookie")
        head, _ = await s.ask(opens("/", "agreed=yes"))
        (ours,) = values(head, b"set-cookie")
        assert ours.startswith(b"vitrina=")
        assert b"HttpOnly" in ours
        assert values(head, b"cache-control") == [b"private, no-store"]
        known = decode_cookie(KEYRING, ours.decode().partition("=")[2].partition(";")[0])
        assert known is not None
        assert (await s.click(2)).profile == known.profile


@pytest.mark.parametrize(
    ("name", "raw", "answer"),
    [
        ("asset", opens("/a.css").replace(b"text/html,*/*", b"text/css,*/*"), html()),
        ("script's fetch", opens("/", "agreed=yes", "Sec-Fetch-Dest: empty"), html()),
        ("JSON", opens("/api"), html(b"{}").replace(b"text/html", b"application/json")),
        ("error", opens("/gone"), html().replace(b"200 OK", b"404 Not Found")),
        ("redirect", opens("/old"), html(b"").replace(b"200 OK", b"302 Found")),
        ("prefetch", opens("/", "agreed=yes", "Sec-Purpose: prefetch"), html()),
        ("admin", opens("/admin/orders.php"), html()),
        ("card form", opens("/checkout_payment.php?x=1"), html()),
    ],
)
async def test_answers_that_never_carry_our_cookie(shop: Start, name: str, raw: bytes, answer: bytes) -> None:
    async with shop(answer, **PERSONAL) as s:
        head, _ = await s.ask(raw)
        assert not values(head, b"set-cookie")
        assert values(head, b"cache-control") == [b"max-age=60"]
        assert (await s.click()).profile is None


async def test_never_read_is_logged_as_status_only(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        for target in ("/admin/x.php?token=1", "//admin//x.php?token=1", "/a/../admin/x.php", "/%61dmin/x.php"):
            _, body = await s.ask(opens(target, cookie(JOSE), "Referer: http://shop.test/secret"))
            assert body == PAGE
        assert s.profiles.asked == []
        for click in s.clicks.all:
            assert (click.status, click.profile, click.query, click.referrer, click.listed) == (
                200,
                None,
                None,
                "",
                None,
            )


async def test_login_gives_the_name_and_logout_takes_it(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        if request.path == b"/login.php" and b"password=right" in request.body:
            away = b"Location: /account.php\r\nSet-Cookie: sid=new; path=/\r\nContent-Length: 0\r\n\r\n"
            return b"HTTP/1.1 302 Found\r\n" + away
        if request.path == b"/logout.php":
            return html(PAGE, b"Set-Cookie: sid=other; path=/")
        return html()

    customer = customer_id(KEYRING, "jose@example.com")

    def posts(password: bytes) -> bytes:
        form = b"email=jose%40example.com&password=" + password
        return (
            opens("/login.php", cookie(ANNA) + "; sid=old")
            .replace(b"GET", b"POST", 1)
            .replace(
                b"\r\n\r\n",
                b"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(form),
            )
            + form
        )

    async with shop(answer, **PERSONAL) as s:
        s.profiles.stored[customer] = likes(customer, first_name="José", customer=True)
        head, _ = await s.ask(posts(b"wrong"))
        assert not [value for value in values(head, b"set-cookie") if value.startswith(b"vitrina")]
        assert (await s.click(1)).events == () or "login" not in {e.name for e in (await s.click(1)).events}

        head, _ = await s.ask(posts(b"right"))
        ours = next(value for value in values(head, b"set-cookie") if value.startswith(b"vitrina="))
        assert values(head, b"cache-control") == [b"private, no-store"]
        click = await s.click(2)
        assert (click.profile, click.merged_from) == (customer, ANNA)
        assert "login" in {event.name for event in click.events}

        signed_in = f"agreed=yes; sid=new; {ours.decode().partition(';')[0]}"
        _, body = await s.ask(opens("/", signed_in))
        assert b"Hola, Jos&#233;" in body

        head, body = await s.ask(opens("/logout.php", signed_in))
        left, stayed = await s.click(4), await s.click(3)
        assert {"logout", "page_view"} <= {event.name for event in left.events}
        assert (left.profile, left.session, left.customer, left.purposes) == (customer, stayed.session, True, "ps")
        ours = next(value for value in values(head, b"set-cookie") if value.startswith(b"vitrina="))
        _, body = await s.ask(opens("/", f"agreed=yes; sid=other; {ours.decode().partition(';')[0]}"))
        assert b"Welcome" in body
        assert b"Jos" not in body
        for click in s.clicks.all:
            assert "password" not in repr(click)
            assert "right" not in repr(click)


async def test_without_required_consent_everyone_is_known(shop: Start) -> None:
    async with shop(html(), **{**PERSONAL, "consent": Consent(required=False)}) as s:
        head, _ = await s.ask(opens("/", "a=1"))
        assert values(head, b"set-cookie")
