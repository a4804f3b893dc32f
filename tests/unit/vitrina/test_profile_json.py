"""Profiles as JSON: what is exported is imported again, whatever a profile holds."""

import json

import pytest

from visitors.interests import HALF_LIFE_S, growth
from visitors.profile import Profile, Shown
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
    products={"9": 2.0 * growth(2.0)},
    categories={"Bread": 1.5 * growth(2.0)},
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


@pytest.mark.parametrize("profile", [FULL, Profile(id="a1", updated=2.0)], ids=["full", "empty"])
def test_what_is_exported_is_imported(profile: Profile) -> None:
    assert from_json(to_json(profile), "p.json", 10.0) == profile


@pytest.mark.parametrize(("said", "at"), [({}, 10.0), ({"updated": 4}, 4.0)], ids=["now", "at the last change"])
def test_plain_numbers_and_lists_are_of_the_last_change_which_may_be_now(said: dict[str, object], at: float) -> None:
    text = json.dumps({"categories": {"Bread": 3}, "bought": ["9"], **said})
    profile = from_json(text, "p.json", 10.0)
    assert profile.updated == at
    assert profile.categories == {"Bread": 3.0 * growth(at)}
    assert profile.bought == {"9": at}


def test_an_interest_is_told_as_its_score_at_the_last_change() -> None:
    told = json.loads(to_json(FULL._replace(updated=2.0 + HALF_LIFE_S)))
    assert (told["products"], told["categories"]) == ({"9": 1.0}, {"Bread": 0.75})


def test_what_was_exported_with_times_is_imported() -> None:
    dated = {"new": {"score": 2.0, "at": 1.7e9}, "old": {"score": 3, "at": 1.6e9}, "now": 1}
    found = from_json(json.dumps({"products": dated, "updated": 1.8e9}), "p.json", 10.0).products
    assert found == {"old": 3 * growth(1.6e9), "new": 2 * growth(1.7e9), "now": growth(1.8e9)}
    assert list(found) == ["old", "new", "now"], "the one earned last at the end"


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
        ({"products": {"9": -1}}, "products: -1.0 is no score"),
        ({"products": {"9": "many"}}, "products: expected an object"),
        ({"products": {"9": float("inf")}}, "products: inf is no score"),
        ({"shown": {"9": {"at": 1, "item": []}}}, "unknown key 'item'"),
        ({"updated": "today"}, "updated: expected"),
    ],
    ids=str,
)
def test_a_mistake_is_named(found: object, message: str) -> None:
    with pytest.raises(Failure, match=message.replace("?", r"\?")):
        from_json(found if isinstance(found, str) else json.dumps(found), "p.json", 0.0)
