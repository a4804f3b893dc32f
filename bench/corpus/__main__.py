"""`make corpus`: run the page engine over everything, write raw JSONL; `--report FILE` works the report out from it.

The records hold seed, versions and per base page what was counted over it and its mutations; every count that begins
with "bad:" must be zero, and a record that has one names the mutations, which the seed makes again.
"""

import argparse
import json
import multiprocessing
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from bench.corpus.report import report
from bench.corpus.running import Work, examine
from bench.corpus.sources import files, generated, tree_tests
from bench.ending import ended
from bench.machine import here

GIVE_UP_S = 180.0
LARGE = 16_384


def works(arguments: argparse.Namespace) -> list[Work]:
    """All base pages with their share of the mutations: small pages have most, large ones two each."""
    bodies = [(body, False) for body in generated(arguments.seed, arguments.generated)]
    for folder in arguments.tests:
        bodies += [(body, False) for body in tree_tests(folder)]
    for folder in arguments.pages:
        bodies += [(body, True) for body in files(folder.name, folder, arguments.most, arguments.max_bytes)]
    small = sum(len(body.body) <= LARGE for body, _ in bodies)
    share = -(-arguments.mutations // max(1, small))
    return [
        Work(body, arguments.seed, share if len(body.body) <= LARGE else min(2, share), is_real)
        for body, is_real in bodies
    ]


def again(records: Sequence[dict[str, Any]], todo: Sequence[Work]) -> list[dict[str, Any]]:
    """`records` of an earlier run, those with anything that must be zero made anew; the head says which and by what."""
    names = {(record["source"], record["name"]) for record in records[1:] if _is_bad(record)}
    made = {(w.body.source, w.body.name): examine(w) for w in todo if (w.body.source, w.body.name) in names}
    head = {**records[0], "examined again": f"{len(made)} pages at commit {here().commit}"}
    return [head, *(made.get((record["source"], record["name"]), record) for record in records[1:])]


def _is_bad(record: dict[str, Any]) -> bool:
    return any(name.startswith("bad:") for name in record["counts"])


def examined(todo: Sequence[Work], jobs: int) -> Iterator[dict[str, Any]]:
    """The records, made in processes that are replaced now and then; one that dies or hangs is a record as well."""
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=200) as pool:
        pending = [(work, pool.apply_async(examine, (work,))) for work in todo]
        for work, result in pending:
            try:
                yield result.get(GIVE_UP_S)
            except Exception as error:
                counts = {"bad:hang" if isinstance(error, multiprocessing.TimeoutError) else "bad:crash": 1}
                yield {"source": work.body.source, "name": work.body.name, "error": repr(error), "counts": counts}


def header(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was run, with what, where and when."""
    where = here()
    return {
        "seed": arguments.seed,
        "date": where.date,
        "commit": where.commit,
        "machine": where.machine,
        "python": where.python,
        **{name: version(name) for name in ("turbohtml", "selectolax", "html5lib", "justhtml")},
    }


def main() -> int:
    """Run, or report; 1 when something that must be zero is not."""
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=__doc__)
    parser.add_argument("--report", type=Path, metavar="FILE", help="only work the report out from FILE")
    parser.add_argument("--again", type=Path, metavar="FILE", help="examine what was bad in FILE anew, keep the rest")
    parser.add_argument("--out", type=Path, default=Path("bench/results/corpus.jsonl"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutations", type=int, default=100_000)
    parser.add_argument("--generated", type=int, default=600)
    parser.add_argument("--tests", type=Path, action="append", default=[], help="folder with tree-construction/*.dat")
    parser.add_argument(
        "--pages", type=Path, action="append", default=[], help="folder with real pages; may be given again"
    )
    parser.add_argument("--most", type=int, default=400, help="pages of one folder")
    parser.add_argument("--max-bytes", type=int, default=400_000, help="larger pages are left out")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    path = arguments.report or arguments.out
    if arguments.report is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        todo = works(arguments)
        if arguments.again is not None:
            found: Iterable[dict[str, Any]] = again(
                [json.loads(line) for line in arguments.again.read_text().splitlines()], todo
            )
        else:
            found = chain([header(arguments)], examined(todo, arguments.jobs))
        with path.open("w") as out:
            for record in found:
                out.write(json.dumps(record, separators=(",", ":"), ensure_ascii=True) + "\n")
                out.flush()
    text, is_good = report([json.loads(line) for line in path.read_text().splitlines()])
    print(text)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(ended(main))
