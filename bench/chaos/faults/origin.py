"""The shop refuses, is a black hole, resets, closes kept-alive sockets: plain answers in time, nothing sent twice that
must not be."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench.chaos.figures import percentile
from bench.chaos.records import Record
from bench.chaos.shop import Mode
from bench.chaos.stage import Patience, Stage, Theatre

ASK = 20


@dataclass(frozen=True, slots=True)
class Case:
    """`within_s`: the median answer takes no longer. `statuses` are those allowed."""

    name: str
    mode: Mode | None
    method: str
    statuses: tuple[int, ...]
    within_s: float
    most_tries: int


CASES = (
    Case("refused", None, "GET", (502,), 0.05, 0),
    Case("black hole after connecting: first-byte timeout 3 s", "silent", "GET", (504,), 3.5, 1),
    Case("resets", "reset", "GET", (502,), 0.05, 2),
    Case("resets a POST: sent once at most", "reset", "POST", (502,), 0.05, 1),
    Case("closes a kept-alive socket: GET repeated", "closes_kept", "GET", (200,), 0.05, 2),
    Case("closes a kept-alive socket: POST never resent", "closes_kept", "POST", (200, 502), 0.05, 1),
)


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """A record per case."""
    async with theatre.stage(patience=Patience(connect_s=1, first_byte_s=3)) as stage:
        for case in CASES:
            if theatre.scale.is_short and case.mode == "silent":
                continue
            yield await _try(stage, case, ASK // 4 if case.mode == "silent" else ASK)


async def _try(stage: Stage, case: Case, count: int) -> Record:
    await _ask(stage, "GET", "/warm")  # a connection lies in the pool
    if case.mode is None:
        await stage.shop.stop()
    else:
        stage.shop.mode = case.mode
    took, statuses = [], []
    slug = "".join(letter for letter in case.name if letter.isalpha())
    for number in range(count):
        started = time.monotonic()
        statuses.append(await _ask(stage, case.method, f"/{slug}/{number}"))
        took.append(time.monotonic() - started)
    tries = max((n for key, n in stage.shop.seen.items() if f"/{slug}/" in key), default=0)
    stage.shop.mode = "sound"
    if case.mode is None:
        await stage.shop.start()
    back = await _ask(stage, "GET", f"/{slug}/back")
    median = percentile(took, 0.5)
    return Record(
        "origin",
        case.name,
        set(statuses) <= set(case.statuses) and median <= case.within_s and tries <= case.most_tries and back == 200,
        "",
        {
            "asked": count,
            "statuses": " ".join(str(status) for status in sorted(set(statuses))),
            "p50 ms": round(median * 1000, 1),
            "slowest ms": round(max(took) * 1000, 1),
            "sent to the shop at most": tries,
        },
    )


async def _ask(stage: Stage, method: str, path: str) -> int:
    """The status; 0 when the connection broke."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.vitrina.port)
    body = "Content-Length: 3\r\n\r\na=b" if method == "POST" else "\r\n"
    try:
        async with asyncio.timeout(30):
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n{body}".encode())
            head = await reader.read()
            return int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.1 ") else 0
    finally:
        writer.close()
