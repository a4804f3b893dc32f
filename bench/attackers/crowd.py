"""Many visitors asking for pages as fast as answers come, or as fast as they like: cheap enough to overrun a front.

Each keeps a cookie that the front gave it, so that its pages are those of a known visitor.
"""

import asyncio
import time
from collections import deque
from typing import cast

from bench.attackers.clients import get, read_head

WITHIN_S = 1.0
"""A page that comes later than that is no use to its visitor."""


class Crowd:
    """What came of what was asked, and the connections that are free."""

    def __init__(self, port: int, target: str) -> None:
        self.port = port
        self.target = target
        self.requests: list[bytes] = []
        self.idle: deque[_Client] = deque()
        self.good = self.shed = self.late = self.failed = 0
        self.asks_again_until = 0.0

    async def arrive(self, visitors: int) -> None:
        """Everybody asks for a first page and keeps the cookie."""
        for number in range(visitors):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(get(self.target).replace(b"Firefox/140.0", b"Firefox/%d.0" % (100 + number)))
            _, fields = await read_head(reader)
            cookie = fields.get(b"set-cookie", b"none=1").split(b";")[0]
            self.requests.append(get(self.target, b"Cookie: %b\r\n" % cookie))
            writer.close()

    def forget(self) -> None:
        """Count anew."""
        self.good = self.shed = self.late = self.failed = 0

    async def keep_asking(self, clients: int, seconds: float) -> float:
        """So many clients, each asking again when it has its answer; good pages a second."""
        self.asks_again_until = time.monotonic() + seconds
        began = time.monotonic()
        for number in range(clients):
            self._ask(number, time.monotonic())
        await asyncio.sleep(seconds)
        return self.good / (time.monotonic() - began)

    async def connect(self, clients: int) -> None:
        """So many browsers keep a connection open, as they do."""
        loop = asyncio.get_running_loop()
        while len(self.idle) < clients:
            _, client = await loop.create_connection(lambda: _Client(self), "127.0.0.1", self.port)
            self.idle.append(client)

    async def ask_at(self, rate: float, seconds: float) -> tuple[float, float]:
        """So many pages a second whether answers come or not; asked and good ones a second. A page for which nobody has
        a free connection is not asked for."""
        self.asks_again_until = 0.0
        began, sent, asked = time.monotonic(), 0, 0
        while (passed := time.monotonic() - began) < seconds:
            while sent < passed * rate:
                if self.idle:
                    self._ask(sent, began + sent / rate)
                    asked += 1
                sent += 1
            await asyncio.sleep(0.001)
        return asked / seconds, self.good / (time.monotonic() - began)

    def _ask(self, number: int, due: float) -> None:
        while self.idle:
            client = self.idle.popleft()
            if not client.is_closing:
                client.ask(number, due)
                return

    def came(self, client: "_Client", status: bytes, due: float, number: int) -> None:
        """An answer is whole."""
        now = time.monotonic()
        if status == b"503":
            self.shed += 1
        elif status != b"200":
            self.failed += 1
        elif now - due > WITHIN_S:
            self.late += 1
        else:
            self.good += 1
        if now < self.asks_again_until:
            client.ask(number, now)
        elif not client.is_closing:
            self.idle.append(client)

    def leave(self) -> None:
        """Everybody goes."""
        for client in self.idle:
            client.close()


class _Client(asyncio.Protocol):
    """One connection; reads only the status and the length of an answer."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._transport = cast("asyncio.Transport", None)
        self._due = 0.0
        self._number = 0
        self._head = b""
        self._left = -1
        self._status = b""
        self._waits = False

    @property
    def is_closing(self) -> bool:
        """It can be asked no more."""
        return self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, number: int, due: float) -> None:
        """The page, for one of the visitors."""
        self._number, self._due, self._head, self._left, self._waits = number, due, b"", -1, True
        requests = self._crowd.requests
        self._transport.write(requests[number % len(requests)])

    def data_received(self, data: bytes) -> None:
        """Count what is left of the answer."""
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            at = self._head.lower().find(b"\r\ncontent-length: ", 0, end)
            self._status = self._head[9:12]
            self._left = int(self._head[at + 18 :].split(b"\r\n", 1)[0]) - (len(self._head) - end - 4) if at >= 0 else 0
        else:
            self._left -= len(data)
        if self._left <= 0 and self._waits:
            self._waits = False
            self._crowd.came(self, self._status, self._due, self._number)

    def connection_lost(self, error: Exception | None) -> None:
        """Closed; what was still awaited never comes."""
        if self._waits:
            self._waits = False
            self._crowd.failed += 1

    def close(self) -> None:
        """Go."""
        self._transport.close()
