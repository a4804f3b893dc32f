"""gzip of a page of which long stretches were packed before (RFC 1951, RFC 1952).

A deflate stream may be put together of blocks that end on whole bytes and refer to nothing before them. So a stretch
that all pages of a template have is packed once, thoroughly, and only what stands around it is packed for every page:
that is smaller than all of it packed quickly, and takes half of the CPU.
Invariant: the checksum is that of the bytes that are to go out, so whatever else were in the blocks would be refused.
"""

import zlib
from collections.abc import Sequence
from struct import Struct

from isal import isal_zlib

from transforms.page.stretch import Standing

GZIP_LEVEL = 2
"""Of changed bodies, in ISA-L's levels (0 to 3)."""
GZIP = 16 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_THOROUGHLY = 9
SOON = 4
"""A stretch is packed when it is sent for the fourth time: not each template has so many pages."""
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no flags, no time, no system
_TAIL = Struct("<II")


def gzip(body: bytes, standing: Sequence[Standing] = ()) -> bytes:
    """`body` packed, with stretches that lie on it, in turn, as they were packed before."""
    view = memoryview(body)
    pieces = [_HEAD]
    at = 0
    for start, end, stretch in standing:
        stretch.times += 1
        if stretch.packed is None:
            if stretch.times < SOON:
                continue
            stretch.packed = _thoroughly(view[start:end])
        if at < start:
            pieces.append(_quickly(view[at:start], isal_zlib.Z_SYNC_FLUSH))
        pieces.append(stretch.packed)
        at = end
    if not at:
        packed: bytes = isal_zlib.compress(body, GZIP_LEVEL, GZIP)
        return packed
    pieces += (_quickly(view[at:], isal_zlib.Z_FINISH), _TAIL.pack(isal_zlib.crc32(body), len(body) & 0xFFFFFFFF))
    return b"".join(pieces)


def _quickly(part: memoryview, flush: int) -> bytes:
    packer = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, _RAW)
    packed: bytes = packer.compress(part) + packer.flush(flush)
    return packed


def _thoroughly(part: memoryview) -> bytes:
    packer = zlib.compressobj(_THOROUGHLY, zlib.DEFLATED, _RAW)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
