"""The console process: the public application on a Unix socket, the operator's on its listener."""

import asyncio
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from console.operator_app import operator_app
from console.public_app import Extend, public_app
from storage.control import ControlPage
from vitrina.datafolder import DataFolder
from vitrina.processes.child import run_child, say_ready
from vitrina.processes.spec import FIRST_WORKER_SLOT, Spec

HEARD_OF_S = 5.0


class Status:
    """What the operator's pages ask, from the shared control page."""

    def __init__(self, page: ControlPage) -> None:
        self._page = page

    def is_on(self) -> bool:
        """The kill switch."""
        return self._page.is_on()

    def totals(self) -> Mapping[str, int]:
        """Counters and gauges summed over all processes."""
        return self._page.totals()

    def workers_alive(self) -> int:
        """Data-plane workers with a fresh heartbeat."""
        since = time.time() - HEARD_OF_S
        return sum(slot.heartbeat > since for slot in self._page.slots()[FIRST_WORKER_SLOT:])


def _demo(data: DataFolder) -> tuple[Extend, ...]:
    """The demo's pages; nothing of the demo is loaded otherwise."""
    from demo.pages import demo_routes

    return (demo_routes(data.lens),)


async def console(spec: Spec, stop: asyncio.Event) -> None:
    """Serve both applications until `stop`."""
    data = DataFolder(Path(spec.data))
    status = Status(ControlPage.open(data.control))
    extensions = _demo(data) if spec.demo else ()
    public = web.AppRunner(public_app(extensions), access_log=None)
    operator = web.AppRunner(operator_app(status), access_log=None)
    await public.setup()
    await operator.setup()
    data.console_socket.unlink(missing_ok=True)
    await web.UnixSite(public, str(data.console_socket)).start()
    if spec.admin_fd is not None:
        await web.SockSite(operator, socket.socket(fileno=spec.admin_fd)).start()
    say_ready(spec)
    await stop.wait()
    await public.cleanup()
    await operator.cleanup()


if __name__ == "__main__":
    run_child(console)
