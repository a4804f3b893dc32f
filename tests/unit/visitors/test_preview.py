"""The preview cookie: what is signed, for which name, for how long."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.cookie import Keyring
from visitors.preview import LONGEST_S, Preview, decode_preview, encode_preview, host_name, set_preview_cookie

KEYS = Keyring((("1", b"a" * 32),), preview_key=b"p" * 32)
NOW = 1_800_000_000
UNTIL = NOW + 3600
HOST = "shop.example"


@pytest.mark.parametrize(
    "preview",
    [Preview(UNTIL), Preview(UNTIL, "profile", "browser-0123456789ab"), Preview(UNTIL, "segment", "at_risk")],
)
@pytest.mark.parametrize("host", [HOST, "SHOP.example:8080", "shop.example:443"])
def test_it_comes_back(preview: Preview, host: str) -> None:
    assert decode_preview(KEYS, encode_preview(KEYS, preview, HOST), host, NOW) == preview


@pytest.mark.parametrize(
    ("keyring", "host", "now"),
    [
        (KEYS, "other.example", NOW),
        (KEYS, "sub.shop.example", NOW),
        (KEYS, "", NOW),
        (Keyring((("1", b"a" * 32),), preview_key=b"q" * 32), HOST, NOW),
        (Keyring((("1", b"a" * 32),)), HOST, NOW),
        (KEYS, HOST, UNTIL),
        (KEYS, HOST, UNTIL + 1),
        (KEYS, HOST, NOW - LONGEST_S - 7200),
    ],
    ids=["other site", "subdomain", "no host", "other key", "no key of its own", "over", "long over", "far too long"],
)
def test_it_holds_nowhere_else_and_at_no_other_time(keyring: Keyring, host: str, now: float) -> None:
    assert decode_preview(keyring, encode_preview(KEYS, Preview(UNTIL), HOST), host, now) is None


def test_no_character_can_be_changed() -> None:
    token = encode_preview(KEYS, Preview(UNTIL, "segment", "at_risk"), HOST)
    for at, character in enumerate(token):
        for other in "aA0.-_=":
            if other != character:
                assert decode_preview(KEYS, token[:at] + other + token[at + 1 :], HOST, NOW) is None


@given(st.text(max_size=600))
def test_no_other_text_is_believed(text: str) -> None:
    assert decode_preview(KEYS, text, HOST, NOW) is None


@given(st.binary(max_size=40))
def test_what_is_signed_and_makes_no_sense_is_none(name: bytes) -> None:
    for kind in "psox":
        encoded = base64.urlsafe_b64encode(name).rstrip(b"=").decode()
        signed = f"1.{UNTIL:x}.{kind}.{encoded}"
        assert decode_preview(KEYS, f"{signed}.", HOST, NOW) is None


def test_without_a_key_of_its_own_it_follows_from_the_first() -> None:
    one, two = Keyring((("1", b"a" * 32),)), Keyring((("2", b"b" * 32), ("1", b"a" * 32)))
    token = encode_preview(one, Preview(UNTIL), HOST)
    assert decode_preview(one, token, HOST, NOW) is not None
    assert decode_preview(two, token, HOST, NOW) is None
    assert one.for_previews != one.keys[0][1]


@pytest.mark.parametrize(
    ("authority", "name"),
    [("Shop.Example:8080", "shop.example"), ("[::1]:80", "[::1]"), ("127.0.0.1", "127.0.0.1"), (" a ", "a")],
)
def test_a_name_is_without_port(authority: str, name: str) -> None:
    assert host_name(authority) == name


def test_the_cookie() -> None:
    assert set_preview_cookie("T", 60, secure=True) == (
        "vitrina_preview=T; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure"
    )
    assert "Secure" not in set_preview_cookie("T", 60, secure=False)
    assert set_preview_cookie("", 0, secure=False).startswith("vitrina_preview=; Max-Age=0;")
