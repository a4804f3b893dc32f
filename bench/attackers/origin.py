"""The shop behind the fronts: `python -m bench.attackers.origin PORT`; what it answers depends on the path alone.

/small a few bytes; /page a page that is personalised; /html?kb=N a page of that size; /mb?n=N a download; /endless a
download without an end; /sse an event every 100 ms with the time it was sent at; /bomb a small gzip of 500 MB;
/hang never answers; /echo the head it was sent. Everything under /slow/MS/ comes that much later.
"""

import asyncio
import gzip
import sys
import time
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any, cast

import uvloop

_BLOCK = bytes(range(256)) * 256
_PAGE = b"""<!DOCTYPE html>
<html><head><title>Shop</title></head><body><div id="header"><p id="hello">Welcome</p></div>
%b</body></html>
"""
_ITEM = b'<div class="product"><a href="/product?id=%d">Product %d</a> <span class="price">%d.00</span></div>\n'
SSE_EVERY_S = 0.1


@lru_cache(maxsize=16)
def page(kb: int) -> bytes:
    """A page of about that many KB."""
    items = b"".join(_ITEM % (number, number, number % 90) for number in range(1 + kb * 1024 // 90))
    return _PAGE % items


@lru_cache(maxsize=1)
def bomb() -> bytes:
    """0.5 MB of gzip that becomes a page of 500 MB."""
    return gzip.compress(_PAGE % (b" " * (500 << 20)), 6)


class Connection(asyncio.Protocol):
    """One connection of a front; requests are read up to their head, and a sized body is skipped."""

    def __init__(self) -> None:
        self._data = b""
        self._skip = 0
        self._task: asyncio.Task[None] | None = None
        self._transport = cast("asyncio.Transport", None)
        self._can_write = asyncio.Event()
        self._can_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The front connects."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Whatever is under way ends."""
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        """The front takes no more."""
        self._can_write.clear()

    def resume_writing(self) -> None:
        """It does."""
        self._can_write.set()

    def data_received(self, data: bytes) -> None:
        """Answer each head."""
        self._data += data
        while self._data:
            skipped = min(self._skip, len(self._data))
            self._data, self._skip = self._data[skipped:], self._skip - skipped
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return
            head, self._data = self._data[: end + 4], self._data[end + 4 :]
            lower = head.lower()
            if (at := lower.find(b"\r\ncontent-length:")) >= 0:
                self._skip = int(lower[at + 17 :].split(b"\r\n", 1)[0])
            self._answer(head, head.split(b" ", 2)[1].decode("latin-1"))

    def _answer(self, head: bytes, target: str) -> None:
        if target.startswith("/slow/"):
            _, _, delay, rest = target.split("/", 3)
            asyncio.get_running_loop().call_later(int(delay) / 1000, self._answer, head, "/" + rest)
            return
        path, _, query = target.partition("?")
        number = int(query.partition("=")[2] or 0)
        match path:
            case "/hang":
                return
            case "/page":
                self._whole(b"text/html; charset=utf-8", page(8))
            case "/html":
                self._whole(b"text/html; charset=utf-8", page(number))
            case "/bomb":
                self._whole(b"text/html", bomb(), b"Content-Encoding: gzip\r\n")
            case "/mb":
                self._start(self._download(number << 20))
            case "/endless":
                self._start(self._download(None))
            case "/sse":
                self._start(self._events())
            case "/echo":
                self._whole(b"text/plain", head)
            case _:
                self._whole(b"text/plain", b"ok\n")

    def _whole(self, kind: bytes, body: bytes, more: bytes = b"") -> None:
        if not self._transport.is_closing():
            head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n%bContent-Length: %d\r\n\r\n" % (kind, more, len(body))
            self._transport.write(head + body)

    def _start(self, answer: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.get_running_loop().create_task(answer)

    async def _download(self, size: int | None) -> None:
        framing = b"Transfer-Encoding: chunked" if size is None else b"Content-Length: %d" % size
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n%b\r\n\r\n" % framing)
        left = size
        while left is None or left > 0:
            await self._can_write.wait()
            part = _BLOCK if left is None else _BLOCK[:left]
            self._transport.write(part if left is not None else b"%x\r\n%b\r\n" % (len(part), part))
            left = None if left is None else left - len(part)

    async def _events(self) -> None:
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        while True:
            event = b"data: %.6f\n\n" % time.monotonic()
            self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))
            await asyncio.sleep(SSE_EVERY_S)


async def main(port: int) -> None:
    """Serve until ended."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
