"""Request fields towards the origin."""

from dataclasses import dataclass
from enum import Enum

from proxy.framing.head import RequestHead


class HostMode(Enum):
    """Whose name the origin sees in Host."""

    PUBLIC = "public"
    """The visitor's: Host passes through."""
    ORIGIN = "origin"
    """Its own: the shop is tried under another name."""


class LoopDetected(Exception):
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
    token: bytes
    """Our Via pseudonym; also recognised in incoming Via when `via` is off."""
    via: bool = True
    """Send Via."""
    decodable: tuple[bytes, ...] = (b"gzip", b"br", b"zstd")
    """Content codings offered to the origin where the page may be rewritten."""


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
    raise NotImplementedError
