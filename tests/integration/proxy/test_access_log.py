"""The access log of a running data plane, and the request ids in it."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.proxy.conftest import ok

COMBINED = re.compile(
    r'(?P<address>\S+) - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] "(?P<line>[^"]*)" (?P<status>\d{3}) '
    r'(?P<bytes>\d+) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)" (?P<id>\S+) \d+\.\d \d+'
)
AGENT = b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\r\n"


def lines(tmp_path: Path) -> list[str]:
    return (tmp_path / "logs" / "access.log").read_text("ascii").splitlines()


async def test_a_line_says_what_the_click_says(shop: Callable[..., Any], tmp_path: Path) -> None:
    async with shop(ok(b"hello"), access_log="combined") as s:
        await s.ask(
            b"GET /product.php?id=7&email=a%40b.example&sid=0123456789abcdef HTTP/1.1\r\nHost: shop.example\r\n"
            + AGENT
            + b"Referer: https://other.example/search?q=secret\r\nCookie: sid=verysecret; agreed=yes\r\n\r\n"
        )
        click = await s.click()
        await asyncio.sleep(0.01)
        [line] = lines(tmp_path)
    found = COMBINED.fullmatch(line)
    assert found is not None, line
    assert found["address"] == "127.0.0.0"
    assert found["line"] == "GET /product.php HTTP/1.1"
    assert (found["status"], found["bytes"]) == ("200", "5")
    assert found["referrer"] == "http://other.example/search"
    assert found["agent"] == "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    assert found["id"] == click.request
    assert not {"secret", "b.example", "0123456789abcdef"} & set(re.split(r"\W", line))


async def test_as_json(shop: Callable[..., Any], tmp_path: Path) -> None:
    async with shop(ok(b"hello"), access_log="json") as s:
        await s.ask(b"GET /a%22%0Ab/caf%E9 HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        await s.ask(b"GET / HTTP/1.1\r\nHost: shop.example\r\nBad\x00: x\r\n\r\n")
        await s.click()
        await asyncio.sleep(0.01)
        good, bad = map(json.loads, lines(tmp_path))
    assert (good["path"], good["status"], good["bytes_out"], good["host"]) == (
        "/a%22%0Ab/caf%C3%A9",
        200,
        5,
        "shop.example",
    )
    assert set(good) >= {"time", "id", "address", "ms", "origin_ms", "added_us", "kind", "outcome", "agent"}
    assert (bad["status"], bad["outcome"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (b"M'%`^|~ /", b""),
        (b'GET /"\\{}', b'User-Agent: "quoted\\" {x}\r\n'),
        (b"GET /\xff\xfe\x7f?\x80", b"User-Agent: \xff\x80\r\n"),
        (b"GET /" + b"long/" * 1000, b"User-Agent: " + b"long " * 200 + b"\r\n"),
        (b"GET /", b'Referer: http://x"\\y/\r\nX-Request-Id: "\\\r\n'),
        (b"GET http://shop.example:80/absolute", b""),
    ],
)
@pytest.mark.parametrize("form", ["json", "combined"])
async def test_whatever_comes_makes_one_line(
    shop: Callable[..., Any], tmp_path: Path, form: str, line: bytes, fields: bytes
) -> None:
    async with shop(ok(), access_log=form) as s:
        await s.ask(line + b" HTTP/1.1\r\nHost: shop.example\r\n" + fields + b"\r\n")
        await asyncio.sleep(0.01)
        [written] = lines(tmp_path)
    if form == "json":
        assert json.loads(written)["status"] in (200, 400)
    else:
        assert COMBINED.fullmatch(written), written


@pytest.mark.parametrize(
    ("trusted", "sent", "is_kept"),
    [
        (("127.0.0.0/8",), b"front-42.A_b", True),
        ((), b"front-42.A_b", False),
        (("127.0.0.0/8",), b"jose@example.com", False),
        (("127.0.0.0/8",), b"a" * 65, False),
        (("127.0.0.0/8",), None, False),
    ],
    ids=["trusted", "stranger", "not an id", "too long", "none"],
)
@pytest.mark.parametrize("host", ["public", "origin"])
async def test_whose_request_id(
    shop: Callable[..., Any], trusted: tuple[str, ...], sent: bytes | None, is_kept: bool, host: str
) -> None:
    field = b"" if sent is None else b"X-Request-Id: %b\r\n" % sent
    async with shop(ok(), access_log="json", site={"trusted": trusted, "host": host}) as s:
        for _ in range(2):
            await s.ask(b"GET / HTTP/1.1\r\nHost: shop.example\r\n" + field + b"\r\n")
        first, second = await s.click(1), await s.click(2)
        got = [request.values(b"x-request-id") for request in s.origin.requests]
    assert got == [[first.request.encode()], [second.request.encode()]]
    assert (first.request.encode() == sent) is is_kept
    assert is_kept or (first.request != second.request and len(first.request) == 20)


async def test_without_a_log_the_field_passes_as_it_came(shop: Callable[..., Any]) -> None:
    async with shop(ok()) as s:
        await s.ask(b"GET / HTTP/1.1\r\nHost: shop.example\r\nX-Request-Id: the browser's own\r\n\r\n")
        assert (await s.click()).request == ""
        assert s.origin.requests[0].values(b"x-request-id") == [b"the browser's own"]
