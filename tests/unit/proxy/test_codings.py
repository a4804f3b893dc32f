"""Bodies decoded wholly and within bounds, or not at all; bombs stay flat in memory."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from proxy.codings import (
    FREE_BYTES,
    CodingError,
    StreamDecoder,
    Undecodable,
    coding_for,
    decode,
    encode,
    is_decodable,
)

TEXT = b"<html>" + b"text " * 1000
_RAW = zlib.compressobj(wbits=-15)
RAW = _RAW.compress(TEXT) + _RAW.flush()
BR = brotli.compress(TEXT)
ZSTD = zstandard.ZstdCompressor().compress(TEXT)
_FLUSHED = zstandard.ZstdCompressor(write_content_size=False).compressobj()
ZSTD_OF_UNKNOWN_SIZE = _FLUSHED.compress(TEXT) + _FLUSHED.flush()
_WIDE = zstandard.ZstdCompressor(
    compression_params=zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
).compressobj()
ZSTD_OF_WIDE_WINDOW = _WIDE.compress(TEXT) + _WIDE.flush()

BROKEN, SWOLLEN = Undecodable.BROKEN, Undecodable.SWOLLEN
ROWS: list[tuple[str, bytes, bytes | None, bytes | Undecodable]] = [
    ("none", TEXT, None, TEXT),
    ("identity", TEXT, b"identity", TEXT),
    ("gzip", gzip.compress(TEXT), b"gzip", TEXT),
    ("letter case", gzip.compress(TEXT), b"GZIP", TEXT),
    ("deflate of the RFC", zlib.compress(TEXT), b"deflate", TEXT),
    ("deflate as some send it", RAW, b"deflate", TEXT),
    ("truncated", gzip.compress(TEXT)[:-1], b"gzip", BROKEN),
    ("bytes after the end", gzip.compress(TEXT) + b"x", b"gzip", BROKEN),
    ("another checksum", gzip.compress(TEXT)[:-8] + b"\0\0\0\0" + gzip.compress(TEXT)[-4:], b"gzip", BROKEN),
    ("another length", gzip.compress(TEXT)[:-4] + b"\0\0\0\0", b"gzip", BROKEN),
    ("no gzip at all", TEXT, b"gzip", BROKEN),
    ("unknown", TEXT, b"compress", BROKEN),
    ("double", gzip.compress(gzip.compress(TEXT)), b"gzip, gzip", BROKEN),
    ("larger than allowed", gzip.compress(b" " * 100_000), b"gzip", SWOLLEN),
    ("empty", b"", b"gzip", BROKEN),
    ("br", BR, b"br", TEXT),
    ("br truncated", BR[:-1], b"br", BROKEN),
    ("br, bytes after the end", BR + b"x", b"br", BROKEN),
    ("no br at all", TEXT, b"br", BROKEN),
    ("br larger than allowed", brotli.compress(b" " * 100_000), b"br", SWOLLEN),
    ("br empty", b"", b"br", BROKEN),
    ("zstd", ZSTD, b"zstd", TEXT),
    ("zstd of unknown size", ZSTD_OF_UNKNOWN_SIZE, b"zstd", TEXT),
    ("zstd truncated", ZSTD[:-1], b"zstd", BROKEN),
    ("zstd of unknown size truncated", ZSTD_OF_UNKNOWN_SIZE[:-1], b"zstd", BROKEN),
    ("zstd, bytes after the end", ZSTD + b"x", b"zstd", BROKEN),
    ("no zstd at all", TEXT, b"zstd", BROKEN),
    ("zstd larger than allowed", zstandard.ZstdCompressor().compress(b" " * 100_000), b"zstd", SWOLLEN),
    ("zstd empty", b"", b"zstd", BROKEN),
    ("zstd with a window over 8 MB", ZSTD_OF_WIDE_WINDOW, b"zstd", BROKEN),
]


@pytest.mark.parametrize(("body", "coding", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_decode(body: bytes, coding: bytes | None, expected: bytes | Undecodable) -> None:
    assert decode(body, coding, 50_000) == expected


def test_uncoded_is_the_very_object() -> None:
    assert decode(TEXT, None, 10) is TEXT


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        (None, True),
        (b"gzip", True),
        (b"deflate", True),
        (b"br", True),
        (b"ZSTD", True),
        (b"compress", False),
        (b"gzip, br", False),
    ],
)
def test_is_decodable(coding: bytes | None, expected: bool) -> None:
    assert is_decodable(coding) is expected


READ = {
    None: bytes,
    b"gzip": gzip.decompress,
    b"br": brotli.decompress,
    b"zstd": zstandard.ZstdDecompressor().decompress,
}


@given(st.binary(max_size=2000), st.sampled_from(list(READ)))
def test_encoding_is_undone(body: bytes, coding: bytes | None) -> None:
    packed = encode(body, coding)
    assert READ[coding](packed) == body
    assert decode(packed, coding, 10_000) == body


TOWARDS_THE_CLIENT = [
    ("gzip stays", b"gzip", b"gzip, deflate, br, zstd", b"gzip"),
    ("zstd stays", b"zstd", b"gzip, deflate, br, zstd", b"zstd"),
    ("br becomes zstd", b"br", b"gzip, deflate, br, zstd", b"zstd"),
    ("br becomes gzip", b"br", b"gzip, deflate, br", b"gzip"),
    ("br where it must", b"gzip", b"br", b"br"),
    ("deflate becomes gzip", b"deflate", b"gzip, deflate", b"gzip"),
    ("not coded", None, b"gzip, br, zstd", None),
    ("identity", b"identity", b"gzip", None),
    ("the client says nothing", b"gzip", None, None),
    ("the client takes none", b"gzip", b"deflate", None),
    ("refused by weight", b"gzip", b"gzip;q=0, br;q=0.0", None),
    ("refused by weight, another not", b"gzip", b"gzip; q=0.000, zstd;q=0.1", b"zstd"),
    ("a small weight", b"gzip", b"gzip;q=0.001", b"gzip"),
    ("letter case", b"GZip", b"GZIP", b"gzip"),
    ("x-gzip", b"x-gzip", b"x-gzip", b"gzip"),
    ("any", b"br", b"*", b"zstd"),
    ("any but one", b"br", b"*, zstd;q=0", b"gzip"),
    ("none at all", b"gzip", b"*;q=0", None),
    ("a word that contains another", b"gzip", b"notgzip", None),
    ("endless", b"gzip", b"gzip, " * 100, None),
]


@pytest.mark.parametrize(
    ("origin", "accepted", "expected"),
    [row[1:] for row in TOWARDS_THE_CLIENT],
    ids=[row[0] for row in TOWARDS_THE_CLIENT],
)
def test_coding_towards_the_client(origin: bytes | None, accepted: bytes | None, expected: bytes | None) -> None:
    assert coding_for(origin, accepted) == expected


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255), st.sampled_from((1, 6, 9)))
def test_gzip_is_read_as_zlib_reads_it(body: bytes, place: int, value: int, level: int) -> None:
    packed = bytearray(gzip.compress(body, level))
    packed[place % len(packed)] = value
    reader = zlib.decompressobj(31)
    expected: bytes | Undecodable
    try:
        content = reader.decompress(bytes(packed))
    except zlib.error:
        expected = Undecodable.BROKEN
    else:
        expected = content if reader.eof and not reader.unused_data else Undecodable.BROKEN
    assert decode(bytes(packed), b"gzip", 1_000) == expected


def _packed(body: bytes, coding: bytes) -> bytes:
    return zlib.compress(body) if coding == b"deflate" else encode(body, coding)


CODINGS = st.sampled_from((b"gzip", b"br", b"zstd", b"deflate"))


@given(st.binary(max_size=3000), st.integers(1, 500), CODINGS)
def test_stream_decodes_any_split(body: bytes, size: int, coding: bytes) -> None:
    packed, decoder, out = _packed(body, coding), StreamDecoder(coding), b""
    for at in range(0, len(packed), size):
        out += b"".join(decoder.feed([packed[at : at + size]]))
    decoder.end()
    assert out == body


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("coding", [b"gzip", b"zstd"])
def test_stream_goes_on_with_the_next_member(coding: bytes, size: int) -> None:
    packed, decoder, out = encode(TEXT, coding) + encode(b"more", coding) + b"\0" * 9, StreamDecoder(coding), b""
    for at in range(0, len(packed), size):
        out += b"".join(decoder.feed([packed[at : at + size]]))
    decoder.end()
    assert out == TEXT + b"more"


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"zstd", b"deflate"])
def test_truncated_stream_says_so(coding: bytes) -> None:
    decoder = StreamDecoder(coding)
    decoder.feed([_packed(TEXT, coding)[:-1]])
    with pytest.raises(CodingError):
        decoder.end()


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"zstd", b"deflate"])
def test_stream_that_is_not_of_its_coding_says_so(coding: bytes) -> None:
    with pytest.raises(CodingError):
        StreamDecoder(coding).feed([TEXT])


def _gzip_bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(size // 1_000_000)) + packer.flush()


def _zstd_bomb(size: int, *, says_so: bool) -> bytes:
    packer = zstandard.ZstdCompressor(level=3, write_content_size=says_so).compressobj(size if says_so else -1)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(size // 1_000_000)) + packer.flush()


BOMBS = {
    "gzip": (b"gzip", _gzip_bomb(500_000_000)),
    "br": (b"br", brotli.compress(b" " * 50_000_000, quality=5)),
    "zstd that says so": (b"zstd", _zstd_bomb(500_000_000, says_so=True)),
    "zstd that does not": (b"zstd", _zstd_bomb(500_000_000, says_so=False)),
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_bombs_stay_flat(name: str) -> None:
    coding, bomb = BOMBS[name]
    tracemalloc.start()
    try:
        assert decode(bomb, coding, 2_000_000) is Undecodable.SWOLLEN
        decoder, written = StreamDecoder(coding), 0
        try:
            for at in range(0, len(bomb), 16_384):
                written += sum(map(len, decoder.feed([bomb[at : at + 16_384]])))
        except CodingError:
            written = -written
        assert written <= 0, "the bomb went off"
        assert -written <= FREE_BYTES + 64 * len(bomb)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_text_packed_well_is_no_bomb() -> None:
    text = b"".join(b"<li class=box><a href=/product/%d>Name</a></li>\n" % n for n in range(200_000))
    for coding in (b"gzip", b"br", b"zstd"):
        decoder = StreamDecoder(coding)
        assert b"".join(decoder.feed([encode(text, coding)])) == text
        decoder.end()
