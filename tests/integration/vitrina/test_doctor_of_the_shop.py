"""The doctor's checks of what the shop answers, each against a small shop that shows the fault."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.integration.vitrina.examining import Handler, examining, found_by, page, plain
from vitrina.doctor.checks import CHECKS


async def _broken(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


async def _unknown_name(request: web.Request) -> web.StreamResponse:
    return web.Response(status=200 if request.host == "shop.example" else 404)


@pytest.mark.parametrize(
    ("handler", "site", "status"),
    [
        (_broken, {}, "fail"),
        (_unknown_name, {}, "warn"),
        (_unknown_name, {"hosts": ("shop.example",)}, "ok"),
        (plain, {"origin": "http://127.0.0.1:1"}, "fail"),
    ],
    ids=["500", "other name", "its name", "refused"],
)
async def test_origin(tmp_path: Path, handler: Handler, site: dict[str, Any], status: str) -> None:
    async with examining(handler, tmp_path, **site) as examination:
        assert (await found_by("origin", examination)).status == status


def to(url: str) -> web.Response:
    return web.Response(status=302, headers={"Location": url})


async def _never_believes(request: web.Request) -> web.StreamResponse:
    return to(f"https://{request.host}{request.path}")


async def _https_only(request: web.Request) -> web.StreamResponse:
    return page(request) if request.headers["X-Forwarded-Proto"] == "https" else await _never_believes(request)


async def _http_only(request: web.Request) -> web.StreamResponse:
    return page(request) if request.headers["X-Forwarded-Proto"] == "http" else to(f"http://{request.host}/")


async def _turns_round(request: web.Request) -> web.StreamResponse:
    return page(request) if request.headers["X-Forwarded-Proto"] == "https" else to("/")


async def _elsewhere(_request: web.Request) -> web.StreamResponse:
    return to("https://www.shop.example/")


@pytest.mark.parametrize(
    ("handler", "site", "status", "words"),
    [
        (_never_believes, {}, "fail", "does not believe X-Forwarded-Proto"),
        (_https_only, {}, "fail", "not in `trusted`"),
        (_https_only, {"trusted": ("10.0.0.0/8",)}, "ok", ""),
        (_http_only, {}, "warn", "lose it"),
        (_turns_round, {}, "fail", "over http"),
        (_elsewhere, {}, "warn", "leave Vitrina"),
        (_elsewhere, {"host": "origin"}, "warn", "leave Vitrina"),
    ],
    ids=["loop", "front not trusted", "front trusted", "loses https", "loop over http", "elsewhere", "a trial"],
)
async def test_redirects(tmp_path: Path, handler: Handler, site: dict[str, Any], status: str, words: str) -> None:
    async with examining(handler, tmp_path, **site) as examination:
        finding = await found_by("redirects", examination)
    assert finding.status == status, finding
    assert words in finding.means


def _limited(by: str) -> Handler:
    left: dict[str, int] = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        who = request.headers.get(by, "everybody")
        left[who] = left.get(who, 100) - 1
        return page(request, **{"X-RateLimit-Remaining": str(left[who])})

    return handler


async def _shows_address(request: web.Request) -> web.StreamResponse:
    return web.Response(text=f"<html>You are {request.headers['X-Forwarded-For']}.</html>", content_type="text/html")


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        (_shows_address, "ok"),
        (_limited("X-Forwarded-For"), "ok"),
        (_limited("X-Nothing"), "fail"),
        (plain, "unknown"),
    ],
    ids=["shown", "limit each", "limit all", "neither"],
)
async def test_client_address(tmp_path: Path, handler: Handler, status: str) -> None:
    async with examining(handler, tmp_path) as examination:
        examination.pages = []
        [finding] = await CHECKS["client_address"](examination)
    assert finding.status == status


def _setting(cookie: str) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return page(request, **{"Set-Cookie": cookie})

    return handler


@pytest.mark.parametrize(
    ("cookie", "site", "status"),
    [
        ("sid=1; Path=/; Secure", {}, "fail"),
        ("sid=1; Path=/; Secure", {"trusted": ("10.0.0.0/8",)}, "ok"),
        ("sid=1; Path=/", {}, "ok"),
        ("sid=1; Domain=.other.example", {"hosts": ("shop.example",)}, "fail"),
        ("sid=1; Domain=.example", {"hosts": ("shop.example",)}, "ok"),
        ("sid=1; Domain=.other.example", {"host": "origin"}, "ok"),
    ],
)
async def test_cookies(tmp_path: Path, cookie: str, site: dict[str, Any], status: str) -> None:
    async with examining(_setting(cookie), tmp_path, **site) as examination:
        assert (await found_by("cookies", examination)).status == status


async def _has_ours(request: web.Request) -> web.StreamResponse:
    return page(request) if request.path in ("/", "/_vitrina/") else web.Response(status=404)


async def _answers_all(request: web.Request) -> web.StreamResponse:
    return page(request)


@pytest.mark.parametrize(("handler", "status"), [(_has_ours, "fail"), (_answers_all, "ok"), (plain, "ok")])
async def test_own_paths(tmp_path: Path, handler: Handler, status: str) -> None:
    async with examining(handler, tmp_path) as examination:
        assert (await found_by("own_paths", examination)).status == status


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("Age", "12", "warn"),
        ("Age", "0", "ok"),
        ("X-Cache", "HIT from cdn", "warn"),
        ("X-Cache", "MISS", "ok"),
        ("CF-Cache-Status", "HIT", "warn"),
        ("X-Varnish", "123 456", "warn"),
        ("X-Varnish", "123", "ok"),
        ("Cache-Control", "public, max-age=600", "warn"),
        ("Cache-Control", "s-maxage=60", "warn"),
        ("Cache-Control", "private, max-age=600", "ok"),
    ],
)
async def test_caches(tmp_path: Path, field: str, value: str, status: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return page(request, **{field: value})

    async with examining(handler, tmp_path) as examination:
        assert (await found_by("caches", examination)).status == status
