"""What a browser sends, read as a shop in ISO-8859-1 has to read it.

Browsers treat the label ISO-8859-1 as windows-1252 and send characters that it lacks as numeric character references
(HTML, form submission); scripts and proxies send UTF-8. All three give the same text here.
"""

import re
from urllib.parse import parse_qsl

_REFERENCE = re.compile(r"&#(\d{2,7});")


def _character(match: re.Match[str]) -> str:
    code = int(match[1])
    return chr(code) if 32 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match[0]


def _text(raw: str) -> str:
    data = raw.encode("latin-1")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("windows-1252", "replace")
    return _REFERENCE.sub(_character, text) if "&#" in text else text


class Fields:
    """Decoded fields of a query string or a form, in their order; absent ones read as empty."""

    __slots__ = ("values",)

    def __init__(self, values: dict[str, list[str]]) -> None:
        self.values = values

    def get(self, name: str, default: str = "") -> str:
        """The last value of that name, as PHP has it."""
        found = self.values.get(name)
        return found[-1] if found else default

    def line(self, name: str) -> str:
        """The value on one line, trimmed and at most 120 characters: a name, an address."""
        return " ".join(self.get(name).split())[:120]

    def number(self, name: str) -> int | None:
        """The value as a non-negative whole number below a million, or None."""
        return whole(self.get(name))

    def every(self, name: str) -> list[str]:
        """All values of that name."""
        return self.values.get(name, [])


def whole(text: str) -> int | None:
    """A non-negative whole number of at most six ASCII digits, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def read_fields(encoded: bytes | str) -> Fields:
    """Fields of an `application/x-www-form-urlencoded` body or a query string; never fails, at most 500 fields."""
    raw = encoded.decode("latin-1") if isinstance(encoded, bytes) else encoded.encode("utf-8").decode("latin-1")
    values: dict[str, list[str]] = {}
    if raw:
        try:
            pairs = parse_qsl(raw, keep_blank_values=True, encoding="latin-1", max_num_fields=500)
        except ValueError:
            pairs = []
        for name, value in pairs:
            values.setdefault(_text(name), []).append(_text(value))
    return Fields(values)


def read_cookies(header: str) -> dict[str, str]:
    """Cookies of a `Cookie` header; the first of a name wins (RFC 6265 §5.4 puts the longest path first)."""
    cookies: dict[str, str] = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            cookies.setdefault(name, value)
    return cookies
