"""Answers whose pieces come by turns, over connections that read to one place: each client gets its own."""

import asyncio
from itertools import zip_longest
from pathlib import Path

import pytest
import uvloop

from bench.worker import Wire, Worker, arrives, worker_in
from proxy.downstream import ClientConnection
from proxy.upstream import OriginConnection

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%b\r\n"
BODIES = [bytes([letter]) * 3000 for letter in b"xyz"]


def framed(body: bytes, framing: str) -> bytes:
    if framing == "chunked":
        return HEAD % b"Transfer-Encoding: chunked\r\n" + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return HEAD % (b"Content-Length: %d\r\n" % len(body)) + body


def bodies_got(worker: Worker, framing: str, piece_bytes: int) -> list[bytes]:
    """What each of three clients gets, an answer's bytes put together."""
    clients: list[Wire] = []
    origins: list[OriginConnection] = []
    worker.serving.origin_pool.close()
    for number in range(len(BODIES)):
        client, wire = ClientConnection(worker.serving), Wire()
        client.connection_made(wire)
        clients.append(wire)
        origin = OriginConnection(worker.serving.origin_pool)
        origin.connection_made(Wire())
        origin.is_counted = True
        worker.serving.origin_pool.release(origin)
        client.data_received(worker.request(number))
        worker.serving.beginning.run()
        origins.append(origin)
    answers = [framed(body, framing) for body in BODIES]
    pieces = [[answer[at : at + piece_bytes] for at in range(0, len(answer), piece_bytes)] for answer in answers]
    for turn in zip_longest(*pieces, fillvalue=b""):
        for origin, piece in zip(origins, turn, strict=True):
            arrives(origin, piece)
    worker.serving.ending.run()
    return [b"".join(wire.written).partition(b"\r\n\r\n")[2] for wire in clients]


@pytest.mark.parametrize("framing", ["sized", "chunked"])
@pytest.mark.parametrize("piece_bytes", [7, 100, 2000, 5000])
def test_each_client_gets_its_own(tmp_path: Path, framing: str, piece_bytes: int) -> None:
    async def run() -> None:
        with worker_in(tmp_path, job="off") as worker:
            for _ in range(3):  # heads that come again are remembered
                for got, own in zip(bodies_got(worker, framing, piece_bytes), BODIES, strict=True):
                    assert set(got) & set(b"xyz") == set(own)
                    assert got.count(own[:1]) == len(own)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
