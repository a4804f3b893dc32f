"""The clock of all processes, Valkey's too, is set under load (Debian's faketime): back and forward by a day, an hour
forth and back. Ids go on ascending, folding goes on, visitors stay who they are, and what was sent stays in the spool.

Python's `time.sleep` fails under faketime (clock_nanosleep with an absolute time), so the log has tracebacks of threads
that sleep; no click depends on them.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench.chaos.figures import answered, culprits, failures
from bench.chaos.records import Record
from bench.chaos.stage import Theatre
from storage import keys
from storage.connecting import connect
from storage.shipper import TIDY_EVERY_S
from storage.spool import SEGMENT_SUFFIX


@dataclass(frozen=True, slots=True)
class Case:
    """The clock is set to each of `hands`, one after the other; with the first of them a process is killed."""

    name: str
    hands: tuple[str, ...]
    killed: str


CASES = (
    Case("a day back, work killed at that moment", ("-1d",), "work"),
    Case("a day forward, a worker killed before", ("+1d",), "dataplane"),
    Case("an hour forth, back, back and forth", ("+1h", "+0", "-1h", "+0"), "work"),
)


def _library() -> Path | None:
    """faketime's, where Debian has it; the monotonic clock is left alone, as a real step of the clock does."""
    machine = subprocess.run(("uname", "-m"), capture_output=True, text=True, check=True).stdout.strip()
    path = Path(f"/usr/lib/{machine}-linux-gnu/faketime/libfaketimeMT.so.1")
    return path if path.exists() else None


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """One record for each case."""
    library = _library()
    for case in CASES:
        if library is None:
            yield Record("clock", case.name, None, "missing: faketime (apt install faketime)")
        else:
            yield await _run(theatre, case, library)


async def _run(theatre: Theatre, case: Case, library: Path) -> Record:
    hands = theatre.folder / "clock"
    hands.write_text("+0\n")
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(hands),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    async with theatre.stage(environment=environment) as stage, stage.oracle() as oracle:
        async with stage.load("clock") as load:
            await load.some_more(60)
            before = await _newest(stage.redis_url)
            killed = stage.vitrina.roles()[case.killed][0]
            if case.killed == "dataplane":  # one look finds its spool left, the next what of it is sent
                os.kill(killed, signal.SIGKILL)
                await asyncio.sleep(2 * TIDY_EVERY_S + 2)
            spooled = _segments(stage.vitrina.data)
            at = len(load.answers)
            for number, hand in enumerate(case.hands):
                hands.write_text(f"{hand}\n")
                if number == 0 and case.killed == "work":
                    os.kill(killed, signal.SIGKILL)
                await asyncio.sleep(theatre.scale.pick(8, 3) if case.killed == "work" else TIDY_EVERY_S + 2)
            await load.some_more(60)
        verdict = await oracle.verdict(load.done, load.cut)
        after = await _newest(stage.redis_url)
        gone = spooled - _segments(stage.vitrina.data)
    later = load.answers[at:]
    personalised = sum(answer.kind == "personalised" for answer in later)
    bad = [answer for answer in later if answer.status != 200 or answer.kind == "wrong"]
    return Record(
        "clock",
        case.name,
        verdict.is_good and not bad and before < after and personalised > 0 and not gone,
        "; ".join([*failures(load), *culprits(verdict)]),
        {
            **answered(load),
            "personalised after it": personalised,
            "ids descend": int(before >= after),
            "segments gone early": len(gone),
            **verdict.figures(),
        },
    )


def _segments(data: Path) -> set[Path]:
    """What lies in the spools. A run is shorter than the hour that it stays there."""
    return set((data / "spool").glob(f"*/*{SEGMENT_SUFFIX}"))


async def _newest(url: str) -> tuple[int, int]:
    """Id of the stream's newest entry."""
    client = connect(url)
    try:
        [(entry_id, _)] = await client.execute_command("XREVRANGE", keys.STREAM, "+", "-", "COUNT", 1)
    finally:
        await client.aclose()
    ms, _, number = bytes(entry_id).decode().partition("-")
    return int(ms), int(number)
