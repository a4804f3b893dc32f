"""What the control page and the system know, as families of metrics for Prometheus.

Invariant: a name, once published, keeps its meaning and its unit; `docs/reference/metrics.md` has a row for each.
"""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console.exposition import Family, HistogramFamily, Sample, Times
from storage.control import ControlPage
from storage.measures import ANSWERS, BUCKET_BOUNDS_S, KINDS, OTHER_CLASS, STAGES, WAYS, Measured
from vitrina.version import VERSION

COUNTERS = {
    "requests": "Requests with a valid head.",
    "html": "Whole HTML pages that could be read.",
    "personalised": "Pages that went out changed.",
    "holdout": "Pages of holdout visitors.",
    "hit": "Pages that matched a template.",
    "relocated": "Pages parsed again.",
    "compiled": "First pages of a structure.",
    "refused": "Pages that could not be decoded, or whose change could not be proven.",
    "fail_open": "Failures of ours; the page went out as it came.",
    "over_budget": "Pages too large, or predicted to take too long.",
    "clicks": "Clicks written.",
    "clicks_lost": "Clicks that could not be written.",
    "origin_errors": "502 and 504 answered.",
    "origin_retries": "GET and HEAD sent again on a fresh connection.",
    "shed": "503 answered: too many connections, a full queue, or a request that lay unread for too long.",
    "bad_requests": "Requests refused for their framing or size.",
    "profile_fetches": "Profiles asked for.",
    "profile_found": "Profiles there were.",
    "profile_timeouts": "Profiles not there in time.",
    "profile_unavailable": "Profiles that could not be asked for.",
    "breaker_opened": "Times the breaker on Redis opened.",
    "added_us_total": "Our own share of all requests, microseconds.",
    "in_bytes": "Body bytes from visitors.",
    "out_bytes": "Body bytes to visitors.",
    "moved": "List positions that showed another item.",
    "shipped": "Clicks sent into the stream.",
    "ship_errors": "Failures while sending; they are repeated.",
    "folded": "Clicks folded into profiles and catalogue.",
    "fold_errors": "Failures while folding; they are repeated.",
    "malformed_records": "Clicks that could not be read.",
    "log_lines_lost": "Lines of the access log that could not be written.",
    "previewed": "Pages made for somebody in preview; they count nowhere else.",
    "untouched": "Pages that passed untouched because our own share of the time was too long.",
    "added_breaker_opened": "Times the breaker on our own share of the time opened.",
    "products_dropped": "Products that gave way to others, because the catalogue is full.",
    "evicted": "Connections closed on which nothing was under way, because all were taken.",
}
GAUGES = {
    "breaker_open": "Workers whose breaker on Redis is open.",
    "spool_depth": "Clicks written and not yet in the stream.",
    "spool_bytes": "Bytes of all spools.",
    "stream_lag": "Milliseconds from a click in the stream to its profile.",
    "connections": "Clients connected.",
    "loop_lag_us": "How late each event loop ran at most within a second, microseconds, all together.",
    "spool_age_ms": "Age of the oldest click that is not yet in the stream, milliseconds.",
    "redis_down": "1 while clicks cannot be sent, because Redis is away.",
    "added_breaker_open": "Workers whose breaker on our own share of the time is open.",
    "products": "Products of the catalogue.",
    "sample_pages": "Pages kept to learn the shop from.",
    "templates": "Templates of pages that the workers know.",
    "template_bytes": "Bytes of these templates.",
    "stream_entries": "Entries of the stream of clicks.",
    "redis_keys": "Keys of Redis.",
    "redis_bytes": "Memory of Redis, bytes.",
}


@dataclass(frozen=True, slots=True)
class ConfigInUse:
    """Which configuration runs: a digest of its files, its mode, and since when (Unix seconds)."""

    version: str
    mode: str
    loaded: float


@dataclass(frozen=True, slots=True)
class NamedProcess:
    """A process of this installation; `starts` counts those that had its place so far."""

    name: str
    pid: int
    starts: int


def families(
    page: ControlPage, config: ConfigInUse, processes: Sequence[NamedProcess]
) -> list[Family | HistogramFamily]:
    """Everything there is to scrape."""
    measured = page.measured()
    found: list[Family | HistogramFamily] = [
        Family(
            "vitrina_build_info",
            "gauge",
            "The version that runs; always 1.",
            (Sample(1, (("version", VERSION), ("python", platform.python_version()))),),
        ),
        Family(
            "vitrina_config_info",
            "gauge",
            "The configuration that runs (a digest of its files) and its mode; always 1.",
            (Sample(1, (("version", config.version), ("mode", config.mode))),),
        ),
        Family(
            "vitrina_config_loaded_timestamp_seconds",
            "gauge",
            "When that configuration was loaded, Unix time.",
            (Sample(config.loaded),),
        ),
        Family("vitrina_on", "gauge", "1, or 0 after `off`.", (Sample(int(page.is_on())),)),
    ]
    found += [
        Family(f"vitrina_{name.removesuffix('_total')}_total", "counter", text, (Sample(measured.counters[name]),))
        for name, text in COUNTERS.items()
    ]
    found += [
        Family(f"vitrina_{name}", "gauge", text, (Sample(measured.gauges[name]),)) for name, text in GAUGES.items()
    ]
    return [*found, *_labelled(measured), *_process_families(processes)]


def _labelled(measured: Measured) -> list[Family | HistogramFamily]:
    return [
        Family(
            "vitrina_answers_total",
            "counter",
            "Answers by class of status and kind of page.",
            [
                Sample(
                    measured.answers[status_class, kind],
                    (("class", "other" if status_class == OTHER_CLASS else f"{status_class}xx"), ("kind", kind)),
                )
                for status_class in ANSWERS
                for kind in KINDS
                if measured.answers[status_class, kind] or status_class in (2, 5)
            ],
        ),
        Family(
            "vitrina_decisions_total",
            "counter",
            "Decisions by reason, one per experience of a page.",
            [Sample(count, (("reason", reason),)) for reason, count in measured.reasons.items()],
        ),
        HistogramFamily(
            "vitrina_added_seconds",
            "Time beyond the origin's own, by how the answer went out.",
            BUCKET_BOUNDS_S,
            [_times(measured, f"added:{way}", "way", way) for way in WAYS],
        ),
        HistogramFamily(
            "vitrina_stage_seconds",
            "What the time of a page that is read is spent on.",
            BUCKET_BOUNDS_S,
            [_times(measured, f"stage:{stage}", "stage", stage) for stage in STAGES],
        ),
    ]


def _times(measured: Measured, name: str, label: str, word: str) -> Times:
    histogram = measured.histograms[name]
    return Times(histogram.counts, histogram.sum_us / 1_000_000, ((label, word),))


def _process_families(processes: Sequence[NamedProcess]) -> list[Family]:
    facts = [(process, _facts(process.pid)) for process in processes]
    alive = [(process.name, fact) for process, fact in facts if fact is not None]

    def family(name: str, help_text: str, value: str) -> Family:
        return Family(
            name, "gauge", help_text, [Sample(getattr(fact, value), (("process", called),)) for called, fact in alive]
        )

    return [
        Family(
            "vitrina_process_starts_total",
            "counter",
            "Processes started in this place since the control page was made; it grows with each restart.",
            [Sample(process.starts, (("process", process.name),)) for process in processes],
        ),
        family("vitrina_process_resident_memory_bytes", "Resident memory.", "resident_bytes"),
        family("vitrina_process_open_fds", "Open file descriptors.", "open_files"),
        family("vitrina_process_max_fds", "File descriptors there may be.", "most_files"),
    ]


@dataclass(frozen=True, slots=True)
class _Facts:
    resident_bytes: int
    open_files: int
    most_files: int


def _facts(pid: int) -> _Facts | None:
    """What the system says of a process; None when it is gone."""
    folder = Path("/proc") / str(pid)
    try:
        resident = int((folder / "statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
        limits = (folder / "limits").read_text("ascii")
        open_files = len(os.listdir(folder / "fd"))
    except (OSError, ValueError, IndexError):
        return None
    most = next((line.split()[3] for line in limits.splitlines() if line.startswith("Max open files")), "0")
    return _Facts(resident, open_files, int(most) if most.isdigit() else 0)
