"""A data-plane worker: the listeners it was given, a spool of its own, profiles and catalogue from Redis."""

import asyncio
import contextlib
import gc
import secrets
import signal
import socket
import time
from pathlib import Path

from config.platforms import platform_of
from config.settings import Log
from proxy.access_log import AccessLog
from proxy.dataplane import DataPlane
from proxy.plan import Ports, ProxyPlan
from proxy.ports import PageObserver
from storage.catalogue import LearntCatalogue
from storage.connecting import connect
from storage.control import ControlPage, Slot
from storage.erasure_requests import ErasureRequests
from storage.late_spool import LateSpool
from storage.peers import ControlPeers
from storage.profiles import BatchedProfiles
from storage.samples import SampleFolder
from vitrina.background import spawn
from vitrina.certificates import server_context
from vitrina.datafolder import DataFolder
from vitrina.keys import load_keyring
from vitrina.learnt_platform import LearntPlatform
from vitrina.processes.child import run_child, say_ready, say_released
from vitrina.processes.huge_pages import gather_heap
from vitrina.processes.spec import Spec

BEAT_EVERY_S = 1.0
COLLECT_AFTER = 20_000
"""Containers made and not freed, after which the collector looks at the youngest; Python's own 700 are fewer than the
exchanges of one turn of the loop hold while they are under way."""
OWN_ENDPOINTS_WITHIN_S = 5.0
"""So long a worker waits for the console, which starts beside it; then it serves the shop without."""


def _calm_collector() -> None:
    """What is loaded lives as long as the process, and an exchange leaves no circle behind: look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


def new_id() -> str:
    """128 random bits as text, none of those that look like an option on a command line."""
    while (text := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return text


def _observer(data: DataFolder) -> PageObserver:
    """The demo's byte lens; nothing of the demo is loaded otherwise."""
    from demo.lens_record import LensRecorder

    return LensRecorder(data.lens)


def _access_log(settings: Log, data: DataFolder, slot: Slot) -> AccessLog | None:
    """This worker's end of the access log, reopened on SIGUSR1; None when it is off."""
    if settings.access == "off":
        return None
    loop = asyncio.get_running_loop()
    log = AccessLog(
        data.access_log if settings.file is None else Path(settings.file),
        settings.access,
        max_bytes=settings.max_mb << 20,
        keep=settings.keep,
        soon=loop.call_soon,
        lost=lambda lines: slot.count("log_lines_lost", lines),
    )
    loop.add_signal_handler(signal.SIGUSR1, log.reopen)
    return log


async def _listens(console: Path) -> None:
    """Wait until the console does: who knocked before anybody served is not to meet a 502 on our own paths."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(OWN_ENDPOINTS_WITHIN_S):
            while True:
                try:
                    _, writer = await asyncio.open_unix_connection(console)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    return


async def serve(spec: Spec, stop: asyncio.Event) -> None:
    """Serve until `stop`, then drain."""
    loaded = spec.loaded()
    settings = loaded.settings
    data = DataFolder(Path(spec.data))
    client = connect(spec.redis_url)
    page = ControlPage.open(data.control)
    slot = page.slot(spec.slot)
    slot.claim()
    spool = LateSpool(data.spool, lambda lost: slot.count("clicks_lost", lost))
    catalogue = LearntCatalogue(client, spawn)
    profiles = BatchedProfiles(client, settings.site.budget.profile_ms / 1000, spawn)
    profiles.on_change = lambda is_open: slot.put("breaker_open", int(is_open))
    ports = Ports(
        profiles=profiles,
        clicks=spool,
        catalogue=catalogue,
        switch=slot,
        observer=_observer(data) if spec.demo else None,
        access_log=_access_log(settings.log, data, slot),
        samples=SampleFolder(data.samples) if settings.site.platform == "auto" else None,
        erasures=ErasureRequests(data.erasures),
        peers=ControlPeers(page, spec.slot),
    )
    plan = ProxyPlan(
        settings=settings,
        platform=platform_of(settings),
        keyring=load_keyring(data.keys),
        own_socket=str(data.console_socket),
        clock=time.time,
        new_id=new_id,
    )
    plane = DataPlane(plan, ports)
    await _listens(data.console_socket)
    await profiles.ready()  # the first pages find their profiles; without Redis it starts all the same
    await plane.start(
        [socket.socket(fileno=descriptor) for descriptor in spec.listen_fds],
        tls_sockets=[socket.socket(fileno=descriptor) for descriptor in spec.tls_fds],
        tls=None if loaded.certificate is None else server_context(loaded.certificate),
    )
    _calm_collector()
    say_ready(spec)
    spawn(gather_heap(stop), "huge pages")
    opened = 0
    learnt = LearntPlatform(data.learnt) if settings.site.platform == "auto" else None
    while not stop.is_set():
        slot.put("connections", plane.connections)
        templates, template_bytes = plane.templates
        slot.put("templates", templates)
        slot.put("template_bytes", template_bytes)
        slot.count("breaker_opened", profiles.opened - opened)
        opened = profiles.opened
        slot.put("added_breaker_open", int(plane.passes_untouched))
        slot.put("loop_lag_us", int(plane.worst_lag_s() * 1_000_000))
        slot.beat()
        if learnt is not None and (platform := learnt.fresh()) is not None:
            plane.learnt(platform)
        if ports.access_log is not None:
            ports.access_log.check()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), BEAT_EVERY_S)
    await plane.drain(settings.limits.drain_s, closed=lambda: say_released(spec))
    spool.close()
    if ports.access_log is not None:
        ports.access_log.close()
    slot.release()


def main() -> None:
    """Run it as a child."""
    run_child(serve)
