"""The `work` process: ships spools into streams and folds clicks into profiles and catalogue."""

import asyncio
from pathlib import Path

from storage.connecting import connect
from storage.consumer import Consumer
from storage.control import ControlPage
from storage.shipper import Shipper
from vitrina.background import spawn
from vitrina.datafolder import DataFolder
from vitrina.processes.child import run_child, say_ready
from vitrina.processes.spec import Spec

REPORT_EVERY_S = 0.2


async def work(spec: Spec, stop: asyncio.Event) -> None:
    """Ship and fold until `stop`."""
    data = DataFolder(Path(spec.data))
    slot = ControlPage.open(data.control).slot(spec.slot)
    shipper = Shipper(data.spool, connect(spec.redis_url))
    consumer = Consumer(connect(spec.redis_url), f"work-{spec.slot}")
    running = [spawn(shipper.run(stop), "shipper"), spawn(consumer.run(stop), "consumer")]
    say_ready(spec)
    while not stop.is_set():
        slot.put("shipped", shipper.shipped)
        slot.put("folded", consumer.folded)
        slot.put("spool_depth", shipper.depth)
        await asyncio.wait(running, timeout=REPORT_EVERY_S)
        if all(task.done() for task in running):
            return
    await asyncio.wait(running, timeout=3)


if __name__ == "__main__":
    run_child(work)
