"""The way into and out of a preview."""

from typing import Any

import pytest

from console.preview_pages import preview_routes
from console.public_app import public_app
from visitors.cookie import Keyring
from visitors.preview import Preview, encode_preview

Client = Any
KEYS = Keyring((("1", b"a" * 32),), preview_key=b"p" * 32)
NOW = 1_800_000_000
HOST = {"Host": "shop.example"}


@pytest.fixture
async def client(aiohttp_client: Client) -> Client:
    """Our own pages at a fixed time."""
    return await aiohttp_client(public_app((preview_routes(KEYS, lambda: NOW),)))


def token(preview: Preview | None = None, host: str = "shop.example") -> str:
    return encode_preview(KEYS, preview or Preview(NOW + 60, "segment", "at_risk"), host)


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("/", "/"),
        ("/offers?id=3", "/offers?id=3"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("", "/"),
    ],
)
async def test_a_link_sets_the_cookie_and_leads_into_the_shop(client: Client, to: str, location: str) -> None:
    given = token()
    answer = await client.get(
        "/_vitrina/preview", params={"token": given, "to": to}, headers=HOST, allow_redirects=False
    )
    assert (answer.status, answer.headers["Location"]) == (303, location)
    [cookie] = answer.headers.getall("Set-Cookie")
    assert cookie == f"vitrina_preview={given}; Max-Age=60; Path=/; HttpOnly; SameSite=Lax"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_over_https_the_cookie_is_secure(client: Client) -> None:
    headers = HOST | {"X-Forwarded-Proto": "https"}
    answer = await client.get("/_vitrina/preview", params={"token": token()}, headers=headers, allow_redirects=False)
    assert answer.headers["Set-Cookie"].endswith("; Secure")


@pytest.mark.parametrize(
    "bad",
    [token(Preview(NOW)), token(host="other.example"), token()[:-1], "", "x" * 3000],
    ids=["over", "other site", "cut", "empty", "long"],
)
async def test_a_bad_link_sets_nothing_and_says_why(client: Client, bad: str) -> None:
    answer = await client.get("/_vitrina/preview", params={"token": bad}, headers=HOST, allow_redirects=False)
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers
    assert "python -m vitrina preview" in await answer.text()


async def test_state_and_leaving(client: Client) -> None:
    cookies = {"Cookie": f"vitrina_preview={token()}"}
    assert "is not in preview" in await (await client.get("/_vitrina/preview", headers=HOST)).text()
    shown = await (await client.get("/_vitrina/preview", headers=HOST | cookies)).text()
    assert "segment <code>at_risk</code>" in shown
    assert "2027-01-15 08:01 UTC" in shown
    for method in (client.get, client.post):
        answer = await method("/_vitrina/preview/leave", headers=HOST | cookies, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert answer.headers["Set-Cookie"].startswith("vitrina_preview=; Max-Age=0; ")


async def test_names_are_escaped(client: Client) -> None:
    cookies = {"Cookie": f"vitrina_preview={token(Preview(NOW + 60, 'profile', '<script>'))}"}
    shown = await (await client.get("/_vitrina/preview", headers=HOST | cookies)).text()
    assert "<script>" not in shown
