"""How the end of a body is found (RFC 9112 section 6.3)."""

from dataclasses import dataclass

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class NoBody:
    """No body follows: nothing announced one, or the method or status excludes it."""


class Sized(Struct, frozen=True, gc=False):
    """`length` bytes follow (may be 0: an explicit `Content-Length: 0`)."""

    length: int


@dataclass(frozen=True, slots=True)
class Chunked:
    """Chunks follow, up to the last chunk and the trailer section."""


@dataclass(frozen=True, slots=True)
class UntilClose:
    """Everything up to the end of the connection follows (responses only)."""


BodyFraming = NoBody | Sized | Chunked | UntilClose

NO_BODY = NoBody()
CHUNKED = Chunked()
UNTIL_CLOSE = UntilClose()
