"""What visitors read of their interests: scores and an order in time, not the numbers that are stored."""

import json

from clicks.catalogue import Product
from console.privacy_known import MOST_LISTED, as_json, known
from tests.unit.transforms.given import settings
from visitors.interests import HALF_LIFE_S, earn, growth
from visitors.profile import Profile
from visitors.visitor import Visitor

NOW = 1_800_000_000.0
VISITOR = Visitor(profile="p", session="s", consent=True)


def test_products_are_those_looked_at_last_the_last_one_first() -> None:
    products: dict[str, float] = {}
    for number in [*range(8), 3]:
        earn(products, f"{number}", growth(NOW + number))
    profile = Profile("p", updated=NOW, products=products)
    rows = dict(known(profile, VISITOR, settings(), {"7": Product("7", "Lunares")}, str, NOW).rows)
    assert rows["Products looked at"] == "3, Lunares, 6, 5, 4, 2"
    assert MOST_LISTED == 6


def test_interests_are_told_as_scores_at_the_last_change() -> None:
    earlier = growth(NOW - HALF_LIFE_S)
    profile = Profile(
        "p", updated=NOW, products={"7": 3.0 * earlier}, categories={"Jazz": earlier, "Rock": growth(NOW)}
    )
    told = json.loads(as_json(profile, VISITOR))
    assert (told["products"], told["categories"], told["updated"]) == ({"7": 1.5}, {"Jazz": 0.5, "Rock": 1.0}, NOW)
    rows = dict(known(profile, VISITOR, settings(), {}, str, NOW).rows)
    assert rows["Interests"] == "Rock, Jazz"
