"""A client that leaves while its exchange waits for its next step: one click, and nothing for nobody."""

import asyncio
from pathlib import Path

import pytest
import uvloop

from bench.worker import JOBS, WARMING, Job, Worker, arrives, worker_in
from storage.spool import Spool


def _leaves(worker: Worker, job: Job, *, is_answered: bool) -> None:
    spool, serving = worker.ports.clicks, worker.serving
    assert isinstance(spool, Spool)
    for number in range(WARMING):
        worker.exchange(worker.request(number), worker.page())
    worker.client_wire.written.clear()
    worker.origin_wire.written.clear()
    clicks, before = spool.written, worker.counters.counts.copy()
    worker.client.data_received(worker.request(WARMING))
    if is_answered:
        serving.beginning.run()
        worker.profiles.answer()
        arrives(worker.origin, worker.page())
    worker.client.connection_lost(None)
    for phases in (serving.beginning, serving.making, serving.ending):
        phases.run()
    assert worker.client_wire.written == []
    assert bool(worker.origin_wire.written) is is_answered
    assert spool.written == clicks + 1
    counted = {name: value - before[name] for name, value in worker.counters.counts.items() if value != before[name]}
    assert counted["requests"] == 1
    assert counted.get("profile_fetches", 0) == (job == "page" and is_answered)


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("is_answered", [False, True], ids=["before it is sent on", "before it is answered"])
def test_one_click_and_nothing_sent(tmp_path: Path, job: Job, is_answered: bool) -> None:
    async def run() -> None:
        with worker_in(tmp_path, job=job) as worker:
            _leaves(worker, job, is_answered=is_answered)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
