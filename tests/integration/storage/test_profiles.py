"""Profiles on the request's path: batched, bounded in time, never retried; and by the store."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop
from redis.asyncio import RedisCluster
from redis.exceptions import ResponseError

from bench.chaos.redis_servers import Server
from storage import keys
from storage.connecting import Client, connect
from storage.embedded import EmbeddedValkey
from storage.profile_store import ProfileStore
from storage.profiles import BatchedProfiles
from tests.fixtures.oracle import eventually
from tests.integration.storage.conftest import Spawn

Answer = tuple[bytes | None, str | None]


async def ask(profiles: BatchedProfiles, profile_id: str) -> Answer:
    answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    profiles.fetch(profile_id, lambda raw, failure: answer.set_result((raw, failure)))
    return await answer


async def mgets(client: Client) -> int:
    """How many MGET there were."""
    if not isinstance(client, RedisCluster):
        return int((await client.info("commandstats")).get("cmdstat_mget", {"calls": 0})["calls"])
    nodes = await client.execute_command("INFO", "commandstats", target_nodes=RedisCluster.PRIMARIES)
    return sum(int(told.get("cmdstat_mget", {"calls": 0})["calls"]) for told in nodes.values())


async def test_fetches_of_one_tick_are_one_command_a_slot(redis_client: Client, spawn: Spawn) -> None:
    is_cluster = isinstance(redis_client, RedisCluster)
    profiles = BatchedProfiles(redis_client, 1.0, spawn)
    assert await profiles.ready()
    for n in range(5):
        await redis_client.execute_command("SET", keys.profile_key(f"p{n}"), b"raw%d" % n * 2000)
    before = await mgets(redis_client)
    answers = await asyncio.gather(*(ask(profiles, f"p{n}") for n in range(8)))
    after = await mgets(redis_client)
    assert answers == [(b"raw%d" % n * 2000, None) for n in range(5)] + [(None, None)] * 3
    slots = {redis_client.keyslot(keys.profile_key(f"p{n}")) for n in range(8)} if is_cluster else {0}
    assert after - before == len(slots)
    assert await ask(profiles, "p1") == (b"raw1" * 2000, None)
    profiles.close()
    assert await ask(profiles, "p1") == (None, "unavailable")


async def test_one_receiver_that_fails_does_not_fail_the_others(redis_client: Client, spawn: Spawn) -> None:
    profiles = BatchedProfiles(redis_client, 1.0, spawn)
    await profiles.ready()

    def throw(raw: bytes | None, failure: str | None) -> None:
        raise RuntimeError("a receiver's own fault")

    profiles.fetch("a", throw)
    assert await ask(profiles, "b") == (None, None)
    profiles.close()


async def test_a_stopped_server_times_out_opens_the_breaker_and_closes_it_again(
    own_valkey: EmbeddedValkey, spawn: Spawn
) -> None:
    client = connect(own_valkey.url)
    profiles = BatchedProfiles(client, 0.02, spawn)
    assert await profiles.ready()
    pid = own_valkey.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        assert await ask(profiles, "a") == (None, "timeout")

        async def is_open() -> bool:
            return profiles.is_open

        await eventually(is_open)
        assert await ask(profiles, "a") == (None, "breaker_open")
        assert profiles.opened == 1
    finally:
        os.kill(pid, signal.SIGCONT)

    async def answers() -> bool:
        return await ask(profiles, "a") == (None, None)

    await eventually(answers)
    assert not profiles.is_open
    profiles.close()
    await client.aclose()


async def test_a_killed_server_fails_at_once_and_a_new_one_is_found(own_valkey: EmbeddedValkey, spawn: Spawn) -> None:
    client = connect(own_valkey.url)
    profiles = BatchedProfiles(client, 0.5, spawn)
    assert await profiles.ready()
    pid = own_valkey.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    asked = asyncio.ensure_future(ask(profiles, "a"))  # noqa: TID251
    await asyncio.sleep(0.01)
    os.kill(pid, signal.SIGKILL)

    async def is_dead() -> bool:
        return not own_valkey.is_alive()

    await eventually(is_dead)
    assert await asked == (None, "unavailable")
    assert await ask(profiles, "a") == (None, "unavailable")
    assert (profiles.is_open, profiles.opened) == (True, 1)
    own_valkey.start()
    await eventually(lambda: profiles.ready(0.01))
    assert await ask(profiles, "a") == (None, None)
    assert not profiles.is_open
    profiles.close()
    await client.aclose()


async def test_an_error_reply_is_unavailable(own_valkey: EmbeddedValkey, spawn: Spawn) -> None:
    client = connect(own_valkey.url)
    profiles = BatchedProfiles(client, 1.0, spawn)
    await profiles.ready()
    await client.execute_command("ACL", "SETUSER", "default", "-mget")
    assert await ask(profiles, "a") == (None, "unavailable")
    await client.execute_command("ACL", "SETUSER", "default", "+mget")
    assert await ask(profiles, "a") == (None, None)
    profiles.close()
    await client.aclose()


async def test_a_server_that_cannot_save_its_file_is_still_read(tmp_path: Path, spawn: Spawn) -> None:
    server = Server(tmp_path, "valkey", "--save", "3600 1")
    await server.start()
    await server.ask("SET", keys.profile_key("a"), "raw")
    (server.folder / "log").unlink()
    server.folder.rmdir()
    await server.ask("BGSAVE")

    async def refuses() -> bool:
        try:
            await server.ask("PING")
        except ResponseError as error:
            return "MISCONF" in str(error)
        return False

    await eventually(refuses)
    client = connect(server.url)
    profiles = BatchedProfiles(client, 5.0, spawn)
    assert await profiles.ready(5)
    assert await ask(profiles, "a") == (b"raw", None)
    profiles._failed()  # one that was late: a PING finds out

    async def has_answered() -> bool:
        return profiles._answered_in_s is not None

    await eventually(has_answered)
    profiles.close()
    await client.aclose()
    await server.stop()


async def test_a_server_that_refuses_everything_opens_the_breaker(own_valkey: EmbeddedValkey, spawn: Spawn) -> None:
    client = connect(own_valkey.url)
    profiles = BatchedProfiles(client, 0.1, spawn)
    await profiles.ready()
    await client.execute_command("ACL", "SETUSER", "default", "-mget", "-ping")
    assert await ask(profiles, "a") == (None, "unavailable")

    async def is_open() -> bool:
        return profiles.is_open

    await eventually(is_open)
    assert await ask(profiles, "a") == (None, "breaker_open")
    await client.execute_command("ACL", "SETUSER", "default", "+mget", "+ping")

    async def answers() -> bool:
        return await ask(profiles, "a") == (None, None)

    await eventually(answers)
    assert (profiles.is_open, profiles.opened) == (False, 1)
    profiles.close()
    await client.aclose()


async def test_a_password_and_no_server_at_all(own_valkey: EmbeddedValkey, tmp_path: Path, spawn: Spawn) -> None:
    client = connect(own_valkey.url)
    await client.execute_command("CONFIG", "SET", "requirepass", "secret")
    refused = BatchedProfiles(connect(own_valkey.url), 0.1, spawn)
    assert not await refused.ready(0.05)
    allowed = BatchedProfiles(connect(own_valkey.url.replace("unix://", "unix://:secret@")), 0.1, spawn)
    assert await allowed.ready()
    nowhere = BatchedProfiles(connect(f"unix://{tmp_path}/none.sock"), 0.1, spawn)
    assert not await nowhere.ready(0.05)
    assert await ask(nowhere, "a") == (None, "unavailable")
    for profiles in (refused, allowed, nowhere):
        profiles.close()
    await client.aclose()


async def test_compare_and_set_writes_only_over_what_was_read(redis_client: Client) -> None:
    store = ProfileStore(redis_client)
    assert await store.get("a") is None
    assert await store.compare_and_set("a", None, b"one")
    assert not await store.compare_and_set("a", None, b"two")
    assert not await store.compare_and_set("a", b"other", b"two")
    assert await store.compare_and_set("a", b"one", b"two")
    assert await store.get_many(["a", "b"]) == [b"two", None]
    assert 0 < await redis_client.execute_command("TTL", keys.profile_key("a")) <= 400 * 86400


async def test_the_operator_may_import_an_erased_profile(redis_client: Client) -> None:
    store = ProfileStore(redis_client)
    await store.erase("a", 5.0)
    assert await store.write_many([("a", None, b"x", None)]) == [5.0]
    assert await store.write_many([("a", None, b"x", 5.0)]) == [True]
    assert await store.compare_and_set("a", b"x", b"y")


async def test_scan_finds_every_profile_once(redis_client: Client) -> None:
    store = ProfileStore(redis_client)
    for n in range(450):
        await store.compare_and_set(f"p{n}", None, b"%d" % n)
    await redis_client.execute_command("SET", "another", "key")
    assert {item: int(raw) async for item, raw in store.scan()} == {f"p{n}": n for n in range(450)}


def test_the_same_under_uvloop(redis_url: str) -> None:
    """The data plane's loop: its transports are not asyncio's by inheritance."""

    async def read() -> tuple[bytes | None, str | None]:
        tasks = []

        def start(work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
            tasks.append(asyncio.get_running_loop().create_task(work, name=name))
            return tasks[-1]

        client = connect(redis_url)
        await client.execute_command("SET", keys.profile_key("uv"), b"loop")
        profiles = BatchedProfiles(client, 5.0, start)
        assert await profiles.ready(5)
        answer = await ask(profiles, "uv")
        profiles.close()
        await client.aclose()
        return answer

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(read()) == (b"loop", None)


NONSENSE = {
    "another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "arrays without end": b"*1\r\n" * 100_000,
    "more than was asked for": b"*2\r\n$1\r\na\r\n$1\r\nb\r\n",
    "no value": b"*1\r\n:5\r\n",
    "an array for a value": b"*1\r\n*1\r\n$1\r\na\r\n",
    "a number of 100,000 digits": b":" + b"9" * 100_000 + b"\r\n",
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
async def test_a_server_that_answers_nonsense_costs_the_profile_only(nonsense: bytes, spawn: Spawn) -> None:
    answers = [nonsense]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while count := int((await reader.readline())[1:] or 0):
                pieces = [(await reader.readline(), (await reader.readline()).strip())[1] for _ in range(count)]
                known = answers.pop() if answers and pieces[0] == b"MGET" else b"*1\r\n$1\r\nx\r\n"
                writer.write(known if pieces[0] == b"MGET" else b"+PONG\r\n")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        client = connect(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        profiles = BatchedProfiles(client, 5.0, spawn)
        assert await profiles.ready(5)
        assert await ask(profiles, "a") == (None, "unavailable")

        async def answers_again() -> bool:
            return await ask(profiles, "a") == (b"x", None)

        await eventually(answers_again)
        profiles.close()
        await client.aclose()
