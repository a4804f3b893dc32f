"""Clicks survive the wire, older and newer ones are understood, anything else is refused."""

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicks.click import Click, Event, Reason
from clicks.wire import CLICK_VERSION, decode_click, encode_click

FULL = Click(
    time=1_700_000_000.25,
    host="tienda.example",
    method="GET",
    path="/product_info.php",
    status=200,
    profile="p1",
    session="s1",
    customer=True,
    query={"products_id": "7"},
    referrer="tienda.example/index.php",
    campaign={"utm_source": "boletín"},
    agent="mobile",
    content_type="text/html",
    bytes_out=61_645,
    origin_ms=12.5,
    added_us=400,
    kind="product",
    product="7",
    listed={"cards": ("1", "2")},
    catalogue=(("7", "Lunares", 1495, ("Flamenco",), None, False, "/product_info.php?products_id=7"),),
    events=(Event("product_view", {"product": "7", "categories": ("Flamenco",)}),),
    reasons=(Reason("hola", "TARGETING_MATCH", "personalised"),),
    moved=5,
    variant="personalised",
    outcome="hit",
    merged_from="b1",
    aborted=True,
)
BARE = Click(1.0, "h", "GET", "/", 200)

texts = st.text(max_size=12)
clicks = st.builds(
    lambda **fields: Click(**fields),
    time=st.floats(0, 4e9),
    host=texts,
    method=texts,
    path=st.text(),
    status=st.integers(0, 999),
    profile=st.none() | texts,
    query=st.none() | st.dictionaries(texts, texts, max_size=3),
    bytes_out=st.integers(0, 2**62),
    asset=st.booleans(),
    listed=st.none() | st.dictionaries(texts, st.lists(texts, max_size=3).map(tuple), max_size=2),
    events=st.lists(
        st.builds(Event, name=st.just("search"), data=st.dictionaries(texts, texts | st.integers(0, 9), max_size=2)),
        max_size=2,
    ).map(tuple),
    aborted=st.booleans(),
)


@pytest.mark.parametrize("click", [FULL, BARE], ids=["full", "bare"])
def test_round_trip(click: Click) -> None:
    assert decode_click(encode_click(click)) == click


@given(clicks)
def test_any_click_survives(click: Click) -> None:
    assert decode_click(encode_click(click)) == click


def test_a_newer_clicks_further_fields_are_ignored() -> None:
    row = msgpack.unpackb(encode_click(FULL), use_list=True)
    newer = msgpack.packb([CLICK_VERSION + 1, *row[1:], "what comes later", 3])
    assert decode_click(newer) == FULL


def test_what_a_newer_build_appends_to_events_and_reasons_is_ignored_and_a_new_name_kept() -> None:
    row = msgpack.unpackb(encode_click(FULL), use_list=True)
    row[22] = [["yawn", {"how": ["long", ["wide"]], "often": 2, "far": 1.5, "said": {"a": True}}, "later"]]
    row[23][0].append(7)
    read = decode_click(msgpack.packb(row))
    [event] = read.events
    assert event.name == "yawn"  # type: ignore[comparison-overlap]
    assert event.data == {"how": ("long", ["wide"]), "often": 2, "far": 1.5, "said": {"a": True}}
    assert read.reasons == FULL.reasons


@given(st.binary(max_size=60))
def test_any_bytes_are_a_click_or_a_value_error(data: bytes) -> None:
    try:
        decode_click(data)
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, "1"), (0, 0), (1, "now"), (2, 5), (6, 1.5), (9, "yes"), (10, {"a": 1}), (22, 7), (22, [["x"]]), (28, 1)],
)
def test_a_field_of_another_type_is_refused(place: int, value: object) -> None:
    row = msgpack.unpackb(encode_click(FULL), use_list=True)
    row[place] = value
    with pytest.raises(ValueError):
        decode_click(msgpack.packb(row))


def test_every_truncation_is_refused() -> None:
    data = encode_click(FULL)
    for end in range(len(data)):
        with pytest.raises(ValueError):
            decode_click(data[:end])
