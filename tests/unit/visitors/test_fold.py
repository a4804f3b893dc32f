"""Profiles as a fold of clicks: tables for what is learnt."""

from collections.abc import Mapping
from typing import Any

import pytest

from clicks.click import Click, Event, EventName
from clicks.targets import page_key, parse_target
from config.platform import Platform
from visitors.fold import fold_many, new_profile
from visitors.interests import HALF_LIFE_S, growth, with_scores
from visitors.profile import Profile, Shown
from visitors.wire import decode_profile, encode_profile, encode_resting
from visitors.working import MAX_CATEGORIES, MAX_EXPOSURES, MAX_PRODUCTS, MAX_SEARCHES, MAX_SHOWN, MAX_SPOOLS

T = 1_700_000_000.0
DAY = 86_400.0


def click(time: float, *events: Event, session: str | None = "s1", **more: Any) -> Click:
    given: dict[str, Any] = {"host": "shop.example", "method": "GET", "path": "/", "status": 200, "agent": "desktop"}
    return Click(time=time, session=session, events=events, **{**given, **more})


def event(name: EventName, /, **data: object) -> Event:
    return Event(name, data)


def folded(*clicks: Click, start: Profile | None = None) -> Profile:
    numbered = [(each, "spool", sequence) for sequence, each in enumerate(clicks)]
    return fold_many(start or new_profile("p", T), numbered)


def scores(interests: Mapping[str, float], now: float) -> dict[str, float]:
    return {key: round(interest / growth(now), 6) for key, interest in interests.items()}


@pytest.mark.parametrize(
    ("events", "products", "categories", "name"),
    [
        ([event("product_view", product="7", categories=("Jazz",))], {"7": 1.0}, {"Jazz": 1.0}, "a product seen"),
        (
            [event("product_view", product="7", categories=("Music", "Jazz", "Bebop"))],
            {"7": 1.0},
            {"Bebop": 1.0, "Jazz": 0.5, "Music": 0.25},
            "general categories earn less",
        ),
        ([event("list_view", list="grid", category="Jazz")], {}, {"Jazz": 0.3}, "a category opened"),
        ([event("list_view", list="grid")], {}, {}, "a list without a category"),
        (
            [event("product_view", product="7", categories=("Jazz",)), event("add_to_cart", product="7", quantity=2)],
            {"7": 4.0},
            {"Jazz": 4.0},
            "a cart says more, of the categories seen before",
        ),
        (
            [event("product_view", product="7", categories=("Jazz",)), event("purchase", id="o1", items=("7", "8"))],
            {"7": 6.0, "8": 5.0},
            {"Jazz": 6.0},
            "an order says most",
        ),
        ([event("product_view", id=7)], {"7": 1.0}, {}, "an id that is a number"),
        ([event("product_view", name="?"), event("media_play", path="/a.mp3")], {}, {}, "no product told"),
        ([event("media_play", product="7")], {"7": 0.5}, {}, "a clip played"),
    ],
)
def test_interests(events: list[Event], products: dict[str, float], categories: dict[str, float], name: str) -> None:
    profile = folded(click(T, *events))
    assert scores(profile.products, T) == products, name
    assert scores(profile.categories, T) == categories, name


def test_interests_fade() -> None:
    view = event("product_view", product="7", categories=("Jazz",))
    profile = folded(click(T, view), click(T + HALF_LIFE_S, view))
    assert scores(profile.categories, T + HALF_LIFE_S) == {"Jazz": 1.5}


def test_of_interests_as_strong_those_that_earned_nothing_for_longest_go_first() -> None:
    views = [event("product_view", product=str(number)) for number in range(MAX_PRODUCTS)]
    again = [event("product_view", product=product) for product in ("0", "1")]
    profile = folded(click(T, *views, *again), click(T, event("product_view", product="new")))
    gone = MAX_PRODUCTS // 10 + 1
    assert set(profile.products) == {"0", "1", "new", *map(str, range(2 + gone, MAX_PRODUCTS))}
    assert [*profile.products][-3:] == ["0", "1", "new"]


@pytest.mark.parametrize("year", [1600, 1970, 2200, 9999])
def test_a_clock_that_is_far_off_makes_no_score_that_nobody_earned(year: int) -> None:
    off = (year - 1970) * 365.2425 * DAY
    view = event("product_view", product="7", categories=("Jazz",))
    profile = folded(click(off, view), click(T, view, event("list_view", category="Rock")))
    assert decode_profile(encode_profile(profile)) == profile
    for found in (profile, decode_profile(encode_resting(profile))):
        told = with_scores(found, T)
        assert 0 < told.products["7"] <= 2
        assert all(0 <= score < 2 for score in told.categories.values())


def test_categories_may_come_from_what_the_page_taught() -> None:
    taught = (
        ("7", "Kind of Blue", 999, ("Music", "Jazz"), None, False, None),
        ("8", "x", 1, ("Rock",), None, False, None),
    )
    profile = folded(click(T, event("product_view", product="7"), catalogue=taught))
    assert scores(profile.categories, T) == {"Jazz": 1.0, "Music": 0.5}
    assert dict(profile.topics) == {"7": ("Music", "Jazz")}


class TestVisits:
    def test_a_new_session_is_a_visit(self) -> None:
        profile = folded(
            click(T), click(T + 60), click(T + DAY, session="s2"), click(T + DAY + 600, session="s2"), click(T + 61)
        )
        assert profile.visits == 2
        assert profile.session == "s2"
        assert profile.visit_started == T + DAY
        assert profile.previous_visit == T + 61
        assert profile.last_click == T + DAY + 600
        assert profile.usual_gap_s == DAY - 60
        assert profile.usual_gap_before_s is None

    def test_two_devices_at_once_are_two_sessions_and_no_silence(self) -> None:
        profile = folded(click(T), click(T + 60, session="s2"), click(T + 120), click(T + 180, session="s2"))
        assert profile.visits == 2
        assert profile.usual_gap_s is None
        assert profile.previous_visit == 0

    def test_the_usual_gap_is_smoothed_and_remembered_as_it_was(self) -> None:
        days = (0, 10, 20, 120)
        profile = folded(*(click(T + day * DAY, session=f"s{day}") for day in days))
        assert profile.usual_gap_before_s == 10 * DAY
        assert profile.usual_gap_s == pytest.approx(46 * DAY)
        assert profile.previous_visit == T + 20 * DAY

    def test_clicks_without_a_session_are_no_visit(self) -> None:
        profile = folded(click(T, event("page_view"), session=None))
        assert (profile.visits, profile.page_views, profile.session) == (0, 1, None)

    def test_sources(self) -> None:
        profile = folded(
            click(T, referrer="www.google.com/search"),
            click(T + 9, referrer="shop.example/"),
            click(T + DAY, session="s2", campaign={"utm_campaign": "mayo"}),
            click(T + 2 * DAY, session="s3", referrer="shop.example/cart"),
        )
        assert profile.first_source == "search:google"
        assert profile.last_source == "campaign:mayo"


class TestPages:
    def test_only_page_views_are_pages(self) -> None:
        profile = folded(
            click(T, event("page_view"), path="/a.php", query={"sort": "2a", "cPath": "1_2", "page": ""}),
            click(T + 1, path="/api/stock"),
        )
        assert profile.page_views == 1
        assert profile.last_page == "shop.example/a.php?cPath=1_2&sort=2a"

    def test_the_page_is_named_as_page_key_names_it(self) -> None:
        platform = Platform("t", query_fields=("b", "a", "c"))
        target = parse_target(b"/x%20y/?b=2&a=1&c=&osCsid=abc")
        seen = click(T, event("page_view"), host="Shop.example", path="/x y/", query={"b": "2", "a": "1", "c": ""})
        assert folded(seen).last_page == page_key("Shop.example", target, platform)

    def test_an_earlier_page_does_not_become_the_last(self) -> None:
        profile = folded(click(T + 5, event("page_view"), path="/b"), click(T, event("page_view"), path="/a"))
        assert profile.last_page == "shop.example/b"
        assert profile.created == T
        assert profile.last_click == T + 5

    def test_shown_lists(self) -> None:
        def seen(at: float, *items: str) -> Click:
            return click(at, event("page_view"), listed={"grid": items, "one": ("1",)}, variant="personalised", moved=2)

        key = "shop.example/ grid"
        first = folded(seen(T, "1", "2", "", "3"))
        assert dict(first.shown) == {key: Shown(T, ("1", "2", "", "3"), "personalised", 2)}
        assert folded(seen(T, "1", "2"), seen(T + 900, "1", "2")).shown[key].at == T, "the same order is not renewed"
        assert folded(seen(T, "1", "2"), seen(T + 1_900, "1", "2")).shown[key].at == T + 1_900, "but for half an hour"
        assert folded(seen(T, "1", "2"), seen(T + 60, "2", "1")).shown[key].items == ("2", "1")
        assert folded(seen(T + 60, "2", "1"), seen(T, "1", "2")).shown[key].items == ("2", "1"), "late clicks"


class TestCartAndOrders:
    def test_cart(self) -> None:
        profile = folded(
            click(T, event("add_to_cart", product="7", quantity=2)),
            click(T + 1, event("add_to_cart", product="7")),
            click(T + 2, event("add_to_cart", product="8", quantity=-5)),
            click(T + 3, event("remove_from_cart", product="7", quantity=1)),
            click(T + 4, event("remove_from_cart", product="8", quantity=0)),
            click(T + 5, event("remove_from_cart", product="unknown")),
        )
        assert profile.cart == {"7": 2}
        assert profile.cart_at == T + 4

    def test_an_order_counts_once_and_empties_the_cart(self) -> None:
        order = event("purchase", id="1001", value_cents=2_950, items=("7", "8"))
        profile = folded(
            click(T, event("add_to_cart", product="7")),
            click(T + 9, order),
            click(T + 20, order),
            click(T + 3, event("add_to_cart", product="8")),
        )
        assert (profile.orders, profile.value_cents, profile.order_ids) == (1, 2_950, ("1001",))
        assert profile.last_order == T + 9
        assert profile.bought == {"7": T + 9, "8": T + 9}
        assert profile.cart == {}

    def test_a_success_page_without_a_number_is_one_order_a_session(self) -> None:
        profile = folded(
            click(T, event("purchase")),
            click(T + 1, event("purchase")),
            click(T + DAY, event("purchase"), session="s2"),
        )
        assert profile.orders == 2

    def test_a_cart_filled_after_an_order_that_comes_late_stays(self) -> None:
        profile = folded(click(T + 9, event("add_to_cart", product="7")), click(T, event("purchase", id="1")))
        assert profile.cart == {"7": 1}


class TestContact:
    def test_names_and_mail(self) -> None:
        profile = folded(
            click(T, event("register", email="jose@example.com", first_name=" José ", last_name="Peña"), customer=True),
            click(T + 9, event("login", email="jose@example.com"), customer=True),
        )
        assert (profile.first_name, profile.last_name, profile.email) == ("José", "Peña", "jose@example.com")
        assert profile.customer

    def test_the_latest_name_stands_whatever_comes_late(self) -> None:
        profile = folded(
            click(T + 9, event("begin_checkout", first_name="Pepe")), click(T, event("register", first_name="José"))
        )
        assert profile.first_name == "Pepe"

    def test_a_click_that_is_not_the_customers_does_not_rename_him(self) -> None:
        profile = folded(
            click(T, event("login", email="jose@example.com", first_name="José"), customer=True),
            click(T + 9, event("begin_checkout", first_name="María", email="m@example.com")),
        )
        assert (profile.first_name, profile.email) == ("José", "jose@example.com")

    def test_newsletter_and_searches(self) -> None:
        profile = folded(
            click(T, event("newsletter", email="a@example.com")),
            *(click(T + n, event("search", term=f"t{n % 12}")) for n in range(14)),
        )
        assert profile.newsletter
        assert profile.email == "a@example.com"
        assert profile.searches == (*(f"t{n}" for n in range(4, 12)), "t0", "t1")
        assert len(profile.searches) == MAX_SEARCHES


def test_exposures_are_kept_in_order_of_time() -> None:
    shown = event("view_promotion", experience="hola")
    profile = folded(click(T + 5, shown), click(T, shown))
    assert profile.exposures == {"hola": (T, T + 5)}


def test_bots_leave_no_trace() -> None:
    profile = folded(click(T + 9, event("page_view"), event("add_to_cart", product="7"), agent="bot"))
    assert profile == new_profile("p", T)._replace(applied={"spool": 0})


def test_assets_leave_no_trace_but_for_what_they_prove() -> None:
    assert folded(click(T + 9, asset=True)) == new_profile("p", T)._replace(applied={"spool": 0})
    assert folded(click(T + 9, event("media_play", path="/clips/7.wav"), asset=True)).last_click == T + 9


@pytest.mark.parametrize(
    "odd",
    [
        event("product_view", product=None, categories=None),
        event("product_view", product="7", categories="Jazz"),
        event("product_view", product="7", categories=(None, 5, "", "a\nb", ["x"])),
        event("product_view", product="x" * 9_999),
        event("add_to_cart", product="7", quantity="many"),
        event("add_to_cart", product="7", quantity=float("nan")),
        event("add_to_cart", product="7", quantity=10**12),
        event("purchase", id="", value_cents="free", items=None),
        event("purchase", id=True, value_cents=-5, items=[None, {"id": 1}]),
        event("login", email=5, first_name=[]),
        event("view_promotion"),
        event("search", term="   "),
    ],
    ids=str,
)
def test_odd_data_does_no_harm(odd: Event) -> None:
    profile = folded(click(T, odd))
    assert decode_profile(encode_profile(profile)) == profile
    assert profile.value_cents >= 0


def test_everything_is_bounded() -> None:
    clicks = [
        click(
            T + n,
            event("page_view"),
            event("product_view", product=str(n), categories=(f"c{n}",)),
            event("add_to_cart", product=str(n)),
            event("purchase", id=str(n), items=(str(n),)) if n % 3 == 0 else event("search", term=str(n)),
            event("view_promotion", experience=f"e{n}"),
            event("view_promotion", experience="hola"),
            session=f"s{n}",
            path=f"/{n}",
            listed={"grid": ("1", "2")},
        )
        for n in range(400)
    ]
    profile = fold_many(new_profile("p", T), [(each, f"spool{n}", n) for n, each in enumerate(clicks)])
    assert profile.visits == 400
    assert profile.orders == 134
    assert len(profile.products) <= MAX_PRODUCTS
    assert "399" in profile.products
    assert len(profile.categories) <= MAX_CATEGORIES
    assert len(profile.shown) == MAX_SHOWN
    assert "shop.example/399 grid" in profile.shown
    assert len(profile.applied) == MAX_SPOOLS
    assert len(profile.exposures["hola"]) == MAX_EXPOSURES
    assert len(encode_profile(profile)) < 32_768
