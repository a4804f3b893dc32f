"""Raw results: JSON lines, first the run, then one record per case. The report is made of nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.raw_results import read_rows, write_rows


@dataclass(frozen=True, slots=True)
class Run:
    """Where, when and of what."""

    date: str
    commit: str
    machine: str
    versions: Mapping[str, str]
    """Of programs and libraries; of suites the commit they were fetched at."""


@dataclass(frozen=True, slots=True)
class Record:
    """One case of a part; `passed` None: it could not be run, `detail` says why."""

    part: str
    name: str
    passed: bool | None
    detail: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What the case is made of, by outcome."""


def write_records(path: Path, run: Run, records: Sequence[Record]) -> None:
    """All of it, to be read by `read_records`."""
    write_rows(path, run, records)


def read_records(path: Path) -> tuple[Run, list[Record]]:
    """What `write_records` wrote."""
    return read_rows(path, Run, Record)
