"""A wire between two processes that can be cut, muted, slowed or moved to another end: TCP through a small relay.

Modes: "pass"; "refuse" (nobody listens); "silent" (what comes is swallowed, connections stay: a black hole);
"reset" (every connection ends with RST).
"""

import asyncio
import socket
import struct
from typing import Literal

Mode = Literal["pass", "refuse", "silent", "reset"]


class Wire:
    """Listens on `port` of the loopback (0: any) and relays to `target`, another port."""

    def __init__(self, target: int, port: int = 0) -> None:
        self.target = target
        self.port = port
        self._mode: Mode = "pass"
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def turn(self, mode: Mode) -> None:
        """Behave like that from now on, towards those who are connected too."""
        was, self._mode = self._mode, mode
        if mode == "refuse" and self._server is not None:
            self._server.close()
            self._server = None
        if mode in ("refuse", "reset"):
            self._end_all()
        if was == "refuse" and mode != "refuse":
            await self.start()

    async def move(self, target: int) -> None:
        """Lead to another port from now on; who is connected loses the connection."""
        self.target = target
        self._end_all()

    async def stop(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        self._end_all()
        await asyncio.sleep(0)

    def _end_all(self) -> None:
        for writer in tuple(self._writers):
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self._mode == "reset":
                writer.transport.abort()
                return
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(far_writer)
            try:
                await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
            finally:
                self._writers.discard(far_writer)
                far_writer.close()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if self._mode == "silent":
                    continue
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
