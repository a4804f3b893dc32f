"""The operator's pages: liveness, readiness, status, metrics."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from clicks.click import Reason
from console.operator_app import operator_app
from storage.control import ControlPage
from vitrina.metrics import ConfigInUse
from vitrina.processes.spec import WORK_SLOT
from vitrina.watching import HEARD_OF_S, OperatorStatus

Client = Any


@pytest.fixture
def page(tmp_path: Path) -> ControlPage:
    """A control page on which two workers have counted."""
    page = ControlPage.create(tmp_path / "control")
    page.slot(2).count("requests", 3)
    page.slot(3).count("requests", 4)
    page.slot(3).put("connections", 2)
    return page


@pytest.fixture
def status(page: ControlPage, tmp_path: Path) -> OperatorStatus:
    """What the operator's pages ask."""
    return OperatorStatus(page, ConfigInUse("abc", "live", 1_800_000_000.5), tmp_path)


async def test_status_and_metrics_sum_the_workers(
    aiohttp_client: Client, page: ControlPage, status: OperatorStatus
) -> None:
    client = await aiohttp_client(operator_app(status))
    shown = await (await client.get("/status")).json()
    assert (shown["on"], shown["counters"]["requests"], shown["counters"]["connections"]) == (True, 7, 2)
    page.turn(on=False)
    answer = await client.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = await answer.text()
    assert "vitrina_on 0\n" in text
    assert "vitrina_requests_total 7\n" in text
    assert "vitrina_connections 2\n" in text


async def test_live_is_not_ready_and_ready_is_not_degraded(
    aiohttp_client: Client, page: ControlPage, status: OperatorStatus
) -> None:
    client = await aiohttp_client(operator_app(status))
    assert (await client.get("/live")).status == 200
    answer = await client.get("/ready")
    assert (answer.status, await answer.text()) == (503, "not ready: no data-plane worker answers\n")
    page.slot(2).claim()
    page.slot(WORK_SLOT).claim()
    answer = await client.get("/ready")
    assert (answer.status, await answer.text()) == (200, "ready: 1 worker\n")
    page.slot(WORK_SLOT).put("redis_down", 1)
    page.slot(2).put("breaker_open", 1)
    page.slot(2).put("added_breaker_open", 1)
    answer = await client.get("/ready")
    assert answer.status == 200
    assert (await answer.text()).splitlines() == [
        "degraded: 1 worker",
        "Redis is away: pages go out as they came, clicks wait in the spool",
        "too busy: pages pass untouched through 1 of 1 workers",
        "Redis is slow, refuses or is away: the breaker of 1 of 1 is open",
    ]
    page.slot(2).release()
    assert (await client.get("/ready")).status == 503


@pytest.mark.parametrize("step_s", [86_400.0, 3_600.0, -3_600.0, -86_400.0])
async def test_who_is_alive_is_known_whatever_the_clock_does(
    aiohttp_client: Client,
    page: ControlPage,
    status: OperatorStatus,
    monkeypatch: pytest.MonkeyPatch,
    step_s: float,
) -> None:
    client = await aiohttp_client(operator_app(status))
    page.slot(2).claim()
    page.slot(WORK_SLOT).claim()
    now, monotonic = time.time, time.monotonic
    monkeypatch.setattr("time.time", lambda: now() + step_s)
    assert await (await client.get("/ready")).text() == "ready: 1 worker\n"
    monkeypatch.setattr("time.monotonic", lambda: monotonic() + HEARD_OF_S + 1)
    monkeypatch.setattr("time.time", lambda: now() + step_s + HEARD_OF_S + 1)
    assert (await client.get("/ready")).status == 503, "silent since, by a clock that was set back too"


async def test_a_heartbeat_from_before_the_machine_started_is_none(
    aiohttp_client: Client, page: ControlPage, status: OperatorStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await aiohttp_client(operator_app(status))
    page.slot(2).claim()
    monkeypatch.setattr("time.monotonic", lambda: 1.0)
    assert (await client.get("/ready")).status == 503


async def test_it_is_not_ready_while_the_spool_cannot_be_written(aiohttp_client: Client, page: ControlPage) -> None:
    page.slot(2).claim()
    client = await aiohttp_client(operator_app(OperatorStatus(page, ConfigInUse("", "live", 0), Path("/proc"))))
    answer = await client.get("/ready")
    assert answer.status == 503
    assert "the data folder cannot be written" in await answer.text()


async def test_the_first_page_says_how_it_is_and_where_the_rest_is(
    aiohttp_client: Client, page: ControlPage, status: OperatorStatus
) -> None:
    client = await aiohttp_client(operator_app(status))
    text = await (await client.get("/")).text()
    assert "<h1>Vitrina: not ready</h1>" in text
    assert "<strong>no data-plane worker answers</strong>" in text
    page.slot(2).claim()
    page.slot(WORK_SLOT).claim()
    page.turn(on=False)
    answer = await client.get("/")
    text = await answer.text()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>Vitrina: ready</h1>" in text
    assert "1 worker; personalising is off (<code>python -m vitrina on</code>" in text
    assert '<td class="n">7</td><td>requests</td>' in text
    for path in re.findall(r'href="([^"]+)"', text):
        assert (await client.get(path)).status == 200, path


@pytest.mark.parametrize("path", ["/_vitrina/health", "/metrics/x", "/on", "/off"])
async def test_there_is_nothing_else_and_nothing_to_change(
    aiohttp_client: Client, page: ControlPage, status: OperatorStatus, path: str
) -> None:
    client = await aiohttp_client(operator_app(status))
    assert (await client.get(path)).status == 404
    assert (await client.post("/status")).status == 405
    assert page.is_on()


async def test_prometheus_reads_the_whole_exposition(
    aiohttp_client: Client, page: ControlPage, status: OperatorStatus
) -> None:
    worker = page.slot(2)
    worker.claim()
    worker.answered(200, "home", "passed", 0, 0)
    worker.looked_at(None, [Reason("experience", "SPLIT")], None)
    for seconds in (0.000_010, 0.000_100, 2.0):
        worker.observe("added:rewritten", seconds)
    client = await aiohttp_client(operator_app(status))
    text = await (await client.get("/metrics")).text()
    families = {family.name: family for family in text_string_to_metric_families(text)}

    assert all(family.documentation and family.samples for family in families.values())
    assert all(sample.name.endswith("_total") for f in families.values() if f.type == "counter" for sample in f.samples)
    [build] = families["vitrina_build_info"].samples
    assert build.labels["version"]
    assert families["vitrina_config_info"].samples[0].labels == {"version": "abc", "mode": "live"}
    assert families["vitrina_config_loaded_timestamp_seconds"].samples[0].value == 1_800_000_000.5
    answers = {tuple(sample.labels.values()): sample.value for sample in families["vitrina_answers"].samples}
    assert answers["2xx", "home"] == 1
    reasons = {sample.labels["reason"]: sample.value for sample in families["vitrina_decisions"].samples}
    assert {reason for reason, count in reasons.items() if count} == {"SPLIT"}
    added = [s for s in families["vitrina_added_seconds"].samples if s.labels["way"] == "rewritten"]
    buckets = [(float(s.labels["le"]), s.value) for s in added if s.name.endswith("_bucket")]
    assert [value for _, value in buckets] == sorted(value for _, value in buckets)
    assert dict(buckets)[0.000_016] == 1
    assert dict(buckets)[0.000_128] == 2
    assert buckets[-1] == (float("inf"), 3)
    assert next(s.value for s in added if s.name.endswith("_count")) == 3
    assert next(s.value for s in added if s.name.endswith("_sum")) == pytest.approx(2.000_110)
    memory = {s.labels["process"]: s.value for s in families["vitrina_process_resident_memory_bytes"].samples}
    assert memory["worker 1"] > 1 << 20
    assert families["vitrina_process_open_fds"].samples[0].value > 2
    starts = {s.labels["process"]: s.value for s in families["vitrina_process_starts"].samples}
    assert starts["worker 1"] == 1


def test_routes_are_read_only(status: OperatorStatus) -> None:
    app: web.Application = operator_app(status)
    assert {route.method for route in app.router.routes()} == {"GET", "HEAD"}
