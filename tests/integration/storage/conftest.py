"""Fixtures of the storage tests: a real server, background tasks that end with the test."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from tests.fixtures.valkey import own_valkey, redis_client, redis_url, shared_url, valkey_server

__all__ = ["own_valkey", "redis_client", "redis_url", "shared_url", "valkey_server"]

Spawn = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[None]"]

_MOST_CANCELLATIONS = 200
"""In some 20 s, which only a hanging task needs."""


async def killed(*tasks: "asyncio.Task[None]") -> None:
    """End tasks wherever they are; more than once, as `wait_for` in the client library may swallow a cancellation.

    One that never ends fails the test, with where it is, and not the whole run.
    """
    for _ in range(_MOST_CANCELLATIONS):
        running = [task for task in tasks if not task.done()]
        if not running:
            return
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=0.1)
    raise RuntimeError("; ".join(f"{task.get_name()} does not end: {task.get_stack()}" for task in running))


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer notices that it shall stop when its read for new entries ends."""
    monkeypatch.setattr("storage.consumer._BLOCK_MS", 20)


@pytest.fixture
async def spawn() -> AsyncIterator[Spawn]:
    """Starts tasks; what still runs when the test ends is cancelled, what failed fails the test."""
    tasks: list[asyncio.Task[None]] = []

    def start(work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work, name=name)
        tasks.append(task)
        return task

    yield start
    await killed(*tasks)
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
