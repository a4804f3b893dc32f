"""What one exchange costs, by counts that do not depend on how busy the machine is: `python -m bench.costs`.

For a personalised page, a picture and a page with `mode = "off"`: calls of Python functions and of C functions, bytes
of memory at the most beyond what was there before and bytes that stay (all without the kernel, see `bench.worker`);
reads and writes of the data plane's thread with real sockets and a real spool (as the kernel counts them in
/proc/self/task/ID/io: no waiting for events, and none of Redis, of which there is a write and a read for all profiles
of one turn of the loop).

`--write` makes these the baseline, `bench/results/costs.json`; `--calls image` says which functions are called, and how
often. A test compares what it counts with the baseline.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import tracemalloc
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from types import FrameType

import uvloop

from bench.ending import ended
from bench.side_by_side.visitors import ADDRESSES
from bench.worker import JOBS, WARMING, Job, Worker, worker_in
from proxy.dataplane import DataPlane
from storage.control import ControlPage

BASELINE = Path(__file__).parent / "results" / "costs.json"
ROUNDS = 60
ROOM = 1.1
"""So much more than the baseline is not noticed."""
ROOM_BEYOND = {"bytes_that_stay": 4096, "peak_bytes": 2048}
"""Further bytes: a table of what is remembered grows at times, and in a process that has done much else before (the
test suite's) an exchange takes up to 1.3 KB more at its peak; a leak, or a body's copy, is of thousands each time."""
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one exchange, on average; `peak_bytes` in the median."""

    python_calls: float
    c_calls: float
    peak_bytes: float
    bytes_that_stay: float
    reads: float
    writes: float


def calls(worker: Worker, first: int) -> Counter[str]:
    """How often what is called, in `ROUNDS` exchanges."""
    counted: Counter[str] = Counter()

    def called(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            code = frame.f_code
            place = Path(code.co_filename)
            where = place.relative_to(_ROOT) if place.is_relative_to(_ROOT) else place.name
            if where != Path("bench/worker.py"):
                counted[f"python {code.co_qualname} {where}"] += 1
        elif event == "c_call":
            counted[f"c {getattr(argument, '__qualname__', argument)}"] += 1

    for number in range(first, first + ROUNDS):
        request, answer = worker.request(number), worker.page()
        sys.setprofile(called)
        try:
            worker.exchange(request, answer)
        finally:
            sys.setprofile(None)
        _drop_written(worker)
    return counted


def memory(worker: Worker, first: int) -> tuple[float, float]:
    """Bytes at the most, beyond those before an exchange (median); bytes that stay of one (mean)."""
    peaks = []
    tracemalloc.start()
    try:
        begun = tracemalloc.get_traced_memory()[0]
        for number in range(first, first + ROUNDS):
            request, answer = worker.request(number), worker.page()
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            worker.exchange(request, answer)
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
            _drop_written(worker)
        del request, answer
        return median(peaks), max(0.0, (tracemalloc.get_traced_memory()[0] - begun) / ROUNDS)
    finally:
        tracemalloc.stop()


def _warmed(worker: Worker, job: Job) -> int:
    """Serve until everything is known that will be; the number of the next request."""
    served = WARMING if job == "page" else ADDRESSES
    for number in range(served):
        worker.exchange(worker.request(number), worker.page())
        _drop_written(worker)
    return served


def _drop_written(worker: Worker) -> None:
    worker.client_wire.written.clear()
    worker.origin_wire.written.clear()


async def system_calls(worker: Worker, listener: socket.socket) -> tuple[float, float]:
    """Reads and writes of this thread per exchange; origin and client run in threads of their own."""
    plane = DataPlane(worker.plan, worker.ports)
    own = socket.create_server(("127.0.0.1", 0))
    await plane.start([own])
    origin = threading.Thread(target=_serve, args=(listener, worker), daemon=True)
    origin.start()
    loop = asyncio.get_running_loop()
    worker.profiles.answers_at_once = True
    client = socket.create_connection(("127.0.0.1", plane.port))
    try:
        await loop.run_in_executor(None, _ask, client, worker, 0, ADDRESSES)
        before = _thread_io()
        await loop.run_in_executor(None, _ask, client, worker, ADDRESSES, ADDRESSES + ROUNDS)
        after = _thread_io()
    finally:
        client.close()
        await plane.drain(1.0)
    return (after[0] - before[0]) / ROUNDS, (after[1] - before[1]) / ROUNDS


def _thread_io() -> tuple[int, int]:
    text = Path(f"/proc/self/task/{threading.get_native_id()}/io").read_text("ascii")
    counts = dict(line.split(": ") for line in text.splitlines())
    return int(counts["syscr"]), int(counts["syscw"])


def _serve(listener: socket.socket, worker: Worker) -> None:
    """The shop: one connection, one answer per head, until it is closed."""
    connection, _ = listener.accept()
    with connection:
        while received := connection.recv(65_536):
            for _ in range(received.count(b"\r\n\r\n")):
                connection.sendall(worker.page())


def _ask(client: socket.socket, worker: Worker, first: int, end: int) -> None:
    """One request after the other, each when the answer before is whole."""
    for number in range(first, end):
        client.sendall(worker.request(number))
        received = b""
        while b"\r\n\r\n" not in received:
            received += client.recv(262_144)
        head, _, body = received.partition(b"\r\n\r\n")
        missing = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]) - len(body)
        while missing > 0:
            missing -= len(client.recv(262_144))


async def costs(folder: Path, job: Job) -> Costs:
    """Count everything of one job."""
    page = ControlPage.create(folder / "control")
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        worker_in(folder, job=job, origin_port=listener.getsockname()[1], switch=page.slot(0)) as worker,
    ):
        first = _warmed(worker, job)
        counted = calls(worker, first)
        peak, stays = memory(worker, first + ROUNDS)
        reads, writes = await system_calls(worker, listener)
    by_kind = {kind: sum(n for name, n in counted.items() if name.startswith(kind)) for kind in ("python", "c ")}
    found = (by_kind["python"] / ROUNDS, by_kind["c "] / ROUNDS, peak, stays, reads, writes)
    return Costs(*(round(each, 1) for each in found))


def exceeded(job: str, found: Costs, baseline: Mapping[str, float]) -> list[str]:
    """What is more than the baseline allows, each with what to do."""
    problems = []
    for name, value in asdict(found).items():
        allowed = baseline[name] * ROOM + ROOM_BEYOND.get(name, 0.05)
        if value > allowed:
            problems.append(
                f"{job}: {name} {value:g}, baseline {baseline[name]:g}, allowed {allowed:g}. "
                f"Which functions are called says `python -m bench.costs --calls {job}`; if it is worth it, "
                "`python -m bench.costs --write` makes it the baseline, and the commit says why."
            )
    return problems


def counted_in(folder: Path, job: Job) -> Costs:
    """The costs of a job, counted in an event loop of its own."""
    (folder / job).mkdir()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(costs(folder / job, job))


async def _print_calls(folder: Path, job: Job) -> None:
    with worker_in(folder, job=job, switch=ControlPage.create(folder / "control").slot(0)) as worker:
        for name, times in calls(worker, _warmed(worker, job)).most_common():
            print(f"{times / ROUNDS:8.2f} {name}")


def main() -> int:
    """Count, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="make it the baseline")
    parser.add_argument("--calls", choices=JOBS, help="what is called in one exchange, and how often")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vitrina-costs-"))
    try:
        if arguments.calls:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_print_calls(folder, arguments.calls))
            return 0
        found = {job: counted_in(folder, job) for job in JOBS}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for job, each in found.items():
        print(f"{job:<8}" + "  ".join(f"{name} {value:g}" for name, value in asdict(each).items()))
    if arguments.write:
        BASELINE.write_text(json.dumps({job: asdict(each) for job, each in found.items()}, indent=1) + "\n", "utf-8")
        print(f"written: {os.path.relpath(BASELINE)}")
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
