"""Redis was away for long: what waits in the spools is shipped and folded beside what goes on arriving."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from os import kill

from bench.chaos.figures import answered, culprits, failures
from bench.chaos.processes import eventually
from bench.chaos.records import Record
from bench.chaos.stage import Stage, Theatre
from clicks.click import Click, Event
from storage.spool import Spool

AT_LEAST = 5.0
"""Times the rate of arrival."""
VISITORS = 2000


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """One record: clicks of a busy hour before, put into a spool as a worker does, and visitors who come meanwhile."""
    waiting = theatre.scale.pick(60_000, 4_000)
    async with theatre.stage() as stage, stage.oracle() as oracle:
        async with stage.load("catch-up") as load:
            await load.some_more(20)
            (valkey,) = stage.vitrina.valkey()
            kill(valkey, signal.SIGSTOP)
            try:
                names = await asyncio.to_thread(_spooled, stage, waiting)
            finally:
                kill(valkey, signal.SIGCONT)
            began, at = time.monotonic(), stage.vitrina.totals()["folded"]

            async def has_caught_up() -> bool:
                return stage.vitrina.totals()["folded"] - at >= waiting

            await eventually(has_caught_up, 180)
            took = time.monotonic() - began
            folded = stage.vitrina.totals()["folded"] - at
            arrived = len(load.since(began, began + took)) / took
        verdict = await oracle.verdict([*load.done, *names], load.cut)
    rate = folded / took
    yield Record(
        "catch-up",
        f"{waiting:,} clicks wait, visitors go on coming",
        verdict.is_good and rate >= AT_LEAST * arrived and not failures(load),
        "; ".join([*failures(load), *culprits(verdict)]),
        {
            **answered(load),
            "caught up after s": round(took, 1),
            "folded a second": round(rate),
            "arriving a second": round(arrived, 1),
            "times the arrival": round(rate / max(arrived, 0.001), 1),
            **verdict.figures(),
        },
    )


def _spooled(stage: Stage, count: int) -> list[str]:
    """The paths of clicks of another worker, which ends after them."""
    spool = Spool.create(stage.vitrina.data / "spool")
    paths = [f"/waiting/{number}" for number in range(count)]
    for number, path in enumerate(paths):
        spool.append(
            Click(
                time=time.time(),
                host="shop.test",
                method="GET",
                path=path,
                status=200,
                profile=f"waiting{number % VISITORS}",
                events=(Event("page_view", {"kind": "other"}),),
            )
        )
    spool.close()
    return paths
