"""kill -9 at random under load: workers, work, console, supervisor, Valkey, one at a time or two at once."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress

from bench.chaos.records import Record
from bench.chaos.stage import Stage, Theatre

VICTIMS = ("dataplane", "dataplane", "dataplane", "work", "work", "console", "supervisor", "valkey", "valkey")
SHORT = (("supervisor",), ("dataplane", "valkey"), ("work",))
"""Those of the short form, in this order."""
KILLS = 120
PAUSE_S = (0.3, 2.2)
BOTH = 0.15
"""How often the next one dies at the same moment."""


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """A record per kill (raw), and the oracle's verdict."""
    async with theatre.stage() as stage, stage.oracle() as oracle:
        done: Counter[str] = Counter()
        async with stage.load("kills") as load:
            await load.some_more(20)
            for victims in _rounds(theatre):
                for victim in victims:
                    if await _kill(stage, victim, theatre.random.random()):
                        done[victim] += 1
                        yield Record("kills", f"kill {done.total()}", None, victim, {"answers": len(load.answers)})
                if done.total() >= KILLS:
                    break
                await asyncio.sleep(theatre.random.uniform(*PAUSE_S))
            await load.some_more(20)
        verdict = await oracle.verdict(load.done, load.cut)
        statuses = Counter(answer.status for answer in load.answers)
        wrong = sum(answer.kind == "wrong" for answer in load.answers)
        left = await stage.vitrina.stop()
        yield Record(
            "kills",
            f"{done.total()} random kill -9 under load",
            verdict.is_good and not wrong and not left,
            "; ".join([*verdict.lost[:5], *verdict.doubled[:5], *left]),
            {
                **verdict.figures(),
                **{f"killed {name}": n for name, n in sorted(done.items())},
                "asked": len(load.answers),
                "cut": statuses[0],
                "not 200": sum(n for status, n in statuses.items() if status not in (0, 200)),
                "wrong bytes": wrong,
                "refused starts": stage.vitrina.refused_starts,
                "processes left": len(left),
            },
        )


def _rounds(theatre: Theatre) -> Iterator[Sequence[str]]:
    """Who dies at the same moment, again and again."""
    if theatre.scale.is_short:
        yield from SHORT
        return
    while True:
        yield theatre.random.choices(VICTIMS, k=2 if theatre.random.random() < BOTH else 1)


async def _kill(stage: Stage, victim: str, choice: float) -> bool:
    """Whether there was one to kill."""
    if victim == "supervisor":
        await stage.vitrina.kill_supervisor()
        return True
    there = stage.vitrina.valkey() if victim == "valkey" else stage.vitrina.roles().get(victim, [])
    if not there:
        return False
    with suppress(ProcessLookupError):
        os.kill(there[int(choice * len(there))], signal.SIGKILL)
        return True
    return False
