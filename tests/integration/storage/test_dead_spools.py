"""Spools whose writers are gone: what is in the stream stays for an hour, costs nothing, and goes."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from storage import keys
from storage.connecting import Client, connect
from storage.embedded import EmbeddedValkey
from storage.shipper import Shipper
from storage.spool import Spool, segment_name
from storage.spool_reader import SpoolReader
from tests.fixtures.oracle import eventually, stream_paths
from tests.integration.storage.conftest import Spawn
from tests.integration.storage.test_shipper import click, drained


async def test_shipped_segments_go_and_dead_spools_with_them(
    redis_client: Client, tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.shipper.TIDY_EVERY_S", 0.05)
    dead, alive = Spool.create(tmp_path, segment_bytes=500), Spool.create(tmp_path, segment_bytes=500)
    for n in range(30):
        dead.append(click(f"/dead/{n}"))
        alive.append(click(f"/alive/{n}"))
    dead.close()
    stop = asyncio.Event()
    running = spawn(Shipper(tmp_path, redis_client, keep_s=0.0).run(stop), "shipper")

    async def tidied() -> bool:
        return not dead.path.exists() and len(SpoolReader(alive.path).segments()) == 1

    await eventually(tidied)
    assert len(await stream_paths(redis_client)) == 60
    assert await redis_client.execute_command("HKEYS", keys.SHIPPED) == [alive.id.encode()]
    alive.append(click("/alive/more"))
    await drained(redis_client, ["/alive/more"])
    stop.set()
    await running
    alive.close()


async def test_a_dead_spool_waits_empty_until_its_time_has_come(
    redis_client: Client, tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last segment goes some time before it does: looking at it meanwhile must not end the shipper."""
    monkeypatch.setattr("storage.shipper.TIDY_EVERY_S", 0.01)
    spool = Spool.create(tmp_path)
    spool.append(click("/a"))
    spool.close()
    stop = asyncio.Event()
    running = spawn(Shipper(tmp_path, redis_client, keep_s=0.3).run(stop), "shipper")

    async def gone() -> bool:
        return running.done() or not spool.path.exists()

    await eventually(gone)
    assert not running.done()
    stop.set()
    await running


async def test_a_spool_whose_writer_is_gone_costs_nothing_once_it_is_shipped(
    own_valkey: EmbeddedValkey, tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its segments stay an hour, and workers are replaced more often than that; what Redis lost is sent again."""
    monkeypatch.setattr("storage.shipper.TIDY_EVERY_S", 0.05)
    monkeypatch.setattr("storage.shipper.COMPARE_EVERY_S", 0.2)
    client = connect(own_valkey.url)
    alive = Spool.create(tmp_path)
    for n in range(20):
        spool = Spool.create(tmp_path)
        spool.append(click(f"/{n}"))
        spool.close()
    stop = asyncio.Event()
    running = spawn(Shipper(tmp_path, client).run(stop), "shipper")

    def held() -> list[str]:
        names = (_target(fd) for fd in os.listdir("/proc/self/fd"))
        return [name for name in names if name.startswith(str(tmp_path)) and name.endswith(".seg")]

    async def let_go() -> bool:
        return all(alive.id in name for name in held())

    sent = sorted(await drained(client, [f"/{n}" for n in range(20)]))
    await eventually(let_go)
    await client.flushall()
    alive.append(click("/more"))
    assert sorted(await drained(client, [*sent, "/more"])) == sorted([*sent, "/more"])
    await eventually(let_go)
    stop.set()
    await running
    await client.aclose()
    alive.close()


def _target(fd: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return ""


@pytest.mark.parametrize("step_s", [0.0, 86_400.0, -86_400.0])
async def test_shipped_segments_stay_an_hour_whatever_the_clock_does(
    redis_client: Client, tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    """A replica that takes over in that hour may lack what its master had, and gets it from them."""
    monkeypatch.setattr("storage.shipper.TIDY_EVERY_S", 0.0)
    spool = Spool.create(tmp_path)
    spool.append(click("/a"))
    spool.close()
    stop = asyncio.Event()
    running = spawn(Shipper(tmp_path, redis_client).run(stop), "shipper")
    await drained(redis_client, ["/a"])
    await asyncio.sleep(0.1)
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + step_s)
    await asyncio.sleep(0.1)
    assert len(SpoolReader(spool.path).segments()) == 1
    stop.set()
    await running


async def test_damage_in_a_dead_spool_hides_nothing_behind_it(
    redis_client: Client, tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.shipper.TIDY_EVERY_S", 0.0)
    monkeypatch.setattr("storage.spool_reader._DAMAGE_PATIENCE_S", 0.3)
    spool = Spool.create(tmp_path)
    for path in ("/a", "/b", "/c"):
        spool.append(click(path))
    spool.close()
    segment = spool.path / segment_name(0)
    data = segment.read_bytes()
    at = data.index(b"/b")
    segment.write_bytes(data[:at] + b"??" + data[at + 2 :])
    stop = asyncio.Event()
    running = spawn(Shipper(tmp_path, redis_client).run(stop), "shipper")
    assert await drained(redis_client, ["/c"]) == ["/a", "/c"]
    stop.set()
    await running
