"""Whose request it is, over whole conversations of one browser with the shop."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from clicks.agents import agent_class
from clicks.events import Login, Logout
from config.settings import Consent, ConsentCookie
from visitors.consent import CHOICE_COOKIE, Choice, encode_choice
from visitors.cookie import COOKIE_NAME, Keyring, VisitorCookie, customer_id, decode_cookie, encode_cookie
from visitors.cookie_change import CookieChange, set_cookie
from visitors.identity import (
    Asking,
    Identified,
    IdentityPolicy,
    confirmed,
    identify,
    is_counted_only,
    is_settled,
    next_cookie,
)
from visitors.visitor import Visitor

RING = Keyring((("k1", b"k" * 32),))
NOW = 1_700_000_000.0
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
OPEN = IdentityPolicy(Consent(required=False), ("osCsid",), RING)
STRICT = replace(OPEN, consent=Consent(required=True, cookie=ConsentCookie("cookie_policy", "prefs=1")))
ANA = customer_id(RING, "ana@example.com")


def numbered() -> Callable[[], str]:
    counter = itertools.count(1)
    return lambda: f"fresh{next(counter):017d}"


@dataclass
class Browser:
    """A browser in front of one shop: keeps its cookies, as the responses say."""

    policy: IdentityPolicy = OPEN
    now: float = NOW
    jar: dict[str, str] = field(default_factory=dict)
    new_id: Callable[[], str] = field(default_factory=numbered)
    seen: Identified | None = None

    def send(
        self,
        *,
        proof: Login | Logout | None = None,
        sets_session: str | None = None,
        page: bool = True,
        asks_page: bool | None = None,
        prefetch: bool = False,
        gpc: bool = False,
        agent: str = FIREFOX,
        after: float = 1.0,
    ) -> CookieChange | None:
        self.now += after
        header = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        asks_page = page if asks_page is None else asks_page
        ours = "; ".join(f"{name}={self.jar[name]}" for name in (COOKIE_NAME, CHOICE_COOKIE) if name in self.jar)
        request = Asking(agent_class(agent), asks_page, prefetch, gpc)
        self.seen = identify(header, ours, request, self.policy, self.now, self.new_id)
        change = next_cookie(
            self.seen,
            self.policy,
            proof=proof,
            request_session=self.jar.get("osCsid"),
            response_session=sets_session,
            is_navigation=page,
            now=self.now,
            new_id=self.new_id,
        )
        if proof is None and sets_session is None and is_settled(self.seen, self.now):
            assert change is None
            assert confirmed(self.seen, self.jar.get("osCsid"), None, self.now) is self.seen.visitor
        if sets_session:
            self.jar["osCsid"] = sets_session
        if change is not None:
            if change.value is None:
                self.jar.pop(COOKIE_NAME, None)
            else:
                self.jar[COOKIE_NAME] = encode_cookie(RING, change.value)
        return change

    @property
    def visitor(self) -> Visitor:
        assert self.seen is not None
        return self.seen.visitor

    @property
    def cookie(self) -> VisitorCookie | None:
        return decode_cookie(RING, self.jar.get(COOKIE_NAME, ""))


def signed_in(email: str = "ana@example.com") -> Browser:
    browser = Browser(jar={"osCsid": "s1"})
    browser.send()
    browser.send(proof=Login(email), page=False, asks_page=True)
    return browser


def test_a_stranger_gets_an_anonymous_id_and_keeps_it() -> None:
    browser = Browser()
    change = browser.send()
    assert browser.visitor.fresh
    assert browser.visitor.profile == "fresh00000000000000001"
    assert change == CookieChange(
        VisitorCookie("fresh00000000000000001", False, int(NOW + 1), int(NOW + 1)), profile="fresh00000000000000001"
    )
    assert browser.send() is None, "no cookie on every response"
    assert not browser.visitor.fresh
    assert browser.visitor.profile == "fresh00000000000000001"
    assert browser.visitor.session == f"{int(NOW + 1):x}"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"page": False}, "an asset or an API call"),
        ({"page": True, "asks_page": False}, "HTML fetched by a script"),
        ({"prefetch": True}, "a prefetch"),
        ({"agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, "a bot"),
        ({"gpc": True}, "Global Privacy Control"),
    ],
)
def test_no_id_is_minted_for(sent: dict[str, object], name: str) -> None:
    browser = Browser()
    assert browser.send(**sent) is None, name  # type: ignore[arg-type]
    assert browser.visitor.profile is None
    assert not browser.jar


def test_a_bot_is_told_apart() -> None:
    browser = Browser()
    browser.send(agent="Googlebot/2.1 (+http://www.google.com/bot.html)")
    assert browser.visitor.bot
    assert browser.visitor.agent == "bot"


@pytest.mark.parametrize("forged", ["x", "1.k1.aaaaaaaaaaaaaaaaaaaaaa.c.1.1..AAAA", "\xff" * 40, ""])
def test_a_forged_cookie_is_replaced(forged: str) -> None:
    browser = Browser(jar={COOKIE_NAME: forged})
    browser.send()
    assert browser.visitor.fresh
    assert browser.cookie is not None
    assert browser.cookie.profile == "fresh00000000000000001"


def test_a_cookie_past_its_time_is_not_believed() -> None:
    browser = Browser()
    browser.send()
    browser.send(after=400 * 86_400.0)
    assert browser.visitor.profile == "fresh00000000000000002"


class TestSessions:
    def test_seen_is_renewed_after_five_minutes(self) -> None:
        browser = Browser()
        browser.send()
        assert browser.send(after=299) is None
        change = browser.send(after=2)
        assert change is not None
        assert change.value is not None
        assert change.value.session_start == int(NOW + 1)
        assert change.value.seen == int(NOW + 302)

    def test_half_an_hour_of_silence_ends_a_session(self) -> None:
        browser = Browser()
        browser.send()
        first = browser.visitor.session
        browser.send(after=1_800)
        assert browser.visitor.session == first
        browser.send(after=1_801)
        assert browser.visitor.session != first
        assert browser.visitor.profile == "fresh00000000000000001"
        assert browser.cookie is not None
        assert f"{browser.cookie.session_start:x}" == browser.visitor.session

    def test_a_forgotten_tab_starts_no_session(self) -> None:
        browser = Browser()
        browser.send()
        assert browser.send(after=4_000, page=False) is None
        assert browser.visitor.profile is not None
        assert browser.visitor.session is None
        assert browser.send(after=1, prefetch=True) is None
        assert browser.visitor.session is None

    def test_a_clock_set_back_changes_nothing(self) -> None:
        browser = Browser()
        browser.send()
        session = browser.visitor.session
        assert browser.send(after=-86_400) is None
        assert browser.visitor.session == session


class TestConsent:
    def test_nothing_is_known_before_consent(self) -> None:
        browser = Browser(policy=STRICT)
        assert browser.send() is None
        assert browser.visitor.profile is None
        assert not browser.visitor.consent
        assert browser.send(proof=Login("ana@example.com")) is None

    @pytest.mark.parametrize("value", ["prefs=1", "ads=0&prefs=1", "prefs%3D1"])
    def test_the_banner_cookie_gives_it(self, value: str) -> None:
        browser = Browser(policy=STRICT, jar={"cookie_policy": value})
        assert browser.send() is not None
        assert browser.visitor.consent

    @pytest.mark.parametrize("value", ["prefs=0", "", "no"])
    def test_another_value_does_not(self, value: str) -> None:
        browser = Browser(policy=STRICT, jar={"cookie_policy": value})
        assert browser.send() is None

    def test_required_without_a_cookie_to_read_is_never_given(self) -> None:
        browser = Browser(policy=replace(OPEN, consent=Consent(required=True)))
        assert browser.send() is None

    def test_withdrawn_consent_deletes_our_cookie_at_the_next_page(self) -> None:
        browser = Browser(policy=STRICT, jar={"cookie_policy": "prefs=1"})
        browser.send()
        del browser.jar["cookie_policy"]
        assert browser.send(page=False) is None
        assert browser.visitor.profile is None
        assert browser.send() == CookieChange(None)
        assert COOKIE_NAME not in browser.jar
        assert browser.send() is None

    def test_global_privacy_control_is_a_refusal(self) -> None:
        browser = signed_in()
        assert browser.send(gpc=True) == CookieChange(None)
        assert not browser.visitor.logged_in
        assert browser.visitor.profile is None

    def test_who_withdraws_is_to_be_erased(self) -> None:
        browser = signed_in()
        browser.send(gpc=True)
        assert browser.seen is not None
        assert browser.seen.withdrawn == ANA
        browser.send(gpc=True)
        assert browser.seen.withdrawn is None

    def test_a_cookie_that_is_not_believed_erases_nobody(self) -> None:
        browser = signed_in()
        browser.jar["osCsid"] = "another"
        browser.send(gpc=True)
        assert browser.seen is not None
        assert browser.seen.withdrawn is None


class TestCountedOnly:
    """Statistics allowed, personalisation not: an id of its own kind, and never a profile."""

    def browser(self, choice: str) -> Browser:
        return Browser(STRICT, jar={"osCsid": "s1", CHOICE_COOKIE: encode_choice(RING, Choice(choice, "---", 1))})

    def test_an_id_that_has_no_profile(self) -> None:
        browser = self.browser("nyn")
        browser.new_id = lambda: "x" * 22
        change = browser.send()
        assert change is not None
        assert change.value is not None
        assert is_counted_only(change.value.profile)
        browser.send()
        assert browser.visitor.profile == change.value.profile
        assert (browser.visitor.consent, browser.visitor.personalisation) == (True, False)

    def test_a_login_says_no_name(self) -> None:
        browser = self.browser("nyn")
        browser.send()
        assert browser.send(proof=Login("ana@example.com"), page=False, asks_page=True) is None

    def test_withdrawn_personalisation_is_a_new_id_and_an_erasure(self) -> None:
        browser = self.browser("yyy")
        browser.new_id = lambda: "x" * 22
        browser.send()
        before = browser.visitor.profile
        browser.jar[CHOICE_COOKIE] = encode_choice(RING, Choice("nyn", "---", 2))
        change = browser.send()
        assert browser.seen is not None
        assert browser.seen.withdrawn == before
        assert change is not None
        assert change.value is not None
        assert is_counted_only(change.value.profile)

    def test_allowed_personalisation_is_a_new_id(self) -> None:
        browser = self.browser("nyn")
        browser.new_id = lambda: "x" * 22
        browser.send()
        browser.jar[CHOICE_COOKIE] = encode_choice(RING, Choice("yyy", "---", 2))
        change = browser.send()
        assert browser.seen is not None
        assert browser.seen.withdrawn is None
        assert change is not None
        assert change.value is not None
        assert change.value.profile == "x" * 22


@pytest.mark.parametrize("secure", [True, False])
def test_set_cookie(secure: bool) -> None:
    cookie = VisitorCookie("a" * 22, False, 1, 1)
    text = set_cookie(RING, CookieChange(cookie), secure)
    value, *attributes = text.split("; ")
    assert value == f"vitrina={encode_cookie(RING, cookie)}"
    assert set(attributes) == {"Max-Age=34128000", "Path=/", "HttpOnly", "SameSite=Lax"} | (
        {"Secure"} if secure else set()
    )


def test_set_cookie_deletes() -> None:
    text = set_cookie(RING, CookieChange(None), True)
    assert text.startswith("vitrina=; Max-Age=0; ")
    assert text.endswith("Path=/; HttpOnly; SameSite=Lax; Secure")
