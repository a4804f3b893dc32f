"""Content codings (RFC 9110 section 8.4): a held body decoded, and a changed one encoded again.

Invariant: what cannot be decoded completely and within its bounds is None, and goes out as it came: a truncated, double
or unknown coding, bytes after the end, a body that swells beyond the cap.
"""

import zlib
from collections.abc import Sequence
from typing import cast

from isal import isal_zlib

GZIP_LEVEL = 2
"""Of changed bodies, in ISA-L's levels (0 to 3): about a seventh larger than zlib's level 6, for a tenth of its CPU."""

_GZIP = 16 + zlib.MAX_WBITS
_PLAIN_GZIP = b"\x1f\x8b\x08\0"
"""What servers send. Of headers with flags ISA-L forgives more than browsers do (RFC 1952 section 2.3.1.2)."""
_BROKEN = (zlib.error, cast("type[Exception]", isal_zlib.error))
_WINDOWS = {b"gzip": (_GZIP,), b"x-gzip": (_GZIP,), b"deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS)}
_PIECE = 262_144


def is_decodable(coding: bytes | None) -> bool:
    """`coding` is the Content-Encoding value: none, identity, or a single coding known here."""
    return coding is None or coding.lower() in (b"", b"identity") or coding.lower() in _WINDOWS


def decode(body: bytes, coding: bytes | None, most_bytes: int) -> bytes | None:
    """The content of `body`, the very object when it is not coded; None when it is not whole or larger than allowed."""
    if coding is None or (lower := coding.lower()) in (b"", b"identity"):
        return body
    for window in _WINDOWS.get(lower, ()):  # "deflate" is zlib by the RFC and raw from some servers
        decoder = (isal_zlib if body.startswith(_PLAIN_GZIP) and window == _GZIP else zlib).decompressobj(window)
        try:
            content: bytes = decoder.decompress(body, most_bytes + 1)
        except _BROKEN:
            continue
        if decoder.eof and not decoder.unused_data and len(content) <= most_bytes:
            return content
        return None
    return None


def encode_gzip(body: bytes, level: int = GZIP_LEVEL) -> bytes:
    """`body` as gzip."""
    return isal_zlib.compress(body, level, _GZIP)


class StreamDecoder:
    """A coded body decoded as it comes; raises `zlib.error` for what is not that coding."""

    __slots__ = ("_coding", "_decoder")

    def __init__(self, coding: bytes | None) -> None:
        self._coding = (coding or b"identity").lower()
        windows = _WINDOWS.get(self._coding)
        self._decoder = zlib.decompressobj(windows[0]) if windows else None

    def feed(self, parts: Sequence[bytes]) -> list[bytes]:
        """The content of `parts`, in pieces of bounded size."""
        decoder = self._decoder
        if decoder is None:
            return list(parts)
        pieces: list[bytes] = []
        for part in parts:
            while part:
                pieces.append(decoder.decompress(part, _PIECE))
                part = decoder.unconsumed_tail
        return [piece for piece in pieces if piece]

    def end(self) -> None:
        """The body has ended; `zlib.error` when the coding has not."""
        if self._decoder is not None and not self._decoder.eof:
            raise zlib.error("coded body without its end")
