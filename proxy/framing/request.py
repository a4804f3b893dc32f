"""Strict reading of request heads."""

from proxy.framing.head import RequestHead
from proxy.framing.limits import DEFAULT_LIMITS, Limits


def find_head_end(buffer: bytes | bytearray, start: int = 0, limits: Limits = DEFAULT_LIMITS) -> int:
    """Index just past the blank line that ends the request head at the buffer's beginning, or -1 if it has not come yet.

    `start` is where to search from: 0 at first, later `max(0, length of the buffer at the last call - 3)`.
    Raises `FramingError` as soon as a limit is passed or the bytes cannot become a request.
    """
    raise NotImplementedError


def parse_request_head(data: bytes | bytearray, limits: Limits = DEFAULT_LIMITS) -> RequestHead:
    """Parse a complete head (through its blank line; empty lines before it are skipped). Raises `FramingError`."""
    raise NotImplementedError
