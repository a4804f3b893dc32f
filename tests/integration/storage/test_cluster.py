"""The same on a Cluster: one node, which refuses scripts across slots and redirects nobody."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.chaos.redis_servers import ClusterOfOne
from clicks.click import Click, Event
from storage import keys
from storage.connecting import connect
from storage.consumer import Consumer
from storage.profile_store import ProfileStore
from storage.profiles import BatchedProfiles
from storage.shipper import Shipper
from storage.spool import Spool
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn
from visitors.wire import decode_profile

NOW = 1_700_000_000.0


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[ClusterOfOne]:
    """A Cluster's one node."""
    server = ClusterOfOne(tmp_path)
    await server.start()
    yield server
    await server.stop()


async def test_a_node_that_was_silent_for_long_is_asked_again(
    node: ClusterOfOne, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.profiles._GIVE_UP_S", 0.3)
    client = connect(node.url)
    profiles = BatchedProfiles(client, 0.05, spawn)
    assert await profiles.ready(5)
    answers: list[str | None] = []
    node.node.signal(signal.SIGSTOP)
    try:
        profiles.fetch("a", lambda _, failure: answers.append(failure))

        async def is_open() -> bool:
            return profiles.is_open

        await eventually(is_open)
        await asyncio.sleep(1)
    finally:
        node.node.signal(signal.SIGCONT)

    async def answers_again() -> bool:
        profiles.fetch("a", lambda _, failure: answers.append(failure))
        return answers[-1] is None

    await eventually(answers_again)
    profiles.close()
    await client.aclose()


async def test_a_node_that_forgot_its_last_moments_gets_them_again(
    node: ClusterOfOne, tmp_path: Path, spawn: Spawn
) -> None:
    client = connect(node.url)
    spool, store, kept = Spool.create(tmp_path / "spool"), ProfileStore(client), b""
    stop = asyncio.Event()
    shipping = spawn(Shipper(tmp_path / "spool", client).run(stop), "shipper")
    for upto in (5, 10, 11):
        while spool.written < upto:
            spool.append(view(spool.written))
        ends, consumer = asyncio.Event(), Consumer(client, "work")
        folding = spawn(consumer.run(ends), "consumer")

        async def folded(consumer: Consumer = consumer, wanted: int = 1 if upto == 11 else 5) -> bool:
            return consumer.folded == wanted

        await eventually(folded)
        ends.set()
        await folding
        if upto == 5:
            kept = await store.get("p") or b""
        elif upto == 10:
            await client.execute_command("SET", keys.profile_key("p"), kept)  # a replica that was 5 clicks behind
    assert decode_profile(await store.get("p") or b"").page_views == 11
    stop.set()
    await shipping
    spool.close()
    await client.aclose()


def view(number: int) -> Click:
    return Click(
        time=NOW + number,
        host="h",
        method="GET",
        path=f"/{number}",
        status=200,
        profile="p",
        events=(Event("page_view", {"kind": "home"}),),
    )
