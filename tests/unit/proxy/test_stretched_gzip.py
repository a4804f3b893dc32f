"""gzip with stretches that were packed before: the very bytes for whoever unpacks it, and fewer of them."""

import gzip as stdlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import igzip

from proxy.stretched_gzip import GZIP_LEVEL, gzip
from transforms.page.stretch import Standing, Stretch

TEXT = b"".join(b'<p class="review">Vinilo %d, edicion de %d</p>\n' % (n * n, 1950 + n % 70) for n in range(900))


def put_together(parts: list[tuple[bytes, Stretch | None]]) -> tuple[bytes, list[Standing]]:
    body, standing = b"", []
    for part, stretch in parts:
        if stretch is not None:
            standing.append(Standing(len(body), len(body) + len(part), stretch))
        body += part
    return body, standing


@given(
    st.lists(st.binary(max_size=40), min_size=4, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=8),
)
def test_it_unpacks_to_the_very_bytes(kinds: list[bytes], order: list[tuple[int, bool]]) -> None:
    stretches = [Stretch() for _ in kinds]
    body, standing = put_together([(kinds[n] * 50, stretches[n] if is_kept else None) for n, is_kept in order])
    for _ in range(6):
        packed = gzip(body, standing)
        assert zlib.decompress(packed, 31) == stdlib.decompress(packed) == igzip.decompress(packed) == body
        decoder = zlib.decompressobj(31)
        decoder.decompress(packed)
        assert decoder.eof
        assert not decoder.unused_data


def test_a_stretch_is_packed_when_it_comes_for_the_fourth_time_and_once() -> None:
    stretch = Stretch()
    sizes, packed = [], []
    for name in (b"Ana", b"Luis", b"Eva", b"Noa", b"Zoe"):
        body, standing = put_together([(b"<h1>Hola, " + name + b"</h1>", None), (TEXT, stretch), (b"</html>", None)])
        sizes.append(len(gzip(body, standing)))
        packed.append(stretch.packed)
    assert packed[:3] == [None, None, None]
    assert packed[3] is packed[4] is not None
    assert max(sizes[3:]) < min(sizes[:3])


def test_pages_without_stretches_are_packed_whole() -> None:
    assert gzip(TEXT) == igzip.isal_zlib.compress(TEXT, GZIP_LEVEL, 31)
    assert gzip(b"") == igzip.isal_zlib.compress(b"", GZIP_LEVEL, 31)


def test_bytes_that_a_stretch_does_not_stand_for_are_refused_by_whoever_unpacks_them() -> None:
    stretch = Stretch()
    for _ in range(4):
        gzip(*put_together([(b"<p>", None), (TEXT, stretch)]))
    other = TEXT.replace(b"1960", b"2026")
    wrong = gzip(*put_together([(b"<p>", None), (other, stretch)]))
    with pytest.raises(zlib.error):
        zlib.decompress(wrong, 31)
