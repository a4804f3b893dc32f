"""The message table's answers (docs/reference/messages.md): what is tolerated, never changed, and kept in a change."""

import asyncio
import gzip
from typing import Any

import pytest

from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values
from tests.integration.proxy.test_messages import CHUNKED, Start, get, ok, status_of

TOLERATED = [
    ("identical CL twice", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", [b"2"], True),
    ("identical CL list", b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", [b"2"], True),
    (
        "TE over CL",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" + CHUNKED.encode() + b"\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        [],
        False,
    ),
    ("header without colon", b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\nok", [b"2"], True),
    ("bytes after CL", ok() + b"more", [b"2"], False),
    ("bare LF", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", [b"2"], True),
    ("520", ok(status=b"520 Unknown"), [b"2"], True),
    ("999", ok(status=b"999 Denied"), [b"2"], True),
    ("no reason phrase", ok(status=b"200"), [b"2"], True),
]


@pytest.mark.parametrize(
    ("answer", "lengths", "lives"), [row[1:] for row in TOLERATED], ids=[row[0] for row in TOLERATED]
)
async def test_answers_that_are_tolerated(shop: Start, answer: bytes, lengths: list[bytes], lives: bool) -> None:
    async with shop(answer) as s:
        client = await s.client()
        for _ in range(2):
            head, body = await client.ask(get())
            assert body == b"ok"
            assert values(head, b"content-length") == lengths
            assert b"nonsense" not in head
        assert s.origin.connections == (1 if lives else 2)


TRUNCATED = [
    ("CL", b"Content-Length: 5000\r\n\r\n" + PAGE),
    ("chunked", CHUNKED.encode() + b"\r\n\r\n%x\r\n%b\r\n" % (len(PAGE), PAGE)),
]


@pytest.mark.parametrize("rest", [row[1] for row in TRUNCATED], ids=[row[0] for row in TRUNCATED])
async def test_a_truncated_page_is_502_before_bytes_are_out(shop: Start, rest: bytes) -> None:
    async def answer(request: Any, reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + rest)

    async with shop(answer, **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        head, _ = await s.ask(opens("/", cookie(JOSE)))
        assert status_of(head) == 502
        assert values(head, b"x-robots-tag") == [b"noindex"]


NEVER = [
    ("204", b'HTTP/1.1 204 No Content\r\nContent-Type: text/html\r\nETag: "abc"\r\n\r\n'),
    ("206", html(PAGE[:9], b"Content-Range: bytes 0-8/500").replace(b"200 OK", b"206 Partial Content")),
    ("304", b'HTTP/1.1 304 Not Modified\r\nContent-Type: text/html\r\nETag: "abc"\r\n\r\n'),
    ("a range called 200", html(PAGE, b"Content-Range: bytes 0-8/500")),
]


@pytest.mark.parametrize("answer", [row[1] for row in NEVER], ids=[row[0] for row in NEVER])
async def test_never_transformed(shop: Start, answer: bytes) -> None:
    async with shop(answer, **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        head, body = await s.ask(opens("/", cookie(JOSE, session="s1")))
        assert body == answer.partition(b"\r\n\r\n")[2]
        assert values(head, b"etag") == [b'"abc"']
        assert not values(head, b"cache-control") or values(head, b"cache-control") == [b"max-age=60"]


CONDITIONS = ('If-None-Match: "abc"', "If-Modified-Since: x", 'If-Range: "abc"', "Range: bytes=0-9")


NAMES = (b"if-none-match", b"if-modified-since", b"if-range", b"range")


DESCRIBES = (b"ETag", b"Last-Modified", b"Accept-Ranges", b"Content-MD5", b"Digest", b"Content-Digest", b"Repr-Digest")


ASKED = [
    ("a page that may change", opens("/", cookie(JOSE), *CONDITIONS), {}, True),
    ("an asset", opens("/a.css", cookie(JOSE), *CONDITIONS), {}, False),
    ("a script's fetch", opens("/", cookie(JOSE), "Sec-Fetch-Dest: empty", *CONDITIONS), {}, False),
    ("a stranger without consent", opens("/", "a=1", *CONDITIONS), {}, False),
    ("a path never touched", opens("/admin/x", cookie(JOSE), *CONDITIONS), {}, False),
    ("mode observe", opens("/", cookie(JOSE), *CONDITIONS), {"site": {"mode": "observe"}}, False),
    ("the holdout", opens("/", cookie(JOSE), *CONDITIONS), {"site": {"mode": "live", "holdout": 100.0}}, False),
    ("no experiences", opens("/", cookie(JOSE), *CONDITIONS), {"experiences": ()}, False),
    ("POST", opens("/", cookie(JOSE), *CONDITIONS, "Content-Length: 0").replace(b"GET", b"POST"), {}, False),
]


@pytest.mark.parametrize(("raw", "settings", "dropped"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
async def test_conditions_go_only_where_the_page_may_change(
    shop: Start, raw: bytes, settings: dict[str, Any], dropped: bool
) -> None:
    described = tuple(name + b": x" for name in DESCRIBES if name != b"ETag")
    async with shop(html(PAGE, *described), **{**PERSONAL, **settings}) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        head, body = await s.ask(raw)
        assert [bool(s.origin.requests[0].values(name)) for name in NAMES] == [not dropped] * 4
        assert [bool(values(head, name.lower())) for name in DESCRIBES] == [not dropped] * len(DESCRIBES)
        assert (body != PAGE) is dropped


POLICIES = (
    b"Content-Security-Policy: default-src 'self'; script-src 'nonce-r4nd0m' 'sha256-abc='",
    b"Content-Security-Policy: img-src *",
    b"content-security-policy-report-only: default-src 'none'",
)


GUARDED = PAGE.replace(
    b"</head>",
    b'<link rel="canonical" href="http://shop.test/?a=1&amp;b=2"><script nonce="r4nd0m">var a = "<b>";</script>'
    b"<script>hashed()</script>"
    b'<script src="/a.js" integrity="sha384-abc" crossorigin></script>'
    b'<script type="application/ld+json">{"@type": "Product", "name": "Caf\\u00e9 \\/ <One>"}</script></head>',
)


async def test_a_changed_page_keeps_policies_scripts_canonical_and_structured_data(shop: Start) -> None:
    async with shop(html(GUARDED, *POLICIES), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        head, body = await s.ask(opens("/", cookie(JOSE, session="s1")))
        assert b"Hola, Jos&#233;" in body
        lines = head.split(b"\r\n")
        assert [line for line in lines if line.lower().startswith(b"content-security")] == list(POLICIES)
        assert b"unsafe-inline" not in head + body
        start, end = GUARDED.index(b"<link rel="), GUARDED.index(b"</head>")
        assert body[body.index(b"<link rel=") : body.index(b"</head>")] == GUARDED[start:end]
        assert body.count(b"<script") == GUARDED.count(b"<script")
        assert b"nonce" not in body.replace(b'nonce="r4nd0m"', b"")


FOR_CRAWLERS = [
    (
        "robots.txt",
        "/robots.txt",
        b"text/plain",
        b"User-agent: *\r\nDisallow: /checkout\r\nSitemap: http://shop.test/s.xml\n",
    ),
    (
        "sitemap",
        "/sitemap.xml",
        b"application/xml",
        b'\xef\xbb\xbf<?xml version="1.0"?><urlset><loc>http://shop.test/</loc></urlset>',
    ),
    ("sitemap, packed", "/sitemap.xml.gz", b"application/x-gzip", gzip.compress(b"<urlset/>")),
    ("feed", "/feed", b"application/rss+xml", b"<rss><link>http://shop.test/?a&b</link></rss>"),
    ("sitemap for people", "/sitemap", b"text/html", b"<ul id=grid><li class=box><a href=/product.php?id=1>1</a></ul>"),
]


@pytest.mark.parametrize(
    ("target", "kind", "body"), [row[1:] for row in FOR_CRAWLERS], ids=[row[0] for row in FOR_CRAWLERS]
)
async def test_what_crawlers_read_is_byte_equal(shop: Start, target: str, kind: bytes, body: bytes) -> None:
    answer = ok(body, b"Content-Type: " + kind, b"X-Robots-Tag: all")
    async with shop(answer, **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        for agent in ("Googlebot/2.1", "Mozilla/5.0 Firefox/140.0"):
            raw = opens(target, cookie(JOSE)).replace(b"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", agent.encode())
            head, got = await s.ask(raw)
            assert got == body
            assert values(head, b"x-robots-tag") == [b"all"]
