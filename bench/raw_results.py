"""Raw results as JSON lines: first the run, then a row for each thing measured. Reports are made of nothing else."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

R = TypeVar("R")
S = TypeVar("S")


def write_rows(path: Path, run: Any, rows: Iterable[Any]) -> None:
    """Dataclasses, to be read by `read_rows`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asdict(row), ensure_ascii=False) for row in (run, *rows))
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def read_rows(path: Path, run: type[R], row: type[S]) -> tuple[R, list[S]]:
    """What `write_rows` wrote of a `run` and rows of one kind."""
    first, *rest = path.read_text("utf-8").splitlines()
    return run(**json.loads(first)), [row(**json.loads(line)) for line in rest]
