"""`python -m bench.mutants`: make the mutants, run them, report. `--report` only recomputes the report.

What was noticed once is not run again while its function is unchanged, so that a second run is about the survivors and
what is new; a run that was stopped goes on when it is started again at the same commit. `--fresh` forgets all results.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from bench.ending import ended
from bench.mutants.report import KEPT, MADE_COUNT, latest, report
from bench.mutants.running import KILLED, TIMEOUT, Forks, Mutant, Reached, mutants

RESULTS = Path("bench/results/mutants.jsonl")
REPORT = Path("bench/results/mutants.md")
MADE = Path("mutants")
GENERATE = """
import os
from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants, setup_source_paths
os.makedirs("mutants", exist_ok=True)
copy_src_dir()
copy_also_copy_files()
setup_source_paths()
create_mutants(1)
"""
"""mutmut's own command would go on to run them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when the goal is reached."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description="Mutants of transforms/.")
    parser.add_argument("--report", action="store_true", help="only recompute the report from the raw results")
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1, help="mutants at once")
    parser.add_argument("--only", default="", help="only mutants whose name has this in it")
    given = parser.parse_args(arguments)
    if given.fresh:
        RESULTS.unlink(missing_ok=True)
    if not given.report:
        subprocess.run([sys.executable, "-c", GENERATE], check=True)
        _run(given.only, given.children)
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    text, is_good = report(rows)
    REPORT.write_text(text)
    print(text)
    return 0 if is_good else 1


def _run(only: str, children: int) -> None:
    """Run what is not known to be noticed; keep the results of what still is as it was."""
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    known = latest(rows)
    commit = _git("rev-parse", "--short", "HEAD")
    if _git("status", "--porcelain", "--", "transforms", "tests"):
        commit += "-dirty"
    results = RESULTS.resolve()

    def choose(tests: Reached) -> Sequence[Mutant]:
        made = mutants(Path(), tests, commit)
        same = {mutant.name for mutant in made if known.get(mutant.name, {}).get("hash") == mutant.hash}
        noticed = {name for name in same if known[name]["status"] in (KILLED, TIMEOUT)}
        stopped = {name for name in same if known[name]["commit"] == commit and not commit.endswith("-dirty")}
        wanted = {mutant.name for mutant in made if only in mutant.name}
        kept = [known[name] for name in sorted((noticed | same - wanted) - stopped)]
        tried = [known[mutant.name] for mutant in made if mutant.name in stopped]
        todo = wanted - {row["name"] for row in (*kept, *tried)}
        about = {
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
            "date": datetime.now(UTC).date().isoformat(),
            "python": platform.python_version(),
            "mutmut": version("mutmut"),
            "command": "make mutants",
            MADE_COUNT: len(made),
            KEPT: len(kept),
        }
        with results.open("w") as out:
            for row in (about, *kept, *tried):
                print(json.dumps(row), file=out)
        return [mutant for mutant in made if mutant.name in todo]

    here = Path.cwd()
    os.chdir(MADE)
    sys.path.insert(0, str(Path.cwd()))
    try:
        forks = Forks(choose, results, commit, children=children)
        pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:faker", "tests/unit/transforms"], plugins=[forks])
    finally:
        os.chdir(here)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    raise SystemExit(ended(main))
