"""What a visitor allows, purpose by purpose: the shop's own banner, refusals that the browser sends, our own switches.

Rules: (1) an explicit act of the visitor, made with our switches and kept in a signed cookie, decides; (2) unless the
shop's banner says something else by now than when that act was made: the later act decides; (3) without an act
`Sec-GPC: 1` and `DNT: 1` are refusals; (4) then the shop's banner decides, purpose by purpose.

The cookie: `1.KEY.CHOICE.BANNER.AT.MAC`. CHOICE and BANNER have a letter for each purpose (`y`, `n`, `-` unsaid), AT is
in hexadecimal Unix seconds, MAC is HMAC-SHA256 (cut to 144 bits) over all before it. It says nothing of who it is.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from config.settings import PURPOSES, Consent, ConsentCookie, Purpose
from visitors.cookie import Keyring
from visitors.cookie_header import cookie_value

CHOICE_COOKIE = "vitrina_consent"
CHOICE_MAX_AGE_S = 395 * 86_400
"""13 months: who has said no is not asked again sooner."""

_LONGEST_CHARS = 128
_LONGEST_REMEMBERED = 4096
"""Characters of a banner's cookie: browsers send no longer one."""
_MAC_BYTES = 18
_LETTERS = re.compile(r"[yn-]{3}")


@dataclass(frozen=True, slots=True)
class Permissions:
    """What is allowed now. `explicit`: by the visitor's own act with our switches, not by the banner."""

    personalisation: bool = True
    statistics: bool = True
    email: bool = True
    explicit: bool = False

    @property
    def any_visitor(self) -> bool:
        """The visitor may be told from others at all."""
        return self.personalisation or self.statistics

    def allows(self, purpose: Purpose) -> bool:
        """Whether this purpose is allowed."""
        return bool(getattr(self, purpose))


ALL = Permissions()
NOTHING = Permissions(False, False, False)


@dataclass(frozen=True, slots=True)
class Choice:
    """An explicit act: a letter for each of `PURPOSES`, what the banner said then, and when (Unix seconds)."""

    choice: str
    banner: str
    at: int


def permissions(
    consent: Consent, cookie_header: str, *, refuses: bool, keyring: Keyring, ours: str | None = None
) -> Permissions:
    """What this request's sender allows. `refuses`: Sec-GPC: 1 or DNT: 1; `ours`: our cookies of the header, where they
    were taken out of it already."""
    among = cookie_header if ours is None else ours
    text = cookie_value(among, CHOICE_COOKIE) if CHOICE_COOKIE in among else None
    act = None if text is None else decode_choice(keyring, text)
    if act is None:
        if refuses:
            return NOTHING
        if not consent.required:
            return ALL
        if not consent.by_purpose:
            return ALL if _agrees(consent.cookie, cookie_header) == "y" else NOTHING
    banner = banner_letters(consent, cookie_header)
    allowed = []
    for place, said in enumerate(banner):
        if act is not None and act.choice[place] != "-" and said in ("-", act.banner[place]):
            allowed.append(act.choice[place] == "y")
        elif refuses:
            allowed.append(False)
        else:
            allowed.append(said == "y" or (said == "-" and not consent.required))
    return Permissions(allowed[0], allowed[1], allowed[2], explicit=act is not None)


def banner_letters(consent: Consent, cookie_header: str) -> str:
    """What the shop's banner says of each purpose: `y`, `n`, or `-` when there is no cookie of it."""
    return "".join(_agrees(consent.cookie_for(purpose), cookie_header) for purpose in PURPOSES)


def chosen(said: Mapping[Purpose, bool], consent: Consent, cookie_header: str, now: float) -> Choice:
    """The act of who says this now; purposes not named stay as they were left to the banner."""
    letters = "".join({True: "y", False: "n", None: "-"}[said.get(purpose)] for purpose in PURPOSES)
    return Choice(letters, banner_letters(consent, cookie_header), int(now))


def encode_choice(keyring: Keyring, choice: Choice) -> str:
    """The cookie's value."""
    key_id, key = keyring.keys[0]
    signed = f"1.{key_id}.{choice.choice}.{choice.banner}.{choice.at:x}"
    return f"{signed}.{_mac(key, signed)}"


def decode_choice(keyring: Keyring, text: str) -> Choice | None:
    """What a value says; None unless one of our keys signed every character of it."""
    return None if len(text) > _LONGEST_CHARS or not text.isascii() else _decoded(keyring, text)


def set_choice_cookie(keyring: Keyring, choice: Choice, *, secure: bool) -> str:
    """The Set-Cookie value that keeps an act."""
    attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
    return f"{CHOICE_COOKIE}={encode_choice(keyring, choice)}; Max-Age={CHOICE_MAX_AGE_S}; {attributes}"


@lru_cache(maxsize=1024)  # a page's assets carry the same cookie
def _decoded(keyring: Keyring, text: str) -> Choice | None:
    signed, _, mac = text.rpartition(".")
    parts = signed.split(".")
    if len(parts) != 5 or parts[0] != "1":
        return None
    key = keyring.key(parts[1])
    if key is None or not hmac.compare_digest(_mac(key, signed), mac):
        return None
    if not (_LETTERS.fullmatch(parts[2]) and _LETTERS.fullmatch(parts[3])):
        return None
    try:
        return Choice(parts[2], parts[3], int(parts[4], 16))
    except ValueError:
        return None


def _agrees(cookie: ConsentCookie | None, cookie_header: str) -> str:
    if cookie is None:
        return "-"
    value = cookie_value(cookie_header, cookie.name)
    if value is None:
        return "-"
    if cookie.contains in value:
        return "y"
    plain = value if "%" not in value else _unquoted(value) if len(value) <= _LONGEST_REMEMBERED else unquote(value)
    return "y" if cookie.contains in plain else "n"


@lru_cache(maxsize=256)  # a banner writes a few values
def _unquoted(value: str) -> str:
    return unquote(value)


def _mac(key: bytes, signed: str) -> str:
    digest = hmac.digest(key, f"consent\0{signed}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).decode("ascii")
