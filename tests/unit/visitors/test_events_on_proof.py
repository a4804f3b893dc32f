"""What surveys, orders told in two parts and carts told by their rest make of a profile; conditions on traits."""

from typing import Any

import pytest

from clicks.click import Click, Event, EventName
from config.lines import read_lines
from config.settings import Condition
from config.tables import ProblemLog, Table
from config.who import read_who
from visitors.conditions import problem_with
from visitors.fold import fold, merge, new_profile
from visitors.profile import Profile
from visitors.segments import explain_who
from visitors.visitor import Visitor
from visitors.wire import decode_profile, encode_profile
from visitors.working import MAX_BARE_ORDERS, MAX_TRAITS

T = 1_700_000_000.0
VISITOR = Visitor(profile="p", session="s", consent=True)


def event(name: EventName, /, **data: object) -> Event:
    return Event(name, data)


def folded(*events: Event, start: Profile | None = None, step: float = 10.0, first: float = T) -> Profile:
    profile = start or new_profile("p", T)
    before = profile.applied.get("a", -1) + 1
    for place, one in enumerate(events):
        click = Click(first + place * step, "shop.example", "GET", "/", 200, profile="p", session="s", events=(one,))
        profile = fold(profile, click, "a", before + place)
    assert decode_profile(encode_profile(profile)) == profile
    return profile


def survey(**traits: str) -> Event:
    return event("form", form="taste", fields={}, traits=traits)


def test_the_latest_answer_is_kept() -> None:
    profile = folded(survey(genre="jazz", age="30"), survey(genre="swing"))
    assert dict(profile.traits) == {"genre": "swing", "age": "30"}


def test_an_earlier_answer_told_late_does_not_replace_it() -> None:
    profile = folded(survey(genre="swing"))
    assert dict(folded(survey(genre="jazz", age="30"), start=profile, first=T - 99).traits) == {
        "genre": "swing",
        "age": "30",
    }


def test_traits_are_bounded_and_odd_ones_left_out() -> None:
    profile = folded(*(survey(**{f"t{number}": "x"}) for number in range(MAX_TRAITS + 9)))
    assert len(profile.traits) == MAX_TRAITS
    odd: Any = event("form", traits={"a": 3, "b": "", "c": ["x"], "d": "x" * 999})
    assert {name: len(value) for name, value in folded(odd).traits.items()} == {"d": 128}
    assert folded(event("form", traits="no mapping")).traits == {}


def test_a_browser_s_answers_join_the_customer_s() -> None:
    customer, browser = folded(survey(genre="jazz")), folded(survey(genre="pop", age="30"))
    joined = merge(customer, browser._replace(id="b"))
    assert dict(joined.traits) == {"genre": "jazz", "age": "30"}


CALL = event("purchase", id="56")
PAGE = event("purchase", id="56", value_cents=5400, currency="EUR", items=("16", "33"), completes=True)


@pytest.mark.parametrize("events", [(CALL, PAGE), (CALL, PAGE, PAGE), (PAGE, CALL), (PAGE, PAGE), (CALL, CALL, PAGE)])
def test_an_order_counts_once_with_its_value(events: tuple[Event, ...]) -> None:
    profile = folded(*events)
    assert (profile.orders, profile.value_cents, set(profile.bought)) == (1, 5400, {"16", "33"})
    assert profile.bare_orders == ()


def test_an_order_without_a_value_takes_the_cart() -> None:
    profile = folded(event("add_to_cart", product="16", quantity=2), CALL, PAGE)
    assert (profile.orders, profile.value_cents, set(profile.bought), dict(profile.cart)) == (1, 5400, {"16", "33"}, {})


def test_bare_orders_are_bounded() -> None:
    profile = folded(*(event("purchase", id=str(number)) for number in range(30)))
    assert (profile.orders, len(profile.bare_orders)) == (30, MAX_BARE_ORDERS)


def test_what_is_left_in_the_cart() -> None:
    carts = [event("add_to_cart", product=each, quantity=1) for each in ("1", "2", "3")]
    assert dict(folded(*carts, event("remove_from_cart", left=("1", "3"))).cart) == {"1": 1, "3": 1}
    assert dict(folded(*carts, event("remove_from_cart", left=())).cart) == {}
    assert len(folded(*carts, event("remove_from_cart")).cart) == 3


def test_an_older_profile_has_neither() -> None:
    whole = encode_profile(new_profile("p", T))
    import msgpack

    older = msgpack.packb(msgpack.unpackb(whole)[:-2])
    assert decode_profile(older) == new_profile("p", T)


def who(table: dict[str, Any]) -> Any:
    log = ProblemLog("site.toml", read_lines(""))
    found = read_who(Table(table, (), log))
    assert log.problems == []
    return found


@pytest.mark.parametrize(
    ("table", "holds"),
    [
        ({"trait": {"genre": "Jazz"}}, True),
        ({"trait.genre": "jazz"}, True),
        ({"trait": {"genre": ["pop", "jazz"]}}, True),
        ({"trait": {"genre": {"contains": "az"}}}, True),
        ({"trait": {"genre": {"ne": "jazz"}}}, False),
        ({"trait": {"age": "30"}}, False),
        ({"has": ["trait.genre"]}, True),
        ({"has": ["trait.age"]}, False),
    ],
)
def test_conditions_on_traits(table: dict[str, Any], holds: bool) -> None:
    meant = who(table)
    assert [problem_with(condition) for condition in meant.all] == [None]
    [(_, _, held)] = explain_who(meant, folded(survey(genre="jazz")), VISITOR, {}, T)
    assert held is holds


def test_a_trait_without_a_name_is_no_field() -> None:
    assert "unknown field" in (problem_with(Condition("trait.", "eq", "x")) or "")
