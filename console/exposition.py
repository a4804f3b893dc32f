"""Prometheus' text exposition format 0.0.4, from values.

Invariant: whatever the samples' labels hold, every line is one sample of a family that was announced before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value with its labels."""

    value: float
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Family:
    """Counter, gauge: a name (a counter's ends in `_total`), what it means, its samples."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: Sequence[Sample]


@dataclass(frozen=True, slots=True)
class Times:
    """One histogram: how many fell into each bucket (not cumulative; one more than there are bounds), and the sum."""

    counts: Sequence[int]
    total: float
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class HistogramFamily:
    """Histograms that share their upper bounds, in ascending order and in the unit that the name ends in."""

    name: str
    help: str
    bounds: Sequence[float]
    histograms: Sequence[Times]


def exposition(families: Iterable[Family | HistogramFamily]) -> str:
    """The whole answer to a scrape."""
    lines: list[str] = []
    for family in families:
        kind = "histogram" if isinstance(family, HistogramFamily) else family.kind
        lines += [f"# HELP {family.name} {_help(family.help)}", f"# TYPE {family.name} {kind}"]
        if isinstance(family, HistogramFamily):
            for times in family.histograms:
                lines += _buckets(family, times)
        else:
            lines += [_line(family.name, sample.labels, sample.value) for sample in family.samples]
    return "\n".join(lines) + "\n"


def _buckets(family: HistogramFamily, times: Times) -> list[str]:
    lines, so_far = [], 0
    bounds = [*(repr(bound) for bound in family.bounds), "+Inf"]
    for bound, count in zip(bounds, times.counts, strict=True):
        so_far += count
        lines.append(_line(f"{family.name}_bucket", (*times.labels, ("le", bound)), so_far))
    lines.append(_line(f"{family.name}_sum", times.labels, times.total))
    lines.append(_line(f"{family.name}_count", times.labels, so_far))
    return lines


def _line(name: str, labels: Labels, value: float) -> str:
    text = ",".join(f'{key}="{_label(word)}"' for key, word in labels)
    return f"{name}{{{text}}} {value}" if text else f"{name} {value}"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
