"""Bodies as they arrive: push bytes in, get the content's bytes out, as slices of what came (usually the very object)."""

from typing import Protocol

from proxy.framing.body_framing import BodyFraming
from proxy.framing.head import Headers
from proxy.framing.limits import DEFAULT_LIMITS, Limits


class Decoder(Protocol):
    """One body. Feed it until `done`; `leftover` then holds what came after the message."""

    done: bool
    leftover: bytes

    def feed(self, data: bytes) -> list[bytes]:
        """Content bytes in `data`, possibly in several parts, none empty. Raises `FramingError`."""

    def eof(self) -> None:
        """The peer closed: complete an until-close body, or raise `FramingError` for a truncated one."""


class SizedDecoder:
    """A body of known length; length 0 is done at once."""

    def __init__(self, length: int, error_status: int = 400) -> None:
        raise NotImplementedError


class ChunkedDecoder:
    """A chunked body (RFC 9112 section 7.1); `trailers` holds the permitted trailer fields once done."""

    trailers: Headers

    def __init__(self, limits: Limits = DEFAULT_LIMITS, error_status: int = 400) -> None:
        raise NotImplementedError


class UntilCloseDecoder:
    """A body that ends with the connection."""


def decoder_for(framing: BodyFraming, limits: Limits = DEFAULT_LIMITS, *, error_status: int = 400) -> Decoder:
    """The decoder for a framing; `error_status` is 400 for requests, 502 for responses (which are read tolerantly)."""
    raise NotImplementedError
