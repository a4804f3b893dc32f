"""Raw results and the table made of them; nothing in the table is not in the file.

The file is JSON lines: first the run (machine, date, commit, versions), then one line per candidate and round.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Run:
    """Where, when and of what."""

    date: str
    commit: str
    machine: str
    versions: Mapping[str, str]
    load_average: float
    seed: int
    seconds: float
    rate: float
    """Requests/s asked for; 0: as fast as it goes."""
    connections: int
    page_bytes: int
    image_bytes: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one candidate: CPU µs per request of the processes in its path, and of those beside by name."""

    candidate: str
    baseline: str
    round: int
    requests: int
    cpu_us: float
    beside_us: Mapping[str, float]
    per_second: float
    p50_us: int
    p99_us: int
    resident_mb: float
    counters: Mapping[str, int]


def write_run(path: Path, run: Run, samples: Sequence[Sample]) -> None:
    """All of it, to be read by `read_run`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(run), *map(asdict, samples)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def read_run(path: Path) -> tuple[Run, list[Sample]]:
    """What `write_run` wrote."""
    first, *rest = path.read_text("utf-8").splitlines()
    return Run(**json.loads(first)), [Sample(**json.loads(line)) for line in rest]


def table(run: Run, samples: Sequence[Sample]) -> str:
    """Medians over the rounds; ratios are of the same round, and their median is shown."""
    names = list(dict.fromkeys(sample.candidate for sample in samples))
    by_name = {name: [sample for sample in samples if sample.candidate == name] for name in names}
    in_order = sorted(names, key=lambda name: (by_name[name][0].baseline, name != by_name[name][0].baseline, name))
    lines = [
        f"{run.date}, commit {run.commit}, {run.machine}, load average {run.load_average:.2f} at the start",
        ", ".join(f"{name} {version}" for name, version in run.versions.items())
        + f"; {run.connections} connections, {f'about {run.rate:g} requests/s' if run.rate else 'as fast as it goes'},"
        f" {run.seconds:g} s a round, seed {run.seed},"
        f" page {run.page_bytes // 1024} KB, image {run.image_bytes // 1024} KB",
        "CPU µs per request of the processes in its path; medians of the rounds, ratios paired per round",
        "",
        "| candidate | CPU µs | lowest–highest | ratio | requests/s | p50 ms | MB | beside: CPU µs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in in_order:
        mine = by_name[name]
        base = {sample.round: sample.cpu_us for sample in by_name.get(mine[0].baseline, [])}
        ratios = [sample.cpu_us / base[sample.round] for sample in mine if sample.round in base]
        spent = [sample.cpu_us for sample in mine]
        beside = ", ".join(
            f"{which} {median(sample.beside_us[which] for sample in mine):.0f}" for which in mine[0].beside_us
        )
        lines.append(
            f"| {name} | {median(spent):.1f} | {min(spent):.0f}–{max(spent):.0f}"
            f" | {f'{median(ratios):.2f}' if ratios else ''} | {median(s.per_second for s in mine):,.0f}"
            f" | {median(s.p50_us for s in mine) / 1000:.1f} | {median(s.resident_mb for s in mine):.0f} | {beside} |"
        )
    return "\n".join(lines)
