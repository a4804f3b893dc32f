"""reorder: what moves, what must stay, and for how long an order stays."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.settings import Placement, TomlValue
from tests.unit.transforms.given import (
    JOSE,
    NOW,
    PLACEMENTS,
    PLATFORM,
    STRANGER,
    code,
    context,
    experience,
    page,
    run,
    settings,
)
from transforms.personaliser import PageContext, Personaliser
from visitors.interests import growth
from visitors.profile import Profile, Shown

KEY = "shop.example/ grid"
HERE = "shop.example/"


def shown(order: str, minutes_ago: float, **more: object) -> Profile:
    remembered = {KEY: Shown(NOW - minutes_ago * 60, tuple(order.split()))}
    return JOSE._replace(shown=remembered, **more)  # type: ignore[arg-type]


def numbered(*products: str) -> bytes:
    """A ranking: each name begins with its place."""
    body = page(*products)
    for place, product in enumerate(products, 1):
        body = body.replace(f"<b>{product}".encode(), f"<b>{place}. {product}".encode())
    return body


RECORD = "shop.example/product.php?id=h1"
ORDERS: list[tuple[str, dict[str, TomlValue], PageContext, str]] = [
    ("by interest", {}, context(), "h1 h2 r1 r2"),
    ("pinned", {"pin": [1]}, context(), "r1 h1 h2 r2"),
    ("popular", {"by": "popular"}, context(profile=None, visitor=STRANGER), "h2 r2 h1 r1"),
    ("kept for half an hour", {}, context(profile=shown("r2 r1 h2 h1", 29)), "r2 r1 h2 h1"),
    ("the shop's own order is kept too", {}, context(profile=shown("r1 r2 h1 h2", 5)), "r1 r2 h1 h2"),
    ("no longer", {}, context(profile=shown("r2 r1 h2 h1", 31)), "h1 h2 r1 r2"),
    (
        "a step forward by a link",
        {},
        context(profile=shown("r2 r1 h2 h1", 1, last_page=RECORD), referrer=RECORD),
        "h1 h2 r1 r2",
    ),
    (
        "Back: the last page is not where the link was",
        {},
        context(profile=shown("r2 r1 h2 h1", 1, last_page=RECORD), referrer="shop.example/list"),
        "r2 r1 h2 h1",
    ),
    ("a reload", {}, context(profile=shown("r2 r1 h2 h1", 1, last_page=HERE), referrer=HERE), "r2 r1 h2 h1"),
    ("no referrer", {}, context(profile=shown("r2 r1 h2 h1", 1, last_page=HERE)), "r2 r1 h2 h1"),
    ("search results when told to", {"search": True}, context(path="/search?q=hip"), "h1 h2 r1 r2"),
]


@pytest.mark.parametrize(("more", "about", "expected"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_order(more: dict[str, TomlValue], about: PageContext, expected: str) -> None:
    outcome = run(page(), experience("grid", reorder={"by": "affinity", **more}), about)
    assert code(outcome) == "TARGETING_MATCH"
    assert outcome.body == page(*expected.split())
    assert outcome.listed["grid"] == tuple(expected.split())
    assert outcome.moved == sum(a != b for a, b in zip(expected.split(), ("r1", "r2", "h1", "h2"), strict=True))


STAYS: list[tuple[str, bytes, PageContext, str, str]] = [
    ("sorted by the visitor", page(), context(path="/?sort=price"), "KEEPS_ORDER", "sorted"),
    ("search results", page(), context(path="/search?q=x"), "KEEPS_ORDER", "search"),
    (
        "a numbered ranking",
        numbered("r1", "r2", "h1", "h2"),
        context(),
        "KEEPS_ORDER",
        "numbered",
    ),
    *(
        (
            f"taken over: {mark.decode()}",
            page().replace(b"</h1>", b"</h1>" + mark, 1),
            context(),
            "KEEPS_ORDER",
            "hydrated",
        )
        for mark in (b'<i id="__next"></i>', b"<astro-island ssr></astro-island>")
    ),
    ("nothing known", page(), context(profile=None, visitor=STRANGER), "NO_PROFILE", "nothing"),
    ("no products", page().replace(b"product.php", b"page.php"), context(), "SELECTOR_MISS", "product"),
]


@pytest.mark.parametrize(("body", "about", "reason", "word"), [row[1:] for row in STAYS], ids=[row[0] for row in STAYS])
def test_stays(body: bytes, about: PageContext, reason: str, word: str) -> None:
    outcome = run(body, experience("grid", reorder={"by": "affinity"}), about)
    assert outcome.body is body
    assert code(outcome) == reason
    assert word in outcome.details["x"]


def test_a_numbered_ranking_moves_when_told_to() -> None:
    body = numbered("r1", "h1")
    assert run(body, experience("grid", reorder={"by": "affinity", "numbered": True})).moved == 2


def test_a_page_that_scripts_take_over_moves_when_told_to() -> None:
    body = page("r1", "h1").replace(b"</h1>", b"</h1><i data-reactroot></i>", 1)
    assert run(body, experience("grid", reorder={"by": "affinity", "hydrated": True})).moved == 2


def test_a_list_in_its_order_is_shown_without_a_change() -> None:
    body = page("h1", "r1")
    outcome = run(body, experience("grid", reorder={"by": "affinity"}))
    assert outcome.body is body
    assert code(outcome) == "TARGETING_MATCH"
    assert outcome.moved == 0


def test_positional_classes_stay_with_the_position() -> None:
    placements = {**PLACEMENTS, "grid": Placement("grid", ("*",), items="#l > li")}
    body = (
        b'<!DOCTYPE html><title>t</title><ul id=l><li class="primero x"><a href="/product.php?id=r1">r</a></li>'
        b'<li class="x"><a href="/product.php?id=h1">h</a></li></ul>'
    )
    told = experience("grid", reorder={"by": "affinity", "positional": ["primero"]})
    out = run(body, settings(told, placements=placements)).body
    assert b'<li class="x primero"><a href="/product.php?id=h1">' in out
    assert out.index(b"id=h1") < out.index(b"id=r1")


@cache
def personaliser() -> Personaliser:
    """One for all examples, so that orders could be remembered where they must not be."""
    return Personaliser(settings(experience("grid", reorder={"by": "affinity", "pin": [2]})), PLATFORM)


PRODUCTS = ("r1", "zz", "r2", "h1", "h2", "hx")


@hypothesis_settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    interests=st.dictionaries(st.sampled_from(["rock", "hiphop"]), st.floats(0, 100)),
    products=st.dictionaries(st.sampled_from(PRODUCTS), st.floats(0, 100)),
)
def test_any_profile_permutes_the_very_bytes_of_the_blocks(
    interests: dict[str, float], products: dict[str, float]
) -> None:
    profile = JOSE._replace(
        categories={name: score * growth(NOW) for name, score in interests.items()},
        products={name: score * growth(NOW) for name, score in products.items()},
    )
    body = page(*PRODUCTS)
    outcome = personaliser().run(body, b"text/html", context(profile=profile))
    assert outcome.body == page(*outcome.listed["grid"])
    assert sorted(outcome.listed["grid"]) == sorted(PRODUCTS)
    assert outcome.listed["grid"][1] == "zz"
