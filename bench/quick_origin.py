"""An origin whose category page differs in every answer: a fresh token in each of its places; product pages beside it.

`python -m bench.quick_origin PORT SEED BYTES TOKENS`: as little work as a server in Python can do, on one thread.
"""

import asyncio
import sys
from itertools import count
from typing import cast

import uvloop

from bench.pages.record_shop import CHARSET, category_parts, product_page, records


class Catalogue:
    """What all connections share: the answers, and the number of the next token."""

    def __init__(self, seed: int, size: int, tokens: int) -> None:
        self._parts = category_parts(seed, size, tokens)
        self._numbers = count(1)
        self._head = _head(sum(map(len, self._parts)) + 16 * (len(self._parts) - 1))
        self._products = {b"%d" % record.number: product_page(record) for record in records(seed)}

    def answer(self, head: bytes) -> tuple[bytes, ...]:
        """Head and body for one request."""
        number = head.partition(b"products_id=")[2].partition(b" ")[0]
        if (product := self._products.get(number)) is not None:
            return _head(len(product)), product
        # Knuth's multiplicative hash: tokens that look like tokens, and never repeat.
        token = b"%016x" % (next(self._numbers) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
        return self._head, token.join(self._parts)


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


def _head(length: int) -> bytes:
    fields = f"Server: shop\r\nContent-Type: text/html; charset={CHARSET}\r\nContent-Length: {length}\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\n" + fields.encode()


async def serve(port: int, seed: int, size: int, tokens: int) -> None:
    """Until killed."""
    catalogue = Catalogue(seed, size, tokens)
    server = await asyncio.get_running_loop().create_server(lambda: Shop(catalogue), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(*map(int, sys.argv[1:5])))
