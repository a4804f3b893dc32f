"""`make conformance`: run the parts through a whole Vitrina, write raw JSONL and the report made of it.

`python -m bench.conformance [--only PART …] [--h1spec DIR] [--cache-tests DIR] [--out FILE]` runs; `--report FILE`
works the report out again. Without a folder a suite is cloned from GitHub for the run; deno and undici come from npm,
into a temporary folder. With `--only` the other parts' records of FILE are kept if they are of the same commit.
"""

import argparse
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from bench.conformance import cache_tests, h1spec, own_tests
from bench.conformance.records import Record, Run, read_records, write_records
from bench.conformance.report import report
from bench.conformance.suites import CACHE_TESTS, H1SPEC, CannotRun, ran
from bench.ending import ended
from bench.machine import here

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "bench" / "results" / "conformance.jsonl"


def this_run() -> Run:
    """The machine, the checkout and what is installed."""
    where = here()
    versions = {"python": where.python}
    versions |= {name: version(name) for name in ("h11", "httptools", "websockets", "uvloop")}
    try:
        versions["node"] = ran(["node", "--version"]).strip()
    except CannotRun:
        pass
    versions |= {suite.name: suite.commit[:12] for suite in (H1SPEC, CACHE_TESTS)}
    return Run(where.date, where.commit, where.machine, versions)


def parts(arguments: argparse.Namespace, folder: Path) -> dict[str, Callable[[], Iterator[Record]]]:
    """Name → what runs it."""
    keys = f"1:{secrets.token_hex(32)}"
    return {
        "messages": lambda: own_tests.message_table(folder),
        "h1spec": lambda: h1spec.run(arguments.h1spec, folder, keys),
        "cache-tests": lambda: cache_tests.run(arguments.cache_tests, folder, keys),
        "websockets": lambda: own_tests.websockets(folder),
        "recipes": lambda: own_tests.recipes(folder),
    }


def main() -> int:
    """Exit code 1 when a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=None, metavar="PART", help="run these parts only")
    parser.add_argument("--h1spec", type=Path, help="a checkout of uNetworking/h1spec")
    parser.add_argument("--cache-tests", type=Path, help="a checkout of http-tests/cache-tests")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--report", type=Path, help="print the report of raw results")
    arguments = parser.parse_args()
    if arguments.report is not None:
        print(report(*read_records(arguments.report)), end="")
        return 0
    run, records = this_run(), []
    with tempfile.TemporaryDirectory(prefix="vitrina-conformance-") as name:
        todo = parts(arguments, Path(name))
        chosen = list(todo) if arguments.only is None else arguments.only
        if arguments.only is not None and arguments.out.exists():
            before, kept = read_records(arguments.out)
            if before.commit == run.commit:
                records += [record for record in kept if record.part not in chosen]
        for part in chosen:
            print(f"{part} …", file=sys.stderr, flush=True)
            try:
                records += todo[part]()
            except (CannotRun, RuntimeError, subprocess.TimeoutExpired) as reason:
                records.append(Record(part, part, None, str(reason)))
    write_records(arguments.out, run, records)
    text = report(run, records)
    arguments.out.with_suffix(".md").write_text(text, "utf-8")
    print(text, end="")
    return int(any(record.passed is False for record in records))


if __name__ == "__main__":
    raise SystemExit(ended(main))
