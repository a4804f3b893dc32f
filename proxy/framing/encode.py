"""Heads and chunks to bytes."""

from collections.abc import Iterable, Sequence

LAST_CHUNK = b"0\r\n\r\n"
"""Ends a chunked body without trailers."""


def encode_request_head(method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """An HTTP/1.1 request head. Raises `ValueError` if a part would end a line early."""
    raise NotImplementedError


def encode_response_head(status: int, reason: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """An HTTP/1.1 response head. Raises `ValueError` if a part would end a line early."""
    raise NotImplementedError


def encode_chunk(data: bytes) -> tuple[bytes, bytes, bytes]:
    """One chunk as parts to write (the data itself is not copied); `data` must not be empty."""
    raise NotImplementedError


def encode_chunks(parts: Sequence[bytes]) -> list[bytes]:
    """All parts as one chunk, as parts to write; nothing for no data."""
    raise NotImplementedError


def encode_last_chunk(trailers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The last chunk with trailer fields."""
    raise NotImplementedError
