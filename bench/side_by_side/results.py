"""Raw results: JSON lines, first the run (machine, date, commit, versions), then one line per candidate and round."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """Where, when and of what; `load_average` at the start."""

    date: str
    commit: str
    machine: str
    versions: Mapping[str, str]
    load_average: float
    seed: int
    seconds: float
    rate: float
    command: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one candidate. `load`: "saturated" (64 connections), "alone" (one) or "steady" (at `Run.rate`).

    `cpu_us`: CPU µs per request of the processes in its path; `beside_us`: of those that work for it, by name.
    """

    workload: str
    candidate: str
    load: str
    round: int
    requests: int
    cpu_us: float
    beside_us: Mapping[str, float]
    per_second: float
    p50_us: int
    p99_us: int
    resident_mb: float
    counters: Mapping[str, int]


def write(path: Path, run: Run, samples: Iterable[Sample]) -> None:
    """All of it, to be read by `read`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(run), *map(asdict, samples)]
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), "utf-8")


def read(path: Path) -> tuple[Run, list[Sample]]:
    """What `write` wrote."""
    first, *rest = path.read_text("utf-8").splitlines()
    return Run(**json.loads(first)), [Sample(**json.loads(line)) for line in rest]
