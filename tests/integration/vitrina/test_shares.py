"""Workers share the connections of a front fairly, and nobody waits for one who hangs."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage.control import ControlPage
from tests.fixtures.installation import Installation, installation
from tests.fixtures.processes import named

CONNECTIONS = 64
FAIR = 0.6
REQUEST = b"GET /page HTTP/1.1\r\nHost: shop.test\r\n\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A shop of one page."""
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\npage")
    except (EOFError, ConnectionError):
        pass
    finally:
        writer.close()


@asynccontextmanager
async def running(folder: Path, workers: int) -> AsyncIterator[Installation]:
    """A whole installation in front of that shop."""
    shop = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = shop.sockets[0].getsockname()[1]
    async with shop:
        with installation(folder, f'workers = {workers}\n[site]\norigin = "http://127.0.0.1:{port}"\n') as vitrina:
            yield vitrina


async def asked(vitrina: Installation, open_ones: list[Connection]) -> None:
    """Open a connection, ask once, and keep it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", vitrina.port)
    open_ones.append((reader, writer))
    writer.write(REQUEST)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    assert await reader.readexactly(4) == b"page"


def served(vitrina: Installation) -> dict[int, int]:
    """Requests by worker."""
    page = ControlPage.open(vitrina.data / "control")
    try:
        workers = named(vitrina.process.pid, "processes dataplane")
        return {slot.pid: slot.counts()["requests"] for slot in page.slots() if slot.pid in workers}
    finally:
        page.close()


async def test_each_has_its_share_and_nobody_waits_for_one_who_hangs(tmp_path: Path) -> None:
    async with running(tmp_path, 2) as vitrina:
        kept: list[Connection] = []
        before = served(vitrina)
        for _ in range(CONNECTIONS):
            await asked(vitrina, kept)
        shared = served(vitrina)
        hanging, _ = shared
        os.kill(hanging, signal.SIGSTOP)
        try:
            async with asyncio.timeout(20):
                for _ in range(CONNECTIONS):
                    await asked(vitrina, kept)
                async with asyncio.TaskGroup() as group:
                    for _ in range(CONNECTIONS):
                        group.create_task(asked(vitrina, kept))
            now = served(vitrina)
        finally:
            os.kill(hanging, signal.SIGCONT)
            for _, writer in kept:
                writer.close()
        shares = [shared[pid] - before[pid] for pid in shared]
        assert sum(shares) == CONNECTIONS
        assert min(shares) >= FAIR * CONNECTIONS / 2, shares
        assert sorted(now[pid] - shared[pid] for pid in now) == [0, 2 * CONNECTIONS]
