"""Tolerant reading of response heads."""

from proxy.framing.head import ResponseHead
from proxy.framing.limits import DEFAULT_LIMITS, Limits


def find_response_head_end(buffer: bytes | bytearray, start: int = 0, limits: Limits = DEFAULT_LIMITS) -> int:
    """As `find_head_end`, for a response: lines may end in a bare LF. Raises `FramingError(502)`."""
    raise NotImplementedError


def parse_response_head(
    data: bytes | bytearray, request_method: bytes, limits: Limits = DEFAULT_LIMITS
) -> ResponseHead:
    """Parse a complete response head; `request_method` decides whether a body follows. Raises `FramingError(502)`."""
    raise NotImplementedError
