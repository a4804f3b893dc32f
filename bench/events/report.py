"""Truth and replay side by side: `bench/results/events.jsonl`, and the table of docs/reference/events.md made of it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.events.recorded import SHOPS, Recorded
from bench.events.replay import clicks_of, folded, told

TRUTH = Path(__file__).parent / "truth"
RESULTS = Path(__file__).parents[1] / "results" / "events.jsonl"


@dataclass(frozen=True, slots=True)
class Compared:
    """One recorded exchange: what happened, and what the data plane says of it."""

    shop: str
    exchange: str
    happened: tuple[str, ...]
    found: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """The same events with the same data, in any order."""
        return sorted(self.happened) == sorted(self.found)


def truth(shop: str) -> dict[str, tuple[str, ...]]:
    """Exchange → its events, of one shop."""
    found: dict[str, list[str]] = {}
    events: list[str] = []
    for line in (TRUTH / f"{shop}.txt").read_text("utf-8").splitlines():
        if line.startswith("  "):
            events.append(line.strip())
        elif line and not line.startswith("#"):
            events = found.setdefault(line.strip(), [])
    return {name: tuple(lines) for name, lines in found.items()}


def compared(shop: str, exchanges: Iterable[Recorded]) -> tuple[list[Compared], dict[str, int]]:
    """All exchanges with a body of a shop, and what a profile that folds them says: orders, cart, searches."""
    whole = [one for one in exchanges if one.body is not None]
    clicks = clicks_of(SHOPS[shop], whole)
    happened = truth(shop)
    rows = [
        Compared(shop, name, happened.get(name, ()), tuple(map(told, click.events))) for name, click in clicks.items()
    ]
    rows += [Compared(shop, name, events, ()) for name, events in happened.items() if name not in clicks]
    profile = folded(clicks.values())
    return rows, {"orders": profile.orders, "value_cents": profile.value_cents, "products": len(profile.products)}


def line(row: Compared | tuple[str, Mapping[str, int]]) -> str:
    """A row of the raw results."""
    if isinstance(row, Compared):
        entry: dict[str, object] = {"shop": row.shop, "exchange": row.exchange, "happened": list(row.happened)}
        entry["found"] = list(row.found)
    else:
        entry = {"shop": row[0], "profile": dict(row[1])}
    return json.dumps(entry, ensure_ascii=False)


def table(lines: Iterable[str]) -> list[str]:
    """Rows of Markdown: per shop and event how often it happened, was found, was missed and was made up."""
    happened: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for text in lines:
        entry = json.loads(text)
        if "exchange" not in entry:
            continue
        shop = entry["shop"]
        here, there = Counter(entry["happened"]), Counter(entry["found"])
        for event, count in here.items():
            happened[shop, event.split(" ")[0]] += count
            right[shop, event.split(" ")[0]] += min(count, there[event])
        for event, count in there.items():
            found[shop, event.split(" ")[0]] += count
    rows = [
        "| shop | event | happened | found, with all its data | missed | made up |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for shop in SHOPS:
        for event in sorted({event for each, event in {**happened, **found} if each == shop}):
            key = (shop, event)
            rows.append(
                f"| {shop} | `{event}` | {happened[key]} | {right[key]} | {happened[key] - right[key]}"
                f" | {found[key] - right[key]} |"
            )
    return rows
