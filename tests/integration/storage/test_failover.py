"""A master dies under load and a replica that never got its last half second takes over, on servers of each kind: every
click is folded, none twice. A whole Vitrina goes through the same in `make chaos`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bench.chaos.redis_servers import ClusterOfThree, Pair, SentinelTrio
from clicks.click import Click, Event
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


KINDS: dict[str, Callable[[Path], Pair | SentinelTrio | ClusterOfThree]] = {
    "Debian's Redis": lambda folder: Pair(folder, "redis"),
    "Sentinel": SentinelTrio,
    "Cluster": ClusterOfThree,
}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
async def servers(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Pair | SentinelTrio | ClusterOfThree]:
    """Servers of each kind, of which one takes over from another."""
    try:
        servers = request.param(tmp_path)
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    await servers.start()
    yield servers
    await servers.stop()


async def test_a_failover_under_load_loses_and_doubles_nothing(
    servers: Pair | SentinelTrio | ClusterOfThree, tmp_path: Path, spawn: Spawn
) -> None:
    stop, ends = asyncio.Event(), asyncio.Event()
    shipping, folding, reading = (connect(servers.url) for _ in range(3))
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
    await servers.fail_over(BEHIND_S)
    await asyncio.sleep(1)
    ends.set()
    await visiting

    async def all_there() -> bool:
        return await folded(ProfileStore(reading)) == seen

    try:
        await eventually(all_there)
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
