"""What everybody may ask of Vitrina under the shop's own name."""

from typing import Any

from aiohttp import web

from console.public_app import MAX_BODY_BYTES, public_app

Client = Any


async def _echo(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())), headers={"X-Robots-Tag": "all"})


def _extend(app: web.Application) -> None:
    app.router.add_post("/_vitrina/extra", _echo)


async def test_health_is_bare_and_never_cached(aiohttp_client: Client) -> None:
    client = await aiohttp_client(public_app())
    answer = await client.get("/_vitrina/health")
    assert (answer.status, await answer.text()) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Server" not in answer.headers
    missing = await client.get("/_vitrina/metrics")
    assert (missing.status, missing.headers.get("Server")) == (404, None)
    assert (missing.headers["Cache-Control"], missing.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert (await client.get("/metrics")).status == 404


async def test_extensions_add_routes_and_bodies_have_a_limit(aiohttp_client: Client) -> None:
    client = await aiohttp_client(public_app((_extend,)))
    answer = await client.post("/_vitrina/extra", data=b"x" * MAX_BODY_BYTES)
    assert (answer.status, await answer.text()) == (200, str(MAX_BODY_BYTES))
    assert answer.headers["X-Robots-Tag"] == "all"
    assert (await client.post("/_vitrina/extra", data=b"x" * (MAX_BODY_BYTES + 1))).status == 413
