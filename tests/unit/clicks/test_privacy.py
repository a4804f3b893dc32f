"""What looks private is dropped; what a shop's visitors really search and open is not."""

import random
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicks.privacy import has_card_number, has_email, is_private, is_token


@pytest.mark.parametrize(
    "value",
    [
        "hip hop",
        "miles davis kind of blue",
        "Hip-Hop-2008-edicion-limitada",
        "9780140328721",
        "1_4_22",
        "product_class:Book",
        "internationalization",
        "Sony WH-1000XM4 auriculares",
        "a@b",
        "Ø¬Ø§Ø²",
        "2008-11-22",
        "",
    ],
)
def test_what_is_kept(value: str) -> None:
    assert not is_private(value)


@pytest.mark.parametrize(
    "value",
    [
        "h3ll9g7mhdubff83em46v3nmpt",
        "a1c67df315710f030b5d305dbabcdaf32e43794a10deb9fb4dc9eae7aaf880cf",
        "4111-1111-1111-1111",
        "josé@ejemplo.es",
        "jose%40example.com",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
        "x" * 201,
    ],
)
def test_what_is_dropped(value: str) -> None:
    assert is_private(value)


@given(st.uuids(version=4))
def test_hexadecimal_session_ids_are_tokens(value: uuid.UUID) -> None:
    # 32 random hexadecimal digits have 15 places of change on average; fewer than two are as good as impossible.
    assert (
        is_token(value.hex)
        or sum(a.isdigit() != b.isdigit() for a, b in zip(value.hex, value.hex[1:], strict=False)) < 2
    )


def test_session_ids_as_php_django_and_java_draw_them() -> None:
    alphabets = (string.ascii_lowercase + string.digits, string.ascii_letters + string.digits, "0123456789ABCDEF")
    drawn = random.Random(2008)
    for alphabet in alphabets:
        missed = sum(not is_token("".join(drawn.choices(alphabet, k=32))) for _ in range(500))
        assert missed <= 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111111111111111", True),
        ("4111 1111 1111 1111", True),
        ("5500-0000-0000-0004", True),
        ("378282246310005", True),
        ("4111111111111112", False),
        ("9780140328721", False),
        ("call 4111111111111111 now", True),
    ],
)
def test_card_numbers(text: str, expected: bool) -> None:
    assert has_card_number(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a@b.es", True), ("x a.b+c@d-e.co.uk y", True), ("@ home", False), ("a@b", False), ("", False)],
)
def test_emails(text: str, expected: bool) -> None:
    assert has_email(text) is expected
