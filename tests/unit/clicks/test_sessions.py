"""Sessions folded from clicks: tables of journeys with known truth, and what must hold for all clicks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clicks.click import Click, Event
from clicks.sessions import IDLE_S, Numbered, Session, SessionFold, sessions

MINUTE = 60.0
SHOP = "shop.example"
VIEW = Event("page_view", {"kind": "other"})


def click(
    at: float,
    path: str = "/",
    *events: Event,
    profile: str | None = "browser-a",
    session: str | None = "s1",
    number: int = 0,
    **fields: object,
) -> Numbered:
    """A page at `at` minutes, unless events are given."""
    made = Click(1_000_000 + at * MINUTE, SHOP, "GET", path, 200, profile=profile, session=session, agent="desktop")
    made = replace(made, events=events or (VIEW,), purposes="ps", **fields)  # type: ignore[arg-type]
    return made, "spool", number or int(at * 1000) + 1


def only(*clicks: Numbered, partners: tuple[str, ...] = ()) -> Session:
    (found,) = sessions(clicks, partners)
    return found


def test_a_journey_from_a_partner_to_an_order() -> None:
    found = only(
        click(0, "/", referrer="www.blog.example/best-records", campaign={"utm_content": "banner-top"}),
        click(1, "/c/vinyl", referrer=f"{SHOP}/"),
        click(1.5, "/p/7", VIEW, Event("product_view", {"product": "7"}), referrer=f"{SHOP}/c/vinyl", product="7"),
        click(3, "/cart/add", Event("add_to_cart", {"product": "7", "quantity": 2})),
        click(3, "/cart", number=3001),
        click(5, "/done", VIEW, Event("purchase", {"id": "100", "value_cents": 4180, "items": ("7",)})),
        partners=("blog.example",),
    )
    assert (found.source.channel, found.source.source, found.source.medium) == ("partner", "blog.example", "referral")
    assert found.path == ("/", "/c/vinyl", "/p/7", "/cart", "/done")
    assert [page.dwell_s for page in found.pages] == [60.0, 30.0, 90.0, 120.0, None]
    assert (found.entry, found.exit, found.time_s) == ("/", "/done", 300.0)
    assert (found.orders, found.value_cents, found.cart) == (("100",), 4180, {})
    assert found.is_engaged
    assert not found.has_abandoned_cart(found.ended + IDLE_S + 1)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ((0, 29, 58), 1),
        ((0, 30), 1),
        ((0, 30.1), 2),
        ((0, 29, 60, 120), 3),
    ],
)
def test_thirty_minutes_idle_whatever_the_cookie_says(minutes: tuple[float, ...], expected: int) -> None:
    one_cookie = sessions([click(at) for at in minutes])
    other_cookies = sessions([click(at, session=f"s{at}") for at in minutes])
    assert len(one_cookie) == len(other_cookies) == expected


def test_two_devices_of_one_customer_are_two_sessions_of_one_person() -> None:
    customer = {"profile": "customer-c", "customer": True}
    found = sessions(
        [
            click(0, "/", profile="browser-a", session="a"),
            click(1, "/login", profile="customer-c", customer=True, merged_from="browser-a", session="a"),
            click(2, "/p/1", session="a", **customer),  # type: ignore[arg-type]
            click(2.5, "/", profile="browser-b", session="b", number=9001),
            click(3, "/login", profile="customer-c", customer=True, merged_from="browser-b", session="b"),
            click(4, "/p/2", session="b", **customer),  # type: ignore[arg-type]
            click(5, "/p/3", session="a", **customer),  # type: ignore[arg-type]
        ]
    )
    assert [one.person for one in found] == ["customer-c"] * 2
    assert [one.path for one in found] == [("/", "/login", "/p/1", "/p/3"), ("/", "/login", "/p/2")]
    assert found[0].profiles == ("browser-a", "customer-c")


def test_a_customers_session_goes_on_where_the_cookie_ended_it_too_early() -> None:
    kept = {"profile": "customer-c", "customer": True}
    assert len(sessions([click(0, session="a", **kept), click(27, session="b", **kept)])) == 1  # type: ignore[arg-type]
    assert len(sessions([click(0, session="a", **kept), click(9, session="b", **kept)])) == 2  # type: ignore[arg-type]


def test_after_a_logout_somebody_else_may_sit_there() -> None:
    found = sessions(
        [
            click(0, "/account", profile="customer-c", customer=True, session="a"),
            click(1, "/logout", profile="customer-c", customer=True, session="a"),
            click(2, "/", profile="browser-n", session="n"),
        ]
    )
    assert [one.person for one in found] == ["customer-c", "browser-n"]


def test_a_session_that_begins_inside_of_the_shop_comes_from_where_the_one_before_came() -> None:
    found = sessions([click(0, referrer="www.google.es"), click(60, "/p/1", referrer=f"{SHOP}/", session="s2")])
    assert [one.source.source for one in found] == ["google", "google"]
    assert only(click(0, "/p/1", referrer=f"{SHOP}/")).source.channel == "direct"


def test_the_last_page_is_unknown_and_not_zero() -> None:
    found = only(click(0))
    assert found.pages[0].time_s is None
    assert found.time_s is None
    assert found.is_bounce


@pytest.mark.parametrize(("visible_ms", "is_bounce"), [(9_900, True), (10_000, False)])
def test_the_beacon_measures_what_was_visible(visible_ms: int, is_bounce: bool) -> None:
    def beacon(at: float, visible: int, session: str | None) -> Numbered:
        data = {"page": "/p/1", "visible_ms": visible, "age_ms": int(at * 60_000)}
        return click(at, "/_vitrina/beacon", Event("user_engagement", data), session=session)

    # The tab was hidden, shown again and closed hours later: each message says how long it was in sight so far.
    found = only(click(0, "/p/1"), beacon(1, 4_000, "s1"), beacon(300, visible_ms, None))
    assert found.pages[0].visible_s == visible_ms / 1000
    assert (found.ended, found.is_bounce) == (found.started, is_bounce)


def test_the_beacon_finds_its_page_among_those_of_the_same_address() -> None:
    data = {"page": "/", "visible_ms": 7_000, "age_ms": 240_000}
    found = only(click(0, "/"), click(5, "/"), click(9, "/p"), click(9.1, "/b", Event("user_engagement", data)))
    assert [page.visible_s for page in found.pages] == [None, 7.0, None]
    assert [page.time_s for page in found.pages] == [300.0, 7.0, None]


def test_an_abandoned_cart() -> None:
    def changed(at: float, name: str, product: str, quantity: int) -> Numbered:
        return click(at, "/cart", Event(name, {"product": product, "quantity": quantity}))  # type: ignore[arg-type]

    found = only(
        click(0, "/p/1"),
        changed(1, "add_to_cart", "1", 2),
        changed(2, "add_to_cart", "2", 1),
        changed(3, "remove_from_cart", "2", 0),
        changed(4, "remove_from_cart", "1", 1),
    )
    assert found.cart == {"1": 1}
    assert not found.has_abandoned_cart(found.ended + 60)
    assert found.has_abandoned_cart(found.ended + IDLE_S + 1)


def test_an_order_counts_once() -> None:
    done = Event("purchase", {"id": "100", "value_cents": 990})
    found = sessions([click(0, "/done", VIEW, done), click(1, "/done", VIEW, done), click(90, "/done", VIEW, done)])
    assert [(one.orders, one.value_cents) for one in found] == [(("100",), 990), ((), 0)]


def test_an_order_without_a_number_is_one_of_each_cart() -> None:
    put, done = Event("add_to_cart", {"product": "1", "quantity": 1}), Event("purchase", {})
    found = only(
        click(0, "/cart", put),
        click(1, "/done", done),
        click(2, "/done", done),
        click(3, "/cart", put, put),
        click(4, "/done", done),
    )
    assert (len(found.orders), found.cart) == (2, {})
    assert len(set(found.orders)) == 2


def test_an_order_is_worth_what_its_page_says_after_the_call() -> None:
    call, page = (
        Event("purchase", {"id": "100"}),
        Event("purchase", {"id": "100", "value_cents": 990, "completes": True}),
    )
    found = only(click(0, "/checkout", call), click(1, "/done", page), click(2, "/done", page))
    assert (found.orders, found.value_cents) == (("100",), 990)


@pytest.mark.parametrize(
    "fields",
    [{"agent": "bot"}, {"preview": True}, {"purposes": "p"}, {"profile": None}, {"session": None}, {"events": ()}],
    ids=lambda fields: next(iter(fields)),
)
def test_who_and_what_counts_for_nobody(fields: dict[str, object]) -> None:
    made, spool, number = click(0)
    assert sessions([(replace(made, **fields), spool, number)]) == ()  # type: ignore[arg-type]


_PROFILES = st.sampled_from(["browser-a", "browser-b", "customer-c"])


@st.composite
def _clicks(draw: st.DrawFn) -> list[Numbered]:
    made = []
    for number in range(draw(st.integers(0, 14))):
        profile = draw(_PROFILES)
        is_login = profile == "customer-c" and draw(st.booleans())
        events = draw(
            st.sampled_from(
                [
                    (VIEW,),
                    (Event("add_to_cart", {"product": "1", "quantity": 1}),),
                    (VIEW, Event("purchase", {"id": "9", "value_cents": 5})),
                    (Event("user_engagement", {"page": "/a", "visible_ms": 900, "age_ms": 60_000}),),
                ]
            )
        )
        made.append(
            click(
                draw(st.integers(0, 200)),
                draw(st.sampled_from(["/a", "/b"])),
                *events,
                profile=profile,
                session=draw(st.sampled_from(["s1", "s2", None])),
                number=number + 1,
                customer=profile == "customer-c",
                merged_from=draw(st.sampled_from(["browser-a", "browser-b"])) if is_login else None,
                referrer=draw(st.sampled_from(["", "www.google.es", f"{SHOP}/a"])),
            )
        )
    return made


@given(_clicks(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_repetition_and_batches_change_nothing(clicks: list[Numbered], random: object, size: int) -> None:
    expected = sessions(clicks)
    shuffled = clicks * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    fold = SessionFold()
    for at in range(0, len(shuffled), size):
        fold.add(shuffled[at : at + size])
        fold.sessions()  # looking changes nothing
    assert fold.sessions() == expected


@given(_clicks())
def test_every_page_is_in_one_session_and_no_session_is_idle(clicks: list[Numbered]) -> None:
    found = sessions(clicks)
    opened = [one for one, _, _ in clicks if one.session is not None and VIEW in one.events]
    assert sum(len(one.pages) for one in found) == len(opened)
    for one in found:
        times = sorted([*(page.at for page in one.pages), *(happened.at for happened in one.events)])
        assert all(later - earlier <= IDLE_S for earlier, later in pairwise(times))
        assert sum(len(session.orders) for session in found if session.person == one.person) <= 1
