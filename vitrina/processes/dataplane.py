"""A data-plane worker: the listeners it was given, a spool of its own, profiles and catalogue from Redis."""

import asyncio
import contextlib
import secrets
import socket
import time
from pathlib import Path

from config.platforms import load_platform
from proxy.dataplane import DataPlane
from proxy.plan import Ports, ProxyPlan
from proxy.ports import PageObserver
from storage.catalogue import LearntCatalogue
from storage.connecting import connect
from storage.control import ControlPage
from storage.profiles import BatchedProfiles
from storage.spool import Spool
from vitrina.background import spawn
from vitrina.datafolder import DataFolder
from vitrina.keys import load_keyring
from vitrina.processes.child import run_child, say_ready
from vitrina.processes.spec import Spec

BEAT_EVERY_S = 1.0


def _observer(data: DataFolder) -> PageObserver:
    """The demo's byte lens; nothing of the demo is loaded otherwise."""
    from demo.lens_record import LensRecorder

    return LensRecorder(data.lens)


async def serve(spec: Spec, stop: asyncio.Event) -> None:
    """Serve until `stop`, then drain."""
    settings = spec.settings()
    data = DataFolder(Path(spec.data))
    client = connect(spec.redis_url)
    spool = Spool.create(data.spool)
    slot = ControlPage.open(data.control).slot(spec.slot)
    slot.claim()
    spool.on_lost = lambda: slot.count("clicks_lost")
    catalogue = LearntCatalogue(client, spawn)
    profiles = BatchedProfiles(client, settings.site.budget.profile_ms / 1000, spawn)
    ports = Ports(
        profiles=profiles,
        clicks=spool,
        catalogue=catalogue,
        switch=slot,
        observer=_observer(data) if spec.demo else None,
    )
    plan = ProxyPlan(
        settings=settings,
        platform=load_platform(settings.site.platform),
        keyring=load_keyring(data.keys),
        own_socket=str(data.console_socket),
        clock=time.time,
        new_id=lambda: secrets.token_urlsafe(16),
    )
    plane = DataPlane(plan, ports)
    await plane.start([socket.socket(fileno=descriptor) for descriptor in spec.listen_fds])
    await profiles.ready()  # the first pages find their profiles; without Redis it starts all the same
    say_ready(spec)
    loop, opened = asyncio.get_running_loop(), 0
    while not stop.is_set():
        slot.put("connections", plane.connections)
        slot.put("breaker_open", int(profiles.is_open))
        slot.count("breaker_opened", profiles.opened - opened)
        opened = profiles.opened
        slot.beat()
        due = loop.time() + BEAT_EVERY_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), BEAT_EVERY_S)
        slot.put("loop_lag_us", int((loop.time() - due) * 1_000_000))
    await plane.drain(settings.limits.drain_s)
    spool.close()
    slot.release()


if __name__ == "__main__":
    run_child(serve)
