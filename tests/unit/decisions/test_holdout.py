"""Shares of visitors: stable, nested, independent, and about as large as they say."""

import pytest

from decisions.holdout import in_holdout, in_rollout

PINNED = ["visitor-44"]
VISITORS = [f"visitor-{i}" for i in range(4000)]


@pytest.mark.parametrize("percent", [0, 1, 5, 50, 95, 100])
def test_a_share_is_about_as_large_as_it_says(percent: float) -> None:
    held = sum(in_holdout(visitor, percent) for visitor in VISITORS)
    assert abs(held / len(VISITORS) * 100 - percent) < 2.5
    assert (held == 0) if percent == 0 else (held == len(VISITORS)) if percent == 100 else True


def test_the_same_visitor_always_falls_on_the_same_side() -> None:
    assert [in_holdout(v, 5) for v in VISITORS] == [in_holdout(v, 5) for v in VISITORS]
    # Pinned: a release that moves visitors between groups would ruin every comparison under way.
    assert [v for v in VISITORS[:60] if in_holdout(v, 5)] == PINNED


def test_widening_a_rollout_keeps_those_who_are_in() -> None:
    assert all(in_rollout(v, "portada", 20) for v in VISITORS if in_rollout(v, "portada", 10))


def test_experiences_and_holdout_are_independent() -> None:
    one = {v for v in VISITORS if in_rollout(v, "portada", 50)}
    other = {v for v in VISITORS if in_rollout(v, "vuelve", 50)}
    held = {v for v in VISITORS if in_holdout(v, 50)}
    for a, b in ((one, other), (one, held), (other, held)):
        assert abs(len(a & b) / len(VISITORS) - 0.25) < 0.04
