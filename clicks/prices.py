"""Prices as shops write them, read as whole minor units (cents): "12,95 €", "$1,234.50", "1.234,00 EUR", "1 234"."""

import re

_AMOUNT = re.compile(r"\d{1,3}(?:['\u2019 \u00a0\u202f]\d{3}(?!\d))+(?:[.,]\d{1,2}(?!\d))?|\d[\d.,]*")
_SPACES = re.compile(r"['\u2019\s\u00a0\u202f]")
_NO_DECIMALS = re.compile(r"(?:¥|￥|₩|\bJPY\b|\bKRW\b|\bCLP\b|\bCOP\b|\bVND\b|₫)")


def read_price(text: str | None) -> int | None:
    """The first amount in a text, in cents; None when there is none. Currencies without
    cents count in their own unit."""
    if not text or (found := _AMOUNT.search(text)) is None:
        return None
    amount = _SPACES.sub("", found[0]).rstrip(".,")
    # A dash for "no cents": 12,- and 12.–
    if len(amount) > 15:
        return None
    mark = _decimal_mark(amount)
    whole, _, fraction = amount.rpartition(mark) if mark else (amount, "", "")
    digits = re.sub(r"[.,]", "", whole)
    if not digits.isascii() or not digits.isdigit() or (fraction and not fraction.isdigit()):
        return None
    if _NO_DECIMALS.search(text) and not fraction:
        return int(digits)
    return int(digits) * 100 + int(fraction.ljust(2, "0")[:2] or "0")


_CODE = re.compile(
    r"\b(USD|EUR|GBP|CHF|JPY|CNY|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|BRL|MXN|ARS|CLP|COP|PEN|INR|ZAR|ILS"
    r"|KRW|VND|THB|SGD|HKD|UAH|RUB)\b"
)
_SIGNS = (
    ("US$", "USD"), ("CA$", "CAD"), ("A$", "AUD"), ("NZ$", "NZD"), ("HK$", "HKD"), ("S$", "SGD"), ("MX$", "MXN"),
    ("R$", "BRL"), ("€", "EUR"), ("£", "GBP"), ("zł", "PLN"), ("Kč", "CZK"), ("₹", "INR"), ("₩", "KRW"), ("₫", "VND"),
    ("₪", "ILS"), ("₺", "TRY"), ("₴", "UAH"), ("₽", "RUB"), ("฿", "THB"),
)  # fmt: skip


def read_currency(text: str | None) -> str | None:
    """The ISO 4217 code of a price as written; None where its sign stands for several ("$", "kr", "¥")."""
    if not text:
        return None
    if found := _CODE.search(text):
        return found[1]
    return next((code for sign, code in _SIGNS if sign in text), None)


def _decimal_mark(amount: str) -> str:
    """Which of "." and "," separates the decimals, if any."""
    dot, comma = amount.rfind("."), amount.rfind(",")
    if dot < 0 and comma < 0:
        return ""
    if dot >= 0 and comma >= 0:
        return "." if dot > comma else ","
    mark = "." if dot >= 0 else ","
    tail = len(amount) - 1 - max(dot, comma)
    # 1.234.567 and 1,234: groups of three are thousands; 0.125 and 12,5 are decimals.
    if amount.count(mark) > 1 or (tail == 3 and not amount.startswith("0")):
        return ""
    return mark
