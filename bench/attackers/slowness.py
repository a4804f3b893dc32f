"""Clients that are slow on purpose: slowhttptest's slow heads and bodies, and readers that do not read."""

import asyncio
import csv
import socket
import tempfile
from pathlib import Path

from bench.attackers.clients import Visitor, get, quantile
from bench.attackers.fronts import Front
from bench.attackers.rows import Outcome, Row, memory_of
from bench.servers import program

CONNECTIONS = 400
SECONDS = 25
"""A test ends after that; who is still connected then has not been closed in time."""
CLOSED_WITHIN_S = 15
_HEADS = ("-H", "-i", "5", "-x", "24")
_BODIES = ("-B", "-i", "5", "-s", "8192", "-x", "10")


async def _slowhttptest(front: Front, *kind: str) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder) / "slow"
        command = [program("slowhttptest", "slowhttptest"), *kind, "-c", str(CONNECTIONS), "-r", "200", "-p", "3"]
        command += ["-l", str(SECONDS), "-u", f"http://127.0.0.1:{front.port}/small", "-g", "-o", str(prefix)]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        visitor = Visitor(front.port)
        visiting = asyncio.gather(visitor.run(CLOSED_WITHIN_S - 3))
        await process.wait()
        await visiting
        rows = list(csv.DictReader(prefix.with_suffix(".csv").open()))
    series = [(int(row["Seconds"]), int(row["Closed"]), int(row["Connected"])) for row in rows]
    connected_at = next((seconds for seconds, closed, connected in series if closed + connected >= CONNECTIONS), 0)
    # The tool ends when nobody is connected any more, a second after its last line.
    closed_after = series[-1][0] + 1 - connected_at if series[-1][0] < SECONDS - 1 else 0
    left = 0 if closed_after else series[-1][2]
    p99 = quantile(visitor.times_ms, 0.99)
    cell = f"all closed after {closed_after} s" if closed_after else f"{left} still open after {SECONDS} s"
    return Outcome(
        0 < closed_after <= CLOSED_WITHIN_S and visitor.failures == 0,
        f"{cell}; others p99 {p99:.0f} ms, {visitor.failures} failed",
        {"closed_after_s": closed_after, "left": left, "others_p99_ms": p99, "others_failed": visitor.failures},
        str(series),
    )


async def slow_heads(front: Front) -> Outcome:
    """A few bytes of a head every 5 s."""
    return await _slowhttptest(front, *_HEADS)


async def slow_bodies(front: Front) -> Outcome:
    """A few bytes of a form every 5 s."""
    return await _slowhttptest(front, *_BODIES)


async def no_readers(front: Front) -> Outcome:
    """40 clients ask for 10 MB each and read nothing of it."""
    loop = asyncio.get_running_loop()
    sockets = []
    async with memory_of(front) as memory:
        for _ in range(40):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            client.setblocking(False)
            await loop.sock_connect(client, ("127.0.0.1", front.port))
            await loop.sock_sendall(client, get("/mb?n=10"))
            sockets.append(client)
        await asyncio.sleep(8)
    for client in sockets:
        client.close()
    return Outcome(memory.growth_mb < 100, f"+{memory.growth_mb:.0f} MB", {"growth_mb": memory.growth_mb})


ROWS = (
    Row("400 slow heads (slowhttptest -H)", f"all closed within {CLOSED_WITHIN_S} s, others served", slow_heads),
    Row("400 slow bodies (slowhttptest -B)", f"all closed within {CLOSED_WITHIN_S} s, others served", slow_bodies),
    Row("40 clients that do not read 10 MB each", "under 100 MB of memory", no_readers),
)
