"""A batch is what its clicks are one by one: joined and moved profiles too, and damaged ones are left alone."""

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clicks.click import Click, Event
from storage.folding import Folding, Numbered, touched
from visitors.fold import fold, merge, new_profile, tombstone
from visitors.interests import growth
from visitors.profile import Profile
from visitors.wire import FIELD_NAMES, decode_profile, encode_profile
from visitors.working import Working

T = 1_700_000_000.0
BROWSERS = ("b1", "b2", "b3")
CUSTOMERS = ("c1", "c2")


def click(profile: str, at: float, merged_from: str | None = None, product: str = "7") -> Click:
    events = (Event("page_view", {}), Event("product_view", {"product": product, "categories": ("Jazz",)}))
    bare = Click(T + at, "shop.example", "GET", "/", 200, profile=profile, session="s", agent="desktop")
    return replace(bare, events=events, merged_from=merged_from, customer=profile in CUSTOMERS)


def write(store: dict[str, bytes], batch: list[Numbered], erased: dict[str, float]) -> None:
    """As the consumer does it: what the batch names, then what is missing."""
    known = {name: store.get(name) for name in touched(batch)}
    while True:
        folding = Folding(known, erased)
        folding.apply(batch)
        if not folding.missing:
            break
        known |= {name: store.get(name) for name in folding.missing}
    for change in folding.changes():
        assert store.get(change.profile_id) == change.expected
        store[change.profile_id] = change.raw


def write_one(profiles: dict[str, Profile], numbered: Numbered) -> None:
    """What one click does, in so many words."""
    one, spool, sequence = numbered
    target = one.profile or ""
    while (profile := profiles.get(target)) is not None and profile.moved_to is not None:
        if sequence <= profile.applied.get(spool, -1):
            return
        target = profile.moved_to
    if one.merged_from is not None and one.merged_from != target:
        browser = profiles.get(one.merged_from) or new_profile(one.merged_from, one.time)
        customer = profiles.get(target) or new_profile(target, one.time)
        if browser.moved_to is None:
            profiles[target] = merge(customer, browser)
            profiles[browser.id] = tombstone(browser, target, one.time)
    profiles[target] = fold(profiles.get(target) or new_profile(target, one.time), one, spool, sequence)


steps = st.one_of(
    st.tuples(st.sampled_from((*BROWSERS, *CUSTOMERS)), st.none(), st.sampled_from("789")),
    st.tuples(st.sampled_from(CUSTOMERS), st.sampled_from(BROWSERS), st.sampled_from("789")),
)


@settings(max_examples=150)
@given(st.lists(steps, max_size=25), st.lists(st.integers(1, 8), min_size=1, max_size=10))
def test_batches_are_their_clicks(history: list[tuple[str, str | None, str]], sizes: list[int]) -> None:
    numbered = [
        (click(profile, at * 10.0, merged_from, product), "spool", at)
        for at, (profile, merged_from, product) in enumerate(history)
    ]
    expected: dict[str, Profile] = {}
    for one in numbered:
        write_one(expected, one)
    store: dict[str, bytes] = {}
    start, sizes = 0, sizes * len(numbered)
    while start < len(numbered):
        batch = numbered[start : start + sizes[0]]
        write(store, batch, {})
        write(store, batch, {})  # a batch may be repeated
        start, sizes = start + sizes[0], sizes[1:]
    assert {name: decode_profile(raw) for name, raw in store.items()} == expected


def test_a_click_follows_a_profile_that_moved_out_of_the_batch() -> None:
    customer = Profile("c1", visits=1)
    store = {"b1": encode_profile(tombstone(Profile("b1"), "c1", T)), "c1": encode_profile(customer)}
    write(store, [(click("b1", 1.0), "spool", 0)], {})
    assert decode_profile(store["c1"]).page_views == 1


def test_the_stream_s_order_holds_for_who_has_moved() -> None:
    """The customer's own click comes first in the batch, and the one that follows the tombstone must not be lost."""
    store = {"b1": encode_profile(tombstone(Profile("b1"), "c1", T)), "c1": encode_profile(Profile("c1"))}
    write(store, [(click("b1", 1.0), "spool", 0), (click("c1", 2.0), "spool", 1)], {})
    assert decode_profile(store["c1"]).page_views == 2


@pytest.mark.parametrize("at", [5.0, 6.0])
def test_clicks_up_to_an_erasure_are_refused(at: float) -> None:
    store: dict[str, bytes] = {}
    write(store, [(click("b1", at), "spool", 0), (click("b1", 7.0), "spool", 1)], {"b1": T + 6.0})
    assert decode_profile(store["b1"]).page_views == 1
    assert decode_profile(store["b1"]).created == T + 7.0


def _damaged(name: str, value: object) -> bytes:
    fields = Working.of(Profile("b1", products={"7": growth(T)}))
    setattr(fields, name, value)
    return fields.encoded()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xc1",
        msgpack.packb([99, "b1"]),
        _damaged("products", {"7": "much"}),
        _damaged("products", {"7": (1.0, T)}),
        _damaged("visits", "two"),
        _damaged("applied", {"spool": "x"}),
    ],
    ids=["empty", "no msgpack", "another version", "interest is text", "interest is a pair", "a field", "a position"],
)
@pytest.mark.parametrize("merged_from", [None, "b1"], ids=["alone", "joined"])
def test_damaged_profiles_are_left_alone(raw: bytes, merged_from: str | None) -> None:
    store = {"b1": raw}
    write(store, [(click("b1", 1.0), "spool", 0), (click("c1", 2.0, merged_from), "spool", 1)], {})
    assert store["b1"] == raw
    assert decode_profile(store["c1"]).page_views == 1
    assert decode_profile(store["c1"]).merged == ()


def test_a_failure_of_ours_is_none_of_the_profile_s() -> None:
    broken = replace(click("b1", 1.0), time="now")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        write({"b1": encode_profile(Profile("b1"))}, [(broken, "spool", 0)], {})


def test_every_field_has_its_place() -> None:
    row = tuple(range(len(FIELD_NAMES)))
    working = Working((*row, "a later field"))
    assert tuple(getattr(working, name) for name in FIELD_NAMES) == row
    assert working.unknown_fields == ("a later field",)
