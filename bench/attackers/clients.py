"""Clients of an attack: raw sockets that send what they are told, and a visitor who notes how long each answer took."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

HOST = b"Host: shop.test\r\n"
BROWSER = b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: text/html\r\n"


def get(target: str, *fields: bytes) -> bytes:
    """A browser's request."""
    return b"GET %b HTTP/1.1\r\n" % target.encode() + HOST + BROWSER + b"".join(fields) + b"\r\n"


async def ask(port: int, raw: bytes, timeout_s: float = 10.0) -> bytes:
    """Everything that comes back on a connection of its own until it is closed, quiet for that long, or 1 MB."""
    answer = b""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        async with asyncio.timeout(timeout_s):
            while len(answer) < 1 << 20 and (data := await reader.read(65536)):
                answer += data
    except (OSError, TimeoutError):
        pass
    finally:
        writer.close()
    return answer


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[bytes, bytes]]:
    """Status and fields of an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines if line)}
    return int(status.split(b" ")[1]), fields


@dataclass(slots=True)
class Visitor:
    """Asks for one thing again and again on a kept connection; notes every time and failure."""

    port: int
    target: str = "/small"
    every_s: float = 0.02
    times_ms: list[float] = field(default_factory=list)
    failures: int = 0
    why: list[str] = field(default_factory=list)
    """Of each failure its status or error."""

    async def run(self, seconds: float) -> None:
        """For so long."""
        until = time.monotonic() + seconds
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                async with asyncio.timeout(10):
                    if connection is None:
                        connection = await asyncio.open_connection("127.0.0.1", self.port)
                    reader, writer = connection
                    writer.write(get(self.target))
                    status, fields = await read_head(reader)
                    await reader.readexactly(int(fields.get(b"content-length", b"0")))
                self.times_ms.append((time.monotonic() - began) * 1000)
                if status != 200:
                    self.failures += 1
                    self.why.append(str(status))
                if fields.get(b"connection") == b"close":
                    writer.close()
                    connection = None
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self.failures += 1
                self.why.append(f"{type(error).__name__} after {time.monotonic() - began:.2f} s")
                if connection is not None:
                    connection[1].close()
                connection = None
            await asyncio.sleep(self.every_s)
        if connection is not None:
            connection[1].close()


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of them lie; 0.0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)] if ordered else 0.0
