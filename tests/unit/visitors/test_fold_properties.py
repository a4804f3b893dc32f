"""Properties of folding: a click counts once, and neither batches nor the order of spools matter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clicks.click import Click, Event
from tests.unit.visitors.test_fold import T, click, event, scores
from visitors.fold import fold, fold_many, new_profile
from visitors.profile import Profile
from visitors.wire import decode_profile, encode_profile

FAR = T + 20_000_000

# Whole histories: several spools (workers), each with clicks of its own times.
_DATA = st.sampled_from(
    [
        event("page_view"),
        event("product_view", product="1", categories=("Music", "Jazz")),
        event("product_view", product="2", categories=("Rock",)),
        event("list_view", category="Rock"),
        event("add_to_cart", product="1", quantity=1),
        event("purchase", value_cents=250, items=("1", "2")),
        event("search", term="blue"),
        event("view_promotion", experience="hola"),
        event("login", email="a@example.com", first_name="Ana"),
    ]
)


def _click_at(at: int, events: list[Event], session: str | None, agent: str) -> Click:
    # An order's number tells its time, so that its first sight is the same in any order of clicks.
    numbered = [event(e.name, **e.data, id=f"o{at}") if e.name == "purchase" else e for e in events]
    return click(T + at, *numbered, session=session, agent=agent)


_CLICKS = st.builds(
    _click_at,
    st.integers(0, 10_000_000),
    st.lists(_DATA, max_size=3),
    st.sampled_from(["s1", "s2", "s3", None]),
    st.sampled_from(["desktop", "desktop", "mobile", "bot"]),
)


HISTORIES = st.lists(st.tuples(_CLICKS, st.sampled_from(["a", "b", "c"])), max_size=12).map(
    lambda pairs: [(each, spool, sequence) for sequence, (each, spool) in enumerate(pairs)]
)


def sums(profile: Profile) -> dict[str, object]:
    """What must not depend on the order of clicks."""
    return {
        "created": profile.created,
        "last_click": profile.last_click,
        "visits": profile.visits,
        "page_views": profile.page_views,
        "orders": profile.orders,
        "order_ids": sorted(profile.order_ids),
        "value_cents": profile.value_cents,
        "last_order": profile.last_order,
        "bought": dict(profile.bought),
        "exposures": dict(profile.exposures),
        "searches": sorted(profile.searches),
        "products": {key: pytest.approx(each, abs=1e-5) for key, each in scores(profile.products, FAR).items()},
        "applied": dict(profile.applied),
    }


@settings(max_examples=60, deadline=None)
@given(HISTORIES)
def test_folding_twice_is_folding_once(history: list[tuple[Click, str, int]]) -> None:
    once = fold_many(new_profile("p", T), history)
    assert fold_many(once, history) is once
    again = fold_many(new_profile("p", T), [pair for entry in history for pair in (entry, entry)])
    assert again == once


@settings(max_examples=60, deadline=None)
@given(HISTORIES, st.integers(0, 12))
def test_batches_do_not_matter(history: list[tuple[Click, str, int]], cut: int) -> None:
    whole = fold_many(new_profile("p", T), history)
    one_by_one = new_profile("p", T)
    for entry in history:
        one_by_one = fold(one_by_one, *entry)
    assert one_by_one == whole
    stored = decode_profile(encode_profile(fold_many(new_profile("p", T), history[:cut])))
    assert fold_many(stored, history[cut:]) == whole


@settings(max_examples=60, deadline=None)
@given(HISTORIES, st.permutations(["a", "b", "c"]))
def test_spools_in_any_order_give_the_same_sums(history: list[tuple[Click, str, int]], order: list[str]) -> None:
    by_spool = sorted(history, key=lambda entry: order.index(entry[1]))
    start = new_profile("p", T)
    assert sums(fold_many(start, by_spool)) == sums(fold_many(start, history))
