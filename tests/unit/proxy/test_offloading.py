"""Work off the loop: `done` is called once, in the loop, whatever becomes of the work."""

import asyncio
import logging
import threading

import pytest

from proxy.offloading import MOST_WAITING, Offloading


def fails() -> int:
    raise ValueError("broken")


async def test_done_is_called_once_in_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    offloading = Offloading(asyncio.get_running_loop())
    results: list[int | None] = []
    threads: set[str] = set()

    def done(result: int | None) -> None:
        threads.add(threading.current_thread().name)
        results.append(result)

    with caplog.at_level(logging.ERROR):
        assert offloading.run(lambda: 1, done)
        assert offloading.run(fails, done)
        async with asyncio.timeout(30):
            while len(results) < 2:  # noqa: ASYNC110 (filled by callbacks of the code under test)
                await asyncio.sleep(0.001)
    assert results == [1, None]
    assert threads == {threading.current_thread().name}
    assert "packing a page failed" in caplog.text
    offloading.close()
    assert not offloading.run(lambda: 1, done)


async def test_a_full_queue_and_a_close() -> None:
    offloading = Offloading(asyncio.get_running_loop())
    hold = threading.Event()
    results: list[bool | None] = []
    assert all(offloading.run(lambda: hold.wait(5), results.append) for _ in range(MOST_WAITING))
    assert not offloading.run(lambda: True, results.append)
    offloading.close()
    hold.set()
    async with asyncio.timeout(30):
        while len(results) < MOST_WAITING:  # noqa: ASYNC110 (filled by callbacks of the code under test)
            await asyncio.sleep(0.001)
    assert (results.count(True), results.count(None)) == (1, MOST_WAITING - 1)
    assert not offloading.run(lambda: True, results.append)
