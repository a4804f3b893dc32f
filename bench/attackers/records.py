"""Raw results as JSON lines: the run, then one record of each row and front; and the table made of nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.machine import Where


@dataclass(frozen=True, slots=True)
class Record:
    """What came of one row at one front."""

    row: str
    must: str
    front: str
    version: str
    holds: bool
    cell: str
    figures: Mapping[str, float] = field(default_factory=dict)
    detail: str = ""


def write(path: Path, where: Where, records: Sequence[Record]) -> None:
    """All of it, to be read by `read`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(where), *map(asdict, records)]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def read(path: Path) -> tuple[Where, list[Record]]:
    """What `write` wrote."""
    first, *rows = map(json.loads, path.read_text("utf-8").splitlines())
    return Where(**first), [Record(**row) for row in rows]


def report(where: Where, records: Sequence[Record]) -> str:
    """Markdown: a row for each attack, a column for each front; then what was let through by name."""
    fronts = list(dict.fromkeys((record.front, record.version) for record in records))
    lines = [
        "# Under attack: nginx, HAProxy, Vitrina",
        "",
        f"{where.line()}.",
        "One run, one after the other, each before the same origin; nginx and HAProxy with Debian's own timeouts",
        "and limits (but for requests on one connection), Vitrina with its defaults, one worker, personalising.",
        "Made by `make attackers` from",
        "`attackers.jsonl`; nothing here is not in there. **✗**: what must come of it did not.",
        "",
        "| done to it | must | " + " | ".join(f"{name} {version}" for name, version in fronts) + " |",
        "|---|---" + "|---" * len(fronts) + "|",
    ]
    by_row: dict[str, dict[str, Record]] = {}
    for record in records:
        by_row.setdefault(record.row, {})[record.front] = record
    for row, found in by_row.items():
        cells = [_cell(found.get(name)) for name, _ in fronts]
        lines.append(f"| {row} | {next(iter(found.values())).must} | " + " | ".join(cells) + " |")
    named = [record for record in records if not record.holds and record.detail and ";" in record.detail]
    named = [record for record in named if not record.detail.startswith("[")]
    if named:
        lines += ["", "## Let through", ""]
        lines += [f"- {record.front}, {record.row}: {record.detail}." for record in named]
    return "\n".join(lines) + "\n"


def _cell(record: Record | None) -> str:
    if record is None:
        return "–"
    return record.cell if record.holds else f"**✗** {record.cell}"
