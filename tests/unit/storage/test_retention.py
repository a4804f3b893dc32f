"""Clicks in spools go when they are older than the retention, by a clock that can be trusted."""

import asyncio
from pathlib import Path

import pytest

from storage.retention import Retained, keep_to
from storage.steady_clock import SteadyClock


def test_old_clicks_go(tmp_path: Path) -> None:
    spool = tmp_path / "one"
    spool.mkdir()
    for name in ("00.seg", "01.seg"):
        (spool / name).write_bytes(b"x")
    now = (spool / "00.seg").stat().st_mtime
    retained = Retained(tmp_path, 90 * 86_400.0)
    assert retained.drop_old(now + 89 * 86_400) == 0
    assert retained.drop_old(now + 91 * 86_400) == 2


async def test_old_clicks_go_only_by_a_clock_that_has_gone_steadily_for_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that is set forward, and soon back, erases nothing that the retention keeps."""
    monkeypatch.setattr("storage.retention.EVERY_S", 0.001)
    segment = tmp_path / "one" / "00.seg"
    segment.parent.mkdir()
    segment.write_bytes(b"x")
    written, hours, ahead_s = segment.stat().st_mtime, 0.0, 0.0
    clock = SteadyClock(lambda: written + hours * 3600 + ahead_s, lambda: hours * 3600)
    stop = asyncio.Event()
    running = asyncio.get_running_loop().create_task(keep_to(Retained(tmp_path, 30 * 86_400.0), stop, clock))

    async def looked() -> bool:
        await asyncio.sleep(0.05)
        return segment.exists()

    hours = 2.0
    assert await looked()
    ahead_s = 31 * 86_400.0
    assert await looked(), "set forward"
    hours = 2.9
    assert await looked(), "not an hour ago"
    ahead_s = 0.0
    assert await looked(), "and back"
    hours = 24.0 * 29
    assert await looked()
    hours = 24.0 * 31
    assert not await looked()
    stop.set()
    await running


def test_a_clock_is_steady_when_it_has_gone_as_time_goes_for_an_hour() -> None:
    wall = passed = 0.0
    clock = SteadyClock(lambda: wall, lambda: passed)

    def after(seconds: float, step_s: float = 0.0) -> float | None:
        nonlocal wall, passed
        passed += seconds
        wall += seconds + step_s
        return clock.trusted()

    assert clock.trusted() is None, "it may have been set right after a start"
    assert after(3_599) is None
    assert after(1) == 3_600
    assert after(10, step_s=59) is not None, "drift, or a leap second"
    assert after(10, step_s=61) is None
    assert after(3_600) is not None
    assert after(10, step_s=-61) is None
