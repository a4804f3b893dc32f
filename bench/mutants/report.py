"""What came of the mutants, recomputed from the raw results: per file, how many there are and how many were noticed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

from bench.mutants.running import KILLED, NO_TESTS, SURVIVED, TIMEOUT

GOAL = 0.85
MADE_COUNT = "mutants made"
KEPT = "kept from earlier runs, as their functions are unchanged"
Row = Mapping[str, object]


def file_of(name: str) -> str:
    """The file of a mutant, from mutmut's name for it."""
    return name.rpartition(".")[0].replace(".", "/") + ".py"


def latest(rows: Iterable[Row]) -> dict[str, Row]:
    """The last result of each mutant; runs of the same one before it are superseded."""
    return {str(row["name"]): row for row in rows if "name" in row}


def score(found: Mapping[str, int]) -> float:
    """The share of mutants that the suite notices; one that makes it hang is noticed too."""
    total = sum(found.values())
    return (found.get(KILLED, 0) + found.get(TIMEOUT, 0)) / total if total else 1.0


def estimate(rows: Sequence[Row], kept: int, made: int) -> float:
    """The share noticed of all that were made: the first `kept` rows are of earlier runs, the others drawn from the
    rest, and what was not drawn is taken to be like them."""
    before = Counter(str(row["status"]) for row in rows[:kept])
    drawn = Counter(str(row["status"]) for row in rows[kept:])
    rest = made - kept
    noticed = score(before) * kept + score(drawn) * rest
    return noticed / made if made else 1.0


def margin(drawn: Mapping[str, int], kept: int, made: int) -> float:
    """Half the width of the 95 % confidence interval of the share noticed of all that were made."""
    size, share = sum(drawn.values()), score(drawn)
    rest = made - kept
    if not size or not made or size >= rest:
        return 0.0
    return 1.96 * sqrt(share * (1 - share) / size * (1 - size / rest)) * rest / made


def report(rows: Iterable[Row]) -> tuple[str, bool]:
    """The report as Markdown, and whether the goal is reached. Rows without a name are about the run."""
    rows = list(rows)
    results = latest(rows).values()
    files: dict[str, Counter[str]] = {}
    for row in results:
        files.setdefault(file_of(str(row["name"])), Counter())[str(row["status"])] += 1
    total: Counter[str] = Counter()
    for found in files.values():
        total.update(found)
    lines = ["# Mutants of transforms/", ""]
    lines += [f"- {key}: {value}" for row in rows if "name" not in row for key, value in row.items()]
    commits = sorted({str(row["commit"]) for row in results})
    lines += [f"- results of: {', '.join(commits)}", ""]
    about = next((row for row in rows if "name" not in row), {})
    made = int(str(about.get(MADE_COUNT, sum(total.values()))))
    kept = int(str(about.get(KEPT, 0)))
    named = [row for row in rows if "name" in row]
    whole = estimate(named, kept, made)
    tried = sum(total.values())
    lines += [f"{tried} of {made} mutants tried, {whole:.1%} of all noticed (goal {GOAL:.0%})."]
    if tried < made:
        drawn = Counter(str(row["status"]) for row in named[kept:])
        lines += [
            f"The run was stopped: of {sum(drawn.values())} drawn from the {made - kept} not known before,",
            f"{score(drawn):.1%} were noticed,",
            "and that is taken of the rest as well",
            f"(95 % confidence: ±{100 * margin(drawn, kept, made):.1f} points of all).",
        ]
    lines += [""]
    if tried < made:
        lines += ["By file, of those drawn:", ""]
        files, total = {}, Counter(str(row["status"]) for row in named[kept:])
        for row in named[kept:]:
            files.setdefault(file_of(str(row["name"])), Counter())[str(row["status"])] += 1
    lines += ["| file | mutants | killed | timeout | survived | no test | score |", "|---|--:|--:|--:|--:|--:|--:|"]
    for file, found in sorted(files.items(), key=lambda each: score(each[1])):
        lines.append(_line(file, found))
    lines.append(_line("all", total))
    return "\n".join(lines) + "\n", whole >= GOAL


def _line(name: str, found: Mapping[str, int]) -> str:
    counts = [str(found.get(status, 0)) for status in (KILLED, TIMEOUT, SURVIVED, NO_TESTS)]
    return f"| {name} | {sum(found.values())} | {' | '.join(counts)} | {score(found):.1%} |"
