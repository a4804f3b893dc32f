"""The console process: the public application on a Unix socket, the operator's on its listener."""

import asyncio
import os
import socket
from pathlib import Path

from aiohttp import web

from config.platforms import PLATFORM_NAMES, load_platform, platform_of
from config.settings import Settings
from console.beacon_routes import beacon_routes
from console.operator_app import operator_app
from console.preview_pages import preview_routes
from console.privacy_routes import PrivacyPlan, privacy_routes
from console.public_app import Extend, public_app
from storage.connecting import connect
from storage.control import ControlPage
from storage.erasure_requests import ErasureRequests
from vitrina.datafolder import DataFolder
from vitrina.keys import load_keyring
from vitrina.metrics import ConfigInUse
from vitrina.privacy_records import RedisRecords
from vitrina.processes.child import run_child, say_ready
from vitrina.processes.spec import CONSOLE_SLOT, Spec
from vitrina.watching import OperatorStatus


def _demo(data: DataFolder) -> tuple[Extend, ...]:
    """The demo's pages; nothing of the demo is loaded otherwise."""
    from demo.pages import demo_routes

    return (demo_routes(data.lens),)


def _session_cookies(settings: Settings) -> tuple[tuple[str, ...], ...]:
    """The shop's session cookies; those of every platform where it is told from the traffic."""
    if settings.site.platform != "auto":
        return (platform_of(settings).session_cookies,)
    return tuple(dict.fromkeys(load_platform(name).session_cookies for name in PLATFORM_NAMES))


async def console(spec: Spec, stop: asyncio.Event) -> None:
    """Serve both applications until `stop`."""
    data = DataFolder(Path(spec.data))
    loaded = spec.loaded()
    settings = loaded.settings
    page = ControlPage.open(data.control)
    page.slot(CONSOLE_SLOT).claim()
    status = OperatorStatus(page, ConfigInUse(settings.version, settings.site.mode, loaded.at), data.path)
    keyring = load_keyring(data.keys)
    records = RedisRecords(connect(spec.redis_url), ErasureRequests(data.erasures), keyring)
    privacy = privacy_routes(PrivacyPlan(settings, keyring, _session_cookies(settings)), records)
    beacon = (beacon_routes,) if settings.statistics.beacon else ()
    extensions = (preview_routes(keyring), privacy, *beacon, *(_demo(data) if spec.demo else ()))
    public = web.AppRunner(public_app(extensions), access_log=None)
    operator = web.AppRunner(operator_app(status), access_log=None)
    await public.setup()
    await operator.setup()
    # Under its name only when it listens: while one console takes over from another, nobody finds nothing there.
    fresh = data.console_socket.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    await web.UnixSite(public, str(fresh)).start()
    fresh.replace(data.console_socket)
    if spec.admin_fd is not None:
        await web.SockSite(operator, socket.socket(fileno=spec.admin_fd)).start()
    say_ready(spec)
    await stop.wait()
    await public.cleanup()
    await records.close()
    await operator.cleanup()


def main() -> None:
    """Run it as a child."""
    run_child(console)
