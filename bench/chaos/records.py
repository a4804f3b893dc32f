"""Raw results: JSON lines, first the run, then one record per case. The report is made of nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.raw_results import read_rows, write_rows

Figure = int | float | str


@dataclass(frozen=True, slots=True)
class Run:
    """Where, when, of what, and from which seed the random choices were drawn."""

    date: str
    commit: str
    machine: str
    seed: int
    is_short: bool
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """One case of a fault; `passed` None: it could not be run, or it is a raw line of a case; `detail` says which."""

    fault: str
    name: str
    passed: bool | None
    detail: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)


def write_records(path: Path, run: Run, records: Sequence[Record]) -> None:
    """All of it, to be read by `read_records`."""
    write_rows(path, run, records)


def read_records(path: Path) -> tuple[Run, list[Record]]:
    """What `write_records` wrote."""
    return read_rows(path, Run, Record)
