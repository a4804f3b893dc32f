"""The message table (docs/reference/messages.md), phrase by phrase, where no other test shows it end to end."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Limits
from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values

Start = Callable[..., Any]
CHUNKED = "Transfer-Encoding: chunked"


def ok(body: bytes = b"ok", *fields: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def request(line: str, *fields: str, host: str | None = "Host: shop.test", body: bytes = b"") -> bytes:
    lines = [line, *(() if host is None else (host,)), *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def get(*fields: str, target: str = "/") -> bytes:
    return request(f"GET {target} HTTP/1.1", *fields)


def post(*fields: str, body: bytes = b"") -> bytes:
    return request("POST / HTTP/1.1", *fields, body=body)


def status_of(head: bytes) -> int:
    return int(head.split(b" ")[1])


# Request framing

REFUSED = [
    ("CL and TE", 400, post("Content-Length: 5", CHUNKED, body=b"0\r\n\r\n")),
    ("conflicting CL", 400, post("Content-Length: 5", "Content-Length: 6", body=b"hello")),
    ("odd CL: +5", 400, post("Content-Length: +5", body=b"hello")),
    ("odd CL: -5", 400, post("Content-Length: -5", body=b"hello")),
    ("odd CL: 5, 5", 400, post("Content-Length: 5, 5", body=b"hello")),
    ("odd CL: 0x5", 400, post("Content-Length: 0x5", body=b"hello")),
    ("TE: identity", 400, post("Transfer-Encoding: identity", "Content-Length: 5", body=b"hello")),
    ("duplicate TE", 400, post(CHUNKED, CHUNKED, body=b"0\r\n\r\n")),
    ("Name :", 400, get("X-Name : y")),
    ("bare CR", 400, get("X: y\rZ: 1")),
    ("bare LF", 400, get("X: y\nZ: 1")),
    ("NUL", 400, get("X: y\0z")),
    ("obs-fold", 400, get("X: y", " z")),
    ("TE on HTTP/1.0", 400, request("POST / HTTP/1.0", CHUNKED, body=b"0\r\n\r\n")),
    ("gzip, chunked", 501, post("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")),
    ("chunk-size line over its cap", 400, post(CHUNKED, body=b"5;" + b"x" * 8_000 + b"\r\nhello\r\n0\r\n\r\n")),
    ("chunk extensions over their share", 400, post(CHUNKED, body=(b"1;" + b"x" * 1_000 + b"\r\na\r\n") * 40)),
    ("missing Host", 400, request("GET / HTTP/1.1", host=None)),
    ("duplicate Host", 400, get("Host: shop.test")),
    ("invalid Host", 400, request("GET / HTTP/1.1", host="Host: a/b")),
    ("CONNECT", 405, request("CONNECT shop.test:443 HTTP/1.1")),
    ("TRACE", 405, request("TRACE / HTTP/1.1")),
    ("HTTP/2.0 line", 505, request("GET / HTTP/2.0")),
    ("HTTP/2 preface", 505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("URI too long", 414, get(target="/" + "x" * 20_000)),
    ("header too large", 431, get("X: " + "y" * 70_000)),
    ("too many headers", 431, get(*["X: y"] * 300)),
]


@pytest.mark.parametrize(("status", "raw"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_refused_with_its_status_and_closed(shop: Start, status: int, raw: bytes) -> None:
    async with shop(ok()) as s:
        client = await s.client()
        head, _ = await client.ask(raw + get(target="/smuggled"))
        assert status_of(head) == status
        assert values(head, b"connection") == [b"close"]
        assert values(head, b"x-robots-tag") == [b"noindex"]
        try:
            assert await client.reader.read() == b""
        except ConnectionResetError:
            pass
        assert all(seen.path != b"/smuggled" for seen in s.origin.requests)


async def test_a_chunked_body_is_framed_anew(shop: Start) -> None:
    body = b'5;a="b"\r\nhello\r\n1\r\n!\r\n0;last\r\nX-Sum: 6\r\nContent-Length: 9\r\nCookie: a=b\r\n\r\n'
    got = bytearray()

    async def answer(request: Any, reader: asyncio.StreamReader, writer: Any) -> bytes:
        got.extend(await reader.readuntil(b"\r\n0\r\n"))
        got.extend(await reader.readuntil(b"\r\n\r\n"))
        return ok()

    async with shop(answer) as s:
        await s.ask(post(CHUNKED, "Expect: 100-continue", body=body))
        assert bytes(got) == b"6\r\nhello!\r\n0\r\nX-Sum: 6\r\n\r\n"
        assert s.origin.requests[0].values(b"transfer-encoding") == [b"chunked"]


# Hop-by-hop


async def test_hop_by_hop_fields_end_here_both_ways(shop: Start) -> None:
    hop = ["Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic x", "TE: trailers"]
    answer = ok(
        b"ok",
        b"Connection: X-Hop, keep-alive",
        b"X-Hop: 1",
        b"Keep-Alive: timeout=5",
        b"Proxy-Authenticate: Basic",
        b"Trailer: X-Sum",
        b"Upgrade: h2c",
        b"X-End: 1",
    )
    async with shop(answer) as s:
        head, _ = await s.ask(
            get("Connection: X-Mine, TE", "X-Mine: 1", "Trailer: X", "Upgrade: h2c", *hop, "X-End: 1")
        )
        sent = s.origin.requests[0]
        for name in (
            b"keep-alive",
            b"proxy-connection",
            b"proxy-authorization",
            b"te",
            b"trailer",
            b"upgrade",
            b"x-mine",
        ):
            assert not sent.values(name), name
        for name in b"connection keep-alive proxy-authenticate trailer upgrade x-hop".split():
            assert not values(head, name), name
        assert sent.values(b"x-end") == values(head, b"x-end") == [b"1"]


async def test_connection_cannot_take_what_matters(shop: Start) -> None:
    named = "Cookie, Authorization, Host, X-Forwarded-For, X-Forwarded-Proto"
    async with shop(ok(b"ok", b"Connection: Set-Cookie, Content-Type", b"Set-Cookie: a=1", b"Content-Type: x/y")) as s:
        head, _ = await s.ask(get(f"Connection: {named}", "Cookie: a=1", "Authorization: Basic x"))
        sent = s.origin.requests[0]
        for name in (b"cookie", b"authorization", b"host", b"x-forwarded-for", b"x-forwarded-proto"):
            assert len(sent.values(name)) == 1, name
        assert (values(head, b"set-cookie"), values(head, b"content-type")) == ([b"a=1"], [b"x/y"])


# Via


async def test_via_goes_to_the_origin_only_and_can_be_switched_off(shop: Start) -> None:
    async with shop(ok(b"ok", b"Server: Apache/1.3")) as s:
        head, _ = await s.ask(get("Via: 1.1 front"))
        first, ours = s.origin.requests[0].values(b"via")
        assert first == b"1.1 front"
        assert ours.startswith(b"1.1 vitrina-")
        assert not values(head, b"via")
    async with shop(ok(), site={"via": False}) as s:
        await s.ask(get())
        assert not s.origin.requests[0].values(b"via")
        assert status_of((await s.ask(get(f"Via: {ours.decode()}")))[0]) == 508  # a loop is told all the same
        assert len(s.origin.requests) == 1


async def test_the_server_field_is_the_origins(shop: Start) -> None:
    async with shop(ok(b"ok", b"Server: Apache/1.3")) as s:
        assert values((await s.ask(get()))[0], b"server") == [b"Apache/1.3"]
    async with shop(ok()) as s:
        assert values((await s.ask(get()))[0], b"server") == []
        assert values((await s.ask(request("TRACE / HTTP/1.1")))[0], b"server") == []


# Expect and interim answers


async def test_a_continue_that_never_comes_is_waited_for_a_bounded_time(shop: Start) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        await asyncio.sleep(10)
        return b""

    async with shop(answer, limits=Limits(first_byte_timeout_s=0.2)) as s:
        head, _ = await s.ask(post("Content-Length: 4", "Expect: 100-continue"))
        assert status_of(head) == 504
        assert values(head, b"connection") == [b"close"]


async def test_interim_answers_pass_but_for_a_continue_that_nobody_asked_for(shop: Start) -> None:
    processing = b"HTTP/1.1 102 Processing\r\n\r\n"
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    async with shop(b"HTTP/1.1 100 Continue\r\n\r\n" + processing + hints + ok()) as s:
        client = await s.client()
        assert (await client.ask(get()))[0] == processing
        assert (await client.response())[0] == hints
        assert (await client.response())[1] == b"ok"
        assert (await s.ask(request("GET / HTTP/1.0", host=None)))[1] == b"ok"


# Host, absolute form, methods

AUTHORITIES = [
    ("Host of the shop", get(), 200, b"shop.test"),
    ("with port", request("GET / HTTP/1.1", host="Host: shop.test:8080"), 200, b"shop.test:8080"),
    ("letter case", request("GET / HTTP/1.1", host="Host: SHOP.test"), 200, b"SHOP.test"),
    ("another Host", request("GET / HTTP/1.1", host="Host: evil.test"), 421, b""),
    (
        "absolute form overrides Host",
        request("GET http://shop.test/x HTTP/1.1", host="Host: evil.test"),
        200,
        b"shop.test",
    ),
    ("absolute form of another", request("GET http://evil.test/x HTTP/1.1"), 421, b""),
    ("OPTIONS *", request("OPTIONS * HTTP/1.1"), 200, b"shop.test"),
    ("any token is a method", request("BREW-COFFEE!#$ / HTTP/1.1"), 200, b"shop.test"),
]


@pytest.mark.parametrize(
    ("raw", "status", "host"), [row[1:] for row in AUTHORITIES], ids=[row[0] for row in AUTHORITIES]
)
async def test_who_is_asked_for(shop: Start, raw: bytes, status: int, host: bytes) -> None:
    async with shop(ok(), site={"hosts": ("shop.test",)}) as s:
        assert status_of((await s.ask(raw))[0]) == status
        if status == 200:
            (sent,) = s.origin.requests
            assert sent.values(b"host") == [host]
            method, target = raw.split(b" ")[:2]
            assert sent.line.split(b" ")[:2] == [method, target.replace(b"http://shop.test", b"")]
        else:
            assert s.origin.requests == []


# Limits


async def test_legacy_heads_pass(shop: Start) -> None:
    fields = [f"X-Legacy-{number}: {number}" for number in range(128)]
    cookies = "; ".join(f"c{number}={'v' * 100}" for number in range(160))
    answer = ok(b"ok", *(b"X-Answer-%d: 1" % number for number in range(128)))
    async with shop(answer) as s:
        head, body = await s.ask(get(*fields, f"Cookie: {cookies}"))
        assert body == b"ok"
        assert head.count(b"X-Answer-") == 128
        assert s.origin.requests[0].head.count(b"X-Legacy-") == 128
        assert s.origin.requests[0].values(b"cookie") == [cookies.encode()]
        assert len(cookies) > 16_384


async def test_uploads_are_limited_at_our_own_endpoints_only(shop: Start, tmp_path: Any) -> None:
    async def own(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(ok(b"own"))
        writer.close()

    server = await asyncio.start_unix_server(own, str(tmp_path / "own"))
    body = b"x" * 20_000
    async with server, shop(ok(), own_socket=str(tmp_path / "own")) as s:
        sized = request("POST /_vitrina/beacon HTTP/1.1", f"Content-Length: {len(body)}", body=body)
        chunked = request("POST /_vitrina/beacon HTTP/1.1", CHUNKED, body=b"4e20\r\n" + body + b"\r\n0\r\n\r\n")
        for raw in (sized, chunked):
            assert status_of((await s.ask(raw))[0]) == 413
        _, answer = await s.ask(sized.replace(b"/_vitrina/beacon", b"/upload.php"))
        assert answer == b"ok"
        assert s.origin.requests[-1].body == body


# Forwarding

CLAIMS = (
    "X-Forwarded-For: 6.6.6.6",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil.test",
    "Forwarded: for=6.6.6.6",
    "X_Forwarded_For: 6.6.6.6",
    "X-Forwarded_Proto: https",
)


@pytest.mark.parametrize("trusted", [(), ("127.0.0.0/8",)], ids=["a stranger", "a trusted peer"])
async def test_who_forwards(shop: Start, trusted: tuple[str, ...]) -> None:
    async with shop(ok(), site={"trusted": trusted}) as s:
        await s.ask(get(*CLAIMS))
        sent = s.origin.requests[0]
        if trusted:
            assert sent.values(b"x-forwarded-for") == [b"6.6.6.6, 127.0.0.1"]
            assert sent.values(b"x-forwarded-proto") == [b"https"]
            assert sent.values(b"x-forwarded-host") == [b"evil.test"]
            assert sent.values(b"forwarded") == [b"for=6.6.6.6, for=127.0.0.1"]
        else:
            assert sent.values(b"x-forwarded-for") == [b"127.0.0.1"]
            assert sent.values(b"x-forwarded-proto") == [b"http"]
            assert sent.values(b"x-forwarded-host") == [b"shop.test"]
            assert sent.values(b"forwarded") == [b'for=127.0.0.1;host="shop.test";proto=http']
        assert b"X_Forwarded_For" not in sent.head
        assert b"X-Forwarded_Proto" not in sent.head


async def test_host_passes_through_in_production(shop: Start) -> None:
    async with shop(ok(), site={"host": "public"}) as s:
        origin = f"http://127.0.0.1:{s.origin.port}"
        await s.ask(get("Origin: https://shop.test", "Referer: https://shop.test/a"))
        sent = s.origin.requests[0]
        assert (sent.values(b"host"), sent.values(b"origin")) == ([b"shop.test"], [b"https://shop.test"])
        assert origin.encode() not in sent.head


# Cookies

EIGHTEEN = tuple(
    [b"Set-Cookie: a=1; Path=/", b"Set-Cookie: a=1; Path=/shop", b"set-cookie: a=2; path=/"]
    + [b"Set-Cookie: cart[uid]=%d; Expires=Sunday, 29-Nov-2026 10:00:00 GMT" % number for number in range(14)]
    + [b"Set-Cookie: =; HttpOnly,; Secure"]
)


@pytest.mark.parametrize("name", ["passing", "personalised"])
async def test_cookies_are_raw_text(shop: Start, name: str) -> None:
    async with shop(html(PAGE, *EIGHTEEN), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        theirs = "cart[uid]=1; x=a b; cart[uid]=2; =; y"
        target = "/" if name == "personalised" else "/picture.jpg"
        head, body = await s.ask(opens(target, cookie(JOSE) + "; " + theirs))
        assert (body != PAGE) is (name == "personalised")
        lines = [line for line in head.split(b"\r\n") if line.lower().startswith(b"set-cookie: ")]
        assert [line for line in lines if not line.startswith(b"Set-Cookie: vitrina=")] == list(EIGHTEEN)
        assert s.origin.requests[0].values(b"cookie") == [b"agreed=yes; " + theirs.encode()]


# Responses


# Never transformed, conditional


# Content-Security-Policy, and what search engines read


async def test_our_own_answers_are_not_to_be_indexed(shop: Start, tmp_path: Any) -> None:
    async def own(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok(b"own"))
        writer.close()

    server = await asyncio.start_unix_server(own, str(tmp_path / "own"))
    async with server, shop(b"nonsense\r\n\r\n", own_socket=str(tmp_path / "own")) as s:
        head, body = await s.ask(get(target="/_vitrina/privacy"))
        assert (body, values(head, b"x-robots-tag")) == (b"own", [b"noindex"])
        head, _ = await s.ask(get())
        assert (status_of(head), values(head, b"x-robots-tag")) == (502, [b"noindex"])
    async with shop(ok()) as s:
        head, _ = await s.ask(get(target="/_vitrina/privacy"))
        assert (status_of(head), values(head, b"x-robots-tag")) == (404, [b"noindex"])
