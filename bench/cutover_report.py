"""Raw results of a cut-over and the table made of them; nothing in the table is not in the file.

The file is `bench.raw_results`: first the run (machine, date, commit), then one line per step, moment and way with the
time of every page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Run:
    """Where, when and of what."""

    date: str
    commit: str
    machine: str
    python: str
    load_average: float
    seconds: float
    rate: float
    """Pages a second, each way."""
    visitors: int
    seed: int


@dataclass(slots=True)
class Side:
    """One step by one way, `direct` or `through`; "while it is taken" (reload, switch and a second more) or "after"."""

    step: str
    when: str
    way: str
    latency_ms: list[float] = field(default_factory=list)
    """Of every page, until its last byte."""
    errors: int = 0
    """Pages that were not 200 and whole."""
    changed_for: list[int] = field(default_factory=list)
    """Visitors who saw a changed page, each once."""


def table(run: Run, sides: Sequence[Side]) -> str:
    """p50 and p99 after each step, their differences, for how many visitors pages changed; errors of all moments."""
    where = f"{run.date}, commit {run.commit}, {run.machine}, Python {run.python}"
    how = (
        f"load average {run.load_average:g} at the start; {run.rate:g} pages/s each way, {run.seconds:g} s a step, "
        f"{run.visitors} visitors, seed {run.seed}"
    )
    heads = ("step", "pages", "direct ms", "through ms", "added ms", "errors direct, through", "visitors with a change")
    lines = [
        f"{where}, {how}",
        "",
        f"| {' | '.join(heads)} |",
        "|---|---|---|---|---|---|---|",
    ]
    by_key = {(side.step, side.when, side.way): side for side in sides}
    for step in dict.fromkeys(side.step for side in sides):
        direct, through = by_key[step, "after", "direct"], by_key[step, "after", "through"]
        taken = [by_key[step, "while it is taken", way].errors for way in ("direct", "through")]
        there = [percentile(direct.latency_ms, share) for share in (50, 99)]
        here = [percentile(through.latency_ms, share) for share in (50, 99)]
        added = [after - before for before, after in zip(there, here, strict=True)]
        cells = (
            step,
            str(len(through.latency_ms)),
            *(f"{half:.1f}, {most:.1f}" for half, most in (there, here)),
            f"{added[0]:+.1f}, {added[1]:+.1f}",
            f"{direct.errors + taken[0]}, {through.errors + taken[1]}",
            str(len(through.changed_for)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` percent of all do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share / 100 * len(values)) - 1)]
