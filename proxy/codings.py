"""Content codings (RFC 9110 section 8.4): a held body decoded, and a changed one encoded again.

Invariant: what cannot be decoded completely and within its bounds goes out as it came: a truncated, double or unknown
coding, bytes after the end, a body that swells beyond the cap. No call here makes more bytes than its cap and a piece.
"""

import threading
import zlib
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from typing import cast

import brotli
import zstandard
from isal import isal_zlib

from proxy.stretched_gzip import GZIP, gzip
from transforms.page.stretch import Standing

OFFERED = (b"gzip", b"br", b"zstd")
"""What the origin is offered where we read the body, as far as the client accepts it."""
ZSTD_LEVEL = 1
BROTLI_QUALITY = 1
"""Only for who accepts nothing else: at a CPU that we can afford Brotli packs worse than the others."""
MOST_WINDOW_BYTES = 8 * 1024 * 1024
"""Of zstd (RFC 9659 section 3): a frame that asks for more is refused before anything is allocated."""

_PLAIN_GZIP = b"\x1f\x8b\x08\0"
"""What servers send. Of headers with flags ISA-L forgives more than browsers do (RFC 1952 section 2.3.1.2)."""
_ISAL_ERROR = cast("type[Exception]", isal_zlib.error)
BROKEN: tuple[type[Exception], ...] = (zlib.error, _ISAL_ERROR, brotli.error, zstandard.ZstdError)
"""What the libraries raise."""
_WINDOWS = {b"gzip": (GZIP,), b"x-gzip": (GZIP,), b"deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS)}
_KNOWN = frozenset((*_WINDOWS, b"br", b"zstd"))
_UNCODED = (b"", b"identity")
_IN_TURN: dict[bytes, tuple[bytes, ...]] = {
    b"zstd": (b"zstd", b"gzip", b"br"),
    b"br": (b"zstd", b"gzip", b"br"),
}
_GZIP_FIRST = (b"gzip", b"zstd", b"br")


class _Zstandard(threading.local):
    """A thread's own contexts: making one costs as much as packing a page."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
        self.decompressor = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW_BYTES)


_ZSTD = _Zstandard()


class Undecodable(Enum):
    """Why a body goes out as it came."""

    BROKEN = "broken"
    """Truncated, damaged, continued behind its end, or of a coding not known here."""
    SWOLLEN = "swollen"
    """Larger than allowed."""


def is_decodable(coding: bytes | None) -> bool:
    """`coding` is the Content-Encoding value: none, identity, or a single coding known here."""
    return coding is None or (lower := coding.lower()) in _UNCODED or lower in _KNOWN


def is_coded(coding: bytes | None) -> bool:
    """The Content-Encoding value says that the bytes are not the content itself."""
    return coding is not None and coding.lower() not in _UNCODED


def decode(body: bytes, coding: bytes | None, most_bytes: int) -> bytes | Undecodable:
    """The content of `body`, the very object when it is not coded; at most `most_bytes` of it."""
    if coding is None or (lower := coding.lower()) in _UNCODED:
        return body
    try:
        if lower == b"br":
            return _unbrotlied(body, most_bytes)
        if lower == b"zstd":
            return _unzstd(body, most_bytes)
    except BROKEN:
        return Undecodable.BROKEN
    for window in _WINDOWS.get(lower, ()):  # "deflate" is zlib by the RFC and raw from some servers
        decoder = (isal_zlib if body.startswith(_PLAIN_GZIP) and window == GZIP else zlib).decompressobj(window)
        try:
            content: bytes = decoder.decompress(body, most_bytes + 1)
        except BROKEN:
            continue
        if len(content) > most_bytes:
            return Undecodable.SWOLLEN
        return content if decoder.eof and not decoder.unused_data else Undecodable.BROKEN
    return Undecodable.BROKEN


def _unbrotlied(body: bytes, most_bytes: int) -> bytes | Undecodable:
    decoder = brotli.Decompressor()
    content: bytes = decoder.process(body, output_buffer_limit=most_bytes + 1)  # exceeds it by a block at most
    if len(content) > most_bytes:
        return Undecodable.SWOLLEN
    return content if decoder.is_finished() else Undecodable.BROKEN


def _unzstd(body: bytes, most_bytes: int) -> bytes | Undecodable:
    declared = zstandard.frame_content_size(body)
    if declared > most_bytes:  # the library would allocate what a frame declares
        return Undecodable.SWOLLEN
    decoder = _ZSTD.decompressor
    if declared >= 0:
        return decoder.decompress(body, allow_extra_data=False)
    pieces: list[bytes] = []
    size = 0
    with decoder.stream_reader(body, read_across_frames=True) as reader:
        while piece := reader.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > most_bytes:
                return Undecodable.SWOLLEN
    # Now that the size is known to be small: a reader says nothing of a missing end.
    return decoder.decompress(body, max_output_size=max(size, 1), allow_extra_data=False)


@lru_cache(maxsize=256)
def accepted_codings(accept_encoding: bytes) -> frozenset[bytes]:
    """Of the codings that we write, those that an Accept-Encoding value takes (RFC 9110 section 12.5.3)."""
    refused: set[bytes] = set()
    named: set[bytes] = set()
    for part in accept_encoding.lower().split(b","):
        coding, _, weight = part.strip(b" \t").partition(b";")
        coding = coding.rstrip(b" \t")
        is_refused = weight.replace(b" ", b"").replace(b"\t", b"").rstrip(b"0") in (b"q=", b"q=0.", b"q=.")
        (refused if is_refused else named).add(b"gzip" if coding == b"x-gzip" else coding)
    if b"*" in named:
        named.update(OFFERED)
    return frozenset(named & set(OFFERED)) - refused


def coding_for(origin_coding: bytes | None, accept_encoding: bytes | None) -> bytes | None:
    """In which coding a changed body goes out: None where the origin sent none, or the client accepts none of ours.

    gzip stays gzip and zstd stays zstd; what came as br goes out as zstd or gzip.
    """
    if accept_encoding is None or not is_coded(origin_coding):
        return None
    accepted = accepted_codings(accept_encoding) if len(accept_encoding) < 256 else frozenset()
    if not accepted:
        return None
    for coding in _IN_TURN.get((origin_coding or b"").lower(), _GZIP_FIRST):
        if coding in accepted:
            return coding
    return None


def encode(body: bytes, coding: bytes | None, standing: Sequence[Standing] = ()) -> bytes:
    """`body` in a coding that `coding_for` returned; stretches on it may be kept packed."""
    if coding is None:
        return body
    if coding == b"zstd":
        return _ZSTD.compressor.compress(body)
    if coding == b"br":
        packed: bytes = brotli.compress(body, quality=BROTLI_QUALITY, lgwin=18)
        return packed
    return gzip(body, standing)


_PIECE = 262_144
FREE_BYTES = 4 * 1024 * 1024
"""What any streamed body may unfold to."""
MOST_RATIO = 64
"""How much larger than its coded form a streamed body may be beyond that; shops' text is below 30."""
_ZSTD_SLICE = 256  # bytes read at a time: 4 of them can stand for 128 KB


class CodingError(Exception):
    """A streamed body is not of the coding it claims, or swells beyond measure."""


class StreamDecoder:
    """A coded body decoded as it comes; gzip members and zstd frames may follow one another."""

    __slots__ = ("_ahead", "_decoder", "_new", "_read", "_written")

    def __init__(self, coding: bytes | None) -> None:
        """`coding` must be decodable."""
        self._new = _decoder_of((coding or b"identity").lower())
        self._decoder = None if self._new is None else self._new()
        self._ahead = b""  # read behind the end of a member
        self._read = 0
        self._written = 0

    def feed(self, parts: list[bytes]) -> list[bytes]:
        """The content of `parts`. Raises `CodingError`."""
        if self._decoder is None:
            return parts
        pieces: list[bytes] = []
        try:
            for part in parts:
                self._read += len(part)
                self._feed(part, pieces)
        except BROKEN as error:
            raise CodingError(str(error)) from None
        return pieces

    def _feed(self, data: bytes, pieces: list[bytes]) -> None:
        while data and self._decoder is not None and self._new is not None:
            if self._decoder.is_done:
                data = self._ahead + data
                self._ahead = b""
                magic = self._decoder.magic
                if len(data) < len(magic):
                    self._ahead = data
                    return
                if not magic or not data.startswith(magic):
                    return  # padding behind the end, which browsers ignore
                self._decoder = self._new()
            data = self._decoder.feed(data, pieces, self._allowed)

    def _allowed(self, piece: bytes) -> bytes:
        self._written += len(piece)
        if self._written > FREE_BYTES + MOST_RATIO * self._read:
            raise CodingError("a coded body swells beyond measure")
        return piece

    def end(self) -> None:
        """The body has ended; `CodingError` when the coding has not."""
        if self._decoder is not None and not self._decoder.is_done:
            raise CodingError("coded body without its end")


Allow = Callable[[bytes], bytes]
"""Counts a piece; raises `CodingError` when it is too much."""


class _Zlib:
    """One gzip member or zlib stream."""

    __slots__ = ("_decoder", "magic")

    def __init__(self, window: int) -> None:
        self.magic = b"\x1f\x8b" if window == GZIP else b""
        self._decoder = zlib.decompressobj(window)

    @property
    def is_done(self) -> bool:
        return self._decoder.eof

    def feed(self, data: bytes, pieces: list[bytes], allow: Allow) -> bytes:
        """Returns what is behind the end."""
        while True:
            piece = self._decoder.decompress(data, _PIECE)
            if piece:
                pieces.append(allow(piece))
            data = self._decoder.unconsumed_tail
            if self._decoder.eof or not data:
                return self._decoder.unused_data


class _Brotli:
    """One Brotli stream."""

    __slots__ = ("_decoder", "magic")

    def __init__(self) -> None:
        self.magic = b""
        self._decoder = brotli.Decompressor()

    @property
    def is_done(self) -> bool:
        return bool(self._decoder.is_finished())

    def feed(self, data: bytes, pieces: list[bytes], allow: Allow) -> bytes:
        """Nothing is ever behind the end."""
        while True:
            piece = self._decoder.process(data, output_buffer_limit=_PIECE)
            if piece:
                pieces.append(allow(piece))
            data = b""
            if self._decoder.is_finished() or self._decoder.can_accept_more_data():
                return b""


class _Zstd:
    """One zstd frame."""

    __slots__ = ("_decoder", "magic")

    def __init__(self) -> None:
        self.magic = b"\x28\xb5\x2f\xfd"
        self._decoder = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW_BYTES).decompressobj()

    @property
    def is_done(self) -> bool:
        return self._decoder.eof

    def feed(self, data: bytes, pieces: list[bytes], allow: Allow) -> bytes:
        """Returns what is behind the end."""
        for at in range(0, len(data), _ZSTD_SLICE):
            piece = self._decoder.decompress(data[at : at + _ZSTD_SLICE])
            if piece:
                pieces.append(allow(piece))
            if self._decoder.eof:
                return self._decoder.unused_data + data[at + _ZSTD_SLICE :]
        return b""


def _decoder_of(coding: bytes) -> Callable[[], _Zlib | _Brotli | _Zstd] | None:
    if coding == b"br":
        return _Brotli
    if coding == b"zstd":
        return _Zstd
    windows = _WINDOWS.get(coding)
    return None if windows is None else lambda: _Zlib(windows[0])
