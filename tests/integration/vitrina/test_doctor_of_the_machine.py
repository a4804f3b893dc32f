"""The doctor's checks of what Vitrina stands on: clock, disk, open files, certificates, Redis."""

import resource
import shutil
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from config.settings import Limits, RedisSettings, Tls
from storage.connecting import connect
from storage.embedded import EmbeddedValkey
from tests.fixtures.certificates import Authority
from tests.fixtures.valkey import own_valkey
from tests.integration.vitrina.examining import examining, found_by, page, plain
from vitrina.datafolder import DataFolder
from vitrina.doctor import disk as disk_check

__all__ = ["own_valkey"]


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
