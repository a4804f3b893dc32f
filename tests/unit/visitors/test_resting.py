"""Profiles at rest: small, and nothing that a later visit is judged by is lost."""

from math import floor

import msgpack
import pytest
from hypothesis import given, settings

from tests.unit.visitors.test_fold import click, event, scores
from tests.unit.visitors.test_fold_properties import FAR, HISTORIES
from tests.unit.visitors.test_wire import profiles
from visitors.fold import fold, fold_many, new_profile
from visitors.interests import growth
from visitors.profile import Profile, Shown
from visitors.wire import decode_profile, encode_profile, encode_resting, is_resting

T = 1_700_000_000.25


def rested(profile: Profile) -> Profile:
    raw = encode_resting(profile)
    assert is_resting(raw)
    assert not is_resting(encode_profile(profile))
    return decode_profile(raw)


@settings(max_examples=50, deadline=None)
@given(profiles)
def test_all_but_the_visit_under_way_is_kept(profile: Profile) -> None:
    found = rested(profile)
    coarse = {
        "shown": {},
        "last_page": None,
        "products": found.products,
        "categories": found.categories,
        "bought": {name: floor(at) for name, at in profile.bought.items()},
        "exposures": {name: tuple(map(floor, times)) for name, times in profile.exposures.items()},
        "usual_gap_s": None if profile.usual_gap_s is None else round(profile.usual_gap_s),
        "usual_gap_before_s": None if profile.usual_gap_before_s is None else round(profile.usual_gap_before_s),
    } | {
        name: floor(getattr(profile, name))
        for name in ("created", "updated", "last_click", "visit_started", "previous_visit", "cart_at", "last_order")
    }
    assert found == profile._replace(**coarse)
    point = growth(floor(profile.updated))
    for kind in ("products", "categories"):
        before, after = getattr(profile, kind), getattr(found, kind)
        assert list(before) == list(after)
        for name, interest in before.items():
            assert after[name] / point == pytest.approx(min(interest / point, 1e6), abs=0.005001)


@settings(max_examples=50, deadline=None)
@given(profiles)
def test_resting_twice_is_resting_once(profile: Profile) -> None:
    raw = encode_resting(profile)
    assert encode_resting(decode_profile(raw)) == raw


@settings(max_examples=40, deadline=None)
@given(HISTORIES)
def test_nothing_is_folded_twice_because_it_has_rested(history: list[tuple[object, str, int]]) -> None:
    profile = rested(fold_many(new_profile("p", T), history))  # type: ignore[arg-type]
    assert fold_many(profile, history) is profile  # type: ignore[arg-type]


def test_a_visit_after_a_rest_goes_on_as_if_there_had_been_none() -> None:
    start = fold_many(
        new_profile("p", T),
        [
            (click(T, event("product_view", product="7", categories=("Music", "Jazz")), session="6553f100"), "s", 0),
            (click(T + 5, event("add_to_cart", product="7"), session="6553f100"), "s", 1),
        ],
    )
    later = click(T + 90_000, event("purchase", id="9", value_cents=500), session="65550000")
    awake, never = fold(rested(start), later, "s", 2), fold(start, later, "s", 2)
    assert (awake.orders, awake.visits, awake.cart) == (1, 2, {})
    assert set(awake.bought) == {"7"}
    assert awake.usual_gap_s == pytest.approx(never.usual_gap_s, abs=1.0)
    assert scores(awake.categories, FAR) == pytest.approx(scores(never.categories, FAR), abs=0.01)


def test_a_later_versions_fields_rest_too() -> None:
    profile = Profile(id="x", updated=5.0, unknown_fields=({"later": 1}, None))
    assert rested(profile) == profile


def test_ids_and_names_of_any_kind_come_back() -> None:
    spool = "0123456789abcdef0123456789abcdef"
    profile = Profile(
        id="x",
        updated=T,
        sessions=("6553f100", "s1", "0", "", "0abc", "ABC"),
        session="ABC",
        applied={spool: 9, spool.upper(): 8, "short": 7},
        topics={"7": ("Jazz", "not among the interests")},
        shown={"/ grid": Shown(T, ("1", "2"))},
    )
    found = rested(profile)
    assert found == profile._replace(updated=floor(T), shown={})


@pytest.mark.parametrize(
    "values",
    [
        [2],
        [2, "x"],
        [2, "x", "y"],
        [2, "x", 10, "z"],
        [2, "x", 10, 0, 0, 1, 1, [None]],
        [2, "x", 10, 0, 0, 1, 1, [], None, None, None, ["one"]],
        [2, "x", 10, 0, 0, 1, 1, [], None, None, None, [], ["name", 5]],
        [2, "x", 10, 0, 0, 1, 1, [], None, None, None, [], ["name", "5", "6"]],
        [2, "x", 10, 0, 0, 1, 1, [], None, None, None, [], [], [], [0, b"\x00"]],
        [2, 5, 10],
    ],
    ids=str,
)
def test_what_is_none_is_refused(values: list[object]) -> None:
    with pytest.raises(ValueError, match="not a"):
        decode_profile(msgpack.packb(values))
