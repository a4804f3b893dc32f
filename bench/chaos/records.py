"""Raw results: JSON lines, first the run, then one record per case. The report is made of nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

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
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(run), *map(asdict, records)]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def read_records(path: Path) -> tuple[Run, list[Record]]:
    """What `write_records` wrote."""
    first, *rest = path.read_text("utf-8").splitlines()
    return Run(**json.loads(first)), [Record(**json.loads(line)) for line in rest]
