"""Escaping per context: whatever the value, it stays a value, in every ASCII-compatible charset.

Invariant: everything returned is ASCII; no function here can produce markup, an event handler or a script URL.
Contexts that cannot be made safe (unquoted attributes, `on*`, `style`, comments, names) have no function.
"""

import json
import re
import unicodedata
from urllib.parse import quote

MAX_LENGTH = 2000
"""Characters kept of a value; a longer one is cut."""

_STRIP = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_BLANK = re.compile("[\t\n\x0c\r]+")
_SPECIAL = re.compile("[&<>\"'`={}]")
_MARKUP = {ord(c): f"&#{ord(c)};" for c in "&<>\"'`={}"}
_JSON = {ord(c): f"\\u{ord(c):04x}" for c in "<>&'"}
_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


def clean(value: str) -> str:
    """NFC text without controls, zero-width and bidi controls, noncharacters and surrogates; cut at MAX_LENGTH."""
    if value.isascii() and value.isprintable():
        return value[:MAX_LENGTH]
    value = _STRIP.sub("", _BLANK.sub(" ", value[: MAX_LENGTH * 4]))
    # Composition can make nothing that is stripped above, so one pass of each is enough.
    return unicodedata.normalize("NFC", value)[:MAX_LENGTH]


def text(value: str) -> str:
    """`value` as the text of an element (RCDATA included): ASCII, with numeric character references."""
    return _references(clean(value))


def attribute(value: str) -> str:
    """`value` inside a quoted attribute; the quotes are the caller's."""
    return _references(clean(value))


def _references(value: str) -> str:
    if value.isascii() and _SPECIAL.search(value) is None:
        return value
    return value.translate(_MARKUP).encode("ascii", "xmlcharrefreplace").decode("ascii")


def markup(value: str) -> str:
    """The operator's HTML in ASCII: characters above 0x7F as references, nothing else changed."""
    if value.isascii():
        return value
    return value.encode("ascii", "xmlcharrefreplace").decode("ascii")


def url_part(value: str) -> str:
    """One path segment or query value, percent-encoded; needs no further escaping in an attribute."""
    return quote(clean(value).strip(), safe="")


def url(value: str) -> str | None:
    """A whole URL for a quoted attribute, attribute-escaped; None unless it is http(s) or relative (RFC 3986)."""
    plain = url_text(value)
    return None if plain is None else _references(plain)


def url_text(value: str) -> str | None:
    """A whole URL, percent-encoded but not escaped for markup; None unless it is http(s) or relative."""
    # Browsers drop tab and newline anywhere and C0 and space at the ends before they look for the scheme.
    value = clean(re.sub("[\t\n\r]", "", value).strip(_C0_AND_SPACE)).strip()
    if not value or "\\" in re.split("[?#]", value, maxsplit=1)[0]:
        return None
    scheme = _SCHEME.match(value)
    if scheme is None:
        # A colon before the first slash that is no scheme for RFC 3986 may be one for somebody else.
        if ":" in re.split("[/?#]", value, maxsplit=1)[0]:
            return None
    elif scheme[0].lower() not in ("http:", "https:") or not value[scheme.end() :].startswith("//"):
        return None
    return quote(value, safe=_URL_SAFE)


def json_string(value: str) -> str:
    """`value` as a string literal, quotes included, for JSON-LD and JavaScript inside `<script>`."""
    return json.dumps(clean(value), ensure_ascii=True).translate(_JSON)
