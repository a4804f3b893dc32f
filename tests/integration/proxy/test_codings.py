"""Pages that come packed: unpacked to be changed, packed again for this client; what cannot be goes out as it came."""

import asyncio
import gzip
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import zstandard

from config.settings import Budget
from proxy import offloading, page_body
from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, likes, opens, values

Start = Callable[..., Any]
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": lambda body: brotli.compress(body, quality=5),
    "zstd": zstandard.ZstdCompressor().compress,
    "deflate": zlib.compress,
    "raw deflate": lambda body: zlib.compress(body)[2:-4],
}
UNPACK: dict[bytes, Callable[[bytes], bytes]] = {
    b"gzip": gzip.decompress,
    b"br": brotli.decompress,
    b"zstd": zstandard.ZstdDecompressor().decompress,
}
BROWSERS = "gzip, deflate, br, zstd"
CHANGED = [
    ("gzip", BROWSERS, b"gzip"),
    ("br", BROWSERS, b"zstd"),
    ("br", "gzip, deflate, br", b"gzip"),
    ("br", "br", b"br"),
    ("zstd", BROWSERS, b"zstd"),
    ("gzip", "gzip;q=0, zstd", b"zstd"),
    ("gzip", "identity", None),
    ("deflate", "gzip, deflate", b"gzip"),
    ("deflate", "deflate", None),
    ("raw deflate", "deflate", None),
]


@pytest.mark.parametrize(("origin", "accepted", "expected"), CHANGED)
async def test_a_changed_page_is_packed_again_for_its_client(
    shop: Start, origin: str, accepted: str, expected: bytes | None
) -> None:
    coding = origin.removeprefix("raw ").encode()
    async with shop(html(PACK[origin](PAGE), b"Content-Encoding: " + coding), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        head, body = await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: " + accepted))
        assert values(head, b"content-encoding") == ([] if expected is None else [expected])
        assert values(head, b"content-length") == [b"%d" % len(body)]
        plain = body if expected is None else UNPACK[expected](body)
        assert plain.index(b"id=3") < plain.index(b"id=1")


async def test_what_all_pages_of_a_kind_have_is_packed_once(shop: Start) -> None:
    reviews = b"".join(b"<p>Un disco de %d que suena %d</p>" % (1900 + n % 97, n * n) for n in range(600))
    page = PAGE.replace(b"</body>", reviews + b"</body>")
    sizes, pages = [], []
    async with shop(html(gzip.compress(page), b"Content-Encoding: gzip"), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        for _ in range(7):
            _, body = await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: gzip"))
            sizes.append(len(body))
            pages.append(gzip.decompress(body))
    assert set(pages) == {pages[0]}
    assert reviews in pages[0]
    assert sizes[-1] < sizes[1]


@pytest.mark.parametrize("origin", ["gzip", "br", "zstd", "deflate"])
async def test_an_unchanged_page_is_the_origins_very_bytes(shop: Start, origin: str) -> None:
    packed = PACK[origin](PAGE)
    async with shop(html(packed, b"Content-Encoding: " + origin.encode()), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE)
        head, body = await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: " + BROWSERS))
        assert (body, values(head, b"content-encoding")) == (packed, [origin.encode()])
        assert values(head, b"etag") == [b'"abc"']


@pytest.mark.parametrize(
    ("accepted", "offered"),
    [
        (BROWSERS, b"gzip, br, zstd"),
        ("gzip;q=0.5, br", b"gzip;q=0.5, br"),
        ("deflate, compress, dcb", b"identity"),
        ("*", b"identity"),
    ],
)
async def test_the_origin_is_offered_what_we_can_decode(shop: Start, accepted: str, offered: bytes) -> None:
    async with shop(html(), **PERSONAL) as s:
        await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: " + accepted))
        assert s.origin.requests[0].values(b"accept-encoding") == [offered]
        await s.ask(opens("/a.css", cookie(JOSE), "Accept-Encoding: " + accepted))
        assert s.origin.requests[1].values(b"accept-encoding") == [accepted.encode()]


AS_THEY_CAME = [
    ("unknown", PAGE, b"dcb"),
    ("double", gzip.compress(gzip.compress(PAGE)), b"gzip, gzip"),
    ("double, br in gzip", gzip.compress(brotli.compress(PAGE)), b"br, gzip"),
    ("truncated gzip", gzip.compress(PAGE)[:-9], b"gzip"),
    ("truncated br", brotli.compress(PAGE)[:-9], b"br"),
    ("truncated zstd", PACK["zstd"](PAGE)[:-9], b"zstd"),
    ("no gzip at all", PAGE, b"gzip"),
    ("no br at all", PAGE, b"br"),
    ("no zstd at all", PAGE, b"zstd"),
    ("swollen gzip", gzip.compress(b"<html>" + b" " * 5_000_000), b"gzip"),
    ("swollen br", brotli.compress(b"<html>" + b" " * 5_000_000), b"br"),
    ("swollen zstd", PACK["zstd"](b"<html>" + b" " * 5_000_000), b"zstd"),
    ("bytes after gzip", gzip.compress(PAGE) + b"x", b"gzip"),
]


@pytest.mark.parametrize(("packed", "coding"), [row[1:] for row in AS_THEY_CAME], ids=[row[0] for row in AS_THEY_CAME])
async def test_what_cannot_be_unpacked_goes_out_as_it_came(shop: Start, packed: bytes, coding: bytes) -> None:
    async with shop(html(packed, b"Content-Encoding: " + coding), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3", first_name="José", customer=True)
        head, body = await s.ask(opens("/", cookie(JOSE, session="s1"), "Accept-Encoding: " + BROWSERS))
        assert body == packed
        assert values(head, b"content-encoding") == [coding]
        assert values(head, b"etag") == [b'"abc"']


LARGE = PAGE + b"<!-- %b -->" % (b"padding " * 400_000)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_a_large_page_is_unpacked_and_packed_off_the_loop(
    shop: Start, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work: set[str] = set()

    def watch(work: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            result = work(*arguments)
            if isinstance(result, bytes):
                at_work.add(threading.current_thread().name.partition("_")[0])
            return result

        return watched

    monkeypatch.setattr(page_body, "decode", watch(page_body.decode))
    monkeypatch.setattr(page_body, "encode", watch(page_body.encode))
    packed = PACK[coding](LARGE)
    settings = {**PERSONAL, "site": {"mode": "live", "budget": Budget(max_html_kb=8192, rewrite_ms=10_000)}}
    async with shop(html(packed, b"Content-Encoding: " + coding.encode()), **settings) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        async with asyncio.timeout(20):  # the first is compiled in a process of its own
            while True:
                _, body = await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: " + coding))
                if body != packed:
                    break
                await asyncio.sleep(0.05)
        plain = UNPACK[coding.encode()](body)
        assert plain.index(b"id=3") < plain.index(b"id=1")
        assert len(plain) == len(LARGE)
        assert at_work == {"codings"}


async def test_too_many_large_pages_go_out_as_they_came(shop: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offloading, "MOST_WAITING", 0)
    packed = gzip.compress(LARGE)
    settings = {**PERSONAL, "site": {"mode": "live", "budget": Budget(max_html_kb=8192)}}
    async with shop(html(packed, b"Content-Encoding: gzip"), **settings) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        assert (await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: gzip")))[1] == packed
        assert s.count("over_budget") == 1


async def test_a_page_that_is_only_read_is_unpacked_beside_its_way(shop: Start) -> None:
    for coding in ("gzip", "br", "zstd"):
        packed = PACK[coding](PAGE)
        settings = {**PERSONAL, "site": {"mode": "observe"}}
        async with shop(html(packed, b"Content-Encoding: " + coding.encode()), **settings) as s:
            _, body = await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: " + BROWSERS))
            assert body == packed
            click = await s.click()
            assert click.listed is not None
            assert click.listed["grid"] == ("1", "2", "3")


def _bombs() -> dict[str, bytes]:
    blank = b" " * 1_000_000
    gzipped = zlib.compressobj(1, wbits=31)
    zstandard_ = zstandard.ZstdCompressor(level=1).compressobj()
    return {
        "gzip": b"".join(
            [gzipped.compress(b"<html>"), *(gzipped.compress(blank) for _ in range(100)), gzipped.flush()]
        ),
        "br": brotli.compress(b"<html>" + blank * 20, quality=2),
        "zstd": b"".join(
            [zstandard_.compress(b"<html>"), *(zstandard_.compress(blank) for _ in range(100)), zstandard_.flush()]
        ),
    }


BOMBS = _bombs()


@pytest.mark.parametrize("coding", BOMBS)
async def test_a_bomb_goes_out_as_it_came_in_flat_memory(shop: Start, coding: str) -> None:
    bomb = BOMBS[coding]
    async with shop(html(bomb, b"Content-Encoding: " + coding.encode()), **PERSONAL) as s:
        s.profiles.stored[JOSE] = likes(JOSE, "3")
        tracemalloc.start()
        try:
            _, body = await s.ask(opens("/", cookie(JOSE), "Accept-Encoding: " + BROWSERS))
            assert tracemalloc.get_traced_memory()[1] < 20_000_000
        finally:
            tracemalloc.stop()
        assert body == bomb
        assert s.count("refused") == 1


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_a_packed_upload_passes_as_it_came(shop: Start, coding: str) -> None:
    packed = PACK[coding](b"email=a%40b.test&password=right")
    lines = [
        b"POST /login.php HTTP/1.1",
        b"Host: shop.test",
        b"Cookie: agreed=yes",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Encoding: " + coding.encode(),
        b"Content-Length: %d" % len(packed),
    ]
    async with shop(html(), **PERSONAL) as s:
        await s.ask(b"\r\n".join(lines) + b"\r\n\r\n" + packed)
        (sent,) = s.origin.requests
        assert (sent.body, sent.values(b"content-encoding")) == (packed, [coding.encode()])


# Text that streams while its URLs are mapped

TRIAL = {"host": "origin"}
ASKED = b"GET /style.css HTTP/1.1\r\nHost: try.test:8080\r\nAccept-Encoding: gzip, br, zstd\r\n\r\n"


def css(body: bytes, coding: str) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: text/css", b"Content-Encoding: " + coding.encode()]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", b""]) + body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate"])
async def test_packed_text_is_mapped_as_it_streams(shop: Start, coding: str) -> None:
    async def answer(request: Any, reader: Any, writer: Any) -> bytes:
        text = b"a { background: url(http://%b/a.png) }\n" % request.values(b"host")[0]
        return css(PACK[coding](text * 5000), coding)

    async with shop(answer, site=TRIAL) as s:
        head, body = await s.ask(ASKED)
        assert body == b"a { background: url(http://try.test:8080/a.png) }\n" * 5000
        assert not values(head, b"content-encoding")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_text_that_is_not_of_its_coding_goes_out_as_it_came(shop: Start, coding: str) -> None:
    async with shop(css(b"a { color: red }", coding), site=TRIAL) as s:
        head, body = await s.ask(ASKED)
        assert (body, values(head, b"content-encoding")) == (b"a { color: red }", [coding.encode()])
        assert values(head, b"content-length") == [b"16"]


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_truncated_text_that_is_mapped_breaks_off(shop: Start, coding: str) -> None:
    packed = PACK[coding](b"".join(b"a%d { color: red }\n" % number for number in range(50_000)))
    async with shop(css(packed[:-20], coding), site=TRIAL) as s:
        client = await s.client()
        client.writer.write(ASKED)
        with pytest.raises((ConnectionError, EOFError)):
            await client.response()
        assert (await s.click()).aborted


@pytest.mark.parametrize("coding", BOMBS)
async def test_a_bomb_that_is_mapped_stays_flat(shop: Start, coding: str) -> None:
    async with shop(css(BOMBS[coding], coding), site=TRIAL) as s:
        client = await s.client()
        tracemalloc.start()
        try:
            client.writer.write(ASKED)
            try:
                _, body = await client.response()
                assert body == BOMBS[coding]  # told before a byte was out
            except (ConnectionError, EOFError):
                pass  # or broken off
            assert tracemalloc.get_traced_memory()[1] < 80_000_000
        finally:
            tracemalloc.stop()
