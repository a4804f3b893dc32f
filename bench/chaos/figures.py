"""Numbers from visitors' answers, for records."""

from collections import Counter
from collections.abc import Sequence

from bench.chaos.load import Answer, Load
from bench.chaos.oracle import Verdict
from bench.chaos.records import Figure


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def latencies(name: str, answers: Sequence[Answer]) -> dict[str, Figure]:
    """Median and 99th percentile of answers that came whole, in ms."""
    took = [answer.ms for answer in answers if answer.status == 200]
    return {f"{name} p50 ms": round(percentile(took, 0.5), 1), f"{name} p99 ms": round(percentile(took, 0.99), 1)}


def answered(load: Load) -> dict[str, Figure]:
    """What became of all requests of a load."""
    statuses = Counter(answer.status for answer in load.answers)
    return {
        "asked": len(load.answers),
        "cut": statuses[0],
        "not 200": sum(n for status, n in statuses.items() if status not in (0, 200)),
        "wrong bytes": sum(answer.kind == "wrong" for answer in load.answers),
    }


def failures(load: Load) -> list[str]:
    """The first requests that had no sound answer, for a record's detail."""
    bad = [answer for answer in load.answers if answer.status != 200 or answer.kind == "wrong"]
    return [f"{answer.path} {answer.status} {answer.why or answer.kind}" for answer in bad[:5]]


def culprits(verdict: Verdict) -> list[str]:
    """The first paths that were lost or doubled."""
    return [f"lost {path}" for path in verdict.lost[:5]] + [f"twice {path}" for path in verdict.doubled[:5]]
