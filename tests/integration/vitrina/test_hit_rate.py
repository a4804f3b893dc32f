"""Templates under live traffic: visitors with carts, logins and changing tokens; how often no page is parsed."""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.fixtures.gramola import Person, Site, gramola, site_config
from tests.fixtures.installation import installation

VISITORS, PAGES = 20, 100
PAUSE_S = 0.1
"""Between two pages of a person: still many times as fast as people, but no load test of what learns meanwhile."""
OUTCOMES = ("hit", "relocated", "compiled")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """La Gramola behind Vitrina with nothing learnt."""
    with gramola() as port, installation(tmp_path, site_config(port, head="workers = 1")) as running:
        yield Site(running, port)


def step(person: Person, random: Random) -> None:
    """What people do in a shop, as often as they do it."""
    match random.choices(
        ("home", "genre", "record", "cart", "add", "special", "search", "account"), (20, 24, 38, 5, 2, 5, 4, 2)
    )[0]:
        case "home":
            person.open("index.php")
        case "genre":
            person.open(f"index.php?cPath={random.randint(1, 6)}")
        case "record":
            # A few records are what most people look at.
            person.look_at(str(min(45, int(random.paretovariate(1)))))
        case "cart":
            person.open("shopping_cart.php")
        case "add":
            record = random.randint(1, 5)
            person.look_at(str(record))
            person.submit("action=add_product", cart_quantity="1")
        case "special":
            person.open(random.choice(("specials.php", "products_new.php")))
        case "search":
            person.open("advanced_search_result.php?keywords=" + random.choice(("rock", "jazz", "la")))
        case _:
            person.open("account.php")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_most_pages_of_changing_visitors_hit(site: Site) -> None:
    """Carts, tokens, sold out records, special prices and pages nobody opened before; few of them are parsed."""
    random = Random(7)
    people = [site.visitor() for _ in range(VISITORS)]
    for number, person in enumerate(people[: VISITORS // 2]):
        person.register(f"v{number}@example.org", "secreto12345", f"Nombre{number}")
    before = site.vitrina.totals()
    for _ in range(PAGES):
        for person in people:
            try:
                step(person, random)
            except AssertionError:
                person.open("index.php")  # sold out: there is no form
        time.sleep(PAUSE_S)
    after = site.vitrina.totals()
    found = {name: after[name] - before[name] for name in (*OUTCOMES, "refused", "over_budget", "fail_open")}
    pages = sum(found[name] for name in OUTCOMES)
    assert pages >= VISITORS * PAGES * 0.9
    assert found["hit"] >= 0.95 * pages, found
    assert not found["refused"] + found["over_budget"] + found["fail_open"], found
