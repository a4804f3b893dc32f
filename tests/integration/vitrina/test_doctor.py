"""Each check of the doctor against a small shop that shows the fault, and a clean run on the demo's shop."""

import json
import resource
import shutil
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from config.decode import decode
from config.settings import Limits, RedisSettings, Tls
from storage.connecting import connect
from storage.embedded import EmbeddedValkey
from tests.fixtures.certificates import Authority
from tests.fixtures.gramola import site_config
from tests.fixtures.installation import run_command
from tests.fixtures.valkey import own_valkey
from vitrina.datafolder import DataFolder
from vitrina.doctor import disk as disk_check
from vitrina.doctor.checks import CHECKS, examined
from vitrina.doctor.examination import Examination, session_for
from vitrina.doctor.finding import Finding, exit_code

__all__ = ["own_valkey"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OF_THE_MACHINE = ("disk", "open_files", "added_time")
"""What these find tells of where the tests run, and of how busy it is."""
HOME = """<!doctype html><html><body><h1 id="title">Shop</h1><ul id="grid"><li class="box">One</li>
<li class="box">Two</li></ul><p class="note">a</p><p class="note">b</p>
<a href="/sale/one?action=buy">buy</a> <a href="/sale/one">sale</a> <a href="http://elsewhere.example/sale/x">x</a>
</body></html>"""


def page(_request: web.Request, **headers: str) -> web.Response:
    return web.Response(text=HOME, content_type="text/html", headers=headers)


async def plain(request: web.Request) -> web.StreamResponse:
    """A shop without a fault."""
    return page(request) if request.path == "/" or request.path.startswith("/sale") else web.Response(status=404)


@asynccontextmanager
async def examining(
    handler: Handler, tmp_path: Path, text: str = "", tls: ssl.SSLContext | None = None, **site: Any
) -> AsyncIterator[Examination]:
    """An examination of a shop that `handler` is; `text` is more of the configuration."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    server = TestServer(app)
    await server.start_server(**({} if tls is None else {"ssl": tls}))
    try:
        origin = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.port}"
        written = f'version = 1\n[site]\norigin = "{origin}"\nplatform = "generic"\n{text}'
        (tmp_path / "site.toml").write_text(written, "utf-8")
        settings = decode(written, "site.toml", tmp_path)
        settings = replace(settings, site=replace(settings.site, **site))
        async with session_for(settings) as session:
            yield Examination(settings, tmp_path / "site.toml", DataFolder(tmp_path / "data"), 2, session)
    finally:
        await server.close()


async def found_by(name: str, examination: Examination) -> Finding:
    """The worst finding of one check, after the crawl."""
    await examination.crawl()
    order = ("ok", "unknown", "warn", "fail")
    return max(await CHECKS[name](examination), key=lambda finding: order.index(finding.status))


async def test_a_shop_without_a_fault(tmp_path: Path) -> None:
    told: list[Finding] = []
    text = '[placement.title]\non = "*"\nat = "#title"\n[placement.grid]\non = "/"\nitems = "#grid > .box"\n'
    async with examining(plain, tmp_path, text) as examination:
        findings = await examined(examination, told.append)
    assert told == findings
    assert {finding.check for finding in findings} == set(CHECKS)
    assert [f for f in findings if f.status not in ("ok", "unknown") and f.check not in OF_THE_MACHINE] == []
    assert [finding.check for finding in findings if finding.status == "unknown"] == ["client_address", "cookies"]


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


@pytest.mark.parametrize(("skew_s", "status"), [(0, "ok"), (-30, "warn"), (30, "warn"), (-86_400, "fail")])
async def test_clock(tmp_path: Path, skew_s: int, status: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return page(request, Date=format_datetime(datetime.now(UTC) + timedelta(seconds=skew_s), usegmt=True))

    async with examining(handler, tmp_path) as examination:
        assert (await found_by("clock", examination)).status == status


async def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with examining(plain, tmp_path) as examination:
        (tmp_path / "data").mkdir()
        usage = shutil.disk_usage(tmp_path)
        for free, status in ((100 << 30, "ok"), (1 << 30, "warn"), (1 << 20, "fail")):
            monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: usage._replace(free=free))
            monkeypatch.setattr(disk_check, "WARN_SYNC_MS", 60_000.0)
            assert (await found_by("disk", examination)).status == status
        monkeypatch.undo()
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=100 << 30))
        monkeypatch.setattr(disk_check, "WARN_SYNC_MS", 0.0)
        assert "power cut" in (await found_by("disk", examination)).means
        examination.data = DataFolder(Path("/proc"))
        assert "cannot be written" in (await found_by("disk", examination)).found
    assert list((tmp_path / "data").iterdir()) == []


async def test_open_files(tmp_path: Path) -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with examining(plain, tmp_path) as examination:
        for clients, status in ((1, "ok"), (max(soft, 1 << 20), "warn")):
            limits = Limits(max_client_connections=clients, max_origin_connections=1)
            examination.settings = replace(examination.settings, limits=limits)
            if soft != resource.RLIM_INFINITY:
                assert (await found_by("open_files", examination)).status == status


@pytest.mark.parametrize(
    ("placement", "status", "words"),
    [
        ('on = "*"\nat = "#title"', "ok", "match on 2 pages"),
        ('on = "*"\nat = "#missing"', "fail", "matches nothing"),
        ('on = "*"\nat = ".note"', "warn", "matches 2 elements"),
        ('on = "/sale/**"\nitems = ".box"', "ok", ""),
        ('on = "/sale/**"\nitems = "#grid"', "warn", "a single block"),
        ('on = "/nowhere/**"\nat = "#title"', "unknown", "no page"),
    ],
)
async def test_selectors(tmp_path: Path, placement: str, status: str, words: str) -> None:
    async with examining(
        plain, tmp_path, f'[placement.sale]\non = "/sale/**"\nat = "h1"\n[placement.x]\n{placement}\n'
    ) as e:
        finding = await found_by("selectors", e)
        assert [each.answer.target for each in e.pages] == ["/", "/sale/one"]
    assert finding.status == status, finding
    assert words in finding.found


async def test_a_selector_for_who_has_signed_in_is_a_warning(tmp_path: Path) -> None:
    text = '[placement.x]\non = "*"\nat = "#account"\n[[experience]]\nid = "hola"\nat = "x"\n'
    text += 'who = { logged_in = true }\ntext = "Hola"\n'
    async with examining(plain, tmp_path, text) as examination:
        finding = await found_by("selectors", examination)
    assert (finding.status, "signed-in" in finding.means) == ("warn", True)


async def test_added_time_and_another_answer(tmp_path: Path) -> None:
    async with examining(plain, tmp_path) as examination:
        finding = await found_by("added_time", examination)
        assert finding.status in ("ok", "warn"), finding
        assert "median of 2 pairs of /" in finding.found
        assert "customer" not in finding.found, "nothing is configured for one"

    greeting = '[placement.x]\non = "*"\nat = "h1"\n[[experience]]\nid = "hola"\nat = "x"\n'
    greeting += 'who = { logged_in = true, has = ["first_name"] }\ntext = "Hola, {first_name}"\n'
    for text, words in ((greeting, "changed"), (greeting.replace("h1", "h6"), "not changed")):
        async with examining(plain, tmp_path, text) as examination:
            finding = await found_by("added_time", examination)
        assert f" ms for a customer, whose page was {words}" in finding.found

    async def refuses_via(request: web.Request) -> web.StreamResponse:
        return web.Response(status=403) if "Via" in request.headers else page(request)

    async with examining(refuses_via, tmp_path) as examination:
        finding = await found_by("added_time", examination)
    assert (finding.status, "200 directly and 403" in finding.found) == ("fail", True)


async def test_certificates(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cases = (("long", 90, "ok"), ("short", 5, "warn"), ("over", -1, "fail"))
    for name, days, status in cases:
        pair = authority.issue(name, "127.0.0.1", starts=timedelta(days=-30), ends=timedelta(days=days))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.cert, pair.key)
        async with examining(plain, tmp_path, tls=context, origin_ca=str(authority.ca)) as examination:
            assert (await found_by("certificate", examination)).status == status, name
        async with examining(plain, tmp_path) as examination:
            tls = Tls("127.0.0.1:0", str(pair.cert), str(pair.key))
            examination.settings = replace(examination.settings, tls=tls)
            assert (await found_by("certificate", examination)).status == status, name
    async with examining(plain, tmp_path, tls=context) as examination:
        assert "renew" in (await found_by("certificate", examination)).todo


@pytest.mark.parametrize(
    ("settings", "status", "words"),
    [
        ({"maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"}, "fail", "allkeys-lru"),
        ({"maxmemory": "100mb", "maxmemory-policy": "volatile-lru"}, "warn", "volatile-lru"),
        ({"maxmemory": "0", "maxmemory-policy": "noeviction", "appendonly": "no"}, "warn", "append-only"),
        ({"maxmemory": "100mb", "maxmemory-policy": "noeviction"}, "ok", "answers in"),
    ],
)
async def test_redis_policies(
    own_valkey: EmbeddedValkey, tmp_path: Path, settings: dict[str, str], status: str, words: str
) -> None:
    client = connect(own_valkey.url)
    for name, value in settings.items():
        await client.execute_command("CONFIG", "SET", name, value)
    await client.aclose()
    async with examining(plain, tmp_path) as examination:
        examination.settings = replace(examination.settings, redis=RedisSettings(own_valkey.url))
        budget = replace(examination.settings.site.budget, profile_ms=10_000.0)
        examination.settings = replace(examination.settings, site=replace(examination.settings.site, budget=budget))
        finding = await found_by("redis", examination)
    assert finding.status == status, finding
    assert words in finding.found


async def test_redis_out_of_reach(tmp_path: Path) -> None:
    async with examining(plain, tmp_path) as examination:
        assert (await found_by("redis", examination)).status == "ok"
        redis = replace(examination.settings.redis, url="redis://127.0.0.1:1")
        examination.settings = replace(examination.settings, redis=redis)
        assert (await found_by("redis", examination)).status == "fail"


@pytest.mark.parametrize(("check", "name"), [(check, name) for name, check in CHECKS.items()], ids=list(CHECKS))
async def test_no_check_hides_the_others_when_the_shop_is_away(check: Any, name: str, tmp_path: Path) -> None:
    async with examining(plain, tmp_path, origin="http://127.0.0.1:1") as examination:
        findings = await check(examination)
    assert findings
    assert {finding.check for finding in findings} == {name}


@pytest.mark.parametrize(
    ("statuses", "code"), [(["ok"], 0), (["ok", "unknown"], 0), (["ok", "warn"], 1), (["warn", "fail"], 2), ([], 0)]
)
def test_exit_codes(statuses: list[Any], code: int) -> None:
    assert exit_code([Finding("x", status, "") for status in statuses]) == code


def test_the_demo_shop_is_sound(shop_port: int, tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text(f'version = 1\ndata = "{tmp_path}/data"\n' + site_config(shop_port), "utf-8")
    findings = json.loads(run_command("doctor", str(config), "--json", "--pairs", "3", expect=None))  # see below
    wrong = [f for f in findings if f["status"] not in ("ok", "unknown") and f["check"] not in OF_THE_MACHINE]
    assert wrong == []
    assert {finding["check"] for finding in findings} == set(CHECKS)
    assert not (tmp_path / "data").exists()
