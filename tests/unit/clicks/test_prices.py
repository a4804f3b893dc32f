"""Prices as shops of many countries write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicks.prices import read_currency, read_price


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12,95 €", 1295),
        ("12,95\u00a0€", 1295),
        ("$1,234.50", 123450),
        ("1.234,00 EUR", 123400),
        ("1 234,5 kr", 123450),
        ("1'234.50 CHF", 123450),
        ("1\u202f234,00 €", 123400),
        ("£7.99", 799),
        ("12,- €", 1200),
        ("1.234 €", 123400),
        ("1.234.567,89", 123456789),
        ("0.125", 12),
        ("¥1,200", 1200),
        ("₩12,000", 12000),
        ("Desde 3,00 € a 4", 300),
        ("12.95 10.95", 1295),
        ("$8", 800),
        ("Precio: 12.", 1200),
        ("", None),
        (None, None),
        ("gratis", None),
        ("9" * 40, None),
    ],
)
def test_read_price(text: str | None, cents: int | None) -> None:
    assert read_price(text) == cents


@given(st.integers(0, 99_999_999))
def test_both_ways_of_writing_agree(cents: int) -> None:
    whole, rest = divmod(cents, 100)
    assert read_price(f"${whole:,}.{rest:02d}") == cents
    assert read_price(f"{whole:,}".replace(",", ".") + f",{rest:02d} €") == cents


@given(st.text())
def test_any_text_is_a_price_or_none(text: str) -> None:
    price = read_price(text)
    assert price is None or price >= 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("£34.98", "GBP"),
        ("12,95 €", "EUR"),
        ("$5", None),
        ("US$ 5", "USD"),
        ("5 kr", None),
        ("CHF 5", "CHF"),
        ("", None),
    ],
)
def test_currencies(text: str, code: str | None) -> None:
    assert read_currency(text) == code
