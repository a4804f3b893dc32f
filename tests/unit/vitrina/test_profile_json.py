"""Profiles as JSON: what is exported is imported again, whatever a profile holds."""

import json

import pytest

from visitors.profile import Affinity, Profile, Shown
from vitrina.failures import Failure
from vitrina.profile_json import from_json, to_json

FULL = Profile(
    id="c1",
    created=1.0,
    updated=2.0,
    first_name="José",
    last_name="O'Hara",
    email="jose@example.org",
    customer=True,
    newsletter=True,
    visits=3,
    session="6b026e55",
    last_click=9.5,
    usual_gap_s=86400.5,
    usual_gap_before_s=43200.25,
    visit_started=9.0,
    previous_visit=5.0,
    sessions=("6b026e55",),
    page_views=12,
    last_page="shop.example/catalogue/",
    products={"9": Affinity(2.0, 8.0)},
    categories={"Bread": Affinity(1.5, 8.0)},
    topics={"9": ("Cooking", "Bread")},
    cart={"9": 2},
    cart_at=8.5,
    orders=1,
    order_ids=("100001",),
    value_cents=1999,
    last_order=7.0,
    bought={"10": 7.0},
    searches=("pan",),
    first_source="direct",
    last_source="search:google",
    exposures={"hola": (8.0, 9.0)},
    shown={"shop.example/catalogue/ books": Shown(8.0, ("9", "10"), "personalised", 2)},
    applied={"spool": 41},
    merged=("a1",),
    moved_to="c2",
    bare_orders=("100001",),
    traits={"genre": "Jazz"},
)


def test_the_example_fills_every_field() -> None:
    empty = Profile(id="")
    left_out = [name for name in Profile._fields if getattr(FULL, name) == getattr(empty, name)]
    assert left_out == ["unknown_fields"], "what nobody here can read is not for people"


@pytest.mark.parametrize("profile", [FULL, Profile(id="a1")], ids=["full", "empty"])
def test_what_is_exported_is_imported(profile: Profile) -> None:
    assert from_json(to_json(profile), "p.json", 10.0) == profile


def test_plain_numbers_and_lists_are_as_of_now() -> None:
    profile = from_json('{"categories": {"Bread": 3}, "bought": ["9"]}', "p.json", 10.0)
    assert profile.categories == {"Bread": Affinity(3.0, 10.0)}
    assert profile.bought == {"9": 10.0}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("{", "p.json:1: not JSON"),
        ("[]", "one JSON object"),
        ({"first_nam": "José"}, 'did you mean "first_name"?'),
        ({"visits": "many"}, "visits: expected"),
        ({"usual_gap_s": "2d"}, "usual_gap_s: expected"),
        ({"first_name": 3}, "first_name: expected"),
        ({"topics": []}, "topics: expected an object"),
        ({"products": {"9": {"scores": 1}}}, "unknown key 'scores'"),
    ],
    ids=str,
)
def test_a_mistake_is_named(found: object, message: str) -> None:
    with pytest.raises(Failure, match=message.replace("?", r"\?")):
        from_json(found if isinstance(found, str) else json.dumps(found), "p.json", 0.0)
