"""A failure of ours between the click and the last byte: the click is there, and the client waits for nothing."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from bench.worker import JOBS, WARMING, Job, Wire, Worker, worker_in
from storage.spool import Spool


class Broken(Wire):
    """A transport that takes nothing."""

    is_aborted = False

    def writelines(self, parts: object) -> None:
        raise RuntimeError("planted")

    def abort(self) -> None:
        self.is_aborted = True


def _breaks(worker: Worker) -> None:
    spool, broken = worker.ports.clicks, Broken()
    assert isinstance(spool, Spool)
    for number in range(WARMING):
        worker.exchange(worker.request(number), worker.page())
    clicks = spool.written
    worker.client.transport = broken
    worker.exchange(worker.request(WARMING), worker.page())
    worker.client.check(time.monotonic())
    assert broken.is_aborted
    worker.client.connection_lost(None)
    assert spool.written == clicks + 1


def _is_refused(worker: Worker) -> None:
    """Not even the answer to a failure can be sent."""
    worker.client.transport = broken = Broken()
    worker.client.data_received(worker.request(0))
    worker.serving.beginning.run()
    assert worker.client.exchange is not None
    with pytest.raises(RuntimeError):
        worker.client.exchange.fail(504, "first_byte_timeout")
    worker.client.check(time.monotonic())
    assert broken.is_aborted


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("case", [_breaks, _is_refused])
def test_the_client_gets_an_end(tmp_path: Path, job: Job, case: Callable[[Worker], None]) -> None:
    async def run() -> None:
        with worker_in(tmp_path, job=job) as worker:
            case(worker)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
