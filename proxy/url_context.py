"""Own URLs in a body that are left as they are, because they are signed or belong to somebody else's.

| left alone | why |
|---|---|
| a URL in the path of another (`/resize/SIGNATURE/https://shop/a.jpg`) | an image proxy's, often with a MAC over it |
| a URL in a query with a signature beside it (`?u=https%3A…&sig=…`) | the MAC is over the query |
| the value of an attribute or JSON member named for a signature, checksum or integrity | it is compared, not followed |
| an `<input>`'s value in a form that goes to another site | payment pages sign the addresses to return to |

Invariant: decisions rest on the origin's own bytes, at most `BEFORE` bytes back and `AFTER` bytes ahead.
"""

import re

BEFORE = 8192
AFTER = 1024

_FIRST_BYTES = b" \t\r\n\"'<>`(){}"
_QUOTES = (b"&quot;", b"&#34;", b"&#039;", b"&#39;", b"&#x22;", b"&#x27;", b"&apos;", b"&lt;", b"&gt;")
_DELIMITER = re.compile(rb"[ \t\r\n\"'<>`(){}]|" + b"|".join(_QUOTES))
_DELIMITERS = (*(bytes((byte,)) for byte in _FIRST_BYTES), *_QUOTES)
_NESTED_IN_PATH = re.compile(rb"(?:/|%(?:25)*2f|&#47;|&#x2f;|&sol;)\Z")
_SIGNATURE = re.compile(
    rb"[?&;](?:x-(?:amz|goog)-)?(?:sig|sign|signature|hmac|mac|hash|digest|checksum|md5|sha1|sha256|token|s|h)="
    rb"(?=[a-z_.%+/-]*[0-9])[a-z0-9_.%+/=-]{16,}"
)
_SIGNED_NAME = re.compile(
    rb"(?<![a-z0-9])(?:sig|sign|signed|signature|hmac|mac|checksum|digest|integrity|nonce)[\"'\\]*\s*[=:]\s*[\"'\\]*\Z"
)
_VALUE = re.compile(rb"(?<![a-z0-9_-])value\s*=\s*[\"']?[^\"'<>]*\Z")
_ACTION = re.compile(rb"(?<![a-z0-9_-])action\s*=\s*[\"']?\s*(?:https?:)?//([^/?#\"'\s>]+)")
_NAME_REACH = 48
_TOKEN_REACH = 1024


def is_left_alone(lower: bytes, start: int, end: int, *, own: frozenset[bytes], is_whole: bool) -> bool | None:
    """Whether the URL whose beginning is `start` to `end` is left as it is; None: more bytes are needed to tell.

    `own` are the origin's hosts, `is_whole` says that no bytes follow.
    """
    if start == 0:
        return False
    if lower[start - 1] not in _FIRST_BYTES and not lower.endswith(_QUOTES, max(0, start - 8), start):
        nested = _is_signed_inside(lower, start, end, is_whole=is_whole)
        if nested is not False:
            return nested
    elif _SIGNED_NAME.search(lower[max(0, start - _NAME_REACH) : start]):
        return True
    return _is_in_foreign_form(lower, start, own)


def _is_signed_inside(lower: bytes, start: int, end: int, *, is_whole: bool) -> bool | None:
    """The URL stands inside another, or inside something longer."""
    if _NESTED_IN_PATH.search(lower[max(0, start - 12) : start]):
        return True
    window = lower[max(0, start - _TOKEN_REACH) : start]
    if b"?" not in window:
        return False
    if max(map(window.rfind, _DELIMITERS)) > window.rfind(b"?"):
        return False
    before = window[max(map(window.rfind, _DELIMITERS)) + 1 :]
    if _SIGNATURE.search(before):
        return True
    stop = _DELIMITER.search(lower, end, end + AFTER)
    if stop is None and not is_whole and len(lower) < end + AFTER:
        return None
    return _SIGNATURE.search(lower, end, stop.start() if stop else end + AFTER) is not None


def _is_in_foreign_form(lower: bytes, start: int, own: frozenset[bytes]) -> bool:
    """It is (in) an input's value, and the form's action names another site."""
    tag = lower.rfind(b"<", max(0, start - _TOKEN_REACH), start)
    if tag < 0 or not lower.startswith(b"<input", tag) or not _VALUE.search(lower[tag:start]):
        return False
    form = lower.rfind(b"<form", max(0, start - BEFORE), tag)
    if form < 0 or lower.find(b"</form", form, tag) >= 0:
        return False
    found = _ACTION.search(lower, form, max(form, lower.find(b">", form, tag)))
    return found is not None and found[1].rpartition(b"@")[2] not in own
