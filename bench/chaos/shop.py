"""The shop of a stage: a page for every path, a byte-exact function of it, so that a visitor can tell whose bytes came.

What it does wrong is switched by `mode`, or asked for by the path: /slow/N waits N milliseconds first, /live is a
WebSocket.
"""

import asyncio
import base64
import hashlib
import socket
import struct
from typing import Literal

Mode = Literal["sound", "reset", "silent", "closes_kept"]

_FILLER = "".join(f"<p class=row>Legacy line {number} &amp; so on</p>\r\n" for number in range(40))
_PAGE = (
    "<!DOCTYPE html>\r\n<html><head><title>{path}</title></head>\r\n<body>\r\n<h1>{path}</h1>\r\n"
    f"{_FILLER}<p>{{path}}</p></body></html>\r\n"
)


def page(path: str) -> bytes:
    """The shop's bytes for a path."""
    return _PAGE.format(path=path).encode()


class Shop:
    """A server on `port` of the loopback. `seen` counts requests by method and path, for what must not come twice."""

    def __init__(self) -> None:
        self.port = 0
        self.mode: Mode = "sound"
        self.seen: dict[str, int] = {}
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen, on the port of before where there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse from now on, and end every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._answer_all(reader, writer)
        except (EOFError, ConnectionError, asyncio.LimitOverrunError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, path, _ = head.split(" ", 2)
            key = f"{method} {path}"
            self.seen[key] = self.seen.get(key, 0) + 1
            fields = head.lower()
            if "\r\ncontent-length: " in fields:
                await reader.readexactly(int(fields.partition("\r\ncontent-length: ")[2].partition("\r\n")[0]))
            if "\r\nsec-websocket-key: " in fields:
                await _websocket(head, reader, writer)
                return
            if self.mode == "reset":
                _reset(writer)
                return
            if self.mode == "silent":
                await reader.read()
                return
            if path.startswith("/slow/"):
                await asyncio.sleep(int(path.split("/")[2]) / 1000)
            body = page(path)
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body)
                + (b"" if method == "HEAD" else body)
            )
            await writer.drain()
            if self.mode == "closes_kept":
                return


async def _websocket(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    key = head[head.lower().index("sec-websocket-key: ") + 19 :].partition("\r\n")[0]
    digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )
    await reader.read()


def _reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN (SO_LINGER with no time)."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
