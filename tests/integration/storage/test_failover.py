"""A master dies under load and a replica that never got its last half second takes over, on servers of each kind: every
click is folded, none twice. A whole Vitrina goes through the same in `make chaos`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.chaos.faults.failovers import cut_replication
from bench.chaos.redis_servers import ClusterOfThree, SentinelTrio, Server, follow, program
from bench.chaos.wire import Wire
from clicks.click import Click, Event
from storage import keys
from storage.connecting import connect
from storage.consumer import Consumer
from storage.profile_store import ProfileStore
from storage.shipper import Shipper
from storage.spool import Spool
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn
from visitors.wire import decode_profile

pytestmark = pytest.mark.slow
BEHIND_S = 0.5
VISITORS = 20


@dataclass(frozen=True, slots=True)
class Site:
    """Where clicks go, and what makes another server their master."""

    url: str
    fail_over: Callable[[], Awaitable[object]]


@asynccontextmanager
async def pair(folder: Path) -> AsyncIterator[Site]:
    """Debian's Redis with a replica, switched by an operator."""
    master, replica = (Server(folder, "redis", "--repl-diskless-sync-delay", "0") for _ in range(2))
    await asyncio.gather(master.start(), replica.start())
    await follow(replica, master)
    wire = Wire(master.port)
    await wire.start()

    async def fail_over() -> None:
        await cut_replication(master)
        await asyncio.sleep(BEHIND_S)
        master.kill()
        await replica.ask("REPLICAOF", "NO", "ONE")
        await wire.move(replica.port)

    yield Site(f"redis://127.0.0.1:{wire.port}", fail_over)
    await wire.stop()
    await asyncio.gather(master.stop(), replica.stop())


@asynccontextmanager
async def sentinel(folder: Path) -> AsyncIterator[Site]:
    """Three Sentinels that agree by two."""
    trio = SentinelTrio(folder)
    await trio.start()

    async def fail_over() -> None:
        await cut_replication(trio.master)
        await asyncio.sleep(BEHIND_S)
        await trio.fail_over()

    yield Site(trio.url, fail_over)
    await trio.stop()


@asynccontextmanager
async def cluster(folder: Path, key: bytes = keys.STREAM) -> AsyncIterator[Site]:
    """Three masters, a replica each; the one with `key` dies."""
    nodes = ClusterOfThree(folder)
    await nodes.start()

    async def fail_over() -> None:
        await cut_replication(await nodes.holder(key))
        await asyncio.sleep(BEHIND_S)
        await nodes.fail_over(key)

    yield Site(nodes.url, fail_over)
    await nodes.stop()


@pytest.mark.parametrize("start", [pair, sentinel, cluster], ids=["Debian's Redis", "Sentinel", "Cluster"])
async def test_a_failover_under_load_loses_and_doubles_nothing(
    start: Callable[[Path], AbstractAsyncContextManager[Site]], tmp_path: Path, spawn: Spawn
) -> None:
    if start is pair:
        try:
            program("redis")
        except FileNotFoundError as missing:
            pytest.skip(str(missing))
    async with start(tmp_path) as site:
        stop, ends = asyncio.Event(), asyncio.Event()
        shipping, folding, reading = (connect(site.url) for _ in range(3))
        consumer, spool = Consumer(folding, "work"), Spool.create(tmp_path / "spool")
        running = [
            spawn(Shipper(tmp_path / "spool", shipping).run(stop), "shipper"),
            spawn(consumer.run(stop), "consumer"),
        ]
        seen: Counter[str] = Counter()

        async def visit() -> None:
            while not ends.is_set():
                name = f"p{seen.total() % VISITORS}"
                spool.append(viewed(name, seen.total()))
                seen[name] += 1
                await asyncio.sleep(0.002)

        visiting = spawn(visit(), "visitors")

        async def is_on_the_move() -> bool:
            return consumer.folded > 200

        await eventually(is_on_the_move)
        await site.fail_over()
        await asyncio.sleep(1)
        ends.set()
        await visiting

        async def all_there() -> bool:
            return await folded(ProfileStore(reading)) == seen

        try:
            await eventually(all_there, 40)
        except TimeoutError:
            assert await folded(ProfileStore(reading)) == seen
        stop.set()
        await asyncio.gather(*running)
        spool.close()
        for client in (shipping, folding, reading):
            await client.aclose()


async def folded(store: ProfileStore) -> Counter[str]:
    """Pages of each visitor."""
    raw = [await store.get(f"p{number}") for number in range(VISITORS)]
    return Counter({f"p{number}": decode_profile(one).page_views for number, one in enumerate(raw) if one is not None})


def viewed(profile: str, number: int) -> Click:
    """A page."""
    shown = (Event("page_view", {"kind": "home"}),)
    return Click(1_700_000_000.0 + number, "h", "GET", f"/{number}", 200, profile=profile, events=shown)
