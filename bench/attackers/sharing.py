"""What one visitor does to the others: hanging requests, huge pages, and more requests than can be served."""

import asyncio

from bench.attackers.clients import Visitor, get, quantile, read_head
from bench.attackers.crowd import Crowd
from bench.attackers.fronts import Front
from bench.attackers.rows import Outcome, Row, memory_of

_HUNG = 110
_HTML_KB = 5632
_CLIENTS = 24
_BROWSERS = 2000


async def _quiet(front: Front) -> Visitor:
    visitor = Visitor(front.port)
    await visitor.run(4)
    return visitor


def _compared(before: Visitor, during: Visitor, most_ms: float) -> Outcome:
    """Whether the 99th percentile is at most `most_ms` above what it was."""
    p99, then = quantile(before.times_ms, 0.99), quantile(during.times_ms, 0.99)
    return Outcome(
        then - p99 <= most_ms and during.failures == 0,
        f"others' p99 {p99:.1f} → {then:.1f} ms, {during.failures} failed",
        {
            "before_p50_ms": quantile(before.times_ms, 0.5),
            "before_p99_ms": p99,
            "during_p50_ms": quantile(during.times_ms, 0.5),
            "during_p99_ms": then,
            "during_worst_ms": max(during.times_ms, default=0.0),
            "asked": len(during.times_ms),
            "failed": during.failures,
        },
    )


async def hung(front: Front) -> Outcome:
    """110 requests that the origin never answers, and a visitor beside them."""
    before = await _quiet(front)
    writers = []
    for _ in range(_HUNG):
        _, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(get("/hang"))
        writers.append(writer)
    await asyncio.sleep(0.5)
    during = await _quiet(front)
    for writer in writers:
        writer.close()
    return _compared(before, during, 20)


async def huge_pages(front: Front) -> Outcome:
    """5.5 MB of HTML, again and again, and a visitor beside it."""
    before = await _quiet(front)

    async def again() -> None:
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
            try:
                writer.write(get(f"/html?kb={_HTML_KB}"))
                _, fields = await read_head(reader)
                left = int(fields.get(b"content-length", b"0"))
                while left > 0 and (data := await reader.read(1 << 18)):
                    left -= len(data)
            finally:
                writer.close()
            await asyncio.sleep(0.1)

    asking = asyncio.gather(again(), again(), return_exceptions=True)
    during = await _quiet(front)
    asking.cancel()
    await asyncio.wait([asking])
    return _compared(before, during, 20)


async def _overload(front: Front, times: float) -> Outcome:
    """The most pages a second that come in time, then so many times as many are asked for, whoever waits."""
    crowd = Crowd(front.port, "/page")
    await crowd.arrive(_CLIENTS)
    await crowd.connect(_CLIENTS)
    await crowd.keep_asking(_CLIENTS, 2)  # warm
    await asyncio.sleep(0.5)
    crowd.forget()
    peak = await crowd.keep_asking(_CLIENTS, 6)
    await asyncio.sleep(1)
    crowd.forget()
    await crowd.connect(_BROWSERS)
    async with memory_of(front) as memory:
        asked, good = await crowd.ask_at(times * peak, 12)
    await asyncio.sleep(1)
    crowd.leave()
    if asked < 0.8 * times * peak and crowd.good > 0.95 * asked * 12:
        return Outcome(True, f"not overrun by this load ({asked:.0f}/s)", {"peak_per_s": peak, "asked_per_s": asked})
    return Outcome(
        good >= 0.9 * peak and memory.growth_mb < 100,
        f"{good / peak:.0%} of the peak of {peak:.0f}/s, {asked:.0f}/s asked; {crowd.shed} shed, {crowd.late} late, "
        f"{crowd.failed} failed, +{memory.growth_mb:.0f} MB",
        {
            "peak_per_s": peak,
            "asked_per_s": asked,
            "good_per_s": good,
            "shed": crowd.shed,
            "late": crowd.late,
            "failed": crowd.failed,
            "growth_mb": memory.growth_mb,
        },
    )


async def twice(front: Front) -> Outcome:
    """A sale begins."""
    return await _overload(front, 2)


async def five_times(front: Front) -> Outcome:
    """The shop was on television."""
    return await _overload(front, 5)


ROWS = (
    Row(f"{_HUNG} requests that the origin never answers", "others' p99 not 20 ms longer, none failed", hung),
    Row("5.5 MB of HTML, again and again", "others' p99 not 20 ms longer, none failed", huge_pages),
    Row("twice as many pages as can be served", "at least 90 % of the peak in time, under 100 MB", twice),
    Row("five times as many pages as can be served", "at least 90 % of the peak in time, under 100 MB", five_times),
)
