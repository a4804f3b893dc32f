"""How much later does a page come through Vitrina?"""

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass

import aiohttp

from vitrina.doctor.examination import Examination, milliseconds_since
from vitrina.doctor.finding import Finding

WARM_UP = 3
WARN_MS = 20.0
START_S = 20.0


@dataclass(frozen=True, slots=True)
class _Times:
    """Of GETs of the same page, in milliseconds: the origin's, and what came on top for a stranger and a customer."""

    target: str
    direct: list[float]
    added: list[float]
    for_customer: list[float]


async def check(examination: Examination) -> list[Finding]:
    """The same page in turn: direct, and as a stranger and as a customer through a data plane started for this."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "vitrina.doctor.passing",
            str(examination.config),
            examination.public_host,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        return [Finding("added_time", "unknown", f"no data plane could be started: {error}")]
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    try:
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        port, _, cookie = line.decode("ascii").strip().partition(" ")
        if not port:
            return [Finding("added_time", "unknown", "no data plane could be started")]
        times = await _measured(examination, f"http://127.0.0.1:{port}", cookie)
        if isinstance(times, Finding):
            return [times]
        process.stdin.close()  # it ends with its input, and says how many pages it changed
        is_changed = int(await process.stdout.readline() or b"0") > 0
        return [_judged(times, is_changed if examination.settings.experiences else None)]
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [Finding("added_time", "unknown", f"could not be measured: {error or type(error).__name__}")]
    finally:
        process.stdin.close()
        await process.wait()


async def _measured(examination: Examination, through: str, cookie: str) -> _Times | Finding:
    target = next((page.answer.target for page in examination.pages), "/")
    times = _Times(target, [], [], [])
    for number in range(WARM_UP + examination.pairs):
        began = time.perf_counter()
        direct = await examination.get(target, base=examination.origin)
        direct_ms, began = milliseconds_since(began), time.perf_counter()
        passed = await examination.get(target, base=through)
        passed_ms, began = milliseconds_since(began), time.perf_counter()
        await examination.get(target, base=through, cookie=cookie)
        customer_ms = milliseconds_since(began)
        if passed.status != direct.status:
            return Finding(
                "added_time",
                "fail",
                f"{target} is answered {direct.status} directly and {passed.status} through Vitrina",
                "visitors would get another answer",
                "report it with `python -m vitrina explain` of this page; until then do not cut over",
            )
        if number >= WARM_UP:
            times.direct.append(direct_ms)
            times.added.append(passed_ms - direct_ms)
            times.for_customer.append(customer_ms - direct_ms)
    return times


def _judged(times: _Times, is_changed: bool | None) -> Finding:
    median, customer = statistics.median(times.added), statistics.median(times.for_customer)
    found = f"{median:+.1f} ms (median of {len(times.added)} pairs of {times.target}; "
    found += f"direct {statistics.median(times.direct):.0f} ms)"
    if is_changed is not None:
        found += f"; {customer:+.1f} ms for a customer, whose page was {'changed' if is_changed else 'not changed'}"
    if max(median, customer) > WARN_MS:
        return Finding(
            "added_time",
            "warn",
            found,
            "more than a page should cost: the origin's network, a busy machine, or large pages",
            "run Vitrina near the shop; look at vitrina_stage_seconds to see where the time goes",
        )
    return Finding("added_time", "ok", found)
