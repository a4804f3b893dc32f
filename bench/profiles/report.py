"""Raw results of `bench.profiles` and the table made of them; nothing in the table is not in the file."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Where, when and of what."""

    date: str
    commit: str
    machine: str
    python: str
    valkey: str
    load_average: float
    seed: int
    made: int
    """Different journeys; each further profile repeats one under an id of its own."""
    mean_visits: float
    mean_pages: float


@dataclass(frozen=True, slots=True)
class Stored:
    """One import. `state`: at rest (an hour after the last click), or in a visit. Bytes and seconds."""

    state: str
    profiles: int
    value_bytes_mean: float
    value_bytes_p50: float
    value_bytes_p90: float
    memory: int
    """What `used_memory` of the server grew by."""
    seconds: float
    cpu_seconds: float
    """Of the importing process."""
    peak_bytes: int
    """Of the importing process's memory."""


def table(run: Run, stored: Sequence[Stored]) -> str:
    """Memory of each profile, and the import."""
    where = f"{run.date}, commit {run.commit}, {run.machine}, Python {run.python}, Valkey {run.valkey}"
    made = f"{run.made:,} journeys of {run.mean_visits:.2f} visits and {run.mean_pages:.1f} pages in the mean"
    heads = ("profiles", "how many", "value: mean", "p50", "p90 bytes", "memory of each, with its key")
    heads += ("imported a second", "CPU of each", "peak of the import")
    rows = [
        (
            one.state,
            f"{one.profiles:,}",
            f"{one.value_bytes_mean:.0f}",
            f"{one.value_bytes_p50:.0f}",
            f"{one.value_bytes_p90:.0f}",
            f"**{one.memory / one.profiles:.0f} bytes**",
            f"{one.profiles / one.seconds:,.0f}",
            f"{one.cpu_seconds / one.profiles * 1e6:.0f} µs",
            f"{one.peak_bytes / 1e6:.0f} MB",
        )
        for one in stored
    ]
    lines = ["| " + " | ".join(cells) + " |" for cells in (heads, ("---",) * len(heads), *rows)]
    return "\n".join((f"{where}, load average {run.load_average:.1f}; seed {run.seed}, {made}.", "", *lines))
