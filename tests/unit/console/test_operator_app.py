"""The operator's pages: readiness, status, metrics."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from console.operator_app import exposition, operator_app
from storage.control import COUNTERS, GAUGES, ControlPage
from vitrina.processes.console import Status

Client = Any


@pytest.fixture
def page(tmp_path: Path) -> ControlPage:
    """A control page on which two workers have counted."""
    page = ControlPage.create(tmp_path / "control")
    page.slot(2).count("requests", 3)
    page.slot(3).count("requests", 4)
    page.slot(3).put("connections", 2)
    return page


async def test_status_and_metrics_sum_the_workers(aiohttp_client: Client, page: ControlPage) -> None:
    client = await aiohttp_client(operator_app(Status(page)))
    status = await (await client.get("/status")).json()
    assert (status["on"], status["counters"]["requests"], status["counters"]["connections"]) == (True, 7, 2)
    page.turn(on=False)
    answer = await client.get("/metrics")
    assert answer.content_type == "text/plain"
    text = await answer.text()
    assert "vitrina_on 0\n" in text
    assert "vitrina_requests_total 7\n" in text
    assert "vitrina_connections 2\n" in text


async def test_it_is_ready_while_a_worker_is_heard_of(aiohttp_client: Client, page: ControlPage) -> None:
    client = await aiohttp_client(operator_app(Status(page)))
    assert (await client.get("/ready")).status == 503
    page.slot(2).claim()
    answer = await client.get("/ready")
    assert (answer.status, await answer.text()) == (200, "ready: 1 worker\n")
    page.slot(2).release()
    assert (await client.get("/ready")).status == 503


@pytest.mark.parametrize("path", ["/", "/_vitrina/health", "/metrics/x", "/on", "/off"])
async def test_there_is_nothing_else_and_nothing_to_change(
    aiohttp_client: Client, page: ControlPage, path: str
) -> None:
    client = await aiohttp_client(operator_app(Status(page)))
    assert (await client.get(path)).status == 404
    assert (await client.post("/status")).status == 405
    assert page.is_on()


def test_every_metric_is_typed_once_and_counters_end_in_total() -> None:
    totals: Mapping[str, int] = dict.fromkeys(COUNTERS + GAUGES, 1)
    lines = exposition(True, totals).splitlines()
    types = [line.split()[2:] for line in lines if line.startswith("# TYPE ")]
    names = [name for name, _ in types]
    assert len(names) == len(set(names)) == len(totals) + 1
    for name, kind in types:
        assert name.endswith("_total") == (kind == "counter")
    assert {line.split()[0] for line in lines if not line.startswith("#")} == set(names)
    assert all(kind == "gauge" for name, kind in types if name.removeprefix("vitrina_") in GAUGES)


def test_routes_are_read_only(page: ControlPage) -> None:
    app: web.Application = operator_app(Status(page))
    assert {route.method for route in app.router.routes()} == {"GET", "HEAD"}
