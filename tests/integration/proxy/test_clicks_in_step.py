"""Answers that go together: their clicks are on the disk before the first byte of any of them, by one write."""

import asyncio
from pathlib import Path

import pytest
import uvloop

import storage.spool
from bench.worker import JOBS, WARMING, Job, Wire, Worker, arrives, worker_in
from proxy.downstream import ClientConnection
from proxy.laps import ONE_IN
from proxy.phases import MOST
from proxy.upstream import OriginConnection
from storage.records import read_records
from storage.spool import Spool, segment_name


class WatchedWire(Wire):
    """Remembers how many clicks were on the disk when something was written to it."""

    def __init__(self, segment: Path) -> None:
        super().__init__()
        self._segment = segment
        self.clicks_before: list[int] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        super().write(data)
        self._look()

    def writelines(self, parts: object) -> None:
        super().writelines(parts)
        self._look()

    def _look(self) -> None:
        self.clicks_before.append(len(read_records(self._segment)[0]))


def connected(worker: Worker, segment: Path) -> tuple[ClientConnection, WatchedWire]:
    client, wire = ClientConnection(worker.serving), WatchedWire(segment)
    client.connection_made(wire)
    return client, wire


def origin(worker: Worker) -> tuple[OriginConnection, Wire]:
    connection, wire = OriginConnection(worker.serving.origin_pool), Wire()
    connection.connection_made(wire)
    connection.is_counted = True
    worker.serving.origin_pool.release(connection)
    return connection, wire


def together(worker: Worker, count: int) -> list[WatchedWire]:
    """So many requests at once, and their answers."""
    spool = worker.ports.clicks
    assert isinstance(spool, Spool)
    worker.serving.pages = ONE_IN * ONE_IN  # pages whose stages are timed go alone: none of these
    origins = [(worker.origin, worker.origin_wire), *(origin(worker) for _ in range(count - 1))]
    clients = [connected(worker, spool.path / segment_name(0)) for _ in range(count)]
    for number, (client, _) in enumerate(clients):
        client.data_received(worker.request(WARMING + number))
    worker.serving.beginning.run()
    for connection, wire in origins:
        assert wire.written, "each has a connection of its own"
        arrives(connection, worker.page())
    worker.profiles.answer()
    worker.serving.making.run()
    worker.serving.ending.run()
    return [wire for _, wire in clients]


@pytest.mark.parametrize("job", JOBS)
def test_one_write_before_the_first_byte(tmp_path: Path, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        with worker_in(tmp_path, job=job) as worker:
            spool = worker.ports.clicks
            assert isinstance(spool, Spool)
            for number in range(WARMING):
                worker.exchange(worker.request(number), worker.page())
            worker.origin_wire.written.clear()
            before, counted = spool.written, worker.counters.counts["clicks"]
            sizes: list[int] = []
            real = storage.spool.write
            monkeypatch.setattr("storage.spool.write", lambda fd, data: sizes.append(len(data)) or real(fd, data))
            wires = together(worker, MOST)
            assert [wire.clicks_before for wire in wires] == [[before + MOST]] * MOST
            assert len(sizes) == 1
            assert worker.counters.counts["clicks"] - counted == MOST

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
