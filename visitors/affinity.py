"""Interests that fade: a score that halves with every half-life, so that last month's taste gives way to today's.

Invariant: adding weights in any order gives the same score (up to rounding); time only ever lessens a score.
"""

from collections.abc import Collection, Mapping
from math import exp2
from typing import Any

from visitors.packed import Packed
from visitors.profile import NOTHING, Affinity

HALF_LIFE_S = 30 * 86_400.0
"""An interest counts half after 30 days."""

LIKES_SHARE = 1 / 3
"""What is liked: the strongest category, when it holds at least this share of all interest in categories."""


def score_now(affinity: Affinity, now: float) -> float:
    """The score as of `now` (Unix seconds); a clock behind `affinity.at` does not raise it."""
    return faded(affinity.score, affinity.at, now)


def faded(score: float, at: float, now: float) -> float:
    """What is left at `now` of a score as it was at `at`."""
    return score * exp2((at - now) / HALF_LIFE_S) if at < now else score


def left_of(
    interests: Mapping[str, tuple[Any, ...]], names: Collection[str], now: float, least: float
) -> dict[str, float]:
    """What is left at `now` of packed interests in `names`, as far as there are any; less than `least` is nothing."""
    left = {}
    for name in interests:
        if name not in names:
            continue
        score, at = interests[name]
        if at < now:  # as `faded`, written out: this runs for two dozen interests of every page
            score *= exp2((at - now) / HALF_LIFE_S)
        if score >= least:
            left[name] = score
    return left


def strengthened(packed: tuple[float, float] | None, weight: float, at: float) -> tuple[float, float]:
    """A packed (score, at) with `weight` earned at `at`; an earlier click than the latest counts as faded since."""
    if packed is None:
        return weight, at
    score, known_at = packed
    if at >= known_at:
        return faded(score, known_at, at) + weight, at
    return score + faded(weight, at, known_at), known_at


def affinities(raw: dict[str, tuple[Any, ...]]) -> Mapping[str, Affinity]:
    """Packed (score, at) pairs as a mapping of `Affinity`."""
    return Packed(raw, _affinity) if raw else NOTHING


def packed_affinities(values: Mapping[str, Affinity]) -> dict[str, tuple[Any, ...]]:
    """The pairs of a mapping of `Affinity`; a copy when it was not packed, else the very dict (do not change it)."""
    if isinstance(values, Packed):
        return values.raw
    return {key: (value.score, value.at) for key, value in values.items()}


def shares(values: Mapping[str, Affinity], now: float) -> dict[str, float]:
    """Each positive interest's share of them all, strongest first; ties by name."""
    scores = {key: faded(score, at, now) for key, (score, at) in packed_affinities(values).items()}
    positive = {key: score for key, score in scores.items() if score > 0}
    total = sum(positive.values())
    if not total:
        return {}
    return {key: score / total for key, score in sorted(positive.items(), key=lambda item: (-item[1], item[0]))}


def liked(values: Mapping[str, Affinity], now: float) -> str | None:
    """The category liked best, when its share is at least `LIKES_SHARE`."""
    for key, share in shares(values, now).items():
        return key if share >= LIKES_SHARE else None
    return None


def weakest(raw: Mapping[str, tuple[Any, ...]], now: float) -> list[str]:
    """Keys from the weakest interest to the strongest at `now`; ties by age."""
    return sorted(raw, key=lambda key: (faded(raw[key][0], raw[key][1], now), raw[key][1]))


def _affinity(packed: tuple[Any, ...]) -> Affinity:
    return Affinity(packed[0], packed[1])
