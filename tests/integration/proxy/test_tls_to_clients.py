"""TLS towards clients: the same data plane behind a certificate, plain requests sent there, peers that are believed."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Tls
from proxy.dataplane import DataPlane
from tests.fixtures.certificates import Authority
from tests.integration.proxy.conftest import Client, Shop, ok
from vitrina.certificates import Certificate, server_context

Start = Callable[..., Any]
GET = b"GET /index.php?a=%2F HTTP/1.1\r\nHost: shop.test\r\n\r\n"
AGREED = b"GET / HTTP/1.1\r\nHost: shop.test\r\nAccept: text/html\r\nCookie: agreed=yes\r\n"
PAGE = ok(b"<!doctype html><html><body>page</body></html>", content_type=b"text/html")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def context(authority: Authority) -> ssl.SSLContext:
    pair = authority.issue("shop", "shop.test")
    return server_context(Certificate(pair.cert.read_bytes(), pair.key.read_bytes()))


def trusting(authority: Authority, *, newest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    client = ssl.create_default_context(cafile=str(authority.ca))
    client.set_alpn_protocols(["h2", "http/1.1"])
    if newest is not None:
        client.minimum_version = ssl.TLSVersion.TLSv1
        client.maximum_version = newest
        client.set_ciphers("ALL:@SECLEVEL=0")
    return client


async def secured(s: Shop, client: ssl.SSLContext) -> Client:
    opened = await asyncio.open_connection("127.0.0.1", s.tls_port, ssl=client, server_hostname="shop.test")
    connection = Client(*opened)
    s.stack.push_async_callback(connection.close)
    return connection


async def test_a_shop_by_https(shop: Start, authority: Authority, context: ssl.SSLContext) -> None:
    async with shop(PAGE, tls_context=context) as s:
        client = await secured(s, trusting(authority))
        assert client.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        for _ in range(2):
            head, body = await client.ask(AGREED + b"\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert body == PAGE.partition(b"\r\n\r\n")[2]
            assert b"Set-Cookie: vitrina=" in head
            assert b"; Secure" in head
        request = s.origin.requests[0]
        assert request.values(b"x-forwarded-proto") == [b"https"]
        assert request.values(b"x-forwarded-for") == [b"127.0.0.1"]
        plain_head, _ = await s.ask(AGREED + b"\r\n")
        assert b"; Secure" not in plain_head
        assert s.origin.requests[-1].values(b"x-forwarded-proto") == [b"http"]


async def test_large_bodies_both_ways(shop: Start, authority: Authority, context: ssl.SSLContext) -> None:
    large = bytes(range(256)) * 8192

    async def echo(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        return ok(request.body, content_type=b"application/octet-stream")

    async with shop(echo, tls_context=context) as s:
        client = await secured(s, trusting(authority))
        post = b"POST /up HTTP/1.1\r\nHost: shop.test\r\nContent-Length: %d\r\n\r\n" % len(large)
        assert (await client.ask(post + large))[1] == large


async def test_a_picture_that_comes_in_one_piece(shop: Start, authority: Authority, context: ssl.SSLContext) -> None:
    picture = bytes(range(256)) * 128
    async with shop(ok(picture, content_type=b"image/jpeg"), tls_context=context) as s:
        client = await secured(s, trusting(authority))
        for _ in range(2):
            assert (await client.ask(b"GET /a.jpg HTTP/1.1\r\nHost: shop.test\r\n\r\n"))[1] == picture


@pytest.mark.parametrize(("newest", "works"), [(ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_1, False)])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
async def test_oldest_version(
    shop: Start, authority: Authority, context: ssl.SSLContext, newest: ssl.TLSVersion, works: bool
) -> None:
    async with shop(PAGE, tls_context=context) as s:
        if works:
            assert (await (await secured(s, trusting(authority, newest=newest))).ask(GET))[0].startswith(
                b"HTTP/1.1 200"
            )
        else:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await secured(s, trusting(authority, newest=newest))


@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n", b"\x16\x03\x01\x00\xff" + b"\0" * 64, b"\0"]
)
async def test_what_is_no_handshake_hurts_nobody(
    shop: Start, authority: Authority, context: ssl.SSLContext, said: bytes
) -> None:
    async with shop(PAGE, tls_context=context) as s:
        reader, writer = await asyncio.open_connection("127.0.0.1", s.tls_port)
        writer.write(said)
        writer.write_eof()
        async with asyncio.timeout(30):
            assert not (await reader.read()).startswith(b"HTTP/")
        writer.close()
        assert (await (await secured(s, trusting(authority))).ask(GET))[0].startswith(b"HTTP/1.1 200")


async def test_a_handshake_under_way_is_served_through_a_drain(
    shop: Start, authority: Authority, context: ssl.SSLContext
) -> None:
    async with shop(PAGE, tls_context=context) as s:
        assert isinstance(s.plane, DataPlane)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = trusting(authority).wrap_bio(incoming, outgoing, server_hostname="shop.test")
        with pytest.raises(ssl.SSLWantReadError):
            session.do_handshake()
        reader, writer = await asyncio.open_connection("127.0.0.1", s.tls_port)
        hello = outgoing.read()
        writer.write(hello[:20])
        await asyncio.sleep(0.05)
        async with asyncio.TaskGroup() as tasks:
            draining = tasks.create_task(s.plane.drain(10.0))
            await asyncio.sleep(0.05)
            writer.write(hello[20:])
            while True:
                incoming.write(await reader.read(65536))
                try:
                    session.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    writer.write(outgoing.read())
            session.write(GET)
            writer.write(outgoing.read())
            answer = b""
            while b"\r\n\r\n" not in answer:
                incoming.write(await reader.read(65536))
                try:
                    answer += session.read(65536)
                except ssl.SSLWantReadError:
                    continue
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"Connection: close" in answer
            writer.close()
            await draining


REDIRECT = Tls(":8443", "", "", redirect=True)


@pytest.mark.parametrize(
    ("tls", "request_head", "location"),
    [
        (REDIRECT, GET, b"https://shop.test:8443/index.php?a=%2F"),
        (Tls(":443", "", "", redirect=True), GET, b"https://shop.test/index.php?a=%2F"),
        (Tls(":8443", "", "", redirect=True, public_port=443), GET, b"https://shop.test/index.php?a=%2F"),
        (REDIRECT, b"POST //x HTTP/1.1\r\nHost: shop.test:80\r\n\r\n", b"https://shop.test:8443//x"),
        (REDIRECT, b"GET http://shop.test/a HTTP/1.1\r\nHost: shop.test\r\n\r\n", b"https://shop.test:8443/a"),
        (REDIRECT, b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", b"https://[::1]:8443/"),
        (REDIRECT, b"GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", b"https://[::1]:8443/"),
        (REDIRECT, b"GET /.well-known/acme-challenge/abc HTTP/1.1\r\nHost: shop.test\r\n\r\n", None),
        (REDIRECT, b"GET / HTTP/1.1\r\nHost: shop.test\r\nX-Forwarded-Proto: https\r\n\r\n", b"https://shop.test:8443/"),
        (Tls(":8443", "", ""), GET, None),
        (None, GET, None),
    ],
)  # fmt: skip
async def test_plain_requests_are_sent_to_https(
    shop: Start, tls: Tls | None, request_head: bytes, location: bytes | None
) -> None:
    async with shop(PAGE, tls=tls) as s:
        client = await s.client()
        head, _ = await client.ask(request_head)
        if location is None:
            assert head.startswith(b"HTTP/1.1 200")
            return
        assert head.startswith(b"HTTP/1.1 308 Permanent Redirect\r\n")
        assert b"\r\nLocation: " + location + b"\r\n" in head
        assert s.origin.requests == []
        assert (await s.click()).outcome == "to_https"
        assert (await client.ask(request_head))[0].startswith(b"HTTP/1.1 308"), "the connection goes on"


async def test_what_is_served_plain_opens_nothing_else(shop: Start) -> None:
    challenge = GET.replace(b"/index.php", b"/.well-known/acme-challenge/x")
    async with shop(PAGE, tls=REDIRECT) as s:
        client = await s.client()
        for _ in range(3):  # also where the fields are remembered
            assert (await client.ask(challenge))[0].startswith(b"HTTP/1.1 200")
            assert (await client.ask(GET))[0].startswith(b"HTTP/1.1 308")


async def test_a_foreign_host_is_sent_nowhere(shop: Start) -> None:
    async with shop(PAGE, tls=REDIRECT, site={"hosts": ("shop.test",)}) as s:
        head, _ = await s.ask(b"GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 421")


CLAIMS = (
    b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: www.shop.test\r\n"
    b"X-Forwarded-Port: 443\r\nForwarded: for=203.0.113.9;proto=https\r\nX-Real-IP: 203.0.113.9\r\n"
    b"X_Forwarded_For: 6.6.6.6\r\nX_Real_Ip: 6.6.6.6\r\n"
)


@pytest.mark.parametrize("trusted", [(), ("10.0.0.0/8",), ("127.0.0.0/8",)])
async def test_who_is_believed(shop: Start, trusted: tuple[str, ...]) -> None:
    is_trusted = trusted == ("127.0.0.0/8",)
    async with shop(PAGE, site={"trusted": trusted}, tls=REDIRECT if is_trusted else None) as s:
        head, _ = await s.ask(AGREED + CLAIMS + b"\r\n")
        assert head.startswith(b"HTTP/1.1 200"), "a trusted front that speaks TLS is not sent to TLS"
        assert (b"; Secure" in head) is is_trusted
        request = s.origin.requests[0]
        ours = {
            b"x-forwarded-for": [b"127.0.0.1"],
            b"x-forwarded-proto": [b"http"],
            b"x-forwarded-host": [b"shop.test"],
            b"x-forwarded-port": [],
            b"forwarded": [b'for=127.0.0.1;host="shop.test";proto=http'],
            b"x-real-ip": [b"127.0.0.1"],
        }
        theirs = {
            b"x-forwarded-for": [b"203.0.113.9, 127.0.0.1"],
            b"x-forwarded-proto": [b"https"],
            b"x-forwarded-host": [b"www.shop.test"],
            b"x-forwarded-port": [b"443"],
            b"forwarded": [b"for=203.0.113.9;proto=https, for=127.0.0.1"],
            b"x-real-ip": [b"203.0.113.9"],
        }
        found = {name: request.values(name) for name in ours}
        assert found == (theirs if is_trusted else ours)
        assert request.values(b"x_forwarded_for") == request.values(b"x_real_ip") == []
