"""Whose request it is from the login on, until the session ends, over whole conversations of one browser."""

import pytest

from clicks.events import Login, Logout
from tests.unit.visitors.test_identity import ANA, NOW, RING, Browser, signed_in
from visitors.cookie import customer_id
from visitors.identity import (
    confirmed,
)

EVA = customer_id(RING, "eva@example.com")


class TestLogin:
    def test_the_proving_response_makes_the_customer_and_joins_the_browser(self) -> None:
        browser = Browser(jar={"osCsid": "s1"})
        browser.send()
        change = browser.send(proof=Login("Ana@example.com"), page=False, asks_page=True)
        assert change is not None
        assert change.merged_from == "fresh00000000000000001"
        assert change.profile == ANA
        assert change.value is not None
        assert change.value.session_start == int(NOW + 1), "the session goes on"
        browser.send()
        assert browser.visitor.profile == ANA
        assert browser.visitor.logged_in
        assert browser.visitor.customer

    def test_the_binding_is_to_the_session_after_the_login(self) -> None:
        browser = Browser(jar={"osCsid": "fixed-by-somebody"})
        browser.send()
        browser.send(proof=Login("ana@example.com"), sets_session="s2")
        browser.send()
        assert browser.visitor.logged_in
        browser.jar["osCsid"] = "fixed-by-somebody"
        browser.send()
        assert not browser.visitor.logged_in

    @pytest.mark.parametrize("session", ["other", None])
    def test_another_session_is_an_anonymous_visitor(self, session: str | None) -> None:
        browser = signed_in()
        if session is None:
            del browser.jar["osCsid"]
        else:
            browser.jar["osCsid"] = session
        assert browser.send(page=False) is None
        assert browser.visitor.profile is None, "a customer's profile is not used without proof"
        browser.send()
        assert browser.visitor.fresh
        assert not browser.visitor.customer
        assert browser.visitor.profile == "fresh00000000000000002"
        browser.jar["osCsid"] = "s1"
        browser.send()
        assert not browser.visitor.logged_in, "the old proof is gone for good"

    def test_without_any_session_nothing_is_proven(self) -> None:
        browser = Browser()
        browser.send()
        browser.send(proof=Login("ana@example.com"))
        browser.send()
        assert not browser.visitor.logged_in
        assert browser.visitor.profile == "fresh00000000000000001"

    def test_a_first_request_that_signs_in_has_no_history_to_join(self) -> None:
        browser = Browser(jar={"osCsid": "s1"})
        change = browser.send(proof=Login("ana@example.com"))
        assert change is not None
        assert change.merged_from is None
        assert change.profile == ANA

    def test_signing_in_again_keeps_the_session(self) -> None:
        browser = signed_in()
        session = browser.cookie and browser.cookie.session_start
        change = browser.send(proof=Login("ana@example.com"), after=60)
        assert change is not None
        assert change.merged_from is None
        assert change.value is not None
        assert change.value.session_start == session

    def test_one_customer_is_never_joined_into_another(self) -> None:
        browser = signed_in("ana@example.com")
        change = browser.send(proof=Login("eva@example.com"))
        assert change is not None
        assert change.merged_from is None
        assert change.profile == EVA

    def test_another_login_that_cannot_be_bound_ends_the_first(self) -> None:
        browser = signed_in()
        browser.send(proof=Login(" "))
        browser.send()
        assert not browser.visitor.logged_in

    def test_an_unproven_customer_who_signs_in_again_joins_only_what_came_between(self) -> None:
        browser = signed_in()
        browser.jar["osCsid"] = "s9"
        browser.send()
        between = browser.visitor.profile
        change = browser.send(proof=Login("eva@example.com"))
        assert change is not None
        assert change.merged_from == between
        assert between not in (ANA, EVA)


class TestRotation:
    @pytest.mark.parametrize(("page", "asks_page"), [(True, True), (False, True)], ids=["page", "redirect"])
    def test_is_carried_over(self, page: bool, asks_page: bool) -> None:
        browser = signed_in()
        browser.send(sets_session="s2", page=page, asks_page=asks_page)
        browser.send()
        assert browser.visitor.logged_in
        assert browser.visitor.profile == ANA

    def test_the_same_value_set_again_is_none(self) -> None:
        browser = signed_in()
        assert browser.send(sets_session="s1") is None

    def test_not_on_an_api_answer(self) -> None:
        browser = signed_in()
        assert browser.send(sets_session="s2", page=False) is None
        browser.send()
        assert not browser.visitor.logged_in

    def test_not_when_the_request_was_not_valid(self) -> None:
        browser = signed_in()
        browser.jar["osCsid"] = "guess"
        browser.send(sets_session="s2")
        browser.send()
        assert not browser.visitor.logged_in

    def test_a_session_replaced_after_long_silence_is_not_a_rotation(self) -> None:
        browser = signed_in()
        browser.send(sets_session="s2", after=1_500)
        assert browser.seen is not None
        here = confirmed(browser.seen, "s1", "s2", browser.now)
        assert not here.logged_in
        assert here.profile is None
        browser.send()
        assert not browser.visitor.logged_in

    def test_confirmed_keeps_who_is_valid(self) -> None:
        browser = signed_in()
        browser.send()
        assert browser.seen is not None
        for request, response in (("s1", None), ("s1", "s1"), ("s1", "s2")):
            assert confirmed(browser.seen, request, response, browser.now) == browser.visitor


class TestLogout:
    def test_starts_a_new_anonymous_id(self) -> None:
        browser = signed_in()
        change = browser.send(proof=Logout())
        assert change is not None
        assert change.profile == ANA, "the click is still the customer's"
        assert change.merged_from is None
        browser.send()
        assert browser.visitor.profile == "fresh00000000000000002"
        assert not browser.visitor.customer

    def test_on_a_redirect_too(self) -> None:
        browser = signed_in()
        browser.send(proof=Logout(), page=False, asks_page=True)
        assert browser.cookie is not None
        assert not browser.cookie.customer

    def test_of_an_anonymous_visitor_changes_nothing(self) -> None:
        browser = Browser()
        browser.send()
        assert browser.send(proof=Logout()) is None

    def test_on_a_shared_device_the_next_customer_gets_nothing_of_the_first(self) -> None:
        browser = signed_in("ana@example.com")
        browser.send(proof=Logout())
        browser.send()
        between = browser.visitor.profile
        change = browser.send(proof=Login("eva@example.com"))
        assert change is not None
        assert change.merged_from == between == "fresh00000000000000002"
