"""From request to rewritten page: who gets what, what it says to caches, and the origin's bytes in every other case."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from clicks.catalogue import Product
from config.platforms import load_platform
from config.settings import Budget, Consent
from tests.fixtures.held import is_held
from tests.integration.proxy.pages import (
    ANNA,
    JOSE,
    KEYRING,
    NOW,
    PAGE,
    PERSONAL,
    cookie,
    html,
    likes,
    opens,
    values,
)
from visitors.cookie import VisitorCookie, bind, customer_id, decode_cookie, encode_cookie
from visitors.profile import Shown

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


async def test_unchanged_page_is_the_origins_very_answer(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE)
        head, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == PAGE
        assert values(head, b"etag") == [b'"abc"']
        assert values(head, b"cache-control") == [b"max-age=60"]


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


@pytest.mark.parametrize("mode", ["silent", "unavailable", "breaker_open"])
async def test_profiles_that_do_not_come_cost_their_budget_only(shop: Start, mode: str) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        s.profiles.mode = mode
        head, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == PAGE
        assert values(head, b"etag") == [b'"abc"']
        assert (await s.click()).profile == JOSE
        assert s.count("profile_timeouts" if mode == "silent" else "profile_unavailable") == 1
        s.profiles.mode = "up"
        _, body = await s.ask(opens("/", cookie(JOSE)))
        assert body != PAGE


async def test_unreadable_profile_and_broken_catalogue_fail_open(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE] = b"\xc1 not a profile"
        assert (await s.ask(opens("/", cookie(JOSE))))[1] == PAGE
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        s.catalogue.products = None
        head, body = await s.ask(opens("/", cookie(JOSE)))
        assert body == PAGE
        assert values(head, b"etag") == [b'"abc"']


async def test_a_profile_whose_reading_raises_hangs_no_page(shop: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(raw: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("proxy.visit.open_profile", raising)
    async with shop(html(), **PERSONAL) as s:
        s.profiles.stored[JOSE], s.profiles.mode = likes(JOSE, "3"), "late"
        assert (await s.ask(opens("/", cookie(JOSE))))[1] == PAGE


async def test_sink_that_fails_costs_no_page(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:

        def refuse(*clicks: Any) -> int:
            raise OSError(28, "No space left on device")

        s.clicks.append = refuse
        assert (await s.ask(opens("/", "agreed=yes")))[1] == PAGE
        assert s.count("clicks_lost") == 1


async def test_failure_of_identity_costs_no_page(shop: Start) -> None:
    """A new visitor needs an id, at the request and at the answer; where none can be made the page passes."""

    def broken() -> str:
        raise OSError("no entropy")

    async with shop(html(), new_id=broken, **PERSONAL) as s:
        assert (await s.ask(opens("/", "agreed=yes")))[1] == PAGE
        assert s.count("fail_open") >= 1


async def test_assets_are_logged_with_their_visitor(shop: Start) -> None:
    async with shop(html(b"GIF89a"), **PERSONAL) as s:
        await s.ask(opens("/images/a.gif", cookie(JOSE, session="s1"), "Sec-Fetch-Dest: image"))
        await s.ask(opens("/images/b.gif", "agreed=no", "Sec-Fetch-Dest: image"))
        assert [(click.path, click.profile) for click in s.clicks.all] == [
            ("/images/a.gif", JOSE),
            ("/images/b.gif", None),
        ]


async def test_a_clip_is_played_once_however_many_ranges_it_takes(shop: Start) -> None:
    fields = b"Content-Type: audio/wav\r\nContent-Range: bytes %b/90\r\nContent-Length: 9\r\n\r\n"
    part = b"HTTP/1.1 206 Partial Content\r\n" + fields + b"RIFFclip."
    ranges = iter((b"0-8", b"9-17"))

    async def clip(*_: Any) -> bytes:
        return part % next(ranges)

    async with shop(clip, **PERSONAL) as s:
        for _ in range(2):
            await s.ask(opens("/clips/7.wav", cookie(JOSE, session="s1"), "Sec-Fetch-Dest: audio", "Range: bytes=0-"))
        assert [[event.name for event in click.events] for click in s.clicks.all] == [["media_play"], []]


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


async def test_own_paths_go_to_our_socket_on_the_very_bytes(shop: Start, tmp_path: Any) -> None:
    async def own(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nours")
        writer.close()

    seen: list[bytes] = []
    path = str(tmp_path / "own")
    server = await asyncio.start_unix_server(own, path)
    async with server, shop(html(), own_socket=path, **PERSONAL) as s:
        assert (await s.ask(opens("/_vitrina/privacy", cookie(JOSE))))[1] == b"ours"
        assert b"vitrina=1.k1" in seen[0]
        for target in ("//_vitrina/privacy", "/%5Fvitrina/privacy", "/x/../_vitrina/privacy", "/_vitrinas"):
            assert (await s.ask(opens(target)))[1] == PAGE
        large = (
            opens("/_vitrina/x").replace(b"GET", b"POST", 1).replace(b"\r\n\r\n", b"\r\nContent-Length: 99999\r\n\r\n")
        )
        assert (await s.ask(large))[0].startswith(b"HTTP/1.1 413")
        assert len(seen) == 1


async def test_own_paths_without_a_socket_are_404(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        head, _ = await s.ask(opens("/_vitrina/health"))
        assert head.startswith(b"HTTP/1.1 404")
        assert s.origin.requests == []


async def test_followed_list_item_is_a_selection(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        shown = {"shop.test/ grid": Shown(NOW - 30, ("3", "1", "2"))}
        s.profiles.stored[JOSE] = likes(JOSE, shown=shown)
        await s.ask(opens("/product.php?id=3", cookie(JOSE), "Referer: http://shop.test/"))
        events = {event.name: event.data for event in (await s.click()).events}
        assert (events["select_item"]["product"], events["select_item"]["position"]) == ("3", 1)


async def test_without_required_consent_everyone_is_known(shop: Start) -> None:
    async with shop(html(), **{**PERSONAL, "consent": Consent(required=False)}) as s:
        head, _ = await s.ask(opens("/", "a=1"))
        assert values(head, b"set-cookie")


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


async def test_auto_recognises_the_shop_from_its_traffic(shop: Start) -> None:
    page = PAGE.replace(b"<head>", b'<head><meta name="generator" content="CE Phoenix">')
    site = {"mode": "observe", "platform": "auto"}
    async with shop(
        html(page, b"Set-Cookie: ceid=0123456789abcdef; path=/"), site=site, platform=load_platform("generic")
    ) as s:
        await s.ask(opens("/index.php", cookie(JOSE)))
        await s.ask(opens("/product_info.php?products_id=12", cookie(JOSE)))
        assert (await s.click(2)).product == "12"


async def test_pages_teach_what_the_catalogue_does_not_have(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.catalogue.products = {"1": Product("1", name="One", url="/product.php?id=1"), "2": Product("2", name="Old")}
        for _ in range(2):
            await s.ask(opens("/", cookie(JOSE)))
        assert [row[0] for row in (await s.click(1)).catalogue] == ["2", "3"]
        assert [row[0] for row in (await s.click(2)).catalogue] == ["2", "3"]
        words = {"1": "One", "2": "Two", "3": "Three"}
        s.catalogue.products = {
            name: Product(name, name=word, url=f"/product.php?id={name}") for name, word in words.items()
        }
        await s.ask(opens("/", cookie(JOSE)))
        assert (await s.click(3)).catalogue == ()
