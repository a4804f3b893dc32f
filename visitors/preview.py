"""The preview cookie: an operator's browser that is shown what others are not yet, signed, for a limited time.

`1.UNTIL.KIND.VALUE.MAC`: version, end in hexadecimal Unix seconds, `p` a profile, `s` a segment or `o` the browser's
own, the name in base64, HMAC-SHA256 (cut to 144 bits) over all of it and the shop's name. A link carries the same text.

Invariant: what `decode_preview` returns was signed by this installation's preview key for this very name of the shop
and has not expired; anything else is None.
"""

import base64
import hmac
from dataclasses import dataclass
from typing import Literal

from visitors.cookie import Keyring

PREVIEW_COOKIE = "vitrina_preview"
LONGEST_S = 7 * 86_400
"""A link shows a customer's pages to whoever has it: it must not live long."""

_LONGEST_CHARS = 512
_MAC_BYTES = 18
_KINDS: dict[str, Literal["profile", "segment", "own"]] = {"p": "profile", "s": "segment", "o": "own"}
_LETTERS = {kind: letter for letter, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Preview:
    """Whose pages are shown: those of a `profile` or `segment` by its name, or the browser's "own"; until Unix time."""

    until: int
    kind: Literal["profile", "segment", "own"] = "own"
    name: str = ""


def encode_preview(keyring: Keyring, preview: Preview, host: str) -> str:
    """The cookie's value, and the link's token, for one name of the shop (without port)."""
    name = base64.urlsafe_b64encode(preview.name.encode("utf-8")).rstrip(b"=").decode("ascii")
    signed = f"1.{preview.until:x}.{_LETTERS[preview.kind]}.{name}"
    return f"{signed}.{_mac(keyring, host, signed)}"


def decode_preview(keyring: Keyring, text: str, host: str, now: float) -> Preview | None:
    """What a value says; None when it is forged, for another name, or over."""
    if len(text) > _LONGEST_CHARS or not text.isascii():
        return None
    signed, _, mac = text.rpartition(".")
    parts = signed.split(".")
    if len(parts) != 4 or parts[0] != "1" or not hmac.compare_digest(_mac(keyring, host, signed), mac):
        return None
    try:
        until = int(parts[1], 16)
        name = base64.b64decode(parts[3] + "=" * (-len(parts[3]) % 4), altchars=b"-_", validate=True).decode("utf-8")
    except ValueError:
        return None
    # Longer than any link is made for: signed before a clock went back, or by who knows whom.
    if not now < until <= now + LONGEST_S + 3600 or parts[2] not in _KINDS:
        return None
    return Preview(until, _KINDS[parts[2]], name)


def host_name(authority: str) -> str:
    """A Host value without its port, in lower case: what a cookie is kept for."""
    host = authority.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def set_preview_cookie(token: str, max_age_s: int, *, secure: bool) -> str:
    """The Set-Cookie value that begins a preview; with an empty token the one that ends it."""
    attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
    if not token:
        return f"{PREVIEW_COOKIE}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; {attributes}"
    return f"{PREVIEW_COOKIE}={token}; Max-Age={max_age_s}; {attributes}"


def _mac(keyring: Keyring, host: str, signed: str) -> str:
    digest = hmac.digest(keyring.for_previews, f"preview\0{host_name(host)}\0{signed}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).decode("ascii")
