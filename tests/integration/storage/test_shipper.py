"""Spools to stream: each click once and in order, whatever is killed meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest

from clicks.click import Click
from storage import keys
from storage.connecting import Client, connect
from storage.consumer import Consumer
from storage.embedded import EmbeddedValkey
from storage.shipper import Shipper
from storage.spool import Spool, segment_name
from storage.spool_reader import SpoolReader
from tests.fixtures.oracle import eventually, stream_paths
from tests.integration.storage.conftest import Spawn, killed


def click(path: str) -> Click:
    return Click(time=1.0, host="h", method="GET", path=path, status=200)


class Writer:
    """A writer process and what it promised: the oracle."""

    def __init__(self, root: Path, count: int = 0, pause_s: float = 0.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fixtures.spooling", str(root), str(count), str(pause_s)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.promised: list[str] = []
        assert self.process.stdout is not None
        self._thread = threading.Thread(target=self._collect, args=(self.process.stdout,))
        self._thread.start()

    def _collect(self, lines: IO[str]) -> None:
        for line in lines:
            if line.endswith("\n"):
                self.promised.append(line.strip())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        self.process.wait()
        self._thread.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


async def drained(client: Client, promised: list[str]) -> list[str]:
    async def all_there() -> bool:
        return set(promised) <= set(await stream_paths(client))

    await eventually(all_there)
    return await stream_paths(client)


async def test_every_click_once_and_in_order(redis_client: Client, tmp_path: Path, spawn: Spawn) -> None:
    stop = asyncio.Event()
    shipper = Shipper(tmp_path, redis_client)
    running = spawn(shipper.run(stop), "shipper")
    spool = Spool.create(tmp_path, segment_bytes=4000)
    for n in range(500):
        spool.append(click(f"/{n}"))
        if n % 50 == 0:
            await asyncio.sleep(0.002)
    assert await drained(redis_client, [f"/{n}" for n in range(500)]) == [f"/{n}" for n in range(500)]
    assert shipper.shipped == 500
    assert shipper.depth == 0
    spool.append(click("/last"))
    stop.set()
    await running
    assert (await stream_paths(redis_client))[-1] == "/last"
    spool.close()


async def test_a_killed_writer_loses_nothing_it_promised(redis_client: Client, tmp_path: Path, spawn: Spawn) -> None:
    stop = asyncio.Event()
    running = spawn(Shipper(tmp_path, redis_client).run(stop), "shipper")
    for after in (1, 200, 1500):
        writer = Writer(tmp_path)

        async def wrote(writer: Writer = writer, after: int = after) -> bool:
            return len(writer.promised) >= after

        await eventually(wrote)
        writer.kill()
        shipped = await drained(redis_client, writer.promised)
        assert len(shipped) == len(set(shipped))
        ours = [path for path in shipped if path.split("/")[1] == writer.promised[0].split("/")[1]]
        assert ours[: len(writer.promised)] == writer.promised
        assert len(ours) - len(writer.promised) <= 1  # written, but killed before it could say so
    stop.set()
    await running


async def test_killed_shippers_and_killed_valkeys_lose_and_double_nothing(
    own_valkey: EmbeddedValkey, tmp_path: Path, spawn: Spawn
) -> None:
    root = tmp_path / "spool"
    writers = [Writer(root, 3000, 0.0003), Writer(root, 3000, 0.0003)]
    for round_ in range(4):
        client = connect(own_valkey.url)
        shipper = spawn(Shipper(root, client).run(asyncio.Event()), "shipper")
        await asyncio.sleep(0.15)
        if round_ % 2:
            assert own_valkey.pid is not None
            os.kill(own_valkey.pid, signal.SIGKILL)

            async def is_dead() -> bool:
                return not own_valkey.is_alive()

            await eventually(is_dead)
            await asyncio.sleep(0.05)
            own_valkey.start()
            await asyncio.sleep(0.3)
        await killed(shipper)  # wherever it is: also between sending and the answer
        await client.aclose()
    for writer in writers:
        writer.wait()
    client = connect(own_valkey.url)
    stop = asyncio.Event()
    running = spawn(Shipper(root, client).run(stop), "shipper")
    promised = [path for writer in writers for path in writer.promised]
    assert len(promised) == 6000
    shipped = await drained(client, promised)
    assert sorted(shipped) == sorted(promised)
    stop.set()
    await running
    await client.aclose()


async def test_a_server_that_lost_its_last_clicks_gets_them_again(
    redis_client: Client, tmp_path: Path, spawn: Spawn
) -> None:
    stop = asyncio.Event()
    shipper = Shipper(tmp_path, redis_client)
    running = spawn(shipper.run(stop), "shipper")
    spool = Spool.create(tmp_path)
    paths = [f"/{n}" for n in range(300)]
    for path in paths[:200]:
        spool.append(click(path))
    await drained(redis_client, paths[:200])
    entries = await redis_client.execute_command("XRANGE", keys.STREAM, "-", "+")
    # As after a failover to a replica that lagged: the newest entries and the position beside them are gone.
    for entry_id, _ in entries[1:]:
        await redis_client.execute_command("XDEL", keys.STREAM, entry_id)
    await redis_client.execute_command("HSET", keys.SHIPPED, spool.id, int(entries[0][1][b"n"]) - 1)
    for path in paths[200:]:
        spool.append(click(path))
    assert await drained(redis_client, paths) == paths
    stop.set()
    await running
    spool.close()


async def test_a_server_that_lost_everything_gets_what_is_still_here(
    redis_client: Client, tmp_path: Path, spawn: Spawn
) -> None:
    stop = asyncio.Event()
    running = spawn(Shipper(tmp_path, redis_client).run(stop), "shipper")
    spool = Spool.create(tmp_path, segment_bytes=2000)
    for n in range(100):
        spool.append(click(f"/{n}"))
    await drained(redis_client, [f"/{n}" for n in range(100)])
    first, second = SpoolReader(spool.path).segments()[:2]
    (spool.path / segment_name(first)).unlink()
    await redis_client.execute_command("FLUSHALL")
    spool.append(click("/100"))
    expected = [f"/{n}" for n in range(second, 101)]
    assert await drained(redis_client, expected) == expected
    stop.set()
    await running
    spool.close()


def bytes_read() -> int:
    """By this thread so far, from files of any kind (proc_pid_io(5))."""
    counts = dict(line.split(": ") for line in Path("/proc/thread-self/io").read_text("ascii").splitlines())
    return int(counts["rchar"])


async def test_redis_away_counts_what_waits(own_valkey: EmbeddedValkey, tmp_path: Path, spawn: Spawn) -> None:
    own_valkey.stop()
    stop, client = asyncio.Event(), connect(own_valkey.url)
    shipper = Shipper(tmp_path / "spool", client)
    running = spawn(shipper.run(stop), "shipper")
    spool = Spool.create(tmp_path / "spool")
    for n in range(150):
        spool.append(click(f"/{n}"))

    async def counted() -> bool:
        return shipper.depth == 150

    await eventually(counted)
    assert shipper.errors > 0
    assert shipper.is_failing
    assert shipper.oldest() == click("/0").time
    before = bytes_read()
    assert [shipper.oldest() for _ in range(50)] == [click("/0").time] * 50
    assert bytes_read() - before < spool.written * 10, "what waits is read anew each time"
    own_valkey.start()
    assert await drained(client, [f"/{n}" for n in range(150)]) == [f"/{n}" for n in range(150)]

    async def empty() -> bool:
        return shipper.depth == 0

    await eventually(empty)
    assert shipper.oldest() is None
    stop.set()
    await running
    spool.close()
    await client.aclose()


async def test_a_silent_redis_counts_what_waits(
    own_valkey: EmbeddedValkey, tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.connecting.SOCKET_TIMEOUT_S", 60.0)
    stop, client = asyncio.Event(), connect(own_valkey.url)
    shipper = Shipper(tmp_path / "spool", client)
    running = spawn(shipper.run(stop), "shipper")
    spool = Spool.create(tmp_path / "spool")
    spool.append(click("/0"))
    assert await drained(client, ["/0"]) == ["/0"]
    pid = own_valkey.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        for n in range(1, 151):
            spool.append(click(f"/{n}"))
            await asyncio.sleep(0.002)

        async def counted() -> bool:
            return shipper.depth == 150

        await eventually(counted)
        assert shipper.oldest() == click("/1").time
        assert shipper.errors == 0, "counted only after the wait for an answer has ended"
    finally:
        os.kill(pid, signal.SIGCONT)
    assert await drained(client, [f"/{n}" for n in range(151)]) == [f"/{n}" for n in range(151)]

    async def empty() -> bool:
        return shipper.depth == 0

    await eventually(empty)
    stop.set()
    await running
    spool.close()
    await client.aclose()


async def test_one_shipper_a_machine(redis_client: Client, tmp_path: Path, spawn: Spawn) -> None:
    stops = asyncio.Event(), asyncio.Event()
    shippers = [Shipper(tmp_path, redis_client) for _ in stops]
    tasks = [spawn(one.run(stop), "shipper") for one, stop in zip(shippers, stops, strict=True)]
    await asyncio.sleep(0.05)
    spool = Spool.create(tmp_path)
    spool.append(click("/a"))
    await drained(redis_client, ["/a"])
    assert [one.shipped for one in shippers] == [1, 0]
    stops[0].set()
    await tasks[0]
    spool.append(click("/b"))
    assert await drained(redis_client, ["/b"]) == ["/a", "/b"]
    assert [one.shipped for one in shippers] == [1, 1]
    stops[1].set()
    await tasks[1]
    spool.close()


@pytest.mark.parametrize(
    ("setting", "refusing", "fine"),
    [("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")],
    ids=["out of memory", "no replicas"],
)
async def test_a_server_that_refuses_writes_gets_them_later(
    own_valkey: EmbeddedValkey, tmp_path: Path, spawn: Spawn, setting: str, refusing: str, fine: str
) -> None:
    client = connect(own_valkey.url)
    stop, shipper, consumer = asyncio.Event(), Shipper(tmp_path / "spool", client), Consumer(client, "work")
    running = [spawn(shipper.run(stop), "shipper"), spawn(consumer.run(stop), "consumer")]
    spool = Spool.create(tmp_path / "spool")
    await client.execute_command("CONFIG", "SET", setting, refusing)
    for n in range(100):
        spool.append(click(f"/{n}"))

    async def refused() -> bool:
        return shipper.depth == 100 and consumer.errors > 0

    await eventually(refused)
    await client.execute_command("CONFIG", "SET", setting, fine)

    async def folded() -> bool:
        return consumer.folded == 100

    await eventually(folded)
    assert shipper.shipped == 100
    stop.set()
    await asyncio.gather(*running)
    spool.close()
    await client.aclose()
