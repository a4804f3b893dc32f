"""How cost grows with what grows: page, blocks, experiences, segments, profiles, open connections. `make bench-scale`.

`python -m bench.scaling [--curve NAME …] [--seconds 3] [--rounds 3] [--most N] [--out FILE]` measures one installation
per point (bench.side_by_side's shop, complete product, one worker) and writes raw results; `--report FILE` makes the
report again. A curve's slope is that of a line through the logarithms: 1 means that twice as much costs twice as much.
"""

import argparse
import math
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from bench.ending import ended
from bench.machine import Where, here
from bench.raw_results import read_rows, write_rows
from bench.servers import Missing, program, resident_mb
from bench.side_by_side.measuring import SATURATED, measure, started
from bench.side_by_side.peers.vitrina import VITRINA
from bench.side_by_side.workload import BY_NAME, KB, Workload

RESULTS = Path(__file__).parent / "results" / "scaling.jsonl"
SEED = 1
_BASE = BY_NAME["same"]


@dataclass(frozen=True, slots=True)
class Curve:
    """What grows, in which unit, and the points that are measured."""

    name: str
    unit: str
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve: medians of the rounds. `start_s`: from the start of the process until it serves."""

    curve: str
    at: int
    cpu_us: float
    p50_us: float
    per_second: float
    resident_mb: float
    idle_kb: float
    """Memory of one idle connection; 0 where none was opened."""
    beside_us: dict[str, float]


CURVES = (
    Curve("page", "KB", (10, 32, 64, 128, 256, 512, 1024)),
    Curve("blocks", "product blocks", (10, 40, 160, 500, 1000)),
    Curve("experiences", "experiences", (1, 10, 30, 100)),
    Curve("segments", "segments", (1, 10, 50, 200)),
    Curve("profiles", "profiles", (1_000, 10_000, 100_000, 1_000_000)),
    Curve("connections", "open connections", (1, 100, 1_000, 5_000)),
)


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
            return replace(_BASE, visitors=at + 3)
        case _:
            return _BASE


def _experience(name: str, who: str) -> str:
    return f'[[experience]]\nid = "{name}"\nat = "greeting"\ninsert = "after"\nwho = {who}\ntext = "no"\n'


def points(curve: Curve, seconds: float, rounds: int, most: int) -> Iterator[Point]:
    """All points of a curve, one installation each."""
    for at in (each for each in curve.points if each <= most):
        asked = workload(curve.name, at)
        with tempfile.TemporaryDirectory(prefix="vitrina-scaling-") as folder, ExitStack() as stack:
            every = stack.enter_context(started(asked, [VITRINA], SEED, Path(folder), Path(folder)))
            one = every[1]
            before_mb = sum(map(resident_mb, one.server.path))
            idle = [
                stack.enter_context(_idle(one.server.port)) for _ in range(at if curve.name == "connections" else 0)
            ]
            time.sleep(0.5)
            idle_kb = (sum(map(resident_mb, one.server.path)) - before_mb) * 1024 / len(idle) if idle else 0.0
            samples = [measure(asked, one, SATURATED, number, seconds) for number in range(rounds)]
        yield Point(
            curve.name,
            at,
            median(sample.cpu_us for sample in samples),
            median(sample.p50_us for sample in samples),
            median(sample.per_second for sample in samples),
            median(sample.resident_mb for sample in samples),
            idle_kb,
            {name: median(sample.beside_us[name] for sample in samples) for name in samples[0].beside_us},
        )


def _idle(port: int) -> socket.socket:
    """A connection that has asked once and waits, as a browser's does."""
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


def slope(found: Sequence[tuple[float, float]]) -> float:
    """Of the line through the logarithms of all (x, y), by least squares."""
    pairs = [(math.log(x), math.log(y)) for x, y in found]
    mean_x = sum(x for x, _ in pairs) / len(pairs)
    mean_y = sum(y for _, y in pairs) / len(pairs)
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread if spread else 0.0


def report(where: Where, found: Sequence[Point]) -> str:
    """All curves, as Markdown."""
    lines = ["# How cost grows", "", f"{where.line()}; `python -m bench.scaling`.", ""]
    lines.append("CPU µs per request of the worker, 64 connections as fast as it goes; medians of the rounds.")
    for curve in CURVES:
        mine = [point for point in found if point.curve == curve.name]
        if not mine:
            continue
        lines += ["", f"## {curve.name}", ""]
        lines.append(f"| {curve.unit} | CPU µs | p50 ms | requests/s | worker MB | beside: µs | idle connection KB |")
        lines.append("|---:|---:|---:|---:|---:|---|---:|")
        for point in mine:
            beside = ", ".join(f"{name} {spent:.0f}" for name, spent in point.beside_us.items())
            lines.append(
                f"| {point.at:,} | {point.cpu_us:.0f} | {point.p50_us / 1000:.1f} | {point.per_second:,.0f}"
                f" | {point.resident_mb:.0f} | {beside} | {f'{point.idle_kb:.1f}' if point.idle_kb else ''} |"
            )
        if len(mine) > 1:
            whole = slope([(point.at, point.cpu_us) for point in mine])
            last = slope([(point.at, point.cpu_us) for point in mine[-2:]])
            lines += ["", f"Slope {whole:.2f}, between the last two points {last:.2f}."]
    return "\n".join(lines) + "\n"


def write(path: Path, where: Where, found: Sequence[Point]) -> None:
    """Raw results: where, then a point a line."""
    write_rows(path, where, found)


def read(path: Path) -> tuple[Where, list[Point]]:
    """What `write` wrote."""
    return read_rows(path, Where, Point)


def main() -> int:
    """Measure, or report again."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.scaling", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--curve", action="append", choices=[curve.name for curve in CURVES])
    parser.add_argument("--seconds", type=float, default=3.0, help="of load a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=100_000, help="leave out larger points (a million takes long)")
    parser.add_argument("--out", type=Path, metavar="FILE", default=RESULTS)
    parser.add_argument("--report", type=Path, metavar="FILE", help="only the report of these raw results")
    arguments = parser.parse_args()
    if arguments.report is None:
        try:
            for name, package in (("nginx", "nginx-light"), ("wrk", "wrk"), ("taskset", "util-linux")):
                program(name, package)
            where, found = here(), []
            for curve in (each for each in CURVES if arguments.curve is None or each.name in arguments.curve):
                for point in points(curve, arguments.seconds, arguments.rounds, arguments.most):
                    found.append(point)
                    print(f"{curve.name} {point.at:,}: {point.cpu_us:.0f} µs", file=sys.stderr, flush=True)
                    write(arguments.out, where, found)
        except (Missing, RuntimeError) as error:
            print(f"bench.scaling: {error}", file=sys.stderr)
            return 1
        arguments.report = arguments.out
    print(report(*read(arguments.report)), end="")
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
