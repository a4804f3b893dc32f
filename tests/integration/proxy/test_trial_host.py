"""host = "origin": the shop under another name, both ways."""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Limits

Start = Callable[..., Any]
TRIAL = {"host": "origin"}


def get(target: bytes = b"/", *fields: bytes) -> bytes:
    return b"\r\n".join((b"GET " + target + b" HTTP/1.1", b"Host: try.test:8080", *fields)) + b"\r\n\r\n"


def values(head: bytes, name: bytes) -> list[bytes]:
    lines = head.split(b"\r\n")[1:]
    return [line.partition(b":")[2].strip() for line in lines if line.partition(b":")[0].lower() == name]


def answering(
    text: bytes, *fields: bytes, content_type: bytes = b"text/html", status: bytes = b"200 OK", coded: bool = False
) -> Any:
    """Answers with `text`, in which ORIGIN stands for the origin's host and port."""

    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        host = request.values(b"host")[0]
        body = text.replace(b"ORIGIN", host)
        if coded:
            body = gzip.compress(body)
        lines = [b"HTTP/1.1 " + status, b"Content-Type: " + content_type, b"Content-Length: %d" % len(body)]
        lines += [field.replace(b"ORIGIN", host) for field in fields]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    return answer


async def test_request_names_the_origin(shop: Start) -> None:
    async with shop(answering(b"x"), site=TRIAL) as s:
        await s.ask(get(b"/", b"Origin: http://try.test:8080", b"Referer: http://try.test:8080/a?b"))
        request = s.origin.requests[0]
        origin = b"127.0.0.1:%d" % s.origin.port
        assert request.values(b"host") == [origin]
        assert request.values(b"origin") == [b"http://" + origin]
        assert request.values(b"referer") == [b"http://" + origin + b"/a?b"]


async def test_redirects_and_cookies_name_the_trial(shop: Start) -> None:
    fields = (
        b"Location: http://ORIGIN/x?y=1",
        b"Refresh: 3; url=http://ORIGIN/r",
        b"Link: <http://ORIGIN/a.css>; rel=preload",
        b"Set-Cookie: sid=1; Domain=127.0.0.1; path=/",
    )
    async with shop(answering(b"", *fields, status=b"302 Found"), site=TRIAL) as s:
        head, _ = await s.ask(get())
        assert values(head, b"location") == [b"http://try.test:8080/x?y=1"]
        assert values(head, b"refresh") == [b"3; url=http://try.test:8080/r"]
        assert values(head, b"link") == [b"<http://try.test:8080/a.css>; rel=preload"]
        assert b"127.0.0.1" not in values(head, b"set-cookie")[0]


TEXTS = [
    (
        b"text/html",
        b'<html><base href="http://ORIGIN/"><a href="//ORIGIN/x">',
        b'<html><base href="http://TRY/"><a href="//TRY/x">',
    ),
    (b"text/css", b"a { background: url(http://ORIGIN/b.png) }", b"a { background: url(http://TRY/b.png) }"),
    (b"application/json", rb'{"u": "http:\/\/ORIGIN\/x"}', rb'{"u": "http:\/\/TRY\/x"}'),
    (b"image/png", b"http://ORIGIN/", b"http://ORIGIN/"),
]


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize(("content_type", "text", "expected"), TEXTS)
async def test_text_bodies_name_the_trial(
    shop: Start, content_type: bytes, text: bytes, expected: bytes, coded: bool
) -> None:
    extra = (b"Content-Encoding: gzip",) if coded else ()
    async with shop(answering(text, *extra, content_type=content_type, coded=coded), site=TRIAL) as s:
        for accept in (b"*/*", b"text/html"):
            head, body = await s.ask(get(b"/x", b"Accept: " + accept, b"Accept-Encoding: gzip"))
            if values(head, b"content-encoding"):
                body = gzip.decompress(body)
            assert body.replace(b"try.test:8080", b"TRY") == expected.replace(
                b"ORIGIN", b"127.0.0.1:%d" % s.origin.port
            )


MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="redirect"\r\n\r\nhttp://TRY/cart\r\n'
    b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.svg"\r\n\r\nhttp://TRY/a.svg\r\n--x--\r\n'
)
FORMS = [
    (
        b"application/x-www-form-urlencoded",
        b"a=1&redirect=http%3A%2F%2FTRY%2Fcart",
        b"a=1&redirect=http%3A%2F%2FORIGIN%2Fcart",
    ),
    (b"application/json", rb'{"u": "http:\/\/TRY\/cart"}', rb'{"u": "http:\/\/ORIGIN\/cart"}'),
    (b"application/json", b'{"u": "http://other.test/"}', b'{"u": "http://other.test/"}'),
    (b"text/plain", b"http://TRY/", b"http://TRY/"),
    (b"multipart/form-data; boundary=x", MULTIPART, MULTIPART.replace(b"TRY/cart", b"ORIGIN/cart")),
]


def sent_form(text: bytes, content_type: bytes, target: bytes = b"/login") -> bytes:
    body = text.replace(b"TRY", b"try.test:8080").replace(b"3A%2F%2Ftry.test:", b"3A%2F%2Ftry.test%3A")
    lines = [b"POST " + target + b" HTTP/1.1", b"Host: try.test:8080", b"Content-Type: " + content_type]
    return b"\r\n".join(lines) + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(("content_type", "text", "expected"), FORMS)
@pytest.mark.parametrize("piece", [7, 100_000])
async def test_forms_name_the_origin(
    shop: Start, content_type: bytes, text: bytes, expected: bytes, piece: int
) -> None:
    async with shop(answering(b"x"), site=TRIAL) as s:
        expected = expected.replace(b"TRY", b"try.test:8080").replace(b"ORIGIN", b"127.0.0.1:%d" % s.origin.port)
        expected = expected.replace(b"3A%2F%2F127.0.0.1:", b"3A%2F%2F127.0.0.1%3A")
        raw = sent_form(text, content_type)
        client = await s.client()
        for at in range(0, len(raw), piece):
            client.writer.write(raw[at : at + piece])
            await client.writer.drain()
        await client.response()
        (request,) = s.origin.requests
        assert request.body == expected
        assert request.values(b"content-length") == [b"%d" % len(expected)]


async def test_a_form_that_never_ends_costs_the_origin_nothing(shop: Start) -> None:
    raw = sent_form(b"a=1&u=http://TRY/", b"application/x-www-form-urlencoded")
    async with shop(answering(b"x"), site=TRIAL, limits=Limits(head_timeout_s=0.2)) as s:
        slow, gone = await s.client(), await s.client()
        for client in (slow, gone):
            client.writer.write(raw[:-5])
            await client.writer.drain()
        await gone.close()
        assert (await s.click()).aborted
        async with asyncio.timeout(30):
            await slow.reader.read()
        assert s.origin.connections == 0
        _, body = await s.ask(raw)
        assert body == b"x"


async def test_forms_one_after_the_other(shop: Start) -> None:
    """On one connection, sent before the answers came."""
    raw = sent_form(b"u=http://TRY/", b"application/x-www-form-urlencoded")
    async with shop(answering(b"x"), site=TRIAL) as s:
        client = await s.client()
        client.writer.write(raw * 3 + get(b"/last"))
        for _ in range(4):
            assert (await client.response())[1] == b"x"
        assert [request.body for request in s.origin.requests] == [b"u=http://127.0.0.1:%d/" % s.origin.port] * 3 + [
            b""
        ]


async def test_card_forms_are_not_read(shop: Start) -> None:
    async with shop(answering(b"x"), site=TRIAL) as s:
        await s.ask(sent_form(b"u=http://TRY/", b"application/x-www-form-urlencoded", b"/checkout_payment"))
        assert s.origin.requests[0].body == b"u=http://try.test:8080/"


async def test_queries_name_the_origin_and_paths_stay(shop: Start) -> None:
    async with shop(answering(b"x"), site=TRIAL) as s:
        own = b"127.0.0.1:%d" % s.origin.port
        await s.ask(get(b"//x/http://try.test:8080/%zz?u=http%3A%2F%2Ftry.test%3A8080%2Fx&v=http%3A%2F%2Fother%2F"))
        expected = b"//x/http://try.test:8080/%zz?u=http%3A%2F%2FORIGIN%2Fx&v=http%3A%2F%2Fother%2F"
        assert s.origin.requests[0].path == expected.replace(b"ORIGIN", own.replace(b":", b"%3A"))


async def test_policies_allow_the_trial(shop: Start) -> None:
    policy = b"Content-Security-Policy: default-src 'self' ORIGIN https://cdn.test"
    async with shop(answering(b"x", policy), site=TRIAL) as s:
        head, _ = await s.ask(get())
        assert values(head, b"content-security-policy") == [b"default-src 'self' try.test:8080 https://cdn.test"]


async def test_downloads_stay_as_they_are(shop: Start) -> None:
    """A price list or an invoice that somebody keeps names the shop, not the trial."""
    fields = (b"Content-Disposition: attachment; filename=prices.csv",)
    async with shop(answering(b"http://ORIGIN/item/1", *fields, content_type=b"text/csv"), site=TRIAL) as s:
        _, body = await s.ask(get(b"/prices.csv"))
        assert body == b"http://127.0.0.1:%d/item/1" % s.origin.port


@pytest.mark.parametrize("site", [{"mode": "off"}, {"mode": "observe"}, {"mode": "live", "never_touch": ("/x",)}])
async def test_whatever_the_mode_the_name_is_mapped(shop: Start, site: dict[str, Any]) -> None:
    text = b'<!DOCTYPE html><html><a href="http://ORIGIN/x">y</a></html>'
    async with shop(answering(text), site=TRIAL | site) as s:
        head, body = await s.ask(get(b"/x", b"Accept: text/html", b"Cookie: agreed=yes"))
        assert body == text.replace(b"ORIGIN", b"try.test:8080")
        assert values(head, b"content-length") in ([], [b"%d" % len(body)])


async def test_events_are_not_held_back(shop: Start) -> None:
    """Server-sent events name the trial, each as soon as it comes."""
    more = asyncio.Event()

    async def answer(request: Any, reader: Any, writer: Any) -> None:
        host = request.values(b"host")[0]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        writer.write(b"data: http://" + host + b"/one\n\n")
        await more.wait()
        writer.write(b"data: http://" + host + b"/two\n\n")
        await writer.drain()

    async with shop(answer, site=TRIAL) as s:
        client = await s.client()
        client.writer.write(get(b"/events"))
        async with asyncio.timeout(30):
            await client.reader.readuntil(b"data: http://try.test:8080/one\n\n")
            more.set()
            await client.reader.readuntil(b"data: http://try.test:8080/two\n\n")


async def test_large_text_is_mapped_as_it_streams(shop: Start) -> None:
    text = b"<html>" + b'<a href="http://ORIGIN/x">y</a>' * 40_000
    async with shop(answering(text), site=TRIAL) as s:
        for accept in (b"*/*", b"text/html"):
            _, body = await s.ask(get(b"/x", b"Accept: " + accept))
            assert body == text.replace(b"ORIGIN", b"try.test:8080")


async def test_truncated_coding_breaks_off(shop: Start) -> None:
    packed = gzip.compress(b"body {}" * 1000)[:-10]
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(
        packed
    )
    async with shop(answer + packed, site=TRIAL) as s:
        client = await s.client()
        client.writer.write(get())
        with pytest.raises((ConnectionError, EOFError)):
            await client.response()
        assert (await s.click()).aborted


async def test_a_redirect_that_goes_round_is_told_once(shop: Start, caplog: pytest.LogCaptureFixture) -> None:
    async with shop(answering(b"", b"Location: https://ORIGIN/a?b=secret", status=b"302 Found"), site=TRIAL) as s:
        for target in (b"/other", b"/a?b=secret", b"/a?b=secret"):
            head, _ = await s.ask(get(target))
            assert values(head, b"location") == [b"http://try.test:8080/a?b=secret"]
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(told) == 1
    assert f'site.origin = "https://127.0.0.1:{s.origin.port}" ends the loop' in told[0]
    assert "secret" not in told[0]
