"""Tables and a plot of raw results; nothing in them is not in the file.

Ratios are paired: both figures of a ratio are of the same round; the median of the rounds is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.side_by_side.candidates import BY_NAME
from bench.side_by_side.measuring import CONNECTIONS, DIRECT
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
OURS = "vitrina"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Paired ratios of Vitrina to a peer in one workload."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f}–{self.high:.2f})"


def report(run: Run, samples: Sequence[Sample]) -> str:
    """The whole report, as Markdown."""
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
    for workload in dict.fromkeys(sample.workload for sample in samples):
        mine = [sample for sample in samples if sample.workload == workload]
        lines += ["", f"## {TITLES.get(workload, workload)}", "", *_table(mine)]
    if targets := list(_targets(samples)):
        lines += [
            "",
            "## Against what was aimed at",
            "",
            "| workload | peer | Vitrina / peer | aim | |",
            "|---|---|---|---|---|",
        ]
        lines += targets
    lines += ["", "## What a peer does less", ""]
    asked = {sample.candidate for sample in samples}
    lines += [f"- {each.title}: {each.note}." for each in BY_NAME.values() if each.note and each.name in asked]
    return "\n".join(lines) + "\n"


def _table(samples: Sequence[Sample]) -> Iterator[str]:
    columns = ("CPU µs", "of nginx", "requests/s", "one connection: µs", "steady: p50, p99 ms", "MB", "beside: µs")
    yield f"| candidate | does | {' | '.join(columns)} |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name in dict.fromkeys(sample.candidate for sample in samples):
        loads = {
            load: [sample for sample in samples if sample.candidate == name and sample.load == load]
            for load in ("saturated", "alone", "steady")
        }
        steady = loads["steady"]
        latency = f"{_ms(each.p50_us for each in steady)}, {_ms(each.p99_us for each in steady)}" if steady else ""
        if name == DIRECT:
            yield f"| the origin itself | | | | | | {latency} | | |"
            continue
        saturated, alone = loads["saturated"], loads["alone"]
        spent = [sample.cpu_us for sample in saturated]
        of_nginx = ratio(samples, name, "nginx")
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


def _ms(values_us: Iterator[int]) -> str:
    return f"{median(values_us) / 1000:.2f}"


def ratio(samples: Sequence[Sample], name: str, peer: str) -> Ratio | None:
    """CPU of `name` to that of `peer`, over the rounds that both have."""
    spent = {
        which: {s.round: s.cpu_us for s in samples if s.candidate == which and s.load == "saturated"}
        for which in (name, peer)
    }
    paired = [spent[name][number] / spent[peer][number] for number in spent[name] if number in spent[peer]]
    return Ratio(median(paired), min(paired), max(paired)) if paired else None


def _targets(samples: Sequence[Sample]) -> Iterator[str]:
    for workload, aims in TARGETS.items():
        mine = [sample for sample in samples if sample.workload == workload]
        for peer, aim in aims.items():
            found = ratio(mine, OURS, peer)
            if found is not None:
                met = "met" if found.middle <= aim else f"{found.middle / aim:.1f} times too much"
                yield f"| {TITLES[workload]} | {BY_NAME[peer].title} | {found} | {aim:.2f} | {met} |"


def plot(samples: Sequence[Sample], path: Path) -> None:
    """CPU per request by workload and candidate, as bars on a logarithmic scale."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    saturated = [sample for sample in samples if sample.load == "saturated"]
    workloads = list(dict.fromkeys(sample.workload for sample in saturated))
    names = [name for name in BY_NAME if any(sample.candidate == name for sample in saturated)]
    figure, axes = pyplot.subplots(figsize=(max(7, 1.7 * len(workloads)), 4.5), layout="constrained")
    width = 0.85 / len(names)
    for place, name in enumerate(names):
        found = [
            (at, median(s.cpu_us for s in saturated if s.candidate == name and s.workload == workload))
            for at, workload in enumerate(workloads)
            if any(s.candidate == name and s.workload == workload for s in saturated)
        ]
        at, height = zip(*found, strict=True)
        axes.bar([each + place * width for each in at], height, width, label=BY_NAME[name].title)
    axes.set_yscale("log")
    axes.set_ylabel("CPU µs per request")
    axes.set_xticks([at + width * (len(names) - 1) / 2 for at in range(len(workloads))], workloads, rotation=15)
    axes.legend(fontsize="small", ncols=2)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
