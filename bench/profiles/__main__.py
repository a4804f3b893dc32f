"""A million profiles in the embedded Valkey: `python -m bench.profiles [--profiles N] [--seed S] [--report FILE]`.

They are imported by `python -m vitrina profile import`, as an operator would. Writes raw results to
bench/results/profiles.jsonl and prints the table; `--report FILE` makes the table of an earlier run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean, quantiles

import redis

from bench.ending import ended
from bench.machine import here
from bench.profiles.population import people, written
from bench.profiles.report import Run, Stored, table
from bench.raw_results import read_rows, write_rows
from storage.embedded import EmbeddedValkey
from visitors.profile import Profile
from visitors.wire import encode_profile, encode_resting

RESULTS = Path(__file__).parents[1] / "results" / "profiles.jsonl"
ROOT = Path(__file__).parents[2]
MADE = 20_000


def main() -> int:
    """Measure, or report."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiles", description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--report", type=Path, metavar="FILE", help="make the table of earlier results")
    args = parser.parse_args()
    if args.report:
        print(table(*read_rows(args.report, Run, Stored)))
        return 0
    where = here()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = list(people(min(MADE, args.profiles), args.seed, time.time()))
        profiles = [one.profile for one in known]
        stored = [_imported(folder / "rest", profiles, args.profiles, "at rest", 0.0)]
        version = _version(folder / "rest")
        stored.append(_imported(folder / "visit", profiles, max(1, args.profiles // 10), "in a visit", time.time()))
    run = Run(
        date=where.date,
        commit=where.commit,
        machine=where.machine,
        python=where.python,
        valkey=version,
        load_average=where.load_average,
        seed=args.seed,
        made=len(known),
        mean_visits=fmean(one.visits for one in known),
        mean_pages=fmean(one.pages for one in known),
    )
    write_rows(RESULTS, run, stored)
    print(table(*read_rows(RESULTS, Run, Stored)))
    return 0


def _imported(data: Path, profiles: list[Profile], count: int, state: str, moved_to: float) -> Stored:
    """Import so many profiles into a server of their own; `moved_to` is the time of their last change, 0 as it is."""
    data.mkdir()
    file = data.with_suffix(".jsonl")
    with file.open("w", encoding="utf-8") as out:
        written(out, profiles, count, updated=moved_to or None)
    encode = encode_profile if moved_to else encode_resting
    sizes = [len(encode(profile)) for profile in profiles]
    server = EmbeddedValkey(data)
    server.start()
    try:
        before = _used(server)
        began = time.monotonic()
        cpu, peak = _run((sys.executable, "-m", "vitrina", "profile", "import", str(file), "--data", str(data)))
        seconds = time.monotonic() - began
        memory = _used(server) - before
        if _count(server) != count:
            raise RuntimeError(f"{_count(server)} profiles are there, {count} were imported")
    finally:
        server.stop()
        file.unlink()
    cuts = quantiles(sizes, n=10)
    return Stored(state, count, fmean(sizes), cuts[4], cuts[8], memory, seconds, cpu, peak)


def _run(command: tuple[str, ...]) -> tuple[float, int]:
    """Seconds of CPU, and the most memory in bytes. (`ru_maxrss` of a child counts its parent's before the exec.)"""
    child = subprocess.Popen(command, cwd=ROOT)
    peak = 0
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        found = [line for line in Path(f"/proc/{child.pid}/status").read_text("ascii").splitlines() if "VmHWM" in line]
        peak = max([peak, *(int(line.split()[1]) * 1024 for line in found)])
        time.sleep(0.1)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command}: ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, peak


def _client(server: EmbeddedValkey) -> "redis.Redis":
    return redis.Redis(unix_socket_path=str(server.socket_path))


def _used(server: EmbeddedValkey) -> int:
    with _client(server) as client:
        return int(client.info("memory")["used_memory"])  # type: ignore[index]


def _count(server: EmbeddedValkey) -> int:
    with _client(server) as client:
        return int(client.dbsize())  # type: ignore[arg-type]


def _version(data: Path) -> str:
    for line in (data / "valkey" / "valkey.log").read_text("utf-8", "replace").splitlines():
        if "version=" in line:
            return line.partition("version=")[2].partition(",")[0]
    return "?"


if __name__ == "__main__":
    sys.exit(ended(main))
