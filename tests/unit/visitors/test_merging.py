"""Merging: what a browser did before its customer was known counts once, whatever came in between."""

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from clicks.click import Click
from tests.unit.visitors.test_fold import DAY, T, click, event, folded, scores
from tests.unit.visitors.test_fold_properties import FAR, HISTORIES, sums
from visitors.fold import fold, fold_many, merge, new_profile, tombstone
from visitors.profile import Profile
from visitors.wire import decode_profile, encode_profile


class TestMerge:
    def test_a_customer_who_comes_back_signed_out_is_still_one_to_win_back(self) -> None:
        customer = folded(*(click(T + day * DAY, session=f"s{day}") for day in (0, 10, 20)))
        browser = folded(click(T + 120 * DAY, event("page_view"), session="now"), start=new_profile("b", T + 120 * DAY))
        joined = merge(customer, browser)
        assert joined.visits == 4
        assert joined.session == "now"
        assert joined.previous_visit == T + 20 * DAY
        assert joined.usual_gap_before_s == 10 * DAY

    def test_the_session_of_the_login_is_one_visit(self) -> None:
        browser = folded(click(T), start=new_profile("b", T))
        joined = merge(new_profile("c", T), browser)
        joined = fold(joined, click(T + 9, event("login", email="a@example.com"), customer=True), "spool", 1)
        assert joined.visits == 1
        assert joined.visit_started == T

    def test_names_of_a_shared_browser_are_not_taken(self) -> None:
        browser = folded(click(T, event("begin_checkout", first_name="María", email="m@example.com")))
        joined = merge(new_profile("c", T), browser._replace(id="b"))
        assert (joined.first_name, joined.email) == (None, None)
        assert joined.customer

    def test_an_order_known_to_both_counts_once(self) -> None:
        order = event("purchase", id="1", value_cents=500, items=("7",))
        browser = folded(click(T, order))._replace(id="b")
        joined = merge(folded(click(T + 9, order)), browser)
        assert (joined.orders, joined.value_cents) == (1, 500)

    def test_carts(self) -> None:
        browser = folded(click(T + 9, event("add_to_cart", product="7", quantity=2)))._replace(id="b")
        assert merge(new_profile("c", T), browser).cart == {"7": 2}
        ordered = folded(click(T + 20, event("purchase", id="1")))
        assert merge(ordered, browser).cart == {}, "ordered since"

    def test_a_second_browser_during_a_visit_continues_it(self) -> None:
        away = [click(T + day * DAY, session=f"s{day}") for day in (0, 10, 20, 120)]
        customer = folded(*away)
        browser = folded(click(T + 120 * DAY + 60, session="elsewhere"))
        joined = merge(customer, browser)
        assert joined.previous_visit == T + 20 * DAY, "still one who was away for a hundred days"
        assert joined.visit_started == T + 120 * DAY
        assert (joined.usual_gap_before_s, joined.usual_gap_s) == (customer.usual_gap_before_s, customer.usual_gap_s)

    def test_a_profile_is_not_merged_into_itself(self) -> None:
        profile = folded(click(T))
        assert merge(profile, profile) is profile

    @settings(max_examples=40, deadline=None)
    @given(HISTORIES, HISTORIES)
    def test_twice_is_once_and_nothing_is_lost(
        self, one: list[tuple[Click, str, int]], two: list[tuple[Click, str, int]]
    ) -> None:
        customer = fold_many(new_profile("c", T), one)
        browser = fold_many(new_profile("b", T), two)
        joined = merge(customer, browser)
        assert merge(joined, browser) is joined
        assert set(joined.order_ids) == set(customer.order_ids) | set(browser.order_ids)
        assert joined.orders == len(joined.order_ids)
        assert set(joined.products) == set(customer.products) | set(browser.products)
        assert joined.page_views == customer.page_views + browser.page_views
        assert joined.visits == len({*customer.sessions, *browser.sessions})
        assert joined.applied == customer.applied
        assert joined.merged == ("b",)
        for key, score in scores(joined.products, FAR).items():
            parts = (scores(side.products, FAR).get(key, 0.0) for side in (customer, browser))
            assert score == pytest.approx(sum(parts), abs=1e-5)
        assert decode_profile(encode_profile(joined)) == joined

    @settings(max_examples=40, deadline=None)
    @given(HISTORIES, HISTORIES, HISTORIES)
    def test_the_order_of_browsers_does_not_matter_to_sums(
        self, one: list[tuple[Click, str, int]], two: list[tuple[Click, str, int]], three: list[tuple[Click, str, int]]
    ) -> None:
        customer = fold_many(new_profile("c", T), one)
        left = fold_many(new_profile("l", T), [(replace(each, events=()), spool, n) for each, spool, n in two])
        right = fold_many(new_profile("r", T), three)
        assert sums(merge(merge(customer, left), right)) == sums(merge(merge(customer, right), left))


def test_a_tombstone_remembers_what_it_has_had() -> None:
    browser = folded(click(T, event("add_to_cart", product="7")))._replace(id="b")
    grave = tombstone(browser, "c", T + 5)
    assert grave == Profile(id="b", created=T + 5, updated=T + 5, applied={"spool": 0}, moved_to="c")
    assert fold(grave, click(T), "spool", 0) is grave
