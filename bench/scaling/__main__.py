"""How cost grows with what grows: pages, experiences, profiles, workers, clicks and others. `make bench-scale`.

`python -m bench.scaling [--curve NAME …] [--seconds 3] [--rounds 3] [--most N] [--out FILE]` measures and writes raw
results; `--report FILE` makes the report again, with `--plot FILE.svg`
(or .png) its picture.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench.cpu_share import CannotLimit
from bench.ending import ended
from bench.machine import Where, here
from bench.pictures import picture_file
from bench.raw_results import read_rows, write_rows
from bench.scaling import clicks, requests, starts
from bench.scaling.curves import CLICKS, CURVES, START, Curve, Effort, Point
from bench.scaling.plot import plot
from bench.scaling.report import report
from bench.servers import Missing, program

RESULTS = Path(__file__).parents[1] / "results" / "scaling.jsonl"
MEASURED: Mapping[str, Callable[[Curve, Effort], Iterator[Point]]] = {
    CLICKS.name: clicks.points,
    START.name: starts.points,
}
"""How a curve is measured when it is not one of requests."""


def main() -> int:
    """Measure, or report again."""
    arguments = _arguments()
    if arguments.report is None:
        try:
            _measure(arguments)
        except (Missing, RuntimeError) as error:
            print(f"bench.scaling: {error}", file=sys.stderr)
            return 1
        arguments.report = arguments.out
    where, found = read_rows(arguments.report, Where, Point)
    if arguments.plot is not None:
        plot(where, found, arguments.plot)
    print(report(where, found, arguments.plot), end="")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scaling", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--curve", action="append", choices=[curve.name for curve in CURVES])
    parser.add_argument("--seconds", type=int, default=3, help="of load a round (wrk takes whole ones)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=100_000, help="leave out larger points (a million takes minutes)")
    parser.add_argument("--out", type=Path, metavar="FILE", default=RESULTS)
    parser.add_argument("--report", type=Path, metavar="FILE", help="only the report of these raw results")
    parser.add_argument("--plot", type=picture_file, metavar="FILE", help="the report's picture, SVG or PNG")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.seconds < 1 or arguments.most < 1:
        parser.error("--rounds, --seconds and --most are 1 or more")
    return arguments


def _measure(arguments: argparse.Namespace) -> None:
    for name, package in (("nginx", "nginx-light"), ("wrk", "wrk"), ("taskset", "util-linux")):
        program(name, package)
    where = here()
    effort = Effort(arguments.seconds, arguments.rounds, arguments.most)
    found: list[Point] = []
    for curve in CURVES:
        if arguments.curve is not None and curve.name not in arguments.curve:
            continue
        try:
            for point in MEASURED.get(curve.name, requests.points)(curve, effort):
                found.append(point)
                print(f"{curve.name} {point.at:,}: {point.cpu_us:.0f} µs", file=sys.stderr, flush=True)
                write_rows(arguments.out, where, found)  # what is measured is kept when a later curve fails
        except CannotLimit as why:
            print(f"{curve.name}: left out: {why}", file=sys.stderr, flush=True)
    if not found:
        raise RuntimeError("nothing was measured")


if __name__ == "__main__":
    sys.exit(ended(main))
