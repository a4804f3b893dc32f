"""Who is meant."""

from typing import Any, ClassVar

import pytest

from config.settings import Condition, Operator, Segment, Who
from visitors.interests import growth
from visitors.profile import Profile
from visitors.segments import explain_who, matches
from visitors.visitor import Visitor

NOW = 1_700_000_000.0
DAY = 86_400.0
VISITOR = Visitor(profile="p", session="now", consent=True, agent="mobile")
CUSTOMER = Visitor(profile="c", session="now", consent=True, logged_in=True, customer=True)
PROFILE = Profile(
    id="p",
    first_name="José",
    newsletter=True,
    visits=3,
    session="s3",
    sessions=("s1", "s2", "s3"),
    last_click=NOW - 40 * DAY,
    visit_started=NOW - 40 * DAY - 60,
    previous_visit=NOW - 50 * DAY,
    usual_gap_s=10 * DAY,
    usual_gap_before_s=7 * DAY,
    page_views=20,
    categories={"Hip hop": 6.0 * growth(NOW), "Jazz": 3.0 * growth(NOW), "Rock": 0.5 * growth(NOW)},
    cart={"7": 2, "8": 1},
    orders=2,
    value_cents=4_550,
    last_order=NOW - 40 * DAY,
    bought={"5": NOW - 40 * DAY},
    searches=("blue",),
    first_source="search:google",
)


def holds(
    field: str,
    op: Operator,
    value: Any,
    *,
    profile: Profile | None = PROFILE,
    visitor: Visitor = VISITOR,
    usual_gaps: float | None = None,
) -> bool:
    return matches(Who(all=(Condition(field, op, value, usual_gaps),)), profile, visitor, {}, NOW)


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("visits", "eq", 3, True),
        ("visits", "ne", 3, False),
        ("visits", "gt", 3, False),
        ("visits", "gte", 3, True),
        ("visits", "lt", 4, True),
        ("visits", "lte", 2, False),
        ("visits", "gte", "3", False),
        ("page_views", "gte", 20, True),
        ("orders", "gte", 2, True),
        ("value", "gt", 45.49, True),
        ("value", "gte", 46, False),
        ("value_cents", "eq", 4_550, True),
        ("cart_items", "eq", 3, True),
        ("days_since_order", "eq", 40, True),
        ("silent_for", "gte", 40 * DAY, True),
        ("silent_for", "eq", 39 * DAY, True),
        ("silent_for", "gte", 41 * DAY, False),
        ("silent_for", "lt", 41 * DAY, True),
        ("likes", "eq", "hip HOP", True),
        ("likes", "eq", "Jazz", False),
        ("likes", "ne", "Jazz", True),
        ("likes", "in", ("Jazz", "Hip hop"), True),
        ("likes", "contains", "hop", True),
        ("interests", "contains", "jazz", True),
        ("interests", "has", ("Jazz", "Hip hop"), True),
        ("interests", "has", ("Jazz", "Rock"), False),
        ("interests", "eq", "Rock", False),
        ("bought", "contains", "5", True),
        ("bought", "ne", "5", False),
        ("in_cart", "in", ("9", "8"), True),
        ("searches", "contains", "Blue", True),
        ("first_source", "eq", "search:google", True),
        ("first_source", "contains", "search:", True),
        ("last_source", "eq", "direct", False),
        ("last_source", "ne", "direct", True),
        ("agent", "eq", "mobile", True),
        ("newsletter", "eq", True, True),
        ("newsletter", "ne", True, False),
        ("logged_in", "eq", False, True),
        ("customer", "eq", True, False),
        ("has", "has", ("cart_items", "orders"), True),
        ("has", "has", ("last_source",), False),
        ("has", "has", ("nonsense",), False),
        ("nonsense", "eq", 1, False),
        ("segment", "eq", "unknown", False),
    ],
)
def test_conditions(field: str, op: Operator, value: Any, expected: bool) -> None:
    assert holds(field, op, value) is expected


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("visits", "lt", 2, True),
        ("orders", "eq", 0, True),
        ("silent_for", "lt", DAY, False),
        ("silent_for", "gte", 0, False),
        ("days_since_order", "gte", 0, False),
        ("likes", "eq", "Jazz", False),
        ("newsletter", "eq", False, True),
    ],
)
def test_a_visitor_without_a_history(field: str, op: Operator, value: Any, expected: bool) -> None:
    assert holds(field, op, value, profile=None) is expected


@pytest.mark.parametrize("name", ["first_name"])
def test_names_are_there_only_for_who_is_signed_in(name: str) -> None:
    assert not holds("has", "has", (name,))
    assert holds("has", "has", (name,), visitor=CUSTOMER)
    assert holds("has", "has", name, visitor=CUSTOMER)
    assert not holds("has", "has", (name, "email"), visitor=CUSTOMER)


class TestComingBack:
    """At risk before the first click of the visit is folded, and still at risk after."""

    AT_RISK = Who(all=(Condition("orders", "gte", 1), Condition("silent_for", "gte", 0, usual_gaps=2.0)))
    FOLDED = Profile(
        id="p",
        orders=2,
        visits=4,
        session="now",
        sessions=("s1", "s2", "s3", "now"),
        last_click=NOW - 5,
        visit_started=NOW - 60,
        previous_visit=NOW - 40 * DAY,
        usual_gap_s=22 * DAY,
        usual_gap_before_s=10 * DAY,
    )

    def test_before_and_after(self) -> None:
        assert matches(self.AT_RISK, PROFILE, VISITOR, {}, NOW)
        assert matches(self.AT_RISK, self.FOLDED, VISITOR, {}, NOW)

    def test_without_a_session_the_silence_tells(self) -> None:
        nobody = Visitor(profile="p", session=None, consent=True)
        assert matches(self.AT_RISK, self.FOLDED, nobody, {}, NOW)
        assert matches(self.AT_RISK, PROFILE, nobody, {}, NOW)

    def test_an_unknown_gap_is_no_risk(self) -> None:
        assert not matches(self.AT_RISK, Profile(id="p", orders=1, last_click=NOW - 99 * DAY), VISITOR, {}, NOW)


class TestSegments:
    RICH = Segment("rich", Who(any=(Condition("value", "gte", 40), Condition("orders", "gte", 9))))
    RISK = Segment("risk", Who(all=(Condition("segment", "eq", "rich"), Condition("silent_for", "gte", 30 * DAY))))
    LOOP = Segment("loop", Who(all=(Condition("segment", "eq", "loop"),)))
    ALL: ClassVar = {each.name: each for each in (RICH, RISK, LOOP)}

    @pytest.mark.parametrize(
        ("op", "value", "expected"),
        [
            ("eq", "rich", True),
            ("eq", "risk", True),
            ("ne", "risk", False),
            ("in", ("loop", "risk"), True),
            ("eq", "loop", False),
        ],
    )
    def test_membership(self, op: Operator, value: Any, expected: bool) -> None:
        assert matches(Who(all=(Condition("segment", op, value),)), PROFILE, VISITOR, self.ALL, NOW) is expected

    def test_all_and_any(self) -> None:
        no, yes = Condition("visits", "gt", 99), Condition("visits", "gt", 0)
        for who, expected in (
            (Who(), True),
            (Who(all=(yes,)), True),
            (Who(all=(yes, no)), False),
            (Who(any=(no, yes)), True),
            (Who(any=(no,)), False),
            (Who(all=(no,), any=(yes,)), False),
        ):
            assert matches(who, PROFILE, VISITOR, {}, NOW) is expected

    def test_explained(self) -> None:
        who = Who(all=(Condition("segment", "eq", "risk"), Condition("likes", "eq", "Jazz")))
        assert explain_who(who, PROFILE, VISITOR, self.ALL, NOW) == [
            (Condition("segment", "eq", "risk"), ("risk",), True),
            (Condition("segment", "eq", "rich"), ("rich",), True),
            (Condition("value", "gte", 40), 45.5, True),
            (Condition("orders", "gte", 9), 2, False),
            (Condition("silent_for", "gte", 30 * DAY), 40 * DAY, True),
            (Condition("likes", "eq", "Jazz"), "Hip hop", False),
        ]

    def test_explaining_a_loop_ends(self) -> None:
        lines = explain_who(Who(all=(Condition("segment", "eq", "loop"),)), PROFILE, VISITOR, self.ALL, NOW)
        assert [holds for _, _, holds in lines] == [False, False]
