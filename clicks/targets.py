"""The request target, read once: path and query decoded; what of it may be kept, and the page's key made of that.

Invariant: nothing that `kept_query`, `kept_path`, `page_key`, `referrer` or `campaign` return carries a session id, a
token, an e-mail address or a card number (DESIGN 11).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from clicks.privacy import has_card_number, has_email, is_private, is_session_name, is_token
from clicks.sources import CLICK_ID, CLICK_IDS
from config.platform import Platform

MAX_QUERY_FIELDS = 200
CAMPAIGN_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed request target (RFC 9112 section 3.2). `path` and `query` are percent-decoded; `raw` is as received."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""

    def __hash__(self) -> int:
        """By the bytes alone, whose hash is worked out once: targets are the keys of what is remembered."""
        return hash(self.raw)

    def get(self, name: str) -> str | None:
        """The last value of a query field, as PHP has it, or None."""
        for key, value in reversed(self.query):
            if key == name:
                return value
        return None

    @property
    def text(self) -> str:
        """path?query, decoded: what path patterns match."""
        if not self.query:
            return self.path
        return f"{self.path}?{'&'.join(f'{name}={value}' if value else name for name, value in self.query)}"


def parse_target(raw: bytes) -> Target:
    """Read a target in origin, absolute or asterisk form; never fails, whatever the bytes."""
    return _parse(raw) if len(raw) <= 512 else _parse.__wrapped__(raw)


@lru_cache(maxsize=2048)
def _parse(raw: bytes) -> Target:
    rest = raw
    if not raw.startswith(b"/") and (absolute := _ABSOLUTE.match(raw)):
        rest = raw[absolute.end() :] or b"/"
        if rest.startswith(b"?"):
            rest = b"/" + rest
    path, _, query = rest.partition(b"#")[0].partition(b"?")
    return Target(_decode(path), _pairs(query), raw)


def _pairs(query: bytes) -> tuple[tuple[str, str], ...]:
    if not query:
        return ()
    pairs = []
    for part in query.split(b"&", MAX_QUERY_FIELDS)[:MAX_QUERY_FIELDS]:
        # osCommerce-era links leave `&amp;` in what scripts and feeds fetch.
        name, _, value = part.removeprefix(b"amp;").partition(b"=")
        if name or value:
            pairs.append((_decode(name.replace(b"+", b" ")), _decode(value.replace(b"+", b" "))))
    return tuple(pairs)


def _decode(raw: bytes) -> str:
    data = unquote_to_bytes(raw) if b"%" in raw else raw
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Legacy shops send their own charset; WHATWG reads latin-1 labels as windows-1252.
        return data.decode("windows-1252", "replace")


def kept_path(target: Target, platform: Platform) -> str:
    """The path as clicks keep it: without path parameters (`;jsessionid=…`), session ids, addresses and tokens.

    A file's name may look drawn at random (`app.3f9a….js`): everybody is sent the same, so it stays.
    """
    return _kept_path(target.path, platform)


def _kept_path(path: str, platform: Platform) -> str:
    if ";" in path:
        path = "/".join(segment.partition(";")[0] for segment in path.split("/"))
    segments = path.split("/")
    kept = []
    skip = False
    for segment in segments:
        if skip:
            # Search-engine-friendly osCommerce links: /product_info.php/products_id/5/osCsid/abc
            skip = False
        elif segment in platform.session_params and len(segments) > 2:
            skip = True
        elif has_email(segment) or has_card_number(segment) or ("." not in segment and is_token(segment)):
            kept.append("~")
        else:
            kept.append(segment)
    return "/".join(kept)


def kept_query(target: Target, platform: Platform) -> dict[str, str]:
    """The query fields that clicks keep: the platform's allow-list, never a session id or a private value."""
    return {
        name: value
        for name, value in target.query
        if name in platform.query_fields
        and name not in platform.session_params
        and not is_session_name(name)
        and not is_private(value)
    }


def campaign(target: Target) -> dict[str, str]:
    """The campaign fields of a target: utm_source, utm_medium, utm_campaign, utm_term, utm_content; and the name of the
    click id, where there is one (its value names a person, and is not kept)."""
    fields = {
        name: value for name, value in target.query if name in CAMPAIGN_FIELDS and value and not is_private(value)
    }
    for name, value in target.query:
        if value and name in CLICK_IDS:
            fields.setdefault(CLICK_ID, name)
    return fields


def page_key(host: str, target: Target, platform: Platform) -> str:
    """The page's name: "host/path?kept=fields", the same for all visitors and all their sessions.

    The fields stand in the order of their names, so that links which differ only in their order are one page.
    """
    path = kept_path(target, platform)
    fields = kept_query(target, platform)
    query = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name])
    return f"{host.lower()}{path}?{query}" if query else f"{host.lower()}{path}"


def referrer(value: str, platform: Platform) -> str:
    """A Referer header as clicks keep it: "host/path", no query, no scheme; "" when there is none or it is odd."""
    return _read_referrer(value, platform)[0]


def referrer_key(value: str, platform: Platform) -> str:
    """A Referer header as a page key ("host/path?kept=fields"), to compare with `page_key` of the last page."""
    return _read_referrer(value, platform)[1]


def referrer_host(value: str) -> str:
    """The host (with its port) of a Referer header, or ""."""
    read = _referrer(value)
    return read[0] if read else ""


def _read_referrer(value: str, platform: Platform) -> tuple[str, str]:
    """What `referrer` and `referrer_key` say of a Referer header."""
    if not value:
        return "", ""
    return _remembered(value, platform) if len(value) <= 512 else _remembered.__wrapped__(value, platform)


@lru_cache(maxsize=2048)
def _remembered(value: str, platform: Platform) -> tuple[str, str]:
    read = _referrer(value)
    if read is None:
        return "", ""
    host, target = read
    # Other sites' paths are not ours to know; what looks like a token in one is left out.
    path = "/".join("~" if is_token(part) else part for part in kept_path(target, platform).split("/"))
    return f"{host}{path}", page_key(host, target, platform)


def _referrer(value: str) -> tuple[str, Target] | None:
    scheme, separator, rest = value.strip().partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return None
    end = next((place for place, character in enumerate(rest) if character in "/?#"), len(rest))
    host = rest[:end].rpartition("@")[2].lower()
    if _HOST.fullmatch(host) is None:
        return None
    raw = rest[end:] if rest[end : end + 1] == "/" else "/" + rest[end:]
    return host, parse_target(raw.encode("utf-8", "surrogateescape"))
