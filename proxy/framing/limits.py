"""Sizes above which a message is refused, so that no buffer grows with what a peer sends."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest accepted parts of one message; the defaults let legacy shops' heads pass (128 fields, 16 KB cookies)."""

    target_bytes: int = 16_384
    """Longest request target; above it 414."""
    head_bytes: int = 65_536
    """Longest head, start line included; above it 431 (a response: 502)."""
    fields: int = 512
    """Most field lines of one head; above it 431 (a response: 502)."""
    chunk_line_bytes: int = 4_096
    """Longest chunk-size line, extensions included."""
    chunk_overhead_bytes: int = 16_384
    """Chunk framing bytes tolerated beyond a fair share of the data they carry, over the whole body."""
    trailer_bytes: int = 8_192
    """Longest trailer section."""


DEFAULT_LIMITS = Limits()
"""The limits used where nothing is configured."""
