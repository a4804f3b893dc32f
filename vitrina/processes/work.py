"""The `work` process: ships spools into streams and folds clicks into profiles and catalogue."""

import asyncio
import logging
import time
from pathlib import Path

from storage.connecting import connect
from storage.consumer import Consumer
from storage.control import ControlPage
from storage.erasing import Eraser, Erasing
from storage.erasure_requests import ErasureRequests
from storage.occupancy import Occupancy
from storage.profile_store import ProfileStore
from storage.resting import Resting
from storage.retention import Retained, keep_to
from storage.samples import SampleFolder
from storage.shipper import Shipper
from storage.spool import spooled_bytes
from storage.steady_clock import SteadyClock
from storage.tombstones import Tombstones
from vitrina.background import spawn
from vitrina.datafolder import DataFolder
from vitrina.learning import Learning
from vitrina.processes.child import run_child, say_ready
from vitrina.processes.spec import Spec

REPORT_EVERY_S = 0.2
DAY_S = 86_400.0

_log = logging.getLogger("vitrina.work")


async def work(spec: Spec, stop: asyncio.Event) -> None:
    """Ship and fold until `stop`."""
    data = DataFolder(Path(spec.data))
    slot = ControlPage.open(data.control).slot(spec.slot)
    slot.claim()
    settings = spec.settings()
    kept = settings.retention
    tombstones = Tombstones(data.erased, kept.profiles_days * DAY_S)
    tombstones.look()
    clock = SteadyClock()
    shipper = Shipper(data.spool, connect(spec.redis_url), tombstones=tombstones)
    consumer = Consumer(connect(spec.redis_url), f"work-{spec.slot}", profile_ttl_s=kept.profiles_days * DAY_S)
    client = connect(spec.redis_url)
    eraser = Eraser(client, data.spool, tombstones, is_embedded=settings.redis.url == "embedded")
    erasing = Erasing(eraser, client, ErasureRequests(data.erasures), tombstones, data.spool, clock)
    resting = Resting(ProfileStore(client), lambda: consumer.is_active)
    occupancy = Occupancy(client)
    running = [
        spawn(shipper.run(stop), "shipper"),
        spawn(consumer.run(stop), "consumer"),
        spawn(erasing.run(stop), "erasing"),
        spawn(resting.run(stop), "resting"),
        spawn(occupancy.run(stop), "occupancy"),
        spawn(keep_to(Retained(data.spool, kept.clicks_days * DAY_S), stop, clock), "retention"),
    ]
    say_ready(spec)
    reported: dict[str, int] = {}
    learning = Learning(SampleFolder(data.samples), data.learnt)
    while True:
        done, _ = await asyncio.wait(running, timeout=REPORT_EVERY_S)
        for name, total in (
            ("shipped", shipper.shipped),
            ("ship_errors", shipper.errors),
            ("folded", consumer.folded),
            ("fold_errors", consumer.errors),
            ("malformed_records", consumer.malformed + shipper.damaged),
            ("products_dropped", consumer.products_dropped),
        ):
            slot.count(name, total - reported.get(name, 0))
            reported[name] = total
        slot.put("spool_depth", shipper.depth)
        slot.put("spool_bytes", spooled_bytes(data.spool))
        oldest = shipper.oldest()
        slot.put("spool_age_ms", 0 if oldest is None else int((time.time() - oldest) * 1000))
        slot.put("redis_down", int(shipper.is_failing))
        slot.put("products", consumer.products)
        slot.put("sample_pages", learning.count)
        slot.put("stream_lag", int(consumer.lag_s * 1000))
        slot.put("stream_entries", occupancy.stream_entries)
        slot.put("redis_keys", occupancy.redis_keys)
        slot.put("redis_bytes", occupancy.redis_bytes)
        slot.beat()
        if not stop.is_set() and learning.is_due:
            await asyncio.to_thread(learning.learn)
        if done and not stop.is_set():
            _log.error("shipper or consumer ended on its own; the process starts anew")
            stop.set()
        if len(done) == len(running):
            slot.release()
            return


def main() -> None:
    """Run it as a child."""
    run_child(work)
