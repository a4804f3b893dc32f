"""Reading Cookie and Set-Cookie fields as raw text (RFC 6265 section 4): pairs are found, never parsed and rebuilt.

Invariant: no other cookie can disturb the one looked for, whatever its name or bytes; of equal names the first wins.
"""

import re
from collections.abc import Iterable, Sequence

_EXPIRES_YEAR = re.compile(r"\d{1,2}[ -][A-Za-z]{3}[ -](\d{4})")


def cookie_value(header: str, name: str) -> str | None:
    """The value of the first pair of that name, as it came, without the blanks around it."""
    wanted = name + "="
    before, found, after = header.partition(wanted)
    while found:
        # Browsers send "; ": whatever else may stand before a name is looked at once that is not there.
        if not before or before[-2:] == "; " or before.rstrip(" \t")[-1:] in ("", ";"):
            return after.partition(";")[0].strip(" \t")
        more, found, after = after.partition(wanted)
        before = "=" + more
    return None


def session_value(cookie_header: str, names: Sequence[str]) -> str | None:
    """The origin's session as the request carries it: the first of `names` with a value.

    A name that ends in "*" stands for any cookie whose name begins so (WordPress adds a hash of the site's address),
    one that begins with "*" for any whose name ends so (frameworks put the shop's name before `_session`).
    """
    for name in names:
        value = _value_like(cookie_header, name) if "*" in name else cookie_value(cookie_header, name)
        if value:
            return value
    return None


def _value_like(header: str, pattern: str) -> str | None:
    if pattern.strip("*") not in header:
        return None
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        if equals and _is_like(name.strip(" \t"), pattern) and value.strip(" \t"):
            return value.strip(" \t")
    return None


def _is_like(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern[-1:] == "*" else pattern[:1] == "*" and name.endswith(pattern[1:])


def response_session(set_cookie_values: Iterable[str], names: Sequence[str]) -> str | None:
    """The session that a response sets: by the order of `names`; of equal names the last wins, as in a browser.

    None when it sets none, or deletes it.
    """
    values: dict[str, str] = {}
    for field in set_cookie_values:
        pair, _, attributes = field.partition(";")
        name, equals, value = pair.partition("=")
        name = name.strip(" \t")
        known = name if name in names else next((wanted for wanted in names if _is_like(name, wanted)), None)
        if equals and known is not None:
            values[known] = "" if _is_deletion(attributes) else value.strip(" \t")
    for name in names:
        if values.get(name):
            return values[name]
    return None


def _is_deletion(attributes: str) -> bool:
    max_age: str | None = None
    expires = ""
    for attribute in attributes.split(";"):
        key, _, value = attribute.partition("=")
        match key.strip().lower():
            case "max-age":
                max_age = value.strip()
            case "expires":
                expires = value
    if max_age is not None and max_age.lstrip("-").isdigit():  # Max-Age takes precedence (RFC 6265 section 5.3)
        return int(max_age) <= 0
    # Deleting is spelt with a date long past (1970, 1990, 2000); one not so old needs a clock, and its value is empty.
    year = _EXPIRES_YEAR.search(expires)
    return year is not None and int(year.group(1)) <= 2001
