"""What a click selected of what was shown."""

import pytest

from visitors.profile import Profile, Shown
from visitors.selection import Promotion, selections

T = 1_700_000_000.0
HOME = "shop.example/index.php"
PROFILE = Profile(
    id="p",
    shown={
        f"{HOME} home_grid": Shown(T, ("3", "", "7"), "personalised", 2),
        f"{HOME} bestsellers": Shown(T, ("7", "8"), "personalised", 2),
        f"{HOME}?cPath=1 grid": Shown(T, ("7", "9"), "holdout", 0),
    },
    exposures={"vuelve": (T - 99_999, T)},
)
PLACE = {"placement": "banner", "position": "before", "variant": "personalised"}


def _offer(*links: str) -> Promotion:
    return Promotion(links=links, **PLACE)


def test_a_product_of_two_lists_was_selected_in_both() -> None:
    found = selections(PROFILE, T + 60, HOME, "7", "/product_info.php", {})
    assert [(each.name, dict(each.data)) for each in found] == [
        (
            "select_item",
            {"product": "7", "list": "home_grid", "position": 3, "moved": True, "variant": "personalised"},
        ),
        (
            "select_item",
            {"product": "7", "list": "bestsellers", "position": 1, "moved": True, "variant": "personalised"},
        ),
    ]


def test_the_holdout_selects_too() -> None:
    (found,) = selections(PROFILE, T + 60, f"{HOME}?cPath=1", "9", "/product_info.php", {})
    assert found.data == {"product": "9", "list": "grid", "position": 2, "moved": False, "variant": "holdout"}


@pytest.mark.parametrize(
    ("profile", "time", "referrer", "product", "name"),
    [
        (None, T, HOME, "7", "nobody"),
        (PROFILE, T, HOME, "99", "not shown"),
        (PROFILE, T, HOME, None, "no product"),
        (PROFILE, T, "", "7", "from nowhere"),
        (PROFILE, T, "shop.example/other.php", "7", "from another page"),
        (PROFILE, T + 7_200, HOME, "7", "too late"),
    ],
)
def test_nothing_selected(profile: Profile | None, time: float, referrer: str, product: str | None, name: str) -> None:
    assert selections(profile, time, referrer, product, "/product_info.php", {}) == (), name


@pytest.mark.parametrize(
    ("link", "path", "product", "expected", "name"),
    [
        ("/ofertas.php", "/ofertas.php", None, True, "the very path"),
        ("https://shop.example/ofertas.php#x", "/ofertas.php?a=1", None, True, "absolute"),
        ("ofertas.php", "/shop/ofertas.php", None, True, "relative"),
        ("/ofertas.php", "/shop/ofertas.php", None, False, "another folder"),
        ("ofertas.php", "/nofertas.php", None, False, "ends alike"),
        ("product_info.php?products_id=5", "/product_info.php", "5", True, "a product by its query"),
        ("product_info.php?products_id=5", "/product_info.php?products_id=5&x=1", None, True, "by path and query"),
        ("product_info.php?products_id=5", "/product_info.php", "6", False, "another product"),
        ("../ofertas/", "/shop/ofertas/", None, True, "relative, a folder"),
        ("../ofertas/", "/shop/otras/", None, False, "relative, another folder"),
        ("./", "/shop/", None, False, "relative, here"),
        ("/una%20oferta/", "/una oferta/", None, True, "percent-encoded"),
        ("mailto:a@example.com", "/a@example.com", None, False, "no page"),
        ("#top", "/", None, False, "a fragment"),
        ("http://[", "/", None, False, "no address"),
    ],
)
def test_offers(link: str, path: str, product: str | None, expected: bool, name: str) -> None:
    found = selections(PROFILE, T + 60, "", product, path, {"vuelve": _offer("/nothing", link), "other": _offer(link)})
    assert [(each.name, dict(each.data)) for each in found] == (
        [("select_promotion", {"experience": "vuelve", **PLACE})] if expected else []
    ), name


def test_the_same_blocks_under_two_names_are_one_selection() -> None:
    shown = {"window": ("7", "3"), "cards": ("7", "3"), "all": ("1", "7", "3"), "best": ("7", "9")}
    profile = Profile(
        "p", shown={f"{HOME} {name}": Shown(T, items, "personalised", 1) for name, items in shown.items()}
    )
    found = selections(profile, T + 60, HOME, "7", "/product_info.php", {})
    assert [event.data["list"] for event in found] == ["window", "best"]


def test_an_offer_seen_long_ago_is_not_selected() -> None:
    assert selections(PROFILE, T + 7_200, "", None, "/a", {"vuelve": _offer("/a")}) == ()
