"""Answers of any size: what passes through must not stay, and must come as it comes."""

import asyncio
import time

from bench.attackers.clients import get, quantile, read_head
from bench.attackers.fronts import Front
from bench.attackers.rows import Outcome, Row, memory_of

_FLAT_MB = 30.0
"""Memory that may be added by something that streams: buffers of both sides, and the allocator's own ways."""


async def _read(port: int, target: str, most: int, *fields: bytes) -> tuple[int, float]:
    """Bytes of the answer up to `most`, and the seconds it took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began, size = time.monotonic(), 0
    try:
        writer.write(get(target, b"Connection: close\r\n", *fields))
        await read_head(reader)
        async with asyncio.timeout(120):
            while size < most and (data := await reader.read(1 << 20)):
                size += len(data)
    except (OSError, EOFError, TimeoutError):
        pass
    finally:
        writer.close()
    return size, time.monotonic() - began


async def download(front: Front) -> Outcome:
    """300 MB, to the end."""
    async with memory_of(front) as memory:
        size, seconds = await _read(front.port, "/mb?n=300", 1 << 40)
    whole = size == 300 << 20
    return Outcome(
        whole and memory.growth_mb < _FLAT_MB,
        f"{'whole' if whole else f'{size} bytes'}, +{memory.growth_mb:.0f} MB",
        {"bytes": size, "seconds": round(seconds, 2), "growth_mb": memory.growth_mb},
    )


async def endless(front: Front) -> Outcome:
    """A download that does not end, of which 300 MB are read."""
    async with memory_of(front) as memory:
        size, seconds = await _read(front.port, "/endless", 300 << 20)
    return Outcome(
        size >= 300 << 20 and memory.growth_mb < _FLAT_MB,
        f"+{memory.growth_mb:.0f} MB",
        {"bytes": size, "seconds": round(seconds, 2), "growth_mb": memory.growth_mb},
    )


async def events(front: Front) -> Outcome:
    """How late each of 30 events comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    late: list[float] = []
    try:
        writer.write(get("/sse"))
        await read_head(reader)
        async with asyncio.timeout(15):
            while len(late) < 30:
                line = await reader.readline()
                if line.startswith(b"data: "):
                    late.append((time.monotonic() - float(line[6:])) * 1000)
    except (OSError, EOFError, TimeoutError):
        pass
    finally:
        writer.close()
    p50 = quantile(late, 0.5)
    return Outcome(
        len(late) == 30 and p50 < 20,
        f"p50 {p50:.1f} ms late, {len(late)} of 30",
        {"events": len(late), "late_p50_ms": p50},
    )


async def bombs(front: Front) -> Outcome:
    """Five at once of 0.5 MB that unpack to a page of 500 MB."""
    await _read(front.port, "/bomb", 1 << 40, b"Accept-Encoding: gzip\r\n")  # the origin makes it
    async with memory_of(front) as memory:
        found = await asyncio.gather(
            *(_read(front.port, "/bomb", 1 << 40, b"Accept-Encoding: gzip\r\n") for _ in range(5))
        )
    sizes = {size for size, _ in found}
    return Outcome(
        len(sizes) == 1 and 400_000 < min(sizes) < 800_000 and memory.growth_mb < 100,
        f"passed as it came, +{memory.growth_mb:.0f} MB" if len(sizes) == 1 else f"sizes {sorted(sizes)}",
        {"growth_mb": memory.growth_mb, "bytes": max(sizes)},
    )


ROWS = (
    Row("300 MB download", f"whole, under {_FLAT_MB:.0f} MB of memory", download),
    Row("endless stream, 300 MB of it", f"under {_FLAT_MB:.0f} MB of memory", endless),
    Row("server-sent events", "as they come", events),
    Row("gzip bombs, 0.5 MB of 500 MB, 5 at once", "pass as they came, under 100 MB of memory", bombs),
)
