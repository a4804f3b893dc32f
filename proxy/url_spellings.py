"""How a URL may be spelled inside HTML, CSS, scripts, JSON and query strings, around a host name found in it.

| spelling of `://` | where it is found |
|---|---|
| `://`, `//` | attributes, CSS, scripts, text |
| `:\\/\\/`, `:\\\\\\/`, `\\u003a\\u002f\\u002f` | JSON and scripts, JSON in JSON |
| `%3A%2F%2F`, `%253A%252F%252F`, `%3A%5C%2F%5C%2F` | query strings, once or more often, and JSON in them |
| `&#58;&#x2F;&sol;` | attributes with character references |

Invariant: everything here looks at most `BEFORE` bytes back and `AFTER` bytes ahead.
"""

import re
from dataclasses import dataclass

BEFORE = 160
AFTER = 96

_COLON = rb"(?::|%(?:25){0,3}3a|&#0{0,5}58;|&#x0{0,5}3a;|&colon;|\\{1,7}(?:u00|x)3a)"
_SLASH = (
    rb"(?:(?:\\{0,7}|(?:%(?:25){0,3}5c){1,7})(?:/|%(?:25){0,3}2f)|&#0{0,5}47;|&#x0{0,5}2f;|&sol;|\\{1,7}(?:u00|x)2f)"
)
_USER = rb"[a-z0-9._~%!$&*+,;=:\-]{1,64}@"
_BEGINNING = re.compile(
    rb"(?:(?P<scheme>https?|(?<![a-z0-9])wss?)(?P<colon>" + _COLON + rb"))?"
    rb"(?P<slashes>" + _SLASH + _SLASH + rb")(?P<user>" + _USER + rb")?\Z"
)
_PORT = re.compile(rb"(" + _COLON + rb")([0-9]{1,5})")
_GOES_ON = re.compile(
    rb"[a-z0-9_@\-\x80-\xff]|\.[a-z0-9_\-]|%(?:25){0,3}(?:2d|40|5f|2e[a-z0-9]|[89a-f][0-9a-f])"
    rb"|&(?:#0{0,5}(?:46|64)|#x0{0,5}(?:2e|40)|period|commat);|\\{1,7}(?:u00|x)(?:2e|40)"
)
_PASSWORD = re.compile(rb":[^/\\\s\"'<>?#@]{1,64}@")
_OPEN = re.compile(rb"[a-z0-9._~%!$&*+,;=:@\\#x\-\x80-\xff]*\Z")
"""What may still belong to the host, its port or a password before it."""

TAIL_BYTES = b"abcdefghijklmnopqrstuvwxyz0123456789:/\\\\%&#;._~!$*+,=@-[]"
"""What the end of a piece that may be the beginning of a URL consists of, in lower case."""


_COMMON = tuple(
    (scheme + colon + slashes, scheme, len(colon))
    for colon, slashes in ((b":", b"//"), (b":", rb"\/\/"), (b"%3a", b"%2f%2f"))
    for scheme in (b"https", b"http")
)
_COMMON_TEXTS = tuple(text for text, _, _ in _COMMON)
_LONGEST_COMMON = max(map(len, _COMMON_TEXTS))
_ALONE = (b"//", rb"\/\/")
_BORDERS = frozenset((b'"', b"'", b" ", b"(", b",", b"=", b">", b"\n", b"\t"))
_NEAR = 80


@dataclass(frozen=True, slots=True)
class Beginning:
    """A URL's bytes in front of its host; `start` is where they begin, `scheme` and `colon` may be empty."""

    start: int
    scheme: bytes
    colon: bytes
    slashes: bytes
    user: bytes


def beginning(data: bytes, lower: bytes, at: int) -> Beginning | None:
    """What stands before the host at `at`, or None when that is no URL's host."""
    last = lower[at - 1 : at]
    if not last or last not in b"/f;@":
        return None
    low = max(0, at - _LONGEST_COMMON)
    if lower.endswith(_COMMON_TEXTS, low, at):
        for text, scheme, colon_bytes in _COMMON:
            if lower.endswith(text, low, at):
                middle = at - len(text) + len(scheme)
                end = middle + colon_bytes
                return Beginning(at - len(text), scheme, data[middle:end], data[end:at], b"")
    for slashes in _ALONE:
        if lower.endswith(slashes, low, at) and lower[at - len(slashes) - 1 : at - len(slashes)] in _BORDERS:
            return Beginning(at - len(slashes), b"", b"", slashes, b"")
    return _searched(data, lower, at, _NEAR) or _searched(data, lower, at, BEFORE)


def _searched(data: bytes, lower: bytes, at: int, reach: int) -> Beginning | None:
    """Any spelling. Near by, one is only believed where a longer one would have been seen whole."""
    begin = max(0, at - reach)
    found = _BEGINNING.search(lower[begin:at])
    if found is None or (reach < BEFORE and begin and found.start() < reach // 2):
        return None
    start = begin + found.start()
    colon = data[begin + found.start("colon") : begin + found.end("colon")] if found["colon"] else b""
    slashes = data[begin + found.start("slashes") : begin + found.end("slashes")]
    user = data[begin + found.start("user") : begin + found.end("user")] if found["user"] else b""
    return Beginning(start, found["scheme"] or b"", colon, slashes, user)


def is_undecided(lower: bytes, at: int) -> bool:
    """More bytes may tell whether the host's name ends at `at`, and which port it has."""
    return len(lower) - at < AFTER and _OPEN.match(lower, at) is not None


def end_of_host(lower: bytes, at: int, ports: frozenset[bytes]) -> tuple[int, int] | None:
    """Where the port's digits begin and the host ends whose name ends at `at`; None when it is another host.

    `ports` are those of the host; with an empty one among them none need be written.
    """
    following = lower[at : at + 1]
    if following in (b"/", b'"', b"'", b"") and b"" in ports:
        return at, at
    found = _PORT.match(lower, at, at + AFTER)
    if found is not None:
        if found[2] not in ports or _GOES_ON.match(lower, found.end()):
            return None
        return found.start(2), found.end()
    if b"" not in ports or _GOES_ON.match(lower, at) or _PASSWORD.match(lower, at, at + AFTER):
        return None
    return at, at


def colon_like(slashes: bytes) -> bytes:
    """A colon spelled as these slashes are: percent-encoded as often, else plain (right in JSON and HTML alike)."""
    percent = slashes.rfind(b"%")
    return slashes[percent:-2] + b"3A" if percent >= 0 else b":"
