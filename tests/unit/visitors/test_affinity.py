"""Interests that fade."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.affinity import HALF_LIFE_S, liked, score_now, shares, strengthened
from visitors.profile import Affinity

weights = st.lists(st.tuples(st.floats(0.1, 10), st.floats(1.6e9, 1.8e9)), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, 8.0), (HALF_LIFE_S, 4.0), (3 * HALF_LIFE_S, 1.0), (-HALF_LIFE_S, 8.0)],
    ids=["now", "a half-life", "three", "a clock behind"],
)
def test_score_now(age: float, expected: float) -> None:
    assert score_now(Affinity(8.0, 1e9), 1e9 + age) == pytest.approx(expected)


@given(weights, st.randoms(use_true_random=False))
def test_the_order_of_clicks_does_not_matter(earned: list[tuple[float, float]], random: object) -> None:
    def total(clicks: list[tuple[float, float]]) -> float:
        packed = None
        for weight, at in clicks:
            packed = strengthened(packed, weight, at)
        assert packed is not None
        return score_now(Affinity(*packed), 1.9e9)

    shuffled = list(earned)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert total(shuffled) == pytest.approx(total(earned), rel=1e-9)


@pytest.mark.parametrize(
    ("scores", "expected", "name"),
    [
        ({}, None, "nothing known"),
        ({"Jazz": 1.0}, "Jazz", "all of it"),
        ({"Jazz": 1.0, "Hip hop": 2.0}, "Hip hop", "the strongest"),
        ({"a": 1.0, "b": 1.1, "c": 1.0, "d": 1.0}, None, "under a third"),
        ({"Jazz": 0.0}, None, "no interest left"),
        ({"Jazz": -1.0, "Soul": 1.0}, "Soul", "dislikes do not count"),
    ],
)
def test_liked(scores: dict[str, float], expected: str | None, name: str) -> None:
    assert liked({key: Affinity(score, 0.0) for key, score in scores.items()}, 0.0) == expected, name


def test_shares_are_strongest_first_and_sum_to_one() -> None:
    found = shares({"b": Affinity(1.0, 0.0), "a": Affinity(1.0, 0.0), "c": Affinity(4.0, -HALF_LIFE_S)}, 0.0)
    assert list(found.items()) == [("c", 0.5), ("a", 0.25), ("b", 0.25)]
