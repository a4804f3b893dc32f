"""The visitor cookie: who this browser is, signed, so that nothing has to be looked up to believe it.

`1.KEY.PROFILE.a|c.START.SEEN.BINDING.MAC`: version, key id, profile id, anonymous or customer, times in hexadecimal
Unix seconds, the binding to the origin's session, HMAC-SHA256 (cut to 144 bits) over all before it.

Invariant: what `decode_cookie` returns was signed by one of our keys; forged, cut or recombined text is None.
"""

import hmac
import re
import unicodedata
from binascii import b2a_base64
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from hashlib import _Hash

COOKIE_NAME = "vitrina"

MAX_AGE_S = 395 * 86_400
"""13 months, the longest that European regulators accept for such a cookie."""

MAX_COOKIE_CHARS = 256
MIN_KEY_BYTES = 16

_BLOCK_BYTES = 64
_MAC_BYTES = 18  # 144 bits: 24 characters without padding
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_PROFILE = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True, eq=False)  # told by identity: what is remembered is asked for by it each time
class Keyring:
    """Keys by id: the first signs, all verify; to rotate, put a new one first and drop the old one 13 months later.

    `customer_key` makes customers' ids. Left out, it is the last (oldest) key, so that adding keys changes no id;
    whoever drops that key names it here. `preview_key` signs previews; left out, it follows from the first key.
    ValueError for a bad or repeated id, a key under 16 bytes, or no key.
    """

    keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    customer_key: bytes | None = field(default=None, repr=False)
    preview_key: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        ids = [key_id for key_id, _ in self.keys]
        if not ids or len(set(ids)) != len(ids):
            raise ValueError("a keyring needs at least one key, each with an id of its own")
        for key_id, key in self.keys:
            if not _KEY_ID.fullmatch(key_id):
                raise ValueError(f"key id {key_id!r}: 1 to 16 letters, digits, - or _ are allowed")
            if len(key) < MIN_KEY_BYTES:
                raise ValueError(f"key {key_id}: {len(key)} bytes found, at least {MIN_KEY_BYTES} needed")

    @property
    def for_previews(self) -> bytes:
        """The key that signs previews: changing it ends all of them."""
        return self.preview_key or hmac.digest(self.keys[0][1], b"preview", "sha256")

    def key(self, key_id: str) -> bytes | None:
        """The key of that id."""
        for known, key in self.keys:
            if known == key_id:
                return key
        return None


class VisitorCookie(Struct, frozen=True):
    """What the cookie says. `session_start` and `seen` (the last renewal) are Unix seconds.

    `binding` ties a customer's cookie to the origin's session in which the login was accepted (the text of a MAC); None
    when anonymous.
    """

    profile: str
    customer: bool
    session_start: int
    seen: int
    binding: str | None = None


def encode_cookie(keyring: Keyring, cookie: VisitorCookie) -> str:
    """The cookie's value: ASCII, without a character that needs quoting. ValueError for an unusable profile id."""
    if not _PROFILE.fullmatch(cookie.profile):
        raise ValueError(f"profile id {cookie.profile!r}: 16 to 64 letters, digits, - or _ are allowed")
    key_id, key = keyring.keys[0]
    kind = "c" if cookie.customer else "a"
    signed = f"1.{key_id}.{cookie.profile}.{kind}.{cookie.session_start:x}.{cookie.seen:x}.{cookie.binding or ''}"
    return f"{signed}.{_mac(key, 'cookie', signed.encode())}"


def decode_cookie(keyring: Keyring, text: str) -> VisitorCookie | None:
    """What a value says, or None unless one of our keys signed every character of it.

    A visitor's page and all that comes with it carry the same cookie: what it says is remembered for a while.
    """
    return None if len(text) > MAX_COOKIE_CHARS or not text.isascii() else _decoded(keyring, text)


@lru_cache(maxsize=8192)
def _decoded(keyring: Keyring, text: str) -> VisitorCookie | None:
    signed, _, mac = text.rpartition(".")
    parts = signed.split(".")
    if len(parts) != 7:
        return None
    version, key_id, profile, kind, start, seen, binding = parts
    key = keyring.key(key_id) if version == "1" else None
    # The MAC is compared as text: a second spelling of the same base64 is another text and refused.
    if key is None or not hmac.compare_digest(_mac(key, "cookie", signed.encode()), mac):
        return None
    try:
        return VisitorCookie(profile, kind == "c", int(start, 16), int(seen, 16), binding or None)
    except ValueError:
        return None


def bind(keyring: Keyring, profile: str, session: str) -> str:
    """The binding of a customer's profile to the value of the origin's session cookie."""
    return _mac(keyring.keys[0][1], "session", _bytes(f"{profile}.{session}"))


def is_bound(keyring: Keyring, cookie: VisitorCookie, session: str | None) -> bool:
    """Whether the cookie was bound to this very session, by any of our keys (a binding outlives a rotation)."""
    if cookie.binding is None or not session:
        return False
    message = _bytes(f"{cookie.profile}.{session}")
    found = False
    for _, key in keyring.keys:
        if hmac.compare_digest(_mac(key, "session", message), cookie.binding):
            found = True
    return found


def customer_id(keyring: Keyring, email: str) -> str:
    """The profile id of the customer with this e-mail; the same for every spelling that differs in case or blanks."""
    key = keyring.customer_key or keyring.keys[-1][1]
    return "c" + _mac(key, "customer", _bytes(unicodedata.normalize("NFC", email.strip()).casefold()))


def _bytes(message: str) -> bytes:
    # Cookie values reach us as latin-1 text; UTF-8 of it is still one to one.
    return message.encode("utf-8", "surrogatepass")


def _mac(key: bytes, purpose: str, message: bytes) -> str:
    """HMAC-SHA256 as text of a purpose, a NUL and the message: one kind of MAC does not pass for another."""
    inner, outer = _keyed(key, purpose)
    within, around = inner.copy(), outer.copy()
    within.update(message)
    around.update(within.digest())
    return b2a_base64(around.digest()[:_MAC_BYTES], newline=False).translate(_URL_SAFE).decode("ascii")


@lru_cache(maxsize=32)
def _keyed(key: bytes, purpose: str) -> "tuple[_Hash, _Hash]":
    """The two hashes of an HMAC (RFC 2104 section 2) after the key, the inner one after the purpose, too; to be copied,
    which takes half the time of `hmac.HMAC`.

    `hmac.digest` keys anew each time, and lets other threads take the interpreter while it does.
    """
    padded = (sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
    inner, outer = sha256(bytes(byte ^ 0x36 for byte in padded)), sha256(bytes(byte ^ 0x5C for byte in padded))
    inner.update(purpose.encode("ascii") + b"\0")
    return inner, outer
