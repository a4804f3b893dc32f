"""The supervisor: binds listeners, owns the data folder and the embedded Valkey, keeps the children running.

Invariant: whatever was started here is ended here, in the reverse order: data plane (drained), work, console, Valkey.
A child that dies is started again, with growing pauses when it dies at once.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from config.settings import Settings
from storage.connecting import check_url
from storage.control import ControlPage
from storage.embedded import EmbeddedValkey, EmbeddedValkeyError
from vitrina.addresses import bind, parse_address
from vitrina.background import spawn
from vitrina.datafolder import DataFolder
from vitrina.failures import BAD_CONFIG, UNREACHABLE, Failure
from vitrina.keys import load_keyring
from vitrina.processes.spec import CONSOLE_SLOT, FIRST_WORKER_SLOT, WORK_SLOT, Spec

_log = logging.getLogger("vitrina.supervisor")

READY_TIMEOUT_S = 20.0
RESTART_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_AFTER_S = 5.0
STOP_GRACE_S = 5.0
VALKEY_CHECK_S = 0.5


@dataclass(slots=True)
class _Child:
    name: str
    module: str
    spec: Callable[[int], Spec]
    descriptors: tuple[int, ...]
    grace_s: float
    process: asyncio.subprocess.Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    proven: bool = False
    pause_s: float = RESTART_PAUSE_S


class Supervisor:
    """One running Vitrina. `start` raises Failure with everything undone; `stop` ends all that was started."""

    def __init__(
        self, settings: Settings, data: DataFolder, *, config: str | None, origin: str | None, demo: bool = False
    ) -> None:
        self._settings = settings
        self._data = data
        self._config = config
        self._origin = origin
        self._demo = demo
        self._children: list[_Child] = []
        self._sockets: list[socket.socket] = []
        self._stopping = False
        self.valkey: EmbeddedValkey | None = None
        self.keep_valkey_down = False
        """The demo kills Valkey on purpose; otherwise a Valkey that died is started again."""
        self.redis_url = settings.redis.url
        self.control: ControlPage | None = None

    @property
    def listeners(self) -> list[socket.socket]:
        """The bound sockets: the shop's first, the operator's second."""
        return self._sockets

    async def start(self, *, preflight: bool = True) -> None:
        """Bring everything up; returns when every child said it is ready."""
        settings = self._settings
        self._data.claim()
        load_keyring(self._data.keys)
        try:
            shop = bind(parse_address(settings.listen), "; choose another with --listen")
            self._sockets.append(shop)
            operator = bind(parse_address(settings.admin), "; choose another with --admin")
            self._sockets.append(operator)
            if preflight:
                await self._reach_origin()
            await self._start_redis()
            self.control = ControlPage.create(self._data.control)
            self._plan(shop, operator)
            await asyncio.gather(*(self._launch(child) for child in self._children))
            for child in self._children:
                await self._await_ready(child)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the children (workers drain first), then the Valkey we started."""
        self._stopping = True
        workers = [child for child in self._children if child.module == "dataplane"]
        others = [child for child in self._children if child.module != "dataplane"]
        for group in (workers, others):
            await asyncio.gather(*(self._end(child) for child in group))
        for listener in self._sockets:
            listener.close()
        if self.valkey is not None:
            await asyncio.to_thread(self.valkey.stop)
            self.valkey = None

    async def _reach_origin(self) -> None:
        url = urlsplit(self._settings.site.origin)
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            _, writer = await asyncio.wait_for(
                asyncio.open_connection(url.hostname, port), self._settings.limits.connect_timeout_s
            )
            writer.close()
        except (OSError, TimeoutError) as error:
            why = "no answer" if isinstance(error, TimeoutError) else (os.strerror(error.errno or 0) or str(error))
            raise Failure(
                f"origin {self._settings.site.origin}: {why}; start the shop first, or pass --no-preflight", UNREACHABLE
            ) from None

    async def _start_redis(self) -> None:
        if self.redis_url != "embedded":
            problem = await check_url(self.redis_url)
            if problem:
                raise Failure(problem, UNREACHABLE)
            return
        valkey = EmbeddedValkey(self._data.path)
        try:
            await asyncio.to_thread(valkey.start)
        except EmbeddedValkeyError as error:
            raise Failure(f"embedded Valkey: {error}", UNREACHABLE) from None
        self.valkey = valkey
        self.redis_url = valkey.url
        spawn(self._watch_valkey(valkey), "watch valkey")

    async def _watch_valkey(self, valkey: EmbeddedValkey) -> None:
        while not self._stopping:
            await asyncio.sleep(VALKEY_CHECK_S)
            if self._stopping or self.keep_valkey_down or await asyncio.to_thread(valkey.is_alive):
                continue
            _log.warning("the embedded Valkey ended; starting it again (clicks wait in the spool meanwhile)")
            try:
                await asyncio.to_thread(valkey.start)
            except EmbeddedValkeyError as error:
                _log.error("the embedded Valkey does not start: %s", error)

    def _plan(self, shop: socket.socket, operator: socket.socket) -> None:
        drain_s = self._settings.limits.drain_s + STOP_GRACE_S

        def spec(slot: int, *, listen: tuple[int, ...] = (), admin: int | None = None) -> Callable[[int], Spec]:
            return lambda ready_fd: Spec(
                config=self._config,
                origin=self._origin,
                data=str(self._data.path),
                redis_url=self.redis_url,
                slot=slot,
                ready_fd=ready_fd,
                listen_fds=listen,
                admin_fd=admin,
                demo=self._demo,
            )

        admin_fd, shop_fd = operator.fileno(), shop.fileno()
        self._children = [
            _Child("console", "console", spec(CONSOLE_SLOT, admin=admin_fd), (admin_fd,), STOP_GRACE_S),
            _Child("work", "work", spec(WORK_SLOT), (), STOP_GRACE_S),
        ]
        for number in range(self._settings.workers):
            slot = FIRST_WORKER_SLOT + number
            name = f"worker {number + 1}"
            self._children.append(_Child(name, "dataplane", spec(slot, listen=(shop_fd,)), (shop_fd,), drain_s))

    async def _launch(self, child: _Child) -> None:
        reading, writing = os.pipe()
        child.ready.clear()
        try:
            child.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                f"vitrina.processes.{child.module}",
                child.spec(writing).to_json(),
                pass_fds=(*child.descriptors, writing),
                stdin=asyncio.subprocess.DEVNULL,
            )
        finally:
            os.close(writing)
        loop = asyncio.get_running_loop()

        def readable() -> None:
            loop.remove_reader(reading)
            if os.read(reading, 16):
                child.ready.set()
            os.close(reading)

        loop.add_reader(reading, readable)
        spawn(self._watch(child, child.process), f"watch {child.name}")

    async def _await_ready(self, child: _Child) -> None:
        process = child.process
        if process is None:
            return
        deadline = asyncio.get_running_loop().time() + READY_TIMEOUT_S
        while not child.ready.is_set() and process.returncode is None:
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.01)
        if not child.ready.is_set():
            raise Failure(f"{child.name} did not start; its own messages are above", BAD_CONFIG)

    async def _watch(self, child: _Child, process: asyncio.subprocess.Process) -> None:
        """Start a child again when it ends although nobody asked it to."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        status = await process.wait()
        if child.ready.is_set():
            child.proven = True
        if self._stopping or not child.proven:
            return
        lived_s = loop.time() - started
        child.pause_s = RESTART_PAUSE_S if lived_s > STEADY_AFTER_S else min(LONGEST_PAUSE_S, child.pause_s * 2)
        # A service manager may signal the whole group: our own SIGTERM arrives within the pause then.
        await asyncio.sleep(child.pause_s)
        if not self._stopping:
            _log.warning("%s ended (%s); starting it again", child.name, _ending(status))
            await self._launch(child)

    async def _end(self, child: _Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), child.grace_s)
        except TimeoutError:
            _log.warning("%s did not stop within %.0f s and was killed", child.name, child.grace_s)
            process.kill()
            await process.wait()


def _ending(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
