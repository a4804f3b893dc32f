"""Curves of requests: one installation per point (bench.side_by_side's shop, complete product), loaded as it can."""

import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.cpu_share import limited
from bench.scaling.curves import (
    BUSIEST,
    BUSIEST_OPENED,
    CONNECTIONS,
    CORES,
    IDLE_KB,
    MOVED,
    WORKER_SHARE,
    WORKERS,
    Curve,
    Effort,
    Point,
)
from bench.servers import Server, resident_mb
from bench.side_by_side.measuring import SATURATED, Started, even, measure, started
from bench.side_by_side.peers.vitrina import VITRINA
from bench.side_by_side.results import Sample
from bench.side_by_side.workload import BY_NAME, KB, Workload

SEED = 1
COME = 100_003
"""Visitors who come, at most."""
OPENING_RATE = 200.0
"""Requests/s over connections that were opened one after the other, as a front opens them: each is asked in turn."""
_BASE = BY_NAME["same"]


def workload(curve: str, at: int) -> Workload:
    """The requests of one point."""
    match curve:
        case "page":
            return replace(_BASE, page_bytes=at * KB, blocks=min(40, max(1, at // 2)))
        case "blocks":
            return replace(_BASE, page_bytes=0, blocks=at)
        case "experiences":
            # Each asks for something of its own that nobody has: all are looked at, none is shown.
            more = (_experience(f"x{number}", f"{{ visits = {{ gte = {1000 + number} }} }}") for number in range(at))
            return replace(_BASE, settings="".join(more))
        case "segments":
            rules = (
                f"[segment.s{number}]\nall = [{{ orders = {{ gte = {number + 100} }} }}]\n" for number in range(at)
            )
            shown = (_experience(f"x{number}", f'{{ segment = "s{number}" }}') for number in range(at))
            return replace(_BASE, settings="".join((*rules, *shown)))
        case "profiles":
            come = min(at + 3, COME)
            return replace(_BASE, visitors=come, stored=max(0, at - come))
        case "workers":
            return replace(_BASE, workers=at)
        case _:
            return _BASE


def _experience(name: str, who: str) -> str:
    return f'[[experience]]\nid = "{name}"\nat = "greeting"\ninsert = "after"\nwho = {who}\ntext = "no"\n'


def points(curve: Curve, effort: Effort) -> Iterator[Point]:
    """All points of a curve; the first round of each only warms up."""
    for at in (each for each in curve.points if each <= effort.most):
        print(f"{curve.name} {at:,}: starting", file=sys.stderr, flush=True)
        asked = workload(curve.name, at)
        with tempfile.TemporaryDirectory(prefix="vitrina-scaling-") as folder, ExitStack() as stack:
            _, one = stack.enter_context(started(asked, [VITRINA], SEED, Path(folder), Path(folder)))
            also = {}
            if curve == CONNECTIONS:
                also[IDLE_KB] = _opened(stack, one.server, at)
            if curve == WORKERS:
                before = _asked(one)
                measure(asked, one, even(OPENING_RATE), 0, 1.0)
                also[BUSIEST_OPENED] = _busiest(one, before)
                stack.enter_context(limited(one.server.path, WORKER_SHARE))
            measure(asked, one, SATURATED, 0, 1.0)
            before = _asked(one)
            samples = [measure(asked, one, SATURATED, number + 1, effort.seconds) for number in range(effort.rounds)]
            if curve == WORKERS:
                also[BUSIEST] = _busiest(one, before)
                also[CORES] = median(sample.cpu_us * sample.per_second / 1e6 for sample in samples)
        yield _point(curve, at, samples, also)


def _point(curve: Curve, at: int, samples: Sequence[Sample], also: dict[str, float]) -> Point:
    return Point(
        curve.name,
        at,
        median(sample.cpu_us for sample in samples),
        median(sample.p50_us for sample in samples),
        median(sample.per_second for sample in samples),
        median(sample.resident_mb for sample in samples),
        {name: median(sample.beside_us[name] for sample in samples) for name in samples[0].beside_us},
        also | {MOVED: median(sample.counters.get("moved", 0) / sample.counters["requests"] for sample in samples)},
    )


def _asked(one: Started) -> list[int]:
    """What each worker was asked so far."""
    return [one.server.requests_of(pid) for pid in one.server.path]


def _busiest(one: Started, before: Sequence[int]) -> float:
    """Share of what all workers were asked since `before`."""
    done = [now - then for now, then in zip(_asked(one), before, strict=True)]
    return max(done) / sum(done)


def _opened(stack: ExitStack, server: Server, count: int) -> float:
    """Open connections that have asked once and wait, as browsers' do; KB of memory each."""
    before_mb = sum(map(resident_mb, server.path))
    for _ in range(count):
        stack.enter_context(_idle(server.port))
    time.sleep(0.5)
    return (sum(map(resident_mb, server.path)) - before_mb) * 1024 / count


def _idle(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(b"GET /images/cover.jpg HTTP/1.1\r\nHost: tienda.example\r\n\r\n")
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return connection
