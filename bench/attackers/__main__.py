"""`make attackers`: every row done to nginx, HAProxy and Vitrina in one run; raw JSONL and the table made of it.

`python -m bench.attackers [--rows WORD …] [--fronts NAME …] [--out FILE]` runs; `--report FILE` makes the table again.
Ends with status 1 when a row does not hold for Vitrina.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import uvloop

from bench.attackers import messages, sharing, slowness, volume
from bench.attackers.fronts import FRONTS
from bench.attackers.records import Record, read, report, write
from bench.attackers.rows import Row
from bench.ending import ended
from bench.machine import ROOT, here
from bench.servers import LOAD_CORE, PROXY_CORE, Missing, await_port, free_port

RESULTS = ROOT / "bench" / "results" / "attackers.jsonl"
ROWS = (*messages.ROWS, *slowness.ROWS, *volume.ROWS, *sharing.ROWS)


@contextmanager
def beside_the_fronts(folder: Path, module: str, *arguments: str, core: int | None = None) -> Iterator[int]:
    """A module of this package in a process of its own, perhaps on one core; its port."""
    port, log = free_port(), folder / f"{module}.log"
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    command = [*pinned, sys.executable, "-m", f"bench.attackers.{module}", str(port), *arguments]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, text=True, cwd=ROOT)
        try:
            await_port(port, process, log)
            yield port
        finally:
            process.terminate()
            process.wait()


def run(name: str, rows: Sequence[Row]) -> Iterator[Record]:
    """All rows at one front, one after the other."""
    with tempfile.TemporaryDirectory(prefix="vitrina-attackers-") as text:
        folder = Path(text)
        with (
            beside_the_fronts(folder, "origin") as origin,
            beside_the_fronts(folder, "relay", str(origin), core=PROXY_CORE) as beside,
            FRONTS[name](folder / name, origin, "") as started,
        ):
            front = replace(started, relay=beside)
            for row in rows:
                outcome = uvloop.run(row.run(front))
                print(f"  {row.name}: {'' if outcome.holds else 'NOT '}{outcome.cell}", file=sys.stderr, flush=True)
                figures = {key: round(value, 3) for key, value in outcome.figures.items()}
                yield Record(
                    row.name, row.must, front.name, front.version, outcome.holds, outcome.cell, figures, outcome.detail
                )


def main() -> int:
    """Exit code 1 when a row does not hold for Vitrina, 2 when a program is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="*", metavar="WORD", help="rows with one of these words in their names")
    parser.add_argument("--fronts", nargs="*", default=list(FRONTS), choices=list(FRONTS), metavar="NAME")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--report", type=Path, help="print the table of raw results")
    arguments = parser.parse_args()
    if arguments.report is not None:
        print(report(*read(arguments.report)), end="")
        return 0
    rows = [row for row in ROWS if arguments.rows is None or any(word in row.name for word in arguments.rows)]
    where, records = here(), list[Record]()
    os.sched_setaffinity(0, {LOAD_CORE})  # load and origin beside, not on, the core of the fronts
    try:
        for name in arguments.fronts:
            print(f"{name} …", file=sys.stderr, flush=True)
            records += run(name, rows)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    write(arguments.out, where, records)
    text = report(where, records)
    arguments.out.with_suffix(".md").write_text(text, "utf-8")
    print(text, end="")
    return int(any(not record.holds for record in records if record.front == "Vitrina"))


if __name__ == "__main__":
    raise SystemExit(ended(main))
