"""A master is killed under load and a replica takes over that never got its last second: a pair, a Sentinel trio, a
Cluster of three (the stream's node, and one that only has profiles)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from redis.exceptions import RedisError

from bench.chaos.figures import answered, culprits, failures
from bench.chaos.records import Figure, Record
from bench.chaos.redis_servers import ClusterOfThree, SentinelTrio, Server, follow, program
from bench.chaos.stage import Theatre
from bench.chaos.wire import Wire
from storage import keys

BEHIND_S = 1.0
"""For so long before its death the master's writes reach no replica."""


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """A record per failover."""
    if not theatre.scale.is_short:
        for kind, name in (("valkey", "Valkey"), ("redis", "Debian's Redis")):
            try:
                program(kind)
            except FileNotFoundError as missing:
                yield Record("failovers", f"a pair of {name}", None, str(missing))
                continue
            yield await _pair(theatre, kind, f"a pair of {name}")
    yield await _sentinel(theatre)
    if not theatre.scale.is_short:
        async for record in _cluster(theatre):
            yield record


async def cut_replication(master: Server) -> None:
    """From now on no replica gets what the master is told."""
    await master.ask("ACL", "SETUSER", "default", "-psync", "-sync")
    await master.ask("CLIENT", "KILL", "TYPE", "replica")


async def _pair(theatre: Theatre, kind: str, name: str) -> Record:
    folder = theatre.folder
    master, replica = (Server(folder, kind, "--repl-diskless-sync-delay", "0") for _ in range(2))
    await asyncio.gather(master.start(), replica.start())
    await follow(replica, master)
    wire = Wire(master.port)
    await wire.start()

    async def fail_over() -> float:
        await cut_replication(master)
        await asyncio.sleep(BEHIND_S)
        master.kill()
        await replica.ask("REPLICAOF", "NO", "ONE")
        await wire.move(replica.port)
        return 0.0

    try:
        return await _try(theatre, name, f"redis://127.0.0.1:{wire.port}", [fail_over])
    finally:
        await wire.stop()
        await asyncio.gather(master.stop(), replica.stop())


async def _sentinel(theatre: Theatre) -> Record:
    trio = SentinelTrio(_folder(theatre, "sentinel"))
    await trio.start()

    async def fail_over() -> float:
        await cut_replication(trio.master)
        await asyncio.sleep(BEHIND_S)
        return await trio.fail_over()

    try:
        return await _try(theatre, "a Sentinel trio", trio.url, [fail_over] * theatre.scale.pick(2, 1))
    finally:
        await trio.stop()


async def _cluster(theatre: Theatre) -> AsyncIterator[Record]:
    cluster = ClusterOfThree(_folder(theatre, "cluster"))
    await cluster.start()
    try:
        yield await _try(theatre, "a Cluster: the stream's node", cluster.url, [_of(cluster, lambda: _stream())])
        yield await _try(
            theatre,
            "a Cluster: a node with profiles only",
            cluster.url,
            [_of(cluster, lambda: _profile_elsewhere(cluster))],
        )
    finally:
        await cluster.stop()


def _of(cluster: ClusterOfThree, choose: Callable[[], Awaitable[bytes]]) -> Callable[[], Awaitable[float]]:
    async def fail_over() -> float:
        key = await choose()
        await cut_replication(await cluster.holder(key))
        await asyncio.sleep(BEHIND_S)
        return await cluster.fail_over(key)

    return fail_over


async def _stream() -> bytes:
    return keys.STREAM


async def _profile_elsewhere(cluster: ClusterOfThree) -> bytes:
    """A profile's key that does not lie where the stream does."""
    stream = await cluster.holder(keys.STREAM)
    for number in range(1000):
        key = keys.profile_key(f"probe{number}")
        if await cluster.holder(key) is not stream:
            return key
    raise RuntimeError("every key lies on one node")


async def _try(theatre: Theatre, name: str, url: str, fail_overs: list[Callable[[], Awaitable[float]]]) -> Record:
    took = []
    async with theatre.stage(redis_url=url) as stage, stage.oracle() as oracle:
        async with stage.load(f"failover-{theatre.random.randrange(1 << 32):x}") as load:
            await load.some_more(40)
            await asyncio.sleep(1)
            for fail_over in fail_overs:
                took.append(await fail_over())
                await load.some_more(40)
                await asyncio.sleep(theatre.scale.pick(5, 2))
        await _hold_again(oracle.hold)
        verdict = await oracle.verdict(load.done, load.cut)
    figures: dict[str, Figure] = {
        **answered(load),
        "failovers": len(took),
        "new master after s": round(max(took), 2),
        **verdict.figures(),
    }
    is_good = verdict.is_good and figures["cut"] == figures["not 200"] == figures["wrong bytes"] == 0
    return Record("failovers", name, is_good, "; ".join([*failures(load), *culprits(verdict)]), figures)


async def _hold_again(hold: Callable[[], Awaitable[None]]) -> None:
    with suppress(RedisError, OSError):  # a client that still thinks of the old master learns it by this
        await hold()


def _folder(theatre: Theatre, name: str) -> Path:
    folder = theatre.folder / f"{name}-{theatre.random.randrange(1 << 32):x}"
    folder.mkdir()
    return folder
