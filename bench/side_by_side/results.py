"""Raw results: JSON lines, first the run (machine, date, commit, versions), then one line per candidate and round."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.raw_results import read_rows, write_rows


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
    """One round of one candidate. `load`: "saturated" (64 connections), "alone" (one) or "even" (at `Run.rate`).

    "steady" in older results: as many a second in bursts, of which latency tells nothing.
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
    write_rows(path, run, samples)


def read(path: Path) -> tuple[Run, list[Sample]]:
    """What `write` wrote."""
    return read_rows(path, Run, Sample)
