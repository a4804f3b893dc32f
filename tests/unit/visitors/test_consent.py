"""Who allows what: the banner, purpose by purpose, refusals of the browser, and the visitor's own act over them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import PURPOSES, Consent, ConsentCookie
from visitors.consent import (
    ALL,
    CHOICE_COOKIE,
    NOTHING,
    Choice,
    chosen,
    decode_choice,
    encode_choice,
    permissions,
    set_choice_cookie,
)
from visitors.cookie import Keyring

KEYRING = Keyring((("1", b"k" * 32),))
BANNER = ConsentCookie("banner", "ok=1")
ONE = Consent(cookie=BANNER)
SPLIT = Consent(cookie=BANNER, statistics=ConsentCookie("banner", "stats=1"), email=ConsentCookie("mails", "yes"))
FREE = Consent(required=False)


def allowed(consent: Consent, cookies: str = "", *, refuses: bool = False) -> str:
    found = permissions(consent, cookies, refuses=refuses, keyring=KEYRING)
    return "".join("y" if found.allows(purpose) else "n" for purpose in PURPOSES)


def act(choice: str, banner: str = "---", keyring: Keyring = KEYRING) -> str:
    return f"{CHOICE_COOKIE}={encode_choice(keyring, Choice(choice, banner, 1_700_000_000))}"


@pytest.mark.parametrize(
    ("consent", "cookies", "refuses", "expected"),
    [
        pytest.param(ONE, "", False, "nnn", id="nobody has agreed"),
        pytest.param(ONE, "banner=ok=1", False, "yyy", id="one condition means all"),
        pytest.param(ONE, "banner=ok%3D1", False, "yyy", id="percent-encoded"),
        pytest.param(ONE, "banner=ok=0", False, "nnn", id="the banner says no"),
        pytest.param(ONE, "banner=ok=1", True, "nnn", id="the browser refuses"),
        pytest.param(FREE, "", False, "yyy", id="not required"),
        pytest.param(FREE, "", True, "nnn", id="not required and refused"),
        pytest.param(Consent(), "banner=ok=1", False, "nnn", id="no rule"),
        pytest.param(SPLIT, "banner=ok=1", False, "ynn", id="personalisation by the common condition"),
        pytest.param(SPLIT, "banner=ok=1,stats=1; mails=yes", False, "yyy", id="each by its own"),
        pytest.param(SPLIT, "banner=stats=1", False, "nyn", id="statistics alone"),
        pytest.param(ONE, act("yyy"), False, "yyy", id="an act needs no banner"),
        pytest.param(ONE, act("yny"), True, "yny", id="an act overrules the browser"),
        pytest.param(ONE, act("nnn", "yyy") + "; banner=ok=1", False, "nnn", id="an act after the banner"),
        pytest.param(ONE, act("yyy", "nnn") + "; banner=ok=0", False, "yyy", id="yes after the banner's no"),
        pytest.param(ONE, act("yyy", "yyy") + "; banner=ok=0", False, "nnn", id="the banner's no after an act"),
        pytest.param(ONE, act("nnn", "nnn") + "; banner=ok=1", False, "yyy", id="the banner's yes after an act"),
        pytest.param(ONE, act("nnn", "nnn") + "; banner=ok=1", True, "nnn", id="which the browser refuses"),
        pytest.param(ONE, act("y--", "---"), False, "ynn", id="of the rest nothing was said"),
        pytest.param(FREE, act("n--", "---"), False, "nyy", id="of the rest nothing needs to be said"),
        pytest.param(ONE, act("yyy")[:-1] + "A", False, "nnn", id="forged"),
        pytest.param(ONE, act("yyy", keyring=Keyring((("1", b"x" * 32),))), False, "nnn", id="another's key"),
    ],
)
def test_what_is_allowed(consent: Consent, cookies: str, refuses: bool, expected: str) -> None:
    assert allowed(consent, cookies, refuses=refuses) == expected


def test_an_act_is_told_from_a_banner() -> None:
    assert permissions(ONE, act("yyy"), refuses=False, keyring=KEYRING).explicit
    assert not permissions(ONE, "banner=ok=1", refuses=False, keyring=KEYRING).explicit
    assert ALL.any_visitor
    assert not NOTHING.any_visitor


def test_an_act_remembers_what_the_banner_said() -> None:
    made = chosen({"personalisation": False}, SPLIT, "banner=ok=1", 12.9)
    assert made == Choice("n--", "yn-", 12)
    cookie = set_choice_cookie(KEYRING, made, secure=True)
    name, _, rest = cookie.partition("=")
    assert name == CHOICE_COOKIE
    assert decode_choice(KEYRING, rest.partition(";")[0]) == made
    assert rest.endswith("Path=/; HttpOnly; SameSite=Lax; Secure")


@given(st.integers(0, 200), st.sampled_from(string.printable))
def test_no_character_can_be_changed(place: int, other: str) -> None:
    text = encode_choice(KEYRING, Choice("yyy", "---", 1_700_000_000))
    at = place % len(text)
    changed = text[:at] + other + text[at + 1 :]
    assert (decode_choice(KEYRING, changed) is None) == (changed != text)


@given(st.text(max_size=140))
def test_no_other_text_is_believed(text: str) -> None:
    assert decode_choice(KEYRING, text) is None
