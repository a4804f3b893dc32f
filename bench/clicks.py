"""Clicks and profiles, measured: python -m bench.clicks [--rate 500] [--seconds 5] [--burst 30000] [--only NAME].

Each part runs on a Valkey and a folder of its own, all on loopback or Unix sockets of this machine.
append: µs per click written to the spool. backlog: clicks/s from a full spool to profiles. latency: append → profile
written, at a steady rate. idle: CPU of a shipper and a consumer with nothing to do. fetch: µs per profile looked up.
"""

import argparse
import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvloop

from bench.ending import ended
from clicks.click import Click, Event
from storage import keys
from storage.connecting import Client, connect
from storage.consumer import Consumer
from storage.embedded import EmbeddedValkey
from storage.profile_store import ProfileStore
from storage.profiles import BatchedProfiles
from storage.shipper import Shipper
from storage.spool import Spool
from visitors.wire import decode_profile

PROFILES = 2000
Spawn = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[None]"]


def page_click(number: int, profile: str, at: float) -> Click:
    """A category page as a shop's visitor opens it: 20 listed products, one reordered list."""
    products = tuple(str((number * 7 + place) % 600) for place in range(20))
    return Click(
        time=at,
        host="shop.example",
        method="GET",
        path="/product_info.php",
        status=200,
        profile=profile,
        session=f"s{number % 50}",
        query={"products_id": products[0]},
        referrer="shop.example/index.php",
        agent="desktop",
        content_type="text/html",
        bytes_out=61233,
        origin_ms=48.5,
        added_us=412,
        kind="product",
        product=products[0],
        listed={"also": products},
        events=(
            Event("page_view", {"kind": "product"}),
            Event("product_view", {"product": products[0], "name": "A record", "categories": ("Jazz", "Bebop")}),
        ),
        moved=5,
        variant="personalised",
        outcome="hit",
    )


def spawn(work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
    """Run in the background; the caller keeps the task."""
    return asyncio.get_running_loop().create_task(work, name=name)


def measure_append(folder: Path) -> None:
    """Encode, frame and write."""
    spool = Spool.create(folder)
    clicks = [page_click(number, f"visitor-{number % PROFILES:022d}", time.time()) for number in range(20000)]
    started, cpu = time.perf_counter(), time.process_time()
    for click in clicks:
        spool.append(click)
    wall, used = time.perf_counter() - started, time.process_time() - cpu
    spool.close()
    size = sum(path.stat().st_size for path in folder.glob("*/*.seg")) / len(clicks)
    print(
        f"append   {wall / len(clicks) * 1e6:6.1f} µs a click, {used / len(clicks) * 1e6:.1f} µs CPU, {size:.0f} bytes"
    )


async def measure_backlog(client: Client, folder: Path, burst: int) -> None:
    """How fast a spool that filled up while Redis was away becomes profiles."""
    spool = Spool.create(folder)
    for number in range(burst):
        spool.append(page_click(number, f"visitor-{number * 7919 % PROFILES:022d}", time.time()))
    stop, shipper, consumer = asyncio.Event(), Shipper(folder, client), Consumer(client, "bench")
    started, cpu = time.perf_counter(), time.process_time()
    shipping = spawn(shipper.run(stop), "shipper")
    while shipper.shipped < burst:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    shipped = time.perf_counter() - started
    folding = spawn(consumer.run(stop), "consumer")
    started = time.perf_counter()
    while consumer.folded < burst:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    folded, used = time.perf_counter() - started, time.process_time() - cpu
    stop.set()
    await asyncio.gather(shipping, folding)
    spool.close()
    print(f"backlog  shipped {burst / shipped:,.0f} clicks/s, folded {burst / folded:,.0f} clicks/s", end=", ")
    print(f"{used / burst * 1e6:.0f} µs CPU a click in all, {PROFILES} profiles")


async def measure_latency(client: Client, folder: Path, rate: int, seconds: float) -> None:
    """From append() to the profile that holds the click, seen by reading that profile all the time."""
    stop, shipper, consumer = asyncio.Event(), Shipper(folder, client), Consumer(client, "bench")
    running = [spawn(shipper.run(stop), "shipper"), spawn(consumer.run(stop), "consumer")]
    spool, store = Spool.create(folder), ProfileStore(client)
    await asyncio.sleep(0.3)
    waits: list[float] = []

    async def watch(profile: str, sequence: int, appended: float) -> None:
        while True:
            raw = await store.get(profile)
            if raw is not None and decode_profile(raw).applied.get(spool.id, -1) >= sequence:
                waits.append(time.perf_counter() - appended)
                return
            await asyncio.sleep(0.001)

    watching = set[asyncio.Task[None]]()
    started = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = started + number / rate
        if (left := due - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        profile = f"visitor-{number * 7919 % PROFILES:022d}"
        appended = time.perf_counter()
        spool.append(page_click(number, profile, time.time()))
        if number % 5 == 0:
            watching.add(spawn(watch(profile, spool.written - 1, appended), "watch"))
    await asyncio.gather(*watching)
    stop.set()
    await asyncio.gather(*running)
    spool.close()
    waits.sort()
    ms = [waits[min(len(waits) - 1, int(len(waits) * part))] * 1000 for part in (0.5, 0.99, 1)]
    print(f"latency  at {rate} clicks/s: p50 {ms[0]:.1f} ms, p99 {ms[1]:.1f} ms, longest {ms[2]:.1f} ms")


async def measure_idle(client: Client, folder: Path) -> None:
    """What waiting costs, with two spools that nobody writes to."""
    stop, shipper, consumer = asyncio.Event(), Shipper(folder, client), Consumer(client, "bench")
    spools = [Spool.create(folder), Spool.create(folder)]
    running = [spawn(shipper.run(stop), "shipper"), spawn(consumer.run(stop), "consumer")]
    await asyncio.sleep(2)
    cpu = time.process_time()
    await asyncio.sleep(5)
    used = time.process_time() - cpu
    stop.set()
    await asyncio.gather(*running)
    for spool in spools:
        spool.close()
    print(f"idle     {used / 5 * 100:.2f} % of a core for shipper, consumer and two spools")


async def measure_fetch(client: Client, together: int) -> None:
    """CPU per profile: our batching connection beside a GET by the client library."""
    for number in range(together):
        await client.execute_command("SET", keys.profile_key(f"f{number}"), os.urandom(1500))
    profiles = BatchedProfiles(client, 1.0, spawn)
    await profiles.ready()
    loop, rounds = asyncio.get_running_loop(), 4000 // together

    async def batched() -> None:
        left, done = together, loop.create_future()

        def settle(raw: bytes | None, failure: str | None) -> None:
            nonlocal left
            if failure is not None:
                raise RuntimeError(failure)
            left -= 1
            if left == 0:
                done.set_result(None)

        for number in range(together):
            profiles.fetch(f"f{number}", settle)
        await done

    async def library() -> None:
        await asyncio.gather(*(client.get(keys.profile_key(f"f{n}")) for n in range(together)))

    figures = []
    for measured in (batched, library):
        await measured()
        cpu = time.process_time()
        for _ in range(rounds):
            await measured()
        figures.append((time.process_time() - cpu) / rounds / together * 1e6)
    profiles.close()
    print(f"fetch    {together:2} at once: {figures[0]:.1f} µs CPU each; client library GET: {figures[1]:.1f} µs")


async def measure(args: argparse.Namespace, folder: Path) -> None:
    """All parts that need a server."""
    server = EmbeddedValkey(folder)
    await asyncio.to_thread(server.start)
    client = connect(server.url)
    try:
        for name, part in (
            ("backlog", lambda: measure_backlog(client, folder / "backlog", args.burst)),
            ("latency", lambda: measure_latency(client, folder / "latency", args.rate, args.seconds)),
            ("idle", lambda: measure_idle(client, folder / "idle")),
            ("fetch", lambda: measure_fetch(client, 1)),
            ("fetch", lambda: measure_fetch(client, 4)),
            ("fetch", lambda: measure_fetch(client, 20)),
        ):
            if args.only in (None, name):
                await client.execute_command("FLUSHALL")
                await part()
    finally:
        await client.aclose()
        await asyncio.to_thread(server.stop)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=500, help="clicks a second for latency")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to measure latency")
    parser.add_argument("--burst", type=int, default=30000, help="clicks in the backlog")
    parser.add_argument("--only", choices=("append", "backlog", "latency", "idle", "fetch"), help="one part")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, suppress(KeyboardInterrupt):
        folder = Path(name)
        if args.only in (None, "append"):
            measure_append(folder / "append")
        if args.only != "append":
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(measure(args, folder))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    raise SystemExit(ended(main))
