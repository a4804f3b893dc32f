"""The recipes of docs/recipes: what comes through each front, and stays as it was sent."""

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
from yarl import URL

from tests.fixtures.fronts import FRONTS, HOST, RECIPES
from tests.integration.recipes.conftest import VISITOR, Street

MADE_UP = {"X-Forwarded-For": "203.0.113.6", "Forwarded": "for=203.0.113.6;proto=http", "X-Forwarded-Proto": "http"}
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Cookie": "agreed=yes"}


async def test_the_visitor_is_known_and_cannot_pretend(street: Street) -> None:
    async with street.client.get(f"{street.url}/seen", headers=MADE_UP) as answer:
        fields = [(name.lower(), value) for name, value in await answer.json()]
    seen = dict(fields)
    assert seen["x-forwarded-for"].split(", ")[0] == VISITOR
    assert seen["x-forwarded-proto"] == "https"
    assert seen["host"] == f"{HOST}:{street.front.secure}"
    assert [field for field in fields if "203.0.113.6" in field[1]] == []
    assert "vitrina" in seen["via"]
    assert len({name for name, _ in fields}) == len(fields)


async def test_our_cookie_is_secure_and_the_page_private(street: Street) -> None:
    async with street.client.get(f"{street.url}/", headers=NAVIGATION) as answer:
        cookies = [cookie for cookie in answer.headers.getall("Set-Cookie") if cookie.startswith("vitrina=")]
        assert len(cookies) == 1
        assert "secure" in cookies[0].lower().split("; ")
        assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("target", ["//a//b", "/%2F%41?u=http%3A%2F%2Fx&b", "/a;b=c?d=%zz&?", "/caf%C3%A9?q=%20+"])
async def test_targets_stay_as_they_are(street: Street, target: str) -> None:
    async with street.client.get(URL(street.url + target, encoded=True)) as answer:
        assert answer.headers["Shop-Target"] == target


async def test_streams_both_ways(street: Street) -> None:
    size = 4 * 1024 * 1024
    street.shop.upload_began.clear()
    street.shop.go_on.clear()

    async def body() -> AsyncIterator[bytes]:
        yield bytes(size // 2)
        assert await asyncio.to_thread(street.shop.upload_began.wait, 10), "the front holds the upload back"
        yield bytes(size - size // 2)

    sent = {"Content-Length": str(size)}
    async with street.client.post(f"{street.url}/upload", data=body(), headers=sent) as answer:
        assert (answer.status, await answer.text()) == (200, str(size))
    async with street.client.get(f"{street.url}/events") as answer:
        assert await asyncio.wait_for(answer.content.readuntil(b"\n\n"), 30) == b"data: first\n\n"
        street.shop.go_on.set()
        assert await answer.content.read() == b"data: second\n\n"


async def test_websocket(street: Street) -> None:
    async with street.client.ws_connect(f"{street.url}/socket") as socket:
        await socket.send_str("¡hola!")
        assert await socket.receive_str(timeout=10) == "¡hola!"
        await socket.send_bytes(bytes(100_000))
        assert await socket.receive_bytes(timeout=10) == bytes(100_000)


async def test_plain_http_is_sent_to_https(street: Street) -> None:
    url = f"http://{HOST}:{street.front.plain}/a%20b?c=d"
    async with street.client.get(URL(url, encoded=True), allow_redirects=False) as answer:
        assert answer.status == 308
        assert answer.headers["Location"].startswith("https://")
        assert answer.headers["Location"].endswith("/a%20b?c=d")


@pytest.mark.skipif(shutil.which("curl") is None, reason="not installed: apt install curl")
async def test_curl_resolves_the_name_as_the_cut_over_says(street: Street) -> None:
    command = ("curl", "-si", "--max-time", "10", "--cacert", str(street.front.authority))
    resolve = f"{HOST}:{street.front.secure}:127.0.0.1"
    process = await asyncio.create_subprocess_exec(
        *command, "--resolve", resolve, f"{street.url}/_vitrina/health", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert b" 200" in out.partition(b"\r\n")[0]
    assert out.endswith(b"ok\n")


def test_every_file_is_run_and_linked() -> None:
    files = {path.name for path in RECIPES.iterdir()} - {"README.md"}
    assert {name for recipe in FRONTS.values() for name in recipe.files} == files
    page = (RECIPES / "README.md").read_text("utf-8")
    assert [name for name in files if f"]({name})" not in page] == []
