"""From the spool to the profile on each kind of server: the short form of `make redis`, which runs all tests of the
storage on each of them, and lets masters die.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.chaos.redis_servers import ClusterOfOne, OneSentinel, Single
from clicks.click import Click, Event
from storage.catalogue import LearntCatalogue
from storage.connecting import Client, check_url, connect
from storage.consumer import Consumer
from storage.profile_store import ProfileStore
from storage.profiles import BatchedProfiles
from storage.shipper import Shipper
from storage.spool import Spool
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn
from visitors.wire import decode_profile

NOW = 1_700_000_000.0
KINDS: dict[str, Callable[[Path], Single | OneSentinel | ClusterOfOne]] = {
    "Debian's Redis": lambda folder: Single(folder, "redis"),
    "a Sentinel": OneSentinel,
    "a Cluster": ClusterOfOne,
}


@pytest.mark.parametrize("kind", list(KINDS))
async def test_clicks_become_profiles(kind: str, tmp_path: Path, spawn: Spawn) -> None:
    try:
        server = KINDS[kind](tmp_path)
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    await server.start()
    try:
        assert await check_url(server.url) is None
        await clicks_become_profiles(connect(server.url), tmp_path, spawn)
    finally:
        await server.stop()


async def clicks_become_profiles(client: Client, tmp_path: Path, spawn: Spawn) -> None:
    """All that data plane, shipper and consumer ask of a server."""
    stop, consumer = asyncio.Event(), Consumer(client, "work")
    running = [
        spawn(Shipper(tmp_path / "spool", client).run(stop), "shipper"),
        spawn(consumer.run(stop), "consumer"),
    ]
    spool = Spool.create(tmp_path / "spool")
    entry = ("7", "A", 100, (), None, False, None)
    for n in range(200):
        spool.append(
            Click(
                time=NOW + n,
                host="h",
                method="GET",
                path="/",
                status=200,
                profile=f"p{n % 20}",
                catalogue=(entry,) if n == 0 else (),
                events=(Event("page_view", {"kind": "home"}), Event("product_view", {"product": "7"})),
                merged_from="p1" if n == 199 else None,
            )
        )

    async def folded() -> bool:
        return consumer.folded == 200

    await eventually(folded)
    store = ProfileStore(client)
    profiles = {name: decode_profile(raw) async for name, raw in store.scan()}
    assert sorted(profiles) == sorted(f"p{n}" for n in range(20))
    assert profiles["p19"].page_views == 20
    assert profiles["p1"].moved_to == "p19"
    batched, catalogue = BatchedProfiles(client, 5.0, spawn), LearntCatalogue(client, spawn)
    assert await batched.ready(5)
    answers: list[tuple[bytes | None, str | None]] = []
    for name in ("p2", "p3", "nobody"):
        batched.fetch(name, lambda raw, failure: answers.append((raw, failure)))

    async def answered() -> bool:
        return len(answers) == 3 and "7" in catalogue.snapshot()

    await eventually(answered)
    assert answers == [(await store.get("p2"), None), (await store.get("p3"), None), (None, None)]
    assert await store.erase("p19", NOW + 1000)
    assert await store.get("p1") is None
    catalogue.close()
    batched.close()
    stop.set()
    await asyncio.gather(*running)
    spool.close()
    await client.aclose()
