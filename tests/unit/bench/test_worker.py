"""The data plane without sockets, on a machine that is busy with other things."""

import asyncio
from pathlib import Path

import uvloop

from bench.worker import worker_in
from storage.spool import Spool


def test_a_long_pause_between_two_exchanges_costs_no_connection(tmp_path: Path) -> None:
    """Its origin is no server: another connection than the one it begins with would never be answered."""

    async def run() -> None:
        with worker_in(tmp_path, job="image", known=2) as worker:
            worker.origin.idle_since -= 3600.0
            worker.exchange(worker.request(0), worker.page())
            spool = worker.ports.clicks
            assert isinstance(spool, Spool)
            assert spool.written == 1

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
