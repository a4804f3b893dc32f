"""How much later does a page come through Vitrina?"""

import asyncio
import statistics
import sys
import time

import aiohttp

from vitrina.doctor.examination import Examination, milliseconds_since
from vitrina.doctor.finding import Finding

WARM_UP = 3
WARN_MS = 20.0
START_S = 20.0


async def check(examination: Examination) -> list[Finding]:
    """Pairs of GETs of the same page, direct and through a data plane of its own that is started for this."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "vitrina.doctor.passing",
            str(examination.config),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        return [Finding("added_time", "unknown", f"no data plane could be started: {error}")]
    try:
        async with asyncio.timeout(START_S):
            port = int(await process.stdout.readline() or b"0") if process.stdout is not None else 0
        if not port:
            return [Finding("added_time", "unknown", "no data plane could be started")]
        return await _measured(examination, f"http://127.0.0.1:{port}")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [Finding("added_time", "unknown", f"could not be measured: {error or type(error).__name__}")]
    finally:
        if process.stdin is not None:
            process.stdin.close()  # it ends with its input
        await process.wait()


async def _measured(examination: Examination, through: str) -> list[Finding]:
    target = next((page.answer.target for page in examination.pages), "/")
    added, direct_ms = [], []
    for number in range(WARM_UP + examination.pairs):
        started = time.perf_counter()
        direct = await examination.get(target, base=examination.origin)
        middle = time.perf_counter()
        passed = await examination.get(target, base=through)
        if passed.status != direct.status:
            return [
                Finding(
                    "added_time",
                    "fail",
                    f"{target} is answered {direct.status} directly and {passed.status} through Vitrina",
                    "visitors would get another answer",
                    "report it with `python -m vitrina explain` of this page; until then do not cut over",
                )
            ]
        if number >= WARM_UP:
            direct_ms.append((middle - started) * 1000)
            added.append(milliseconds_since(middle) - direct_ms[-1])
    median = statistics.median(added)
    found = f"{median:+.1f} ms (median of {len(added)} pairs of {target}; direct {statistics.median(direct_ms):.0f} ms)"
    if median > WARN_MS:
        return [
            Finding(
                "added_time",
                "warn",
                found,
                "more than a page should cost: the origin's network, a busy machine, or large pages",
                "run Vitrina near the shop; look at vitrina_stage_seconds to see where the time goes",
            )
        ]
    return [Finding("added_time", "ok", found)]
