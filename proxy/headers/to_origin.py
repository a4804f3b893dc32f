"""Request fields towards the origin.

| field | sent to the origin |
|---|---|
| hop-by-hop, and what Connection lists but for what matters to the shop | removed (WebSocket keeps Upgrade) |
| Content-Length, Transfer-Encoding | as received: the strict parser left only what `head.framing` says |
| Host | the authority asked for, or the origin's own name |
| Origin, Referer | as received; with `HostMode.ORIGIN` mapped to the origin's name |
| Cookie | without our cookies, other bytes untouched; dropped when nothing is left |
| X-Forwarded-For, -Proto, -Host | written by us; from a trusted peer: For appended to, the others kept |
| Forwarded, X-Real-IP | if sent: written by us; from a trusted peer: Forwarded appended to, X-Real-IP kept |
| other X-Forwarded-* | dropped; from a trusted peer kept |
| names that CGI takes for a guarded one (`X_Forwarded_For`, `Content.Length`) | dropped |
| Via | ours added at the end, if switched on |
| conditionals, Range, Accept-Encoding where the page may be rewritten | dropped; limited to what we decode |
| Expect of HTTP/1.0 | dropped (RFC 9110 section 10.1.1) |

With `HostMode.ORIGIN` the shop sees itself asked under its own name throughout, X-Forwarded-Proto and -Host included,
whatever a trusted peer says of them: a shop that redirects to its canonical address would loop otherwise.
"""

import re
from dataclasses import dataclass
from dataclasses import field as member
from enum import Enum
from functools import lru_cache

from proxy.framing.field_names import KNOWN
from proxy.framing.head import RequestHead
from proxy.headers.cookie import stem_of, without_cookies
from proxy.headers.hop_by_hop import HOP_BY_HOP, removed_names
from proxy.headers.trial_host import request_fields
from proxy.headers.trial_names import TrialHost
from proxy.headers.upgrade import asks_for_tunnel


class HostMode(Enum):
    """Whose name the origin sees in Host."""

    PUBLIC = "public"
    """The visitor's: Host passes through."""
    ORIGIN = "origin"
    """Its own: the shop is tried under another name."""


class LoopDetected(Exception):  # noqa: N818 (the name of status 508)
    """Our own Via token came in: the request has passed here before; answer 508."""


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """What is the same for every request to one origin; built once."""

    host_mode: HostMode
    origin_host: bytes
    """Host and port as the origin expects them in Host."""
    origin_scheme: bytes
    """`b"http"` or `b"https"`."""
    our_cookies: tuple[bytes, ...]
    """Names of our cookies, stripped from Cookie."""
    cookie_stem: bytes = member(init=False)
    """What all of these names begin with."""
    token: bytes
    """Our Via pseudonym; also recognised in incoming Via when `via` is off."""
    via: bool = True
    """Send Via."""
    decodable: tuple[bytes, ...] = (b"gzip", b"br", b"zstd")
    """Content codings offered to the origin where the page may be rewritten."""
    aliases: tuple[bytes, ...] = ()
    """Further hosts by which the origin calls itself (for `HostMode.ORIGIN`)."""
    is_public: bool = member(init=False)
    """The host mode is `HostMode.PUBLIC`, as it is of all but trials."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_public", self.host_mode is HostMode.PUBLIC)
        object.__setattr__(self, "cookie_stem", stem_of(self.our_cookies))

    def trial_host(self, public_scheme: bytes, public_host: bytes) -> TrialHost | None:
        """The mapping of names for one request (given what the client asked for), or None with `HostMode.PUBLIC`."""
        if self.host_mode is HostMode.PUBLIC:
            return None
        return TrialHost(
            self.origin_scheme, self.origin_host, public_scheme, public_host or self.origin_host, self.aliases
        )


_CONDITIONAL = frozenset(
    (b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since", b"if-range", b"range")
)
_FORWARDING = frozenset((b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded", b"x-real-ip"))
_OF_THE_NAME = frozenset((b"x-forwarded-proto", b"x-forwarded-host"))
_CLAIMED = frozenset(name for name in KNOWN.values() if name.startswith(b"x-forwarded-")) - _FORWARDING
_HOP_BY_HOP_OR_CLAIMED = HOP_BY_HOP | _CLAIMED
_GUARDED = HOP_BY_HOP | _FORWARDING | {b"host", b"cookie", b"content-length", b"content-type", b"authorization", b"via"}
_LOOKED_AT = frozenset((b"host", b"cookie", b"via", b"expect", b"accept-encoding")) | _CONDITIONAL | _FORWARDING
_NOT_IN_CGI = re.compile(rb"[^a-z0-9]")


def to_origin(
    head: RequestHead,
    policy: OriginPolicy,
    *,
    peer: bytes,
    scheme: bytes,
    trusted_peer: bool,
    personalisable: bool,
) -> list[tuple[bytes, bytes]]:
    """Fields to send, order and case kept, framing fields as `head.framing` says. Raises `LoopDetected`.

    `peer` is the client's address as text, `scheme` what the client used with us (`b"http"`, `b"https"`),
    `personalisable` says that the answer may be rewritten: conditionals and Range go, codings are limited.
    """
    is_public = policy.host_mode is HostMode.PUBLIC
    host = (head.authority or policy.origin_host) if is_public else policy.origin_host
    removed = removed_names(head.connection)
    claims_pass = trusted_peer and is_public
    if not claims_pass:
        removed = _HOP_BY_HOP_OR_CLAIMED if removed is HOP_BY_HOP else removed | _CLAIMED
    tunnel = asks_for_tunnel(head)
    sent: list[tuple[bytes, bytes]] = []
    if b"host" not in head.index:
        sent.append((b"Host", host))
    known = KNOWN.get
    for field in head.headers:
        name, value = field
        lower = known(name)
        if lower is None:
            lower = name.lower()
            if _is_disguised(lower) or (lower.startswith(b"x-forwarded-") and not claims_pass):
                continue
        if lower in removed:
            if lower == b"transfer-encoding" or (tunnel and lower == b"upgrade"):
                sent.append(field)
            elif tunnel and lower == b"connection":
                sent.append((name, b"Upgrade"))
        elif lower not in _LOOKED_AT:
            sent.append(field)
        elif lower == b"host":
            sent.append(field if value == host else (name, host))
        elif lower == b"cookie":
            cookies = without_cookies(value, policy.our_cookies, policy.cookie_stem)
            if cookies:
                sent.append(field if cookies is value else (name, cookies))
        elif lower == b"accept-encoding":
            sent.append((name, limited_codings(value, policy.decodable)) if personalisable else field)
        elif lower in _FORWARDING:
            if trusted_peer and (is_public or lower not in _OF_THE_NAME):
                sent.append(field if is_public or lower != b"forwarded" else (name, _without_names(value)))
        elif lower == b"via":
            if _names_us(value, policy.token):
                raise LoopDetected
            sent.append(field)
        elif lower == b"expect":
            if head.version != b"1.0":
                sent.append(field)
        elif not personalisable:
            sent.append(field)
    trial = policy.trial_host(scheme, head.authority)
    if trial is not None:
        sent = request_fields(sent, trial)
        scheme = policy.origin_scheme
    _add_forwarding(sent, head, peer, scheme, host, trusted_peer, claims_pass)
    if policy.via:
        sent.append((b"Via", head.version + b" " + policy.token))
    return sent


def limited_codings(accept_encoding: bytes, decodable: tuple[bytes, ...]) -> bytes:
    """The codings the client accepts and we can decode, in the client's words; `identity` if there are none."""
    return _limited_codings(accept_encoding, decodable) if len(accept_encoding) < 256 else b"identity"


@lru_cache(maxsize=256)
def _limited_codings(accept_encoding: bytes, decodable: tuple[bytes, ...]) -> bytes:
    kept = [
        item
        for part in accept_encoding.split(b",")
        if (item := part.strip(b" \t")).partition(b";")[0].rstrip(b" \t").lower() in (*decodable, b"identity")
    ]
    return b", ".join(kept) or b"identity"


def _is_disguised(lower: bytes) -> bool:
    """A name that CGI and PHP turn into the variable of a guarded field, without being that field."""
    if lower.replace(b"-", b"").isalnum():
        return False
    plain = _NOT_IN_CGI.sub(b"-", lower)
    return plain in _GUARDED or plain.startswith(b"x-forwarded-")


def _names_us(via: bytes, token: bytes) -> bool:
    """Some element of Via was received by `token` (RFC 9110 section 7.6.3)."""
    return token in via and any(words[1:2] == [token] for words in (part.split() for part in via.split(b",")))


def _add_forwarding(
    sent: list[tuple[bytes, bytes]],
    head: RequestHead,
    peer: bytes,
    scheme: bytes,
    host: bytes,
    trusted_peer: bool,
    claims_pass: bool,
) -> None:
    """Say who asked, and how: ours alone, or after what a trusted peer said."""
    index = head.index if trusted_peer else {}
    if not (b"x-forwarded-for" in index and _append_to_last(sent, b"x-forwarded-for", peer)):
        sent.append((b"X-Forwarded-For", peer))
    if b"x-forwarded-proto" not in index or not claims_pass:
        sent.append((b"X-Forwarded-Proto", scheme))
    if b"x-forwarded-host" not in index or not claims_pass:
        sent.append((b"X-Forwarded-Host", host))
    if b"forwarded" in head.index:
        node = b'"[%b]"' % peer if b":" in peer else peer
        if not (trusted_peer and _append_to_last(sent, b"forwarded", b"for=" + node)):
            sent.append((b"Forwarded", b'for=%b;host="%b";proto=%b' % (node, host, scheme)))
    if b"x-real-ip" in head.index and not trusted_peer:
        sent.append((b"X-Real-IP", peer))


def _without_names(forwarded: bytes) -> bytes:
    """Forwarded without what it says of the host asked for and the scheme (RFC 7239 section 5)."""
    elements = (
        b";".join(pair for pair in element.split(b";") if not pair.strip().lower().startswith((b"host=", b"proto=")))
        for element in forwarded.split(b",")
    )
    return b", ".join(element.strip() for element in elements if element.strip())


def _append_to_last(sent: list[tuple[bytes, bytes]], lower: bytes, element: bytes) -> bool:
    for place in range(len(sent) - 1, -1, -1):
        name, value = sent[place]
        if name.lower() == lower:
            sent[place] = (name, value + b", " + element if value else element)
            return True
    return False
