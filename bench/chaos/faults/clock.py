"""The clock of all processes, Valkey's too, is set back by a day under load (Debian's faketime), and work is killed at
that moment: ids go on ascending, folding goes on, visitors stay who they are.

Python's `time.sleep` fails under faketime (clock_nanosleep with an absolute time), so the log has tracebacks of threads
that sleep; no click depends on them.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from bench.chaos.figures import answered, culprits, failures
from bench.chaos.records import Record
from bench.chaos.stage import Theatre
from storage import keys
from storage.connecting import connect


def _library() -> Path | None:
    """faketime's, where Debian has it; the monotonic clock is left alone, as a real step of the clock does."""
    machine = subprocess.run(("uname", "-m"), capture_output=True, text=True, check=True).stdout.strip()
    path = Path(f"/usr/lib/{machine}-linux-gnu/faketime/libfaketimeMT.so.1")
    return path if path.exists() else None


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """One record."""
    library = _library()
    if library is None:
        yield Record("clock", "a day back", None, "missing: faketime (apt install faketime)")
        return
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
            hands.write_text("-1d\n")
            os.kill(stage.vitrina.roles()["work"][0], signal.SIGKILL)
            at = len(load.answers)
            await asyncio.sleep(theatre.scale.pick(8, 3))
            await load.some_more(60)
        verdict = await oracle.verdict(load.done, load.cut)
        after = await _newest(stage.redis_url)
    later = load.answers[at:]
    personalised = sum(answer.kind == "personalised" for answer in later)
    bad = [answer for answer in load.answers if answer.status != 200 or answer.kind == "wrong"]
    yield Record(
        "clock",
        "a day back, work killed at that moment",
        verdict.is_good and not bad and before < after and personalised > 0,
        "; ".join([*failures(load), *culprits(verdict)]),
        {
            **answered(load),
            "personalised after it": personalised,
            "ids descend": int(before >= after),
            **verdict.figures(),
        },
    )


async def _newest(url: str) -> tuple[int, int]:
    """Id of the stream's newest entry."""
    client = connect(url)
    try:
        [(entry_id, _)] = await client.execute_command("XREVRANGE", keys.STREAM, "+", "-", "COUNT", 1)
    finally:
        await client.aclose()
    ms, _, number = bytes(entry_id).decode().partition("-")
    return int(ms), int(number)
