"""What must not be kept of a URL, whatever it is called: e-mail addresses, card numbers, session ids, tokens.

Invariant: `is_private` errs on the side of dropping; it never looks anything up and never logs what it saw.
"""

import re

MAX_VALUE_LENGTH = 200
"""Longer values are dropped: no search term, product id or campaign is that long, tokens are."""

SESSION_NAMES = frozenset(
    {
        "oscsid",
        "ceid",
        "zenid",
        "phpsessid",
        "jsessionid",
        "sid",
        "sessid",
        "sessionid",
        "session_id",
        "session",
        "cfid",
        "cftoken",
        "aspsessionid",
        "asp.net_sessionid",
        "s_id",
        "xoid",
        "xtcsid",
        "sessionkey",
        "token",
        "formid",
        "csrf",
        "csrf_token",
        "csrfmiddlewaretoken",
        "_token",
        "form_key",
        "nonce",
        "_wpnonce",
        "key",
        "hash",
        "auth",
        "access_token",
        "id_token",
        "password",
        "passwd",
        "pwd",
    }
)
"""Names of session ids and secrets in URLs of any shop (lower case); a platform adds its own."""

_EMAIL = re.compile(r"[^\s@/?&=<>]+(?:@|%40)[^\s@/?&=<>]+\.[a-z]{2,}", re.IGNORECASE)
_DIGITS = re.compile(r"(?:\d[ -]?){14,19}")
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_SWITCH = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_CASES = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_session_name(name: str) -> bool:
    """The name of a field that carries a session id or a secret in some shop."""
    return name.lower() in SESSION_NAMES


def has_email(text: str) -> bool:
    """An e-mail address is in the text."""
    return ("@" in text or "%40" in text) and _EMAIL.search(text) is not None


def has_card_number(text: str) -> bool:
    """Fourteen to nineteen digits that pass the Luhn check (ISO/IEC 7812-1), grouped or not, are in the text."""
    return any(_passes_luhn(re.sub(r"\D", "", run)) for run in _DIGITS.findall(text))


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_token(text: str) -> bool:
    """Looks drawn at random: a long run that keeps switching between letters and digits or between cases."""
    for run in _RUN.findall(text):
        switches = len(_SWITCH.findall(run))
        if switches >= 4 or (len(run) >= 20 and switches + len(_CASES.findall(run)) >= 5):
            return True
        # Hexadecimal digits of nothing but letters or digits are rare but happen in 32 characters.
        if len(run) >= 24 and switches >= 2 and all(character in "0123456789abcdefABCDEF" for character in run):
            return True
    return any(len(_SWITCH.findall(run)) + len(_CASES.findall(run)) >= 8 for run in _BASE64.findall(text))


def is_private(value: str) -> bool:
    """True when a value from a URL must not be kept."""
    return len(value) > MAX_VALUE_LENGTH or has_email(value) or has_card_number(value) or is_token(value)
