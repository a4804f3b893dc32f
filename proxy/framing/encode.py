"""Heads and chunks to bytes.

Invariant: a head has exactly the lines it was given; no value, whoever made it, can start another.
"""

from collections.abc import Iterable, Sequence

LAST_CHUNK = b"0\r\n\r\n"
"""Ends a chunked body without trailers."""

_BREAKING = b"\x00\r\n"


def encode_request_head(method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """An HTTP/1.1 request head. Raises `ValueError` if a part would end a line early."""
    return _encoded(b"%b %b HTTP/1.1" % (method, target), headers)


def encode_fields_between(start: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A part of a head that has more lines behind it. Raises `ValueError` likewise."""
    return _encoded(start, headers)[:-2]


def encode_response_head(status: int, reason: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """An HTTP/1.1 response head. Raises `ValueError` if a part would end a line early."""
    return _encoded(encode_status_line(status, reason), headers)


def encode_status_line(status: int, reason: bytes) -> bytes:
    """The line that a response head begins with, without its end."""
    return b"HTTP/1.1 %d %b" % (status, reason)


def encode_chunks(parts: Sequence[bytes]) -> list[bytes]:
    """All parts as one chunk, as parts to write; nothing for no data."""
    size = sum(map(len, parts))
    return [b"%x\r\n" % size, *parts, b"\r\n"] if size else []


def encode_last_chunk(trailers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The last chunk with trailer fields. Raises `ValueError` as the heads do."""
    return _encoded(b"0", tuple(trailers))


def _encoded(start_line: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    lines = [start_line, *map(b": ".join, headers), b"", b""]
    encoded = b"\r\n".join(lines)
    if len(encoded) - len(encoded.translate(None, _BREAKING)) != 2 * (len(lines) - 1):
        raise ValueError("CR, LF or NUL inside a line of a head")
    return encoded
