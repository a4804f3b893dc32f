"""The visitor cookie: what is signed is believed, everything else is nobody."""

import base64
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.cookie import Keyring, VisitorCookie, bind, customer_id, decode_cookie, encode_cookie, is_bound

OLD = ("k1", b"o" * 32)
NEW = ("k2", b"n" * 32)
RING = Keyring((NEW, OLD))
ANONYMOUS = VisitorCookie("a" * 22, False, 1_700_000_000, 1_700_000_300)
CUSTOMER = VisitorCookie("c" + "b" * 24, True, 1_700_000_000, 1_700_000_300, bind(RING, "c" + "b" * 24, "sess"))

ids = st.text("abcXYZ019-_", min_size=16, max_size=64)
macs = st.text("abcXYZ019-_", min_size=1, max_size=32)
times = st.integers(0, 2**40)
cookies = st.builds(VisitorCookie, ids, st.booleans(), times, times, st.none() | macs)


@given(cookies)
def test_what_was_encoded_is_decoded(cookie: VisitorCookie) -> None:
    text = encode_cookie(RING, cookie)
    assert decode_cookie(RING, text) == cookie
    assert re.fullmatch(r"[A-Za-z0-9._-]+", text), "needs no quoting in a Cookie field"


@given(cookies, st.data())
def test_no_other_text_is_believed(cookie: VisitorCookie, data: st.DataObject) -> None:
    text = encode_cookie(RING, cookie)
    place = data.draw(st.integers(0, len(text) - 1))
    forged = text[:place] + data.draw(st.text(max_size=3)) + text[place + 1 :]
    assert decode_cookie(RING, forged) is None or forged == text


@given(cookies, st.binary(min_size=16, max_size=200))
def test_what_signs_a_cookie_is_hmac_sha256(cookie: VisitorCookie, key: bytes) -> None:
    """Keys shorter, longer and just as long as a block of SHA-256 (RFC 2104)."""
    signed, _, mac = encode_cookie(Keyring((("k", key),)), cookie).rpartition(".")
    expected = hmac.digest(key, b"cookie\0" + signed.encode(), "sha256")[:18]
    assert base64.urlsafe_b64decode(mac) == expected


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    assert decode_cookie(RING, text) is None


def _swapped() -> str:
    return encode_cookie(RING, ANONYMOUS).rpartition(".")[0] + "." + encode_cookie(RING, CUSTOMER).rpartition(".")[2]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "empty"),
        (encode_cookie(RING, CUSTOMER)[:-1], "cut"),
        (encode_cookie(RING, CUSTOMER) + "=", "padded"),
        (encode_cookie(RING, CUSTOMER).replace(".c.", ".a."), "customer made anonymous"),
        (encode_cookie(RING, ANONYMOUS).replace(".a.", ".c."), "anonymous made customer"),
        (_swapped(), "another cookie's signature"),
        ("2" + encode_cookie(RING, ANONYMOUS)[1:], "unknown version"),
        (encode_cookie(Keyring((("k2", b"x" * 32),)), ANONYMOUS), "another key under a known id"),
        (encode_cookie(Keyring((("k9", b"n" * 32),)), ANONYMOUS), "unknown key id"),
        (encode_cookie(RING, ANONYMOUS) + "\xe9", "odd byte"),
        ("1." * 200, "too long"),
    ],
)
def test_forged_is_none(text: str, name: str) -> None:
    assert decode_cookie(RING, text) is None, name


def test_rotation_keeps_cookies_bindings_and_customer_ids() -> None:
    before = Keyring((OLD,))
    cookie = VisitorCookie("c" + "b" * 24, True, 1, 2, bind(before, "c" + "b" * 24, "sess"))
    kept = decode_cookie(RING, encode_cookie(before, cookie))
    assert kept == cookie
    assert is_bound(RING, cookie, "sess")
    assert encode_cookie(RING, cookie).startswith("1.k2.")
    assert customer_id(RING, "ana@example.com") == customer_id(before, "ana@example.com")
    assert customer_id(Keyring((NEW,), customer_key=OLD[1]), "ana@example.com") == customer_id(
        before, "ana@example.com"
    )


@pytest.mark.parametrize(
    ("session", "expected", "name"),
    [
        ("sess", True, "the very session"),
        ("sess2", False, "another"),
        ("", False, "empty"),
        (None, False, "none"),
        ("s\xe9ss", False, "odd bytes"),
    ],
)
def test_binding(session: str | None, expected: bool, name: str) -> None:
    assert is_bound(RING, CUSTOMER, session) is expected, name


def test_a_binding_is_of_one_profile_only() -> None:
    other = VisitorCookie("c" + "d" * 24, True, 1, 1, CUSTOMER.binding)
    assert not is_bound(RING, other, "sess")
    assert not is_bound(RING, ANONYMOUS, "sess")


def test_customer_ids() -> None:
    ana = customer_id(RING, "Ana@Example.com ")
    assert ana == customer_id(RING, "ana@example.com")
    assert ana != customer_id(RING, "eva@example.com")
    assert re.fullmatch(r"c[A-Za-z0-9_-]{24}", ana), "fits into the cookie and shows no address"
    assert customer_id(RING, "jos\u00e9@example.com") == customer_id(RING, "jose\u0301@example.com")


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ((), "no key"),
        ((OLD, OLD), "an id twice"),
        ((("k.1", b"o" * 32),), "a dot in an id"),
        ((("k1", b"short"),), "a short key"),
    ],
)
def test_bad_keyrings_are_refused(keys: tuple[tuple[str, bytes], ...], name: str) -> None:
    with pytest.raises(ValueError):
        Keyring(keys)


def test_keys_are_not_printed() -> None:
    assert "ooo" not in repr(RING)


def test_an_unusable_profile_id_is_refused() -> None:
    with pytest.raises(ValueError, match="profile id"):
        encode_cookie(RING, VisitorCookie("a.b; Domain=evil", False, 1, 1))
