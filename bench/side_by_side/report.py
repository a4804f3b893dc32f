"""Tables made of raw results; nothing in them is not in the file.

Ratios and differences are paired: both figures are of the same round; the median of the rounds is shown, with the
least and the most.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

from bench.side_by_side.candidates import BY_NAME
from bench.side_by_side.measuring import CONNECTIONS, DIRECT, EVEN
from bench.side_by_side.results import Run, Sample
from bench.side_by_side.workload import WORKLOADS

TITLES = {workload.name: workload.title for workload in WORKLOADS}
TARGETS: Mapping[str, Mapping[str, float]] = {
    "same": {"workerd": 1 / 6, "nginx-lua": 0.6, "nginx": 2.5, "mitmproxy": 1 / 15},
    "20-differ": {"workerd": 1 / 5, "nginx-lua": 0.8, "nginx": 3, "mitmproxy": 1 / 12},
    "1000-urls": {"workerd": 1 / 4, "nginx-lua": 0.9, "nginx": 3.5, "mitmproxy": 1 / 10},
    "reshaped": {"workerd": 1, "mitmproxy": 1 / 2},
    "gzip": {"workerd": 1 / 6, "mitmproxy": 1 / 12},
    "image": {"nginx": 1.5},
}
"""Vitrina's CPU per request against a peer's, at most."""
ADDED_P50_MS = 0.3
"""Vitrina's p50 over nginx's, at most; asked of the workloads that have targets."""
KEPT_UP = 0.95
"""Of the rate: what answers fewer has a queue that grows, and no latency to speak of."""
OURS, OFF, YARDSTICK = "vitrina", "vitrina-off", "nginx"


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and most of what is paired by round."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, paired: Sequence[float]) -> "Spread | None":
        """None of nothing."""
        return cls(median(paired), min(paired), max(paired)) if paired else None

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f}–{self.high:.2f})"


def report(run: Run, samples: Sequence[Sample], picture: Path | None = None) -> str:
    """The whole report, as Markdown; `picture` lies beside it."""
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    lines = [
        f"# Side by side, {run.date[:10]}, commit {run.commit}",
        "",
        f"{run.machine}, load average {run.load_average:.2f} at the start; {versions}.",
        f"`{run.command}`; seed {run.seed}, {run.seconds:g} s a round.",
        "Load and origin on one core, candidates on the other.",
        "",
        f"CPU µs per request of the processes in its path, {CONNECTIONS} connections as fast as it goes;",
        "medians of the rounds, ratios of the same round. Redis, Valkey and consumers stand beside.",
    ]
    if any(sample.load == EVEN for sample in samples):
        lines += [
            f"Latency at {run.rate:g} requests/s, one in each slot of {1000 / run.rate:g} ms, from when it was due to",
            "the answer's last byte; added: over the origin asked directly in the same round.",
        ]
    if picture is not None:
        lines += ["", f"![CPU per request]({picture.name})"]
    for workload in dict.fromkeys(sample.workload for sample in samples):
        mine = [sample for sample in samples if sample.workload == workload]
        lines += ["", f"## {TITLES.get(workload, workload)}", "", *_table(mine, run.rate)]
    if targets := list(_targets(samples)):
        lines += [
            "",
            "## Against what was aimed at",
            "",
            "| workload | peer | Vitrina / peer | aim | |",
            "|---|---|---|---|---|",
        ]
        lines += targets
    if latencies := list(_latencies(samples, run.rate)):
        lines += [
            "",
            "## Latency against what was aimed at",
            "",
            "| workload | added p50 ms: Vitrina | nginx | Vitrina over nginx | aim | |",
            "|---|---|---|---|---|---|",
        ]
        lines += latencies
    lines += ["", "## What a peer does less", ""]
    asked = {sample.candidate for sample in samples}
    lines += [f"- {each.title}: {each.note}." for each in BY_NAME.values() if each.note and each.name in asked]
    return "\n".join(lines) + "\n"


def summary(samples: Sequence[Sample], workload: str) -> list[str]:
    """CPU per request of one workload as a short table, the least first; without our own way past everything."""
    spent: dict[str, list[float]] = {}
    for sample in samples:
        if (sample.workload, sample.load) == (workload, "saturated") and sample.candidate != OFF:
            spent.setdefault(sample.candidate, []).append(sample.cpu_us)
    rows = [(median(found), BY_NAME[name]) for name, found in spent.items()]
    rows.sort(key=lambda row: row[0])
    return [
        "| | does | CPU µs |",
        "|---|---|---:|",
        *(f"| {each.title} | {each.job} | {us:.0f} |" for us, each in rows),
    ]


def _table(samples: Sequence[Sample], rate: float) -> Iterator[str]:
    columns = (
        "CPU µs",
        "of nginx",
        "requests/s",
        "one connection: µs",
        "p50, p99 ms",
        "added p50, p99 ms",
        "MB",
        "beside: µs",
    )
    yield f"| candidate | does | {' | '.join(columns)} |"
    yield f"|---|---|{'---|' * len(columns)}"
    for name in dict.fromkeys(sample.candidate for sample in samples):
        saturated, alone, evenly = (
            [sample for sample in samples if sample.candidate == name and sample.load == load]
            for load in ("saturated", "alone", EVEN)
        )
        latency = _latency(samples, name, rate) if evenly else " | "
        if name == DIRECT:
            if evenly:
                yield f"| the origin itself | | | | | | {latency} | | |"
            continue
        spent = [sample.cpu_us for sample in saturated]
        of_nginx = ratio(samples, name, YARDSTICK)
        beside = ", ".join(
            f"{which} {median(sample.beside_us[which] for sample in saturated):.0f}" for which in saturated[0].beside_us
        )
        title = BY_NAME[name].title if name in BY_NAME else name
        yield (
            f"| {title} | {BY_NAME[name].job if name in BY_NAME else ''} | {median(spent):.0f}"
            f" ({min(spent):.0f}–{max(spent):.0f}) | {of_nginx or ''} | {median(s.per_second for s in saturated):,.0f}"
            f" | {f'{median(s.cpu_us for s in alone):.0f}' if alone else ''} | {latency}"
            f" | {median(s.resident_mb for s in saturated):.0f} | {beside} |"
        )


def _latency(samples: Sequence[Sample], name: str, rate: float) -> str:
    """Two cells: p50 and p99, and how much of these is added."""
    evenly = [sample for sample in samples if sample.candidate == name and sample.load == EVEN]
    if median(sample.per_second for sample in evenly) < KEPT_UP * rate:
        return f"cannot keep up with {rate:g}/s | "
    whole = f"{median(s.p50_us for s in evenly) / 1000:.2f}, {median(s.p99_us for s in evenly) / 1000:.2f}"
    p50, p99 = (more(samples, name, DIRECT, which) for which in ("p50_us", "p99_us"))
    return f"{whole} | {f'{p50.middle:.2f}, {p99.middle:.2f}' if p50 and p99 and name != DIRECT else ''}"


def _paired(samples: Sequence[Sample], name: str, other: str, load: str, figure: str) -> list[tuple[float, float]]:
    """A figure of both in each round that both have."""
    found = {
        which: {s.round: float(getattr(s, figure)) for s in samples if s.candidate == which and s.load == load}
        for which in (name, other)
    }
    return [(found[name][number], found[other][number]) for number in found[name] if number in found[other]]


def ratio(samples: Sequence[Sample], name: str, peer: str) -> Spread | None:
    """CPU of `name` to that of `peer`."""
    return Spread.of([mine / theirs for mine, theirs in _paired(samples, name, peer, "saturated", "cpu_us")])


def more(samples: Sequence[Sample], name: str, peer: str, figure: Literal["p50_us", "p99_us"]) -> Spread | None:
    """By how many ms `name` is later than `peer`, evenly loaded."""
    return Spread.of([(mine - theirs) / 1000 for mine, theirs in _paired(samples, name, peer, EVEN, figure)])


def _targets(samples: Sequence[Sample]) -> Iterator[str]:
    for workload, aims in TARGETS.items():
        mine = [sample for sample in samples if sample.workload == workload]
        for peer, aim in aims.items():
            found = ratio(mine, OURS, peer)
            if found is not None:
                met = "met" if found.middle <= aim else f"{found.middle / aim:.1f} times too much"
                yield f"| {TITLES[workload]} | {BY_NAME[peer].title} | {found} | {aim:.2f} | {met} |"


def _latencies(samples: Sequence[Sample], rate: float) -> Iterator[str]:
    for workload in TARGETS:
        mine = [sample for sample in samples if sample.workload == workload]
        ours, theirs = (more(mine, name, DIRECT, "p50_us") for name in (OURS, YARDSTICK))
        over = more(mine, OURS, YARDSTICK, "p50_us")
        if ours is None or theirs is None or over is None:
            continue
        if over.middle <= ADDED_P50_MS:
            met = "met"
        elif _latency(mine, OURS, rate).startswith("cannot"):
            met = f"cannot keep up with {rate:g}/s"
        else:
            met = f"{over.middle - ADDED_P50_MS:.2f} ms too much"
        yield f"| {TITLES[workload]} | {ours.middle:.2f} | {theirs.middle:.2f} | {over} | {ADDED_P50_MS:.2f} | {met} |"
