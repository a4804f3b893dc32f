"""The curves as a picture: cost over what grows, both logarithmic."""

from collections.abc import Sequence
from pathlib import Path

from bench.machine import Where
from bench.pictures import drawn
from bench.scaling.curves import CURVES, START, WORKERS, Point
from bench.scaling.report import cost

COLUMNS = 4


def plot(where: Where, found: Sequence[Point], path: Path) -> None:
    """One small graph per curve; a dashed line has slope 1."""
    shown = [curve for curve in CURVES if curve not in (START, WORKERS) and any(p.curve == curve.name for p in found)]
    if not shown:
        raise ValueError("no curve is in these results")
    rows = -(-len(shown) // COLUMNS)
    with drawn(path, 2.6 * min(COLUMNS, len(shown)), 2.4 * rows) as figure:
        figure.suptitle(f"{where.date[:10]}, commit {where.commit}, {where.machine}", fontsize="small")
        for number, curve in enumerate(shown, 1):
            points = [(p.at, cost(curve, p)) for p in found if p.curve == curve.name]
            (first, least), (last, _) = points[0], points[-1]
            axes = figure.add_subplot(rows, min(COLUMNS, len(shown)), number)
            axes.plot(*zip(*points, strict=True), marker="o", markersize=3)
            axes.plot((first, last), (least, least * last / first), "--", linewidth=0.7, color="gray")
            axes.set(xscale="log", yscale="log", title=curve.name, xlabel=curve.unit)
            axes.minorticks_off()
            axes.set_ylabel("CPU µs of all" if curve.of == "click" else f"CPU µs a {curve.of}")
