"""What every child does alike: leave Ctrl-C to the supervisor, say when it is ready, stop on SIGTERM."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable

import uvloop

from vitrina.background import finish
from vitrina.processes.spec import Spec

READY, RELEASED = b"ready\n", b"released\n"


def run_child(body: Callable[[Spec, asyncio.Event], Awaitable[None]]) -> None:
    """Run `body(spec, stop)` until it returns; it must return soon after `stop` is set."""
    spec = Spec.from_json(sys.argv[2])
    # The demo kills its own Valkey and tells of it; what each process warns of would only interrupt that.
    level = logging.ERROR if spec.demo else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    uvloop.run(_run(body, spec))


async def _run(body: Callable[[Spec, asyncio.Event], Awaitable[None]], spec: Spec) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        loop.add_signal_handler(number, lambda: None)  # Ctrl-C goes to the whole group; the supervisor decides
    try:
        await body(spec, stop)
    finally:
        await finish()


def say_ready(spec: Spec) -> None:
    """Tell the supervisor that this child serves."""
    os.write(spec.ready_fd, READY)


def say_released(spec: Spec) -> None:
    """Tell the supervisor that this child accepts nobody any more: from here on the next generation answers."""
    with contextlib.suppress(OSError):  # a supervisor that became another program has other ears
        os.write(spec.ready_fd, RELEASED)
