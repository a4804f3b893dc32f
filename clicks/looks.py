"""Quick looks at sessions: from where, along which paths, how long, how far. Tables of plain values, made purely.

Invariant: a look says of how many sessions it speaks; what is not known is None and never counts as 0.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from clicks.sessions import PageSeen, Session

Cell = str | int | float | None

FUNNEL: Final[tuple[tuple[str, Callable[[Session], bool]], ...]] = (
    ("session", lambda session: True),
    ("product seen", lambda session: session.has("product_view")),
    ("into the cart", lambda session: session.has("add_to_cart")),
    ("checkout", lambda session: session.has("begin_checkout") or bool(session.orders)),
    ("order", lambda session: bool(session.orders)),
)


@dataclass(frozen=True, slots=True)
class Look:
    """A table: names of its columns, and rows in the order to be shown. `measure` is the column worth plotting."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    measure: str


def sources(sessions: Sequence[Session], now: float) -> Look:
    """Per source, medium and campaign: sessions, people, share of engaged ones, carts left behind, orders."""
    grouped: dict[tuple[str, ...], list[Session]] = {}
    for session in sessions:
        of = session.source
        grouped.setdefault((of.channel, of.source, of.medium, of.campaign, of.content), []).append(session)
    rows = [
        (
            *key,
            len(own),
            len({one.person for one in own}),
            _percent(sum(one.is_engaged for one in own), len(own)),
            sum(one.has_abandoned_cart(now) for one in own),
            sum(len(one.orders) for one in own),
            sum(one.value_cents for one in own) / 100,
        )
        for key, own in grouped.items()
    ]
    columns = ("channel", "source", "medium", "campaign", "content")
    counts = ("sessions", "visitors", "engaged_percent", "abandoned_carts", "orders", "value")
    return Look("sources", columns + counts, _by_count(rows, len(columns)), "sessions")


def paths(sessions: Sequence[Session], _now: float, steps: int = 5) -> Look:
    """The ways taken through the shop, up to so many steps: sessions, orders."""
    taken: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for session in sessions:
        path = session.path
        if not path:
            continue
        way = " > ".join(path[:steps]) + (" > …" if len(path) > steps else "")
        taken[way] += 1
        orders[way] += len(session.orders)
    rows = [(way, count, _percent(count, len(sessions)), orders[way]) for way, count in taken.items()]
    return Look("paths", ("path", "sessions", "percent", "orders"), _by_count(rows, 1), "sessions")


def dwell(sessions: Sequence[Session], _now: float) -> Look:
    """Per page: views, of how many the time is known, its median and 90th percentile; entries, exits, bounces."""
    seen: dict[str, list[PageSeen]] = {}
    entries: Counter[str] = Counter()
    exits: Counter[str] = Counter()
    bounces: Counter[str] = Counter()
    for session in sessions:
        for view in session.pages:
            seen.setdefault(view.page, []).append(view)
        if session.entry is not None and session.exit is not None:
            entries[session.entry] += 1
            exits[session.exit] += 1
            bounces[session.entry] += session.is_bounce
    rows = []
    for page, views in seen.items():
        known = [view.time_s for view in views if view.time_s is not None]
        middle = round(median(known), 1) if known else None
        long = round(quantiles(known, n=10, method="inclusive")[-1], 1) if len(known) > 1 else middle
        rows.append((page, len(views), len(known), middle, long, entries[page], exits[page], bounces[page]))
    columns = ("page", "views", "known", "median_s", "p90_s", "entries", "exits", "bounces")
    return Look("dwell", columns, _by_count(rows, 1), "median_s")


def funnel(sessions: Sequence[Session], _now: float) -> Look:
    """How far sessions come, each step by itself (an open funnel): sessions, share of all and of the step before."""
    rows: list[tuple[Cell, ...]] = []
    before = len(sessions)
    for name, reached in FUNNEL:
        count = sum(reached(session) for session in sessions)
        rows.append((name, count, _percent(count, len(sessions)), _percent(count, before)))
        before = count
    return Look("funnel", ("step", "sessions", "percent", "percent_of_step_before"), tuple(rows), "sessions")


LOOKS: Final[Mapping[str, Callable[[Sequence[Session], float], Look]]] = {
    "sources": sources,
    "paths": paths,
    "dwell": dwell,
    "funnel": funnel,
}
"""By name: sessions and the time now → the look."""


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _by_count(rows: Sequence[tuple[Cell, ...]], column: int) -> tuple[tuple[Cell, ...], ...]:
    """Most first; equals by their names."""
    return tuple(sorted(rows, key=lambda row: (-_number(row[column]), tuple(map(str, row[:column])))))


def _number(cell: Cell) -> float:
    return cell if isinstance(cell, int | float) else 0.0
