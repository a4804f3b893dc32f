"""Bodies decoded wholly and within bounds, or not at all."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.codings import StreamDecoder, decode, encode_gzip, is_decodable

TEXT = b"<html>" + b"text " * 1000
_RAW = zlib.compressobj(wbits=-15)
RAW = _RAW.compress(TEXT) + _RAW.flush()

ROWS = [
    ("none", TEXT, None, TEXT),
    ("identity", TEXT, b"identity", TEXT),
    ("gzip", gzip.compress(TEXT), b"gzip", TEXT),
    ("letter case", gzip.compress(TEXT), b"GZIP", TEXT),
    ("deflate of the RFC", zlib.compress(TEXT), b"deflate", TEXT),
    ("deflate as some send it", RAW, b"deflate", TEXT),
    ("truncated", gzip.compress(TEXT)[:-1], b"gzip", None),
    ("bytes after the end", gzip.compress(TEXT) + b"x", b"gzip", None),
    ("another checksum", gzip.compress(TEXT)[:-8] + b"\0\0\0\0" + gzip.compress(TEXT)[-4:], b"gzip", None),
    ("another length", gzip.compress(TEXT)[:-4] + b"\0\0\0\0", b"gzip", None),
    ("no gzip at all", TEXT, b"gzip", None),
    ("unknown", TEXT, b"br", None),
    ("double", gzip.compress(gzip.compress(TEXT)), b"gzip, gzip", None),
    ("larger than allowed", gzip.compress(b" " * 100_000), b"gzip", None),
    ("empty", b"", b"gzip", None),
]


@pytest.mark.parametrize(("body", "coding", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_decode(body: bytes, coding: bytes | None, expected: bytes | None) -> None:
    assert decode(body, coding, 50_000) == expected


def test_uncoded_is_the_very_object() -> None:
    assert decode(TEXT, None, 10) is TEXT


@pytest.mark.parametrize(
    ("coding", "expected"), [(None, True), (b"gzip", True), (b"deflate", True), (b"br", False), (b"gzip, br", False)]
)
def test_is_decodable(coding: bytes | None, expected: bool) -> None:
    assert is_decodable(coding) is expected


@given(st.binary(max_size=2000))
def test_encoding_is_undone(body: bytes) -> None:
    assert gzip.decompress(encode_gzip(body)) == body


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255), st.sampled_from((1, 6, 9)))
def test_gzip_is_read_as_zlib_reads_it(body: bytes, place: int, value: int, level: int) -> None:
    packed = bytearray(gzip.compress(body, level))
    packed[place % len(packed)] = value
    reader = zlib.decompressobj(31)
    try:
        content = reader.decompress(bytes(packed))
    except zlib.error:
        expected = None
    else:
        expected = content if reader.eof and not reader.unused_data else None
    assert decode(bytes(packed), b"gzip", 1_000) == expected


@given(st.binary(max_size=3000), st.integers(1, 500))
def test_stream_decodes_any_split(body: bytes, size: int) -> None:
    packed, decoder, out = gzip.compress(body), StreamDecoder(b"gzip"), b""
    for at in range(0, len(packed), size):
        out += b"".join(decoder.feed([packed[at : at + size]]))
    decoder.end()
    assert out == body


def test_truncated_stream_says_so() -> None:
    decoder = StreamDecoder(b"gzip")
    decoder.feed([gzip.compress(TEXT)[:-5]])
    with pytest.raises(zlib.error):
        decoder.end()
