"""Profiles as bytes: what goes in comes out, older builds' bytes too, and no bytes do harm."""

import contextlib
import re
from collections.abc import Callable

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visitors.interests import as_interests, growth
from visitors.packed import Packed
from visitors.profile import PROFILE_VERSION, Profile, Shown
from visitors.wire import FIELD_NAMES, decode_profile, encode_profile, encode_resting, open_profile

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=12)
times = st.floats(0, 4e9)
counts = st.integers(0, 2**40)
some_texts = st.lists(texts, max_size=4).map(tuple)
scores = st.floats(0, 1e6)
interests = st.dictionaries(texts, st.builds(lambda score, at: score * growth(at), scores, times), max_size=4)
profiles = st.builds(
    lambda **fields: Profile(**fields),
    id=texts,
    created=times,
    updated=times,
    first_name=st.none() | texts,
    last_name=st.none() | texts,
    email=st.none() | texts,
    customer=st.booleans(),
    newsletter=st.booleans(),
    visits=counts,
    session=st.none() | texts,
    last_click=times,
    usual_gap_s=st.none() | times,
    usual_gap_before_s=st.none() | times,
    visit_started=times,
    previous_visit=times,
    sessions=some_texts,
    page_views=counts,
    last_page=st.none() | texts,
    products=interests,
    categories=interests,
    topics=st.dictionaries(texts, st.lists(texts, min_size=1, max_size=3).map(tuple), max_size=3),
    cart=st.dictionaries(texts, counts, max_size=3),
    cart_at=times,
    orders=counts,
    order_ids=some_texts,
    value_cents=counts,
    last_order=times,
    bought=st.dictionaries(texts, times, max_size=3),
    searches=some_texts,
    first_source=st.none() | texts,
    last_source=st.none() | texts,
    exposures=st.dictionaries(texts, st.lists(times, max_size=3).map(tuple), max_size=3),
    shown=st.dictionaries(texts, st.builds(Shown, times, some_texts, texts, counts), max_size=3),
    applied=st.dictionaries(texts, counts, max_size=3),
    merged=some_texts,
    moved_to=st.none() | texts,
)

# As the first build wrote it, with 31 fields: the times of visits, sessions and topics were appended later.
FIRST_BUILD = bytes.fromhex(
    "dc002001a3636162cb41d954fc40000000cb41d954fc40000000a54a6f73c3a9c0c0c3c202a27332cb41d954fc40000000c0"
    "05a17a81a13792cb4000000000000000cb41d954fc400000008081a13703cb00000000000000000191a26f31cd03e7cb0000"
    "0000000000008090a6646972656374c0808081a273310990c0"
)


@settings(max_examples=50)
@given(profiles)
def test_round_trip(profile: Profile) -> None:
    decoded = decode_profile(encode_profile(profile))
    assert decoded == profile
    assert encode_profile(decoded) == encode_profile(profile), "packed maps encode alike"


@pytest.mark.parametrize("reader", [decode_profile, open_profile])
def test_the_first_builds_bytes_are_read(reader: Callable[[bytes], Profile]) -> None:
    at = 1_700_000_000.0
    assert reader(FIRST_BUILD) == Profile(
        id="cab",
        created=at,
        updated=at,
        first_name="José",
        customer=True,
        visits=2,
        session="s2",
        last_click=at,
        page_views=5,
        last_page="z",
        products={"7": 2.0 * growth(at)},
        cart={"7": 3},
        orders=1,
        order_ids=("o1",),
        value_cents=999,
        first_source="direct",
        applied={"s1": 9},
    )


@settings(max_examples=50)
@given(profiles, st.dictionaries(texts, st.tuples(scores, times), max_size=4))
def test_what_version_1_said_of_interests_is_read(profile: Profile, dated: dict[str, tuple[float, float]]) -> None:
    """Each was its score, and the moment at which that was so; the one seen first stood first."""
    values = msgpack.unpackb(encode_profile(profile), use_list=True)
    values[0], values[15], values[16] = 1, dated, {}
    expected = profile._replace(products=as_interests(dated), categories={})
    for reader in (decode_profile, open_profile):
        found = reader(msgpack.packb([*values, "later"]))
        assert found == expected._replace(unknown_fields=("later",))
        assert list(found.products) == sorted(dated, key=lambda name: dated[name][1]), "the one earned last at the end"
        assert encode_profile(found)[3] == PROFILE_VERSION


def test_a_newer_builds_fields_are_kept() -> None:
    profile = Profile(id="x", visits=3)
    values = msgpack.unpackb(encode_profile(profile), use_list=True)
    newer = msgpack.packb([*values, {"what": [1, b"x"]}, None])
    decoded = decode_profile(newer)
    assert decoded._replace(unknown_fields=()) == profile
    assert encode_profile(decoded) == newer
    assert encode_profile(decode_profile(encode_profile(decoded._replace(visits=4)))) == encode_profile(
        decoded._replace(visits=4)
    )


def test_maps_stay_packed_until_looked_at() -> None:
    profile = decode_profile(encode_profile(Profile(id="x", topics={"7": ("Music", "Jazz")})))
    assert isinstance(profile.topics, Packed)
    assert "7" in profile.topics
    assert profile.topics["7"] == ("Music", "Jazz")
    assert dict(profile.topics) == {"7": ("Music", "Jazz")}
    assert repr(profile.topics) == "{'7': ('Music', 'Jazz')}"
    assert profile._replace(visits=1).topics == profile.topics


def _by_name(profile: Profile) -> dict[str, object]:
    return {name: getattr(profile, name) for name in Profile._fields}


def test_fields_are_in_their_order_on_the_wire() -> None:
    assert Profile._fields == (*FIELD_NAMES, "unknown_fields")


@settings(max_examples=50)
@given(profiles, st.integers(0, len(FIELD_NAMES)), st.lists(st.integers(), max_size=2))
def test_an_opened_profile_says_the_same(profile: Profile, fewer: int, further: list[int]) -> None:
    values = msgpack.unpackb(encode_profile(profile), use_list=True)
    data = msgpack.packb([*values[: max(2, len(values) - fewer)], *(further if not fewer else ())])
    opened = open_profile(data)
    assert _by_name(opened) == _by_name(decode_profile(data))
    assert opened.products is opened.products, "read once"
    assert encode_profile(opened) == encode_profile(decode_profile(data))
    assert _by_name(opened._replace(visits=1)) == _by_name(decode_profile(data)._replace(visits=1))


def test_a_resting_profile_is_opened() -> None:
    profile = Profile(id="x", products={"7": 2.0}, visits=2)
    assert _by_name(open_profile(encode_resting(profile))) == _by_name(decode_profile(encode_resting(profile)))


@pytest.mark.parametrize(
    "place",
    [FIELD_NAMES.index(name) + 1 for name in ("products", "categories", "topics", "shown", "applied")],
    ids=lambda place: FIELD_NAMES[place - 1],
)
@pytest.mark.parametrize("value", [{"7": [1.0]}, {"7": b"x"}, {b"7": 1}, [1], None, 5, "x"], ids=repr)
def test_a_large_map_of_other_types_is_empty_to_a_page(place: int, value: object) -> None:
    opened = open_profile(_changed(place, value))
    assert getattr(opened, FIELD_NAMES[place - 1]) == {}
    assert opened.id == "x"


def _changed(place: int, value: object, version: int = PROFILE_VERSION) -> bytes:
    values = msgpack.unpackb(encode_profile(Profile(id="x")), use_list=True)
    values[0] = version
    values[place] = value
    packed: bytes = msgpack.packb(values)
    return packed


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "nothing"),
        (b"\x90", "an empty array"),
        (b"\x91\x01", "a version alone"),
        (b"\xa3abc", "a text"),
        (b"\x80", "a map"),
        (encode_profile(Profile(id="x"))[:-1], "cut"),
        (encode_profile(Profile(id="x")) + b"\x00", "too long"),
        (_changed(0, 4), "an unknown version"),
        (_changed(0, 2), "a version of another layout"),
        (_changed(0, "1"), "a version of another type"),
        (_changed(1, 5), "an id that is no text"),
        (_changed(1, None), "no id"),
        (_changed(7, 1), "a flag that is a number"),
        (_changed(9, True), "a count that is a flag"),
        (_changed(15, {"7": [1.0, 1.0]}), "an interest with its time"),
        (_changed(15, {"7": "x"}), "an interest that is no number"),
        (_changed(15, {b"7": 1.0}), "a key of bytes"),
        (_changed(15, {"7": 1.0}, version=1), "of version 1: an interest without time"),
        (_changed(15, {"7": [1.0]}, version=1), "of version 1: an interest of one number"),
        (_changed(15, {"7": [1.0, "x"]}, version=1), "of version 1: an interest that is no number"),
        (_changed(15, {b"7": [1.0, 1.0]}, version=1), "of version 1: a key of bytes"),
        (_changed(17, {"7": 1.5}), "half an article in the cart"),
        (_changed(20, [5]), "an order id that is no text"),
        (_changed(23, {"7": "x"}), "a time that is a text"),
        (_changed(27, {"e": 1.0}), "exposures that are no list"),
        (_changed(27, {"e": ["x"]}), "an exposure that is a text"),
        (_changed(28, {"p": [1.0, ["a"]]}), "an order of another shape"),
        (_changed(28, {"p": [1.0, "a", "", 0, 1]}), "an order with more to it"),
        (_changed(36, {"7": 1}), "categories that are a number"),
        (b"\xdc\xff\xff" + b"\xc0" * 0xFFFF, "an endless array"),
        (b"\xdc\x00\x28\x01" + b"\x91" * 5_000 + b"\xc0" * 38, "a nest without end"),
    ],
)
def test_bad_bytes_are_a_value_error(data: bytes, name: str) -> None:
    with pytest.raises(ValueError):
        decode_profile(data)
    with contextlib.suppress(ValueError):  # of a large map only its reader knows
        encode_profile(open_profile(data))


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [(2, "now", "Expected `float`, got `str` - at `created`"), (17, {"7": 0.5}, "`int`, got `float` - at `cart[...]`")],
)
def test_what_is_wrong_is_named(place: int, value: object, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        decode_profile(_changed(place, value))


@given(st.binary(max_size=60))
def test_any_bytes_are_survived(data: bytes) -> None:
    for reader in (decode_profile, open_profile):
        with pytest.raises(ValueError):
            reader(data)


@settings(max_examples=50)
@given(profiles, st.data())
def test_damaged_bytes_give_a_usable_profile_or_a_value_error(profile: Profile, data: st.DataObject) -> None:
    good = encode_profile(profile)
    place = data.draw(st.integers(0, len(good) - 1))
    bad = good[:place] + data.draw(st.binary(min_size=1, max_size=2)) + good[place + 1 :]
    for reader in (decode_profile, open_profile):
        try:
            decoded = reader(bad)
        except ValueError:
            continue
        assert list(decoded.products.values()) is not None
        assert list(decoded.shown.values()) is not None
        encode_profile(decoded)
