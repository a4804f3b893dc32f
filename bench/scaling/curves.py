"""The curves, in the order of reports, and what is measured of each point."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Curve:
    """What grows, in which unit, the points that are measured, and what is counted."""

    name: str
    unit: str
    points: tuple[int, ...]
    of: str = "request"
    note: str = ""
    """What the report says beside it."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve: medians of the rounds; 0 is what was not measured there."""

    curve: str
    at: int
    cpu_us: float
    """Of each request by the data plane, or of each click by `work`."""
    p50_us: float
    """Of a request's answer, or of a start until it is ready."""
    per_second: float
    resident_mb: float
    """Of the processes whose CPU it is."""
    beside_us: Mapping[str, float]
    """CPU of those that work for them, by name."""
    also: Mapping[str, float] = field(default_factory=dict)
    """More figures, by what they are."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how far is measured: seconds of load a round, rounds, and the largest point."""

    seconds: float
    rounds: int
    most: int


MOVED = "records moved a page"
IDLE_KB = "KB an idle connection"
BUSIEST = "share of the busiest worker"
CORES = "cores used"
BUSIEST_OPENED = "of connections opened one after the other"

WORKER_SHARE = 0.25
"""Of a core, for each worker where their number grows: then load, origin and all else fit beside on two cores."""

PAGE = Curve("page", "KB of page", (10, 32, 64, 128, 256, 512, 1024))
BLOCKS = Curve(
    "blocks",
    "product blocks",
    (10, 40, 160, 500, 1000),
    note="A list of more than 500 keeps its order, by a limit (docs/reference/limits.md): name and offer are inserted.",
)
EXPERIENCES = Curve("experiences", "experiences", (1, 10, 30, 100))
SEGMENTS = Curve("segments", "segments", (1, 10, 50, 200))
PROFILES = Curve(
    "profiles",
    "profiles",
    (1_000, 10_000, 100_000, 1_000_000),
    note="All of them come, of a million 100,000: the others are only stored.",
)
CONNECTIONS = Curve("connections", "open connections", (1, 100, 1_000, 5_000))
WORKERS = Curve(
    "workers",
    "workers",
    (1, 2),
    note="Each worker has a fixed share of a core, so that load, origin and all else fit beside two of them; what the"
    " ratio shows is whether anything that they share holds them up.",
)
CLICKS = Curve(
    "clicks",
    "clicks queued",
    (10_000, 30_000, 100_000),
    of="click",
    note="A spool of 2,000 visitors' clicks appears; CPU of `work`, which shares its core with Valkey, until all are"
    " in profiles.",
)
START = Curve(
    "start",
    "profiles stored",
    (0,),
    of="start",
    note="From the start of `vitrina serve` on an empty data folder until `/ready` answers with 200, its Valkey"
    " included, on all cores, with its bytecode at hand as in the image.",
)
CURVES = (PAGE, BLOCKS, EXPERIENCES, SEGMENTS, PROFILES, CONNECTIONS, WORKERS, CLICKS, START)
