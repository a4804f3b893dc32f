"""An origin whose category page differs in every answer; product pages beside it. As little work as Python can do.

`python -m bench.side_by_side.origin PORT SEED BYTES TOKENS RESHAPED PACKED`, on one thread. With tokens, a fresh one
stands in each of their places; reshaped, boxes, records and reviews come and go as well; packed, pages are gzip.
"""

import asyncio
import sys
from collections.abc import Callable
from itertools import count
from random import Random
from typing import cast

import uvloop
from isal import igzip

from bench.pages.record_shop import CHARSET, TOKEN, category_parts, category_pieces, encoded, product_page, records

SHAPES = 4096
"""Subsets of the page's pieces that take turns; more than any cache of templates holds."""
_KNUTH = 0x9E3779B97F4A7C15


class Catalogue:
    """What all connections share: the answers, and the number of the next one."""

    def __init__(self, seed: int, size: int, tokens: int, *, is_reshaped: bool, is_packed: bool) -> None:
        self._page = _reshaped(seed, size) if is_reshaped else _with_tokens(seed, size, tokens)
        self._numbers = count(1)
        self._is_packed = is_packed
        self._products = {b"%d" % record.number: product_page(record) for record in records(seed)}

    def answer(self, head: bytes) -> tuple[bytes, bytes]:
        """Head and body for one request."""
        asked = head.partition(b"products_id=")[2].partition(b" ")[0]
        body = self._products.get(asked) or self._page(next(self._numbers))
        coding = b""
        if self._is_packed and b"gzip" in head:
            body, coding = igzip.compress(body, compresslevel=1), b"Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
        fields = f"Server: shop\r\nContent-Type: text/html; charset={CHARSET}\r\nContent-Length: {len(body)}\r\n"
        return b"HTTP/1.1 200 OK\r\n" + fields.encode() + coding + b"\r\n", body


def _token(number: int) -> bytes:
    return b"%016x" % (number * _KNUTH & 0xFFFFFFFFFFFFFFFF)  # looks like a token, and never repeats


def _with_tokens(seed: int, size: int, tokens: int) -> Callable[[int], bytes]:
    parts = category_parts(seed, size, tokens)
    return lambda number: _token(number).join(parts)


def _reshaped(seed: int, size: int) -> Callable[[int], bytes]:
    random = Random(f"shapes {seed}")
    pieces = category_pieces(seed, size, records(seed))
    variants = []
    for _ in range(SHAPES):
        boxes = [box for box in pieces.boxes if random.random() < 0.7]
        items = [item for item in pieces.items if random.random() < 0.9]
        reviews = [review for review in pieces.reviews if random.random() < 0.9]
        text = "".join((pieces.head, *boxes, pieces.middle, *items, pieces.between, *reviews, pieces.foot))
        variants.append([encoded(part) for part in text.split(TOKEN, 20)])
    return lambda number: _token(number).join(variants[number % SHAPES])


class Shop(asyncio.Protocol):
    """One connection; requests here have no body."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._rest = b""
        self._transport = cast("asyncio.Transport", None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """One answer per head."""
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for head in heads:
            self._transport.writelines(self._catalogue.answer(head))


async def serve(port: int, catalogue: Catalogue) -> None:
    """Until killed."""
    server = await asyncio.get_running_loop().create_server(lambda: Shop(catalogue), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    _port, _seed, _bytes, _tokens, _shapes, _packs = map(int, sys.argv[1:7])
    uvloop.run(serve(_port, Catalogue(_seed, _bytes, _tokens, is_reshaped=bool(_shapes), is_packed=bool(_packs))))
