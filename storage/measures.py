"""What is measured: the names on the control page, and what they add up to.

Invariant: names are appended only; their order is the layout of a page that outlives the process that made it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

COUNTERS: Final = (
    "requests",
    "html",
    "personalised",
    "holdout",
    "hit",
    "relocated",
    "compiled",
    "refused",
    "fail_open",
    "over_budget",
    "clicks",
    "clicks_lost",
    "origin_errors",
    "origin_retries",
    "shed",
    "bad_requests",
    "profile_fetches",
    "profile_found",
    "profile_timeouts",
    "profile_unavailable",
    "breaker_opened",
    "added_us_total",
    "in_bytes",
    "out_bytes",
    "moved",
    "shipped",
    "ship_errors",
    "folded",
    "fold_errors",
    "malformed_records",
    "log_lines_lost",
    "previewed",
    "untouched",
    "added_breaker_opened",
    "products_dropped",
    "evicted",
)
"""Names of counters; append only, the order is the layout."""

GAUGES: Final = (
    "breaker_open",
    "spool_depth",
    "spool_bytes",
    "stream_lag",
    "connections",
    "loop_lag_us",
    "spool_age_ms",
    "redis_down",
    "added_breaker_open",
    "products",
    "sample_pages",
    "templates",
    "template_bytes",
    "stream_entries",
    "redis_keys",
    "redis_bytes",
)
"""Names of values that go up and down; append only."""

OTHER_CLASS: Final = 0
ANSWERS: Final = (OTHER_CLASS, 1, 2, 3, 4, 5)
"""Classes of status, the first digit; 0 stands for all others (520, 999)."""

OTHER_KIND: Final = "other"
KINDS: Final = (
    OTHER_KIND,
    "home",
    "category",
    "product",
    "search",
    "cart",
    "checkout",
    "order",
    "account",
    "login",
    "asset",
    "own",
    "never_read",
)
"""Kinds of pages, and what is none: assets, our own paths, paths that are never read."""

OTHER_REASON: Final = "other"
REASONS: Final = (
    OTHER_REASON,
    "TARGETING_MATCH",
    "SPLIT",
    "HOLDOUT",
    "CAPPED",
    "NO_CONSENT",
    "BOT",
    "NO_PROFILE",
    "NOT_TARGETED",
    "SELECTOR_MISS",
    "GATE_REFUSED",
    "OVER_BUDGET",
    "DISABLED",
    "ERROR",
    "KEEPS_ORDER",
    "SUPERSEDED",
)
"""Decision reasons, one per experience of a page."""

WAYS: Final = ("passed", "read", "rewritten")
"""How an answer went out: as it streamed, looked at, changed."""

STAGES: Final = (
    "receive",
    "identify",
    "connect",
    "origin",
    "profile_wait",
    "open",
    "decide",
    "edit",
    "encode",
    "send",
    "click",
)
"""What a page's time is spent on, in the order it happens."""

HISTOGRAMS: Final = (*(f"added:{way}" for way in WAYS), *(f"stage:{stage}" for stage in STAGES))
"""Times; append only."""

FIRST_BUCKET_BITS: Final = 4
HISTOGRAM_BUCKETS: Final = 24
BUCKET_BOUNDS_S: Final = tuple((1 << bits) / 1_000_000 for bits in range(FIRST_BUCKET_BITS, FIRST_BUCKET_BITS + 23))
"""Upper bounds of all buckets but the last, which has none: powers of two from 16 µs to 67 s, so that finding a time's
bucket is one `bit_length`."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """`sum_us` of all times, and how many fell into each bucket (not cumulative; the last has no upper bound)."""

    sum_us: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What all processes of a machine have measured, added up; `answers` by (class of status, kind)."""

    counters: Mapping[str, int]
    gauges: Mapping[str, int]
    answers: Mapping[tuple[int, str], int]
    reasons: Mapping[str, int]
    histograms: Mapping[str, Histogram]
