"""Vitrina and others doing the same job, measured in one run: `make bench`.

`python -m bench.side_by_side [--rounds 5] [--seconds 3] [--workload NAME …] [--candidate NAME …] [--all] [--seed 1]`
measures, writes raw results and prints the report; `--report FILE` makes the report of raw results again, with
`--plot FILE.svg` (or .png) its picture. workerd, undici, parse5 and mitmproxy are installed for the run (npm, pip),
into `--packages DIR` when that is given. `--quick`: nginx and Vitrina only, three workloads.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from bench.conformance.suites import CannotRun
from bench.ending import ended
from bench.machine import here
from bench.pictures import picture_file
from bench.servers import Missing, program
from bench.side_by_side.candidate import Candidate
from bench.side_by_side.candidates import BY_NAME, CANDIDATES
from bench.side_by_side.measuring import ALONE, SATURATED, even, rounds, started
from bench.side_by_side.plot import plot
from bench.side_by_side.report import report
from bench.side_by_side.results import Run, Sample, read, write
from bench.side_by_side.workload import WORKLOADS

RESULTS = Path(__file__).parents[1] / "results" / "side-by-side.jsonl"
RATE = 500.0
QUICK = (("same", "20-differ", "image"), ("nginx", "vitrina", "vitrina-off"))


def main() -> int:
    """Measure, or report again; 0, or 1 when something is missing or an answer was wrong."""
    arguments = _arguments()
    if arguments.report is None:
        try:
            arguments.report = _run(arguments)
        except (Missing, CannotRun, RuntimeError) as error:
            print(f"bench.side_by_side: {error}", file=sys.stderr)
            return 1
        print(f"raw results: {arguments.report}", file=sys.stderr)
    run, samples = read(arguments.report)
    if arguments.plot is not None:
        plot(run, samples, arguments.plot)
    print(report(run, samples, arguments.plot), end="")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.side_by_side", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--seconds", type=int, default=3, help="of load per candidate, load and round (wrk takes whole ones)"
    )
    parser.add_argument("--rate", type=float, default=RATE, help="requests/s of the even load")
    parser.add_argument("--seed", type=int, default=1, help="of pages, visitors and tokens")
    parser.add_argument("--workload", action="append", type=_one_of([each.name for each in WORKLOADS]))
    parser.add_argument("--candidate", action="append", type=_one_of(list(BY_NAME)))
    parser.add_argument("--all", action="store_true", help="the slow candidates as well")
    parser.add_argument("--quick", action="store_true", help="nginx and Vitrina only, three workloads")
    parser.add_argument("--packages", type=Path, metavar="DIR", help="where npm and pip install peers, to be kept")
    parser.add_argument("--out", type=Path, metavar="FILE", default=RESULTS, help="raw results")
    parser.add_argument("--report", type=Path, metavar="FILE", help="only the report of these raw results")
    parser.add_argument("--plot", type=picture_file, metavar="FILE", help="the report's picture, SVG or PNG")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.seconds <= 0 or arguments.rate <= 0:
        parser.error("--rounds, --seconds and --rate are above 0")
    return arguments


def _one_of(names: Sequence[str]) -> "object":
    def known(name: str) -> str:
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise argparse.ArgumentTypeError(f"{name} is not one of {', '.join(names)}{hint}")
        return name

    return known


def _run(arguments: argparse.Namespace) -> Path:
    if (os.cpu_count() or 1) < 2:
        raise RuntimeError("needs two cores, one for the load and one for the candidates")
    for name, package in (("nginx", "nginx-light"), ("wrk", "wrk"), ("taskset", "util-linux")):
        program(name, package)
    workloads = arguments.workload or (QUICK[0] if arguments.quick else [each.name for each in WORKLOADS])
    names = arguments.candidate or (QUICK[1] if arguments.quick else [each.name for each in _usual(arguments.all)])
    candidates = [each for each in CANDIDATES if each.name in names]
    loads = (SATURATED, ALONE, even(arguments.rate))
    samples: list[Sample] = []
    where = here()
    with tempfile.TemporaryDirectory(prefix="vitrina-bench-") as temporary:
        Path(temporary).chmod(0o755)  # workers of nginx are another user, and look for Redis and files in here
        packages = arguments.packages or Path(temporary) / "packages"
        packages.mkdir(parents=True, exist_ok=True)
        versions = {
            "python": where.python,
            "nginx": _said(program("nginx", "nginx-light"), "-v").partition("/")[2],
            "wrk": _said(program("wrk", "wrk"), "-v").partition(" [")[0].partition(" ")[2],
        } | {each.name: each.installs(packages) for each in candidates if each.installs is not None}
        for workload in (each for each in WORKLOADS if each.name in workloads):
            folder = Path(temporary) / workload.name
            folder.mkdir()
            asked = [each for each in candidates if not workload.only or each.name in workload.only]
            with started(workload, asked, arguments.seed, folder, packages.absolute()) as every:
                for sample in rounds(workload, every, loads, arguments.rounds, arguments.seconds):
                    samples.append(sample)
                    print(_line(sample), file=sys.stderr, flush=True)
            run = Run(
                date=where.date,
                commit=where.commit,
                machine=where.machine,
                versions=versions,
                load_average=where.load_average,
                seed=arguments.seed,
                seconds=arguments.seconds,
                rate=arguments.rate,
                command=told(sys.argv[1:]),
            )
            write(arguments.out, run, samples)  # what is measured is kept when a later workload fails
    return Path(arguments.out)


def told(arguments: Sequence[str]) -> str:
    """The command as a report has it: where something is kept on this machine is nobody's business."""
    words = ["python -m bench.side_by_side"]
    for before, word in zip(("", *arguments), arguments, strict=False):
        words.append({"--packages": "DIR", "--out": "FILE"}.get(before, word))
    return " ".join(words)


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip()


def _usual(is_all: bool) -> list[Candidate]:
    return [each for each in CANDIDATES if is_all or not each.is_once]


def _line(sample: Sample) -> str:
    return (
        f"{sample.workload} {sample.round}: {sample.cpu_us:8.1f} µs  {sample.load:9} {sample.candidate}"
        f"  {sample.per_second:,.0f}/s"
    )


if __name__ == "__main__":
    sys.exit(ended(main))
