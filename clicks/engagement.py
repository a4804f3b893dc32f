"""What the visibility beacon tells: how long a page was in front so far. Read strictly; what is odd is nothing.

Invariant: of the page's address only what clicks keep of any address is kept, and no number is believed that could not
be true.
"""

from typing import Final
from urllib.parse import parse_qs

from clicks.click import Event
from clicks.targets import kept_path, page_key, parse_target
from config.platform import Platform

MAX_BODY_BYTES: Final = 4096
_LONGEST_MS: Final = 24 * 3_600_000
_OWN: Final = "/_vitrina"


def engagement(body: bytes, platform: Platform) -> Event | None:
    """The event of a beacon's body (`v` milliseconds visible, `a` since the page was asked for, `p` its address)."""
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=3, errors="strict")
        visible_ms, age_ms = (int(fields[name][0]) for name in ("v", "a"))
        address = fields["p"][0].encode("utf-8")
    except (ValueError, KeyError):
        return None
    if not 0 <= visible_ms <= age_ms <= _LONGEST_MS or not address.startswith(b"/") or address.startswith(b"//"):
        return None
    target = parse_target(address)
    path = kept_path(target, platform)
    if path == _OWN or path.startswith(_OWN + "/"):
        return None
    page = page_key("", target, platform)
    return Event("user_engagement", {"page": page, "visible_ms": visible_ms, "age_ms": age_ms})
