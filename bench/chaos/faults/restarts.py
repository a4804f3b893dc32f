"""Reload, restart and a stop under load with WebSockets open: nobody gets an error, every WebSocket is told to go."""

import asyncio
from collections.abc import AsyncIterator

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bench.chaos.figures import answered, culprits, failures
from bench.chaos.records import Record
from bench.chaos.stage import Stage, Theatre

GOING_AWAY = 1001
SOCKETS = 3


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """A record for the restarts, one for the stop."""
    steps = ("reload", "restart", "restart", "restart")[: theatre.scale.pick(4, 2)]
    async with theatre.stage() as stage, stage.oracle() as oracle:
        codes: list[int | None] = []
        refused = []
        async with stage.load("restarts") as load:
            await load.some_more(30)
            for step in steps:
                held = [asyncio.create_task(_closing_code(stage)) for _ in range(SOCKETS)]  # noqa: TID251
                await load.some_more(20)
                code, said = await stage.vitrina.command(step)
                if code:
                    refused.append(f"{step}: {said.strip()}")
                codes += await asyncio.gather(*held)
                await load.some_more(30)
        verdict = await oracle.verdict(load.done, load.cut)
        failed = [answer for answer in load.answers if answer.status != 200 or answer.kind == "wrong"]
        yield Record(
            "restarts",
            f"{', '.join(steps)} under load, {SOCKETS} WebSockets open at each",
            verdict.is_good and not failed and not refused and set(codes) == {GOING_AWAY},
            "; ".join([*failures(load), *culprits(verdict), *refused]),
            {**answered(load), "failed": len(failed), "closed with 1001": codes.count(GOING_AWAY), **verdict.figures()},
        )
        held = [asyncio.create_task(_closing_code(stage)) for _ in range(SOCKETS)]  # noqa: TID251
        slow = asyncio.create_task(_slow(stage))  # noqa: TID251
        await asyncio.sleep(0.5)
        left = await stage.vitrina.stop()
        codes = list(await asyncio.gather(*held))
        yield Record(
            "restarts",
            "SIGTERM with a request under way and WebSockets open",
            await slow == 200 and set(codes) == {GOING_AWAY} and not left,
            "; ".join(left),
            {"slow request": slow.result(), "closed with 1001": codes.count(GOING_AWAY), "processes left": len(left)},
        )


async def _slow(stage: Stage) -> int:
    """The status of a page that takes the shop 2 s."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.vitrina.port)
    writer.write(b"GET /slow/2000 HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n")
    head = await reader.read()
    writer.close()
    return int(head.split(b" ", 2)[1]) if head.endswith(b"</html>\r\n") else 0


async def _closing_code(stage: Stage) -> int | None:
    """Hold a WebSocket open until it is closed; with which code."""
    # The shop answers no ping, and a client that pings gives up by itself when a restart takes over 40 s.
    url = f"ws://127.0.0.1:{stage.vitrina.port}/live"
    async with connect(url, proxy=None, ping_interval=None, open_timeout=60) as live:
        try:
            await live.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
    return None
