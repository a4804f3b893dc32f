"""The beacon's script: small, and asking for nothing; what it tells is answered without a word."""

from typing import Any

from console.beacon_routes import SCRIPT, beacon_routes
from console.public_app import public_app

Client = Any


async def test_script_and_answer(aiohttp_client: Client) -> None:
    client = await aiohttp_client(public_app((beacon_routes,)))
    script = await client.get("/_vitrina/beacon.js")
    assert (script.status, await script.text()) == (200, SCRIPT)
    assert len(SCRIPT.encode()) < 1024
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["Cache-Control"] == "public, max-age=86400"
    for word in ("cookie", "localStorage", "sessionStorage", "indexedDB", "userAgent", "http:"):
        assert word not in SCRIPT
    told = await client.post("/_vitrina/beacon", data=b"v=1&a=2&p=%2F")
    assert (told.status, await told.text()) == (204, "")
    assert (await client.get("/_vitrina/beacon")).status == 405
    off = await aiohttp_client(public_app())
    assert (await off.get("/_vitrina/beacon.js")).status == 404
