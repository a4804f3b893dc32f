"""Background tasks end when they are told to, even those that once overheard it."""

import asyncio
import logging

import pytest

from vitrina.background import finish, spawn


async def test_a_task_that_swallows_a_cancellation_ends_all_the_same() -> None:
    overheard = 0

    async def work() -> None:
        nonlocal overheard
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                overheard += 1
                if overheard == 3:
                    raise

    task = spawn(work(), "hard of hearing")
    await asyncio.sleep(0)
    await finish()
    assert task.cancelled()
    assert overheard == 3


async def test_nothing_runs() -> None:
    await finish()


async def test_a_failure_is_logged_by_name(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ValueError("no")

    with caplog.at_level(logging.ERROR):
        task = spawn(work(), "unlucky")
        await asyncio.wait([task])
        await asyncio.sleep(0)
    assert "background task unlucky failed" in caplog.text
