"""A look printed: a table for a person, CSV for a spreadsheet, JSON for a program, a chart for a slide.

Invariant: what is not known is empty (CSV), null (JSON) or "-"; matplotlib is needed for a chart and loaded for nothing
else.
"""

import csv
import importlib
import json
from pathlib import Path
from typing import Any, TextIO

from clicks.looks import Cell, Look
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.terminal import paint

WIDEST = 60
"""Characters of a text in a table; longer ones are cut in their middle."""

CHART_ROWS = 20
CHART_SUFFIXES = (".png", ".svg")


def write_csv(look: Look, file: TextIO) -> None:
    """A line of names, then the rows."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(look.columns)
    writer.writerows([("" if cell is None else _harmless(cell)) for cell in row] for row in look.rows)


def write_json(look: Look, file: TextIO) -> None:
    """A list of objects."""
    rows = [dict(zip(look.columns, row, strict=True)) for row in look.rows]
    file.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def write_table(look: Look, file: TextIO, most: int) -> None:
    """Columns side by side; texts to the left, numbers to the right."""
    rows = [[_shown(cell) for cell in row] for row in look.rows[:most]]
    heads = [name.replace("_percent", " %").replace("_", " ") for name in look.columns]
    is_text = [all(isinstance(row[at], str) for row in look.rows) for at in range(len(heads))]
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    for number, row in enumerate((heads, *rows)):
        cells = [
            text.ljust(width) if left else text.rjust(width)
            for text, width, left in zip(row, widths, is_text, strict=True)
        ]
        line = "  ".join(cells).rstrip()
        file.write((paint(line, "bold", file) if number == 0 else line) + "\n")
    if len(look.rows) > most:
        file.write(paint(f"… {len(look.rows) - most} more (--top {len(look.rows)})", "dim", file) + "\n")


def write_chart(look: Look, path: Path) -> None:
    """Bars of the look's measure, PNG or SVG by the file's name. Failure without matplotlib or for another name."""
    if path.suffix.lower() not in CHART_SUFFIXES:
        raise Failure(f"{path}: a chart is written as {' or '.join(CHART_SUFFIXES)}", BAD_CONFIG)
    try:
        figures: Any = importlib.import_module("matplotlib.figure")
    except ImportError:
        raise Failure("a chart needs matplotlib: pip install -r requirements/plot.txt", BAD_CONFIG) from None
    rows = look.rows[:CHART_ROWS]
    texts = [at for at, _ in enumerate(look.columns) if rows and all(isinstance(row[at], str) for row in look.rows)]
    labels = [_cut(" · ".join(str(row[at]) for at in texts if row[at])) for row in rows]
    measured = look.columns.index(look.measure)
    values = [cell if isinstance(cell := row[measured], int | float) else 0 for row in rows]
    figure = figures.Figure(figsize=(10, 1.2 + 0.34 * max(1, len(rows))), layout="constrained")
    axes = figure.add_subplot()
    axes.barh(range(len(rows)), values, color="#3d6b99")
    axes.set_yticks(range(len(rows)), labels)
    axes.invert_yaxis()
    axes.set_title(look.name)
    axes.set_xlabel(look.measure.replace("_s", " (s)").replace("_", " "))
    axes.spines[["top", "right"]].set_visible(False)
    # No file keeps the moment it was made in, so that the same look is the same file.
    figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else {"Software": None})


def _shown(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.1f}" if round(cell, 1) == cell else f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else _cut(cell)


def _cut(text: str) -> str:
    """One line of bounded length, without what a terminal would obey."""
    plain = "".join(character if character.isprintable() else "·" for character in text)
    half = (WIDEST - 1) // 2
    return plain if len(plain) <= WIDEST else f"{plain[:half]}…{plain[-half:]}"


def _harmless(cell: Cell) -> Cell:
    """A spreadsheet runs what begins like a formula; paths and campaigns come from outside."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
