"""What a row is: something that is done to a front, what must come of it, and what did."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.attackers.fronts import Front

SAMPLE_S = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: whether it is what must come of it, one cell of the table, and the figures it is made of."""

    holds: bool
    cell: str
    figures: Mapping[str, float] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One attack or accident."""

    name: str
    must: str
    """What must come of it, in words."""
    run: Callable[[Front], Coroutine[Any, Any, Outcome]]


class Memory:
    """The resident memory of a front while something is done to it."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.before_mb = front.resident_mb()
        self.samples_mb: list[float] = []

    @property
    def growth_mb(self) -> float:
        """Most, less what it was before."""
        return max(0.0, max(self.samples_mb, default=self.before_mb) - self.before_mb)

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            self.samples_mb.append(self._front.resident_mb())
            await asyncio.sleep(SAMPLE_S)


@asynccontextmanager
async def memory_of(front: Front) -> AsyncIterator[Memory]:
    """Watch it for the length of the block."""
    memory = Memory(front)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(memory.watch())
        yield memory
        watching.cancel()
