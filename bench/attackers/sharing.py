"""What one visitor does to the others: hanging requests, huge pages, and more requests than can be served."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from bench.attackers.clients import Visitor, get, quantile, read_head
from bench.attackers.crowd import Crowd
from bench.attackers.fronts import Front
from bench.attackers.rows import Outcome, Row, memory_of

_HUNG = 110
_HTML_KB = 5632
_ROUNDS = 3
_LONGER_MS = 20.0
_CLIENTS = 24
_BROWSERS = 2000


@asynccontextmanager
async def beside(*endless: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Each goes on while the context does; what becomes of one is nobody's concern."""
    going_on = asyncio.gather(*endless, return_exceptions=True)
    try:
        yield
    finally:
        going_on.cancel()
        await asyncio.gather(going_on, return_exceptions=True)


class _Others:
    """A visitor of the front and one of a plain relay beside it, at the same times: what the machine itself makes them
    wait is in both, and counts for nothing."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.before, self.during = self._pair(), self._pair()

    def _pair(self) -> tuple[Visitor, Visitor]:
        return Visitor(self._front.port), Visitor(self._front.relay)

    async def visit(self, pair: tuple[Visitor, Visitor], seconds: float) -> None:
        """Both, for so long."""
        await asyncio.gather(*(visitor.run(seconds) for visitor in pair))

    def outcome(self) -> Outcome:
        """Whether the 99th percentile rose by at most so much more than the relay's."""
        (before, plain), (during, plain_during) = self.before, self.during
        figures: dict[str, float] = {"asked": len(during.times_ms), "failed": during.failures}
        for name, visitor in {
            "before": before,
            "during": during,
            "relay_before": plain,
            "relay_during": plain_during,
        }.items():
            figures |= {f"{name}_p50_ms": quantile(visitor.times_ms, 0.5)}
            figures |= {f"{name}_p99_ms": quantile(visitor.times_ms, 0.99)}
        figures["during_worst_ms"] = max(during.times_ms, default=0.0)
        rose = figures["during_p99_ms"] - figures["before_p99_ms"]
        machine = max(0.0, figures["relay_during_p99_ms"] - figures["relay_before_p99_ms"])
        return Outcome(
            rose - machine <= _LONGER_MS and during.failures == 0,
            f"others' p99 {figures['before_p99_ms']:.1f} → {figures['during_p99_ms']:.1f} ms "
            f"(a relay's {figures['relay_before_p99_ms']:.1f} → {figures['relay_during_p99_ms']:.1f}), "
            f"{during.failures} failed",
            figures,
            ", ".join(during.why),
        )


async def hung(front: Front) -> Outcome:
    """110 requests that the origin never answers, and a visitor beside them."""
    others = _Others(front)
    await others.visit(others.before, 3 * _ROUNDS)
    writers = []
    for _ in range(_HUNG):
        _, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(get("/hang"))
        writers.append(writer)
    await asyncio.sleep(0.5)
    await others.visit(others.during, 3 * _ROUNDS)
    for writer in writers:
        writer.close()
    return others.outcome()


async def huge_pages(front: Front) -> Outcome:
    """5.5 MB of HTML, again and again, and a visitor beside it."""
    others = _Others(front)

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

    for _ in range(_ROUNDS):
        await others.visit(others.before, 3)
        async with beside(again(), again()):
            await others.visit(others.during, 3)
        await asyncio.sleep(0.5)
    return others.outcome()


async def _overload(front: Front, times: float) -> Outcome:
    """The most pages a second that come in time, then so many times as many are asked for, whoever waits."""
    crowd = Crowd(front.port, "/page")
    await crowd.arrive(_CLIENTS)
    await crowd.connect(_CLIENTS)
    await crowd.keep_asking(_CLIENTS, 2)  # warm
    await asyncio.sleep(0.5)
    crowd.forget()
    peak = await crowd.keep_asking(_CLIENTS, 6)
    if not peak:
        return Outcome(False, "no page came in time at all")
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
    Row(
        f"{_HUNG} requests that the origin never answers",
        "others' p99 not 20 ms longer, but for what a plain relay's is, too; none failed",
        hung,
    ),
    Row(
        "5.5 MB of HTML, again and again",
        "others' p99 not 20 ms longer, but for what a plain relay's is, too; none failed",
        huge_pages,
    ),
    Row("twice as many pages as can be served", "at least 90 % of the peak in time, under 100 MB", twice),
    Row("five times as many pages as can be served", "at least 90 % of the peak in time, under 100 MB", five_times),
)
