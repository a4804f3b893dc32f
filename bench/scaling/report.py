"""All curves as Markdown, made of raw results: tables, slopes, what was aimed at."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.machine import Where
from bench.scaling.curves import (
    BUSIEST,
    BUSIEST_OPENED,
    CLICKS,
    CORES,
    CURVES,
    START,
    WORKER_SHARE,
    WORKERS,
    Curve,
    Point,
)

CLICKS_A_CORE, READY_S, TWO_OF_ONE = 20_000, 1.0, 1.8
USED = 0.9
"""Of their share, or two workers were held up by what else the machine had to do, or had too few connections."""


def slope(found: Sequence[tuple[float, float]]) -> float:
    """Of the line through the logarithms of all (x, y), by least squares."""
    pairs = [(math.log(x), math.log(y)) for x, y in found]
    mean_x = sum(x for x, _ in pairs) / len(pairs)
    mean_y = sum(y for _, y in pairs) / len(pairs)
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread if spread else 0.0


def cost(curve: Curve, point: Point) -> float:
    """What the slope is about: CPU of one request; of clicks, of all that are queued."""
    return point.cpu_us * point.at if curve == CLICKS else point.cpu_us


def report(where: Where, found: Sequence[Point], picture: Path | None = None) -> str:
    """All of it; `picture` lies beside it."""
    lines = ["# How cost grows", "", f"{where.line()}; `python -m bench.scaling`.", ""]
    lines.append("CPU µs of the workers, 64 connections as fast as it goes; medians of the rounds.")
    lines.append("A slope of 1 means that twice as much costs twice as much.")
    if picture is not None:
        lines += ["", f"![cost over what grows]({picture.name})"]
    slopes: dict[str, float] = {}
    for curve in CURVES:
        mine = [point for point in found if point.curve == curve.name]
        if not mine:
            continue
        lines += ["", f"## {curve.name}", "", *([curve.note, ""] if curve.note else []), *_table(curve, mine)]
        if len(mine) > 1 and curve != WORKERS:
            whole, last = (slope([(p.at, cost(curve, p)) for p in part]) for part in (mine, mine[-2:]))
            lines += ["", f"Slope {whole:.2f}, between the last two points {last:.2f}."]
            slopes[curve.name] = last
    if slopes:
        worse = ", ".join(f"{name} ({last:.2f})" for name, last in slopes.items() if last > 1)
        verdict = f"worse than linear at its end, slope over 1: {worse}" if worse else "no curve's last slope is over 1"
        lines += ["", "## In words", "", f"{verdict[0].upper()}{verdict[1:]}."]
    if aims := list(_aims(found)):
        lines += ["", "## Against what was aimed at", "", "| what | found | aim | |", "|---|---:|---:|---|", *aims]
    return "\n".join(lines) + "\n"


def _table(curve: Curve, points: Sequence[Point]) -> Iterator[str]:
    columns = (curve.unit, f"CPU µs a {curve.of}", "p50 ms", f"{curve.of}s/s", "MB", "beside: µs", "")
    yield f"| {' | '.join(columns)} |"
    yield "|---:|---:|---:|---:|---:|---|---|"
    for point in points:
        cells = (
            f"{point.at:,}",
            f"{point.cpu_us:.0f}" if point.cpu_us else "",
            f"{point.p50_us / 1000:.1f}" if point.p50_us else "",
            f"{point.per_second:,.0f}" if point.per_second else "",
            f"{point.resident_mb:.0f}" if point.resident_mb else "",
            ", ".join(f"{name} {spent:.0f}" for name, spent in point.beside_us.items()),
            ", ".join(f"{name} {_short(value)}" for name, value in point.also.items()),
        )
        yield f"| {' | '.join(cells)} |"


def _short(value: float) -> str:
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _aims(found: Sequence[Point]) -> Iterator[str]:
    clicks = [point for point in found if point.curve == CLICKS.name]
    if clicks:
        last = clicks[-1]
        of_work, of_both = 1e6 / last.cpu_us, 1e6 / (last.cpu_us + sum(last.beside_us.values()))
        yield _aim(f"clicks/s a core of `work`, {last.at:,} queued", f"{of_work:,.0f}", CLICKS_A_CORE, of_work)
        yield f"| the same, with Valkey on that core | {of_both:,.0f} | | |"
    for point in (point for point in found if point.curve == START.name):
        met = "met" if point.p50_us <= READY_S * 1e6 else f"{point.p50_us / 1e6 / READY_S:.1f} times too long"
        yield f"| ready on an empty store, s | {point.p50_us / 1e6:.2f} | {READY_S:g} | {met} |"
    one, two = (
        next((point for point in found if point.curve == WORKERS.name and point.at == at), None) for at in (1, 2)
    )
    if one and two:
        times = two.per_second / one.per_second
        what = "pages/s of two workers to one, each with a share"
        used = f"{two.also[CORES]:.2f} of {2 * WORKER_SHARE:g} cores used"
        if two.also[CORES] >= USED * 2 * WORKER_SHARE:
            yield _aim(f"{what}; {used}", f"{times:.2f}", TWO_OF_ONE, times)
        else:
            yield f"| {what} | {times:.2f} | {TWO_OF_ONE} | tells nothing: {used} |"
        yield f"| requests that the busier of the two got | {two.also[BUSIEST]:.0%} | | |"
        if BUSIEST_OPENED in two.also:
            yield f"| the same, {BUSIEST_OPENED}, unlimited | {two.also[BUSIEST_OPENED]:.0%} | | |"


def _aim(what: str, shown: str, aim: float, value: float) -> str:
    return f"| {what} | {shown} | {aim:,g} | {'met' if value >= aim else f'{value / aim:.2f} of it'} |"
