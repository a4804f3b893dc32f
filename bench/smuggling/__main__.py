"""`make smuggling`: mutated requests through nginx, HAProxy and Vitrina; raw JSONL and the report made of it.

`python -m bench.smuggling [--count N] [--seed N] [--fronts NAME …] [--out FILE]` runs; `--report FILE` works the report
out again. Ends with status 1 when anything that Vitrina sent on was read in two ways, or a client of it got another's
answer.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench.attackers.fronts import FRONTS
from bench.ending import ended
from bench.machine import ROOT, here
from bench.smuggling.mutating import cases
from bench.smuggling.origin import Judgement
from bench.smuggling.records import MOST_FINDINGS, Result, read, report, total, write
from bench.smuggling.running import origin, run

RESULTS = ROOT / "bench" / "results" / "smuggling.jsonl"


async def through(name: str, count: int, seed: int) -> Result:
    """All cases through one front."""
    judgement = Judgement()
    server = await origin(judgement)
    port = server.sockets[0].getsockname()[1]
    with (
        tempfile.TemporaryDirectory(prefix="vitrina-smuggling-") as folder,
        FRONTS[name](Path(folder) / name, port, "") as front,
    ):
        tallies = await run(front.port, cases(count, seed), judgement)
        await asyncio.sleep(1)  # what was broken off is judged when its connection ends
    server.close()
    kept = [(who, data.decode("latin-1")) for who, data in judgement.findings[:MOST_FINDINGS]]
    return Result(front.name, front.version, judgement.requests, len(judgement.findings), tallies, kept)


def main() -> int:
    """Exit code 1 when Vitrina can be smuggled through."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50_000, help="requests to each front (default 50000)")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations (default 1)")
    parser.add_argument("--fronts", nargs="*", default=list(FRONTS), choices=list(FRONTS), metavar="NAME")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--report", type=Path, help="print the report of raw results")
    arguments = parser.parse_args()
    if arguments.report is not None:
        print(report(*read(arguments.report)), end="")
        return 0
    where = here()
    results = []
    for name in arguments.fronts:
        print(f"{name} …", file=sys.stderr, flush=True)
        results.append(asyncio.run(through(name, arguments.count, arguments.seed)))
    write(arguments.out, where, arguments.count, arguments.seed, results)
    text = report(where, arguments.count, arguments.seed, results)
    arguments.out.with_suffix(".md").write_text(text, "utf-8")
    print(text, end="")
    ours = [result for result in results if result.front == "Vitrina"]
    return int(any(result.found or total(result).foreign for result in ours))


if __name__ == "__main__":
    raise SystemExit(ended(main))
