"""Interests that fade, as one number."""

from datetime import UTC, datetime
from math import exp2, inf, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.interests import (
    HALF_LIFE_S,
    LANDMARK,
    MOST_HALF_LIVES,
    as_interests,
    earn,
    growth,
    liked,
    point,
    shares,
    together,
    with_scores,
)
from visitors.profile import Profile

NOW = 1_900_000_000.0
earned = st.tuples(st.sampled_from("abc"), st.floats(0.1, 10), st.floats(1.6e9, 1.8e9))
histories = st.lists(earned, max_size=8)


def interests(history: list[tuple[str, float, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, weight, at in history:
        earn(found, name, weight * growth(at))
    return found


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, 8.0), (HALF_LIFE_S, 4.0), (3 * HALF_LIFE_S, 1.0), (-HALF_LIFE_S, 8.0)],
    ids=["now", "a half-life", "three", "a clock behind"],
)
def test_the_score_at_a_moment(age: float, expected: float) -> None:
    profile = Profile("p", updated=1e9, categories={"Jazz": 8.0 * growth(1e9)})
    assert with_scores(profile, 1e9 + age).categories == {"Jazz": pytest.approx(expected)}


@given(histories, st.randoms(use_true_random=False))
def test_each_weight_has_faded_since_its_own_moment_in_whatever_order_they_came(
    history: list[tuple[str, float, float]], random: object
) -> None:
    expected: dict[str, float] = {}
    for name, weight, at in history:
        expected[name] = expected.get(name, 0.0) + weight * exp2((at - NOW) / HALF_LIFE_S)
    random.shuffle(history)  # type: ignore[attr-defined]
    found = {name: interest / growth(NOW) for name, interest in interests(history).items()}
    assert found == {name: pytest.approx(score, rel=1e-12) for name, score in expected.items()}


@given(histories, histories)
def test_two_histories_together_are_one(
    one: list[tuple[str, float, float]], two: list[tuple[str, float, float]]
) -> None:
    joined = together(interests(one), interests(two))
    assert joined == {name: pytest.approx(each, rel=1e-12) for name, each in interests([*one, *two]).items()}
    assert joined == together(interests(two), interests(one)), "to the last bit"


def test_who_earned_last_stands_last() -> None:
    found = {"a": 1.0, "b": 1.0, "c": 1.0}
    earn(found, "a", 2.0)
    assert list(found.items()) == [("b", 1.0), ("c", 1.0), ("a", 3.0)]
    assert list(together({"a": 1.0, "b": 1.0}, {"c": 1.0, "a": 1.0})) == ["b", "c", "a"]
    assert list(as_interests({"new": (1.0, 2e9), "old": (9.0, 1e9)})) == ["old", "new"]


def year(at: float) -> int:
    return datetime.fromtimestamp(at, UTC).year


def test_growth_goes_on_for_this_century_and_leaves_room_for_sums() -> None:
    end = LANDMARK + MOST_HALF_LIVES * HALF_LIFE_S
    assert (year(LANDMARK), year(end)) == (2020, 2098)
    assert growth(LANDMARK) == 1
    assert growth(end - HALF_LIFE_S) * 2 == growth(end) == growth(end + 1) == 2.0**MOST_HALF_LIVES
    assert isfinite(growth(end) * 5 * 2.0**60), "a purchase every second, for as long as the universe stands"


@given(st.floats(allow_nan=True))
def test_no_clock_makes_an_interest_infinite_or_nothing(at: float) -> None:
    assert 0 < growth(at) < inf
    assert isfinite(1.0 / growth(at))


@pytest.mark.parametrize("now", [0.0, NOW, 7.3e9, 1e300])
def test_a_click_of_the_far_future_weighs_no_more_than_itself(now: float) -> None:
    ahead = 7_258_118_400.0  # 2200
    profile = Profile("p", updated=ahead, categories={"Jazz": growth(ahead), "Rock": growth(NOW)})
    found = with_scores(profile, now).categories
    assert found == {"Jazz": 1.0, "Rock": pytest.approx(0.0)}
    assert point(profile, now) == point(profile, ahead)


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
    assert liked({key: score * growth(NOW) for key, score in scores.items()}) == expected, name


@pytest.mark.parametrize("views", [6, 9, 11, 14, 15, 26], ids="{} views".format)
@pytest.mark.parametrize("apart_s", [86_400, 604_800], ids="{} s apart".format)
def test_what_holds_exactly_a_third_is_liked_however_sums_are_rounded(views: int, apart_s: float) -> None:
    """As a category of all products does, of which each is in one of five more, too."""
    found: dict[str, float] = {}
    for number in range(views):
        earned = growth(NOW + number * apart_s)
        earn(found, f"special {number % 5}", earned)
        earn(found, "Music", earned / 2)
    assert liked(found) == "Music"


def test_shares_are_strongest_first_and_sum_to_one() -> None:
    found = shares(as_interests({"b": (1.0, NOW), "a": (1.0, NOW), "c": (4.0, NOW - HALF_LIFE_S)}))
    assert found == pytest.approx({"c": 0.5, "a": 0.25, "b": 0.25})
    assert list(found) == ["c", "a", "b"]
