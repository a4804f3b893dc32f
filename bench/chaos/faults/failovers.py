"""A master is killed under load and a replica takes over that never got its last second: a pair, a Sentinel trio, a
Cluster of three (the stream's node, and one that only has profiles)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from redis.exceptions import RedisError

from bench.chaos.figures import answered, culprits, failures
from bench.chaos.records import Figure, Record
from bench.chaos.redis_servers import ClusterOfThree, Pair, SentinelTrio, program
from bench.chaos.stage import Theatre
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


async def _pair(theatre: Theatre, kind: str, name: str) -> Record:
    pair = Pair(theatre.folder, kind)
    await pair.start()
    try:
        return await _try(theatre, name, pair.url, [lambda: pair.fail_over(BEHIND_S)])
    finally:
        await pair.stop()


async def _sentinel(theatre: Theatre) -> Record:
    trio = SentinelTrio(_folder(theatre, "sentinel"))
    await trio.start()
    try:
        times = theatre.scale.pick(2, 1)
        return await _try(theatre, "a Sentinel trio", trio.url, [lambda: trio.fail_over(BEHIND_S)] * times)
    finally:
        await trio.stop()


async def _cluster(theatre: Theatre) -> AsyncIterator[Record]:
    cluster = ClusterOfThree(_folder(theatre, "cluster"))
    await cluster.start()

    async def elsewhere() -> float:
        return await cluster.fail_over(BEHIND_S, await _profile_elsewhere(cluster))

    try:
        yield await _try(theatre, "a Cluster: the stream's node", cluster.url, [lambda: cluster.fail_over(BEHIND_S)])
        yield await _try(theatre, "a Cluster: a node with profiles only", cluster.url, [elsewhere])
    finally:
        await cluster.stop()


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
