"""The supervisor: binds listeners, owns the data folder and the embedded Valkey, keeps the children running.

Invariants: whatever was started here is ended here, in the reverse order: data plane (drained), work, console, Valkey.
A generation of children is replaced only by one that serves: the old one drains when the new one is ready, and goes on
when it does not get there.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from config.errors import ConfigError
from config.settings import Settings
from storage.control import ControlPage
from vitrina.background import spawn
from vitrina.children import RELEASE_TIMEOUT_S, Child
from vitrina.datafolder import DataFolder
from vitrina.failures import BAD_CONFIG, BAD_DATA_FOLDER, UNREACHABLE, Failure
from vitrina.handover import Handover, Kept
from vitrina.keys import load_keyring
from vitrina.listeners import Listeners, wanted
from vitrina.loaded import Loaded
from vitrina.notifying import ServiceManager
from vitrina.operator_socket import OperatorSocket
from vitrina.planning import CONSOLE, DATAPLANE, WORK, Plan
from vitrina.processes.spec import FIRST_WORKER_SLOT
from vitrina.redis_server import RedisServer
from vitrina.source import Source, pinned
from vitrina.version import VERSION

_log = logging.getLogger("vitrina.supervisor")

REHEARSAL_S = 60.0
ANSWERED_S = 0.1
"""Between the answer to who asked for a restart and the exec."""
HEARD_OF_S = 5.0


class Supervisor:
    """One running Vitrina. `start` raises Failure with everything undone; `stop` ends all that was started."""

    def __init__(
        self,
        source: Source,
        loaded: Loaded,
        data: DataFolder,
        *,
        demo: bool = False,
        manager: ServiceManager | None = None,
        before: Handover | None = None,
    ) -> None:
        self._source = source
        self._loaded = loaded
        self._data = data
        self._demo = demo
        self._manager = manager or ServiceManager({})
        self._before = before
        self._plan: Plan | None = None
        self._children: list[Child] = []
        self._starting: list[Child] = []
        self._retiring: list[Child] = []
        self._retirements: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()
        self._stopping = False
        self.started = asyncio.Event()
        """Everything serves; changes may be asked for."""
        self._operators = OperatorSocket(data.path, self._answer)
        self._since = time.time()
        self._reloads = 0
        self._problems: list[str] = []
        self.listeners = Listeners()
        self.redis = RedisServer(loaded.settings.redis.url, data, child=before.valkey if before else None)
        self.control: ControlPage | None = None

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self._loaded.settings

    # Start and stop

    async def start(self, *, preflight: bool = True) -> None:
        """Bring everything up; returns when every child said it is ready."""
        before, settings = self._before, self.settings
        self._data.claim(before.lock if before else None)
        load_keyring(self._data.keys)
        try:
            self.listeners.open(settings, before.sockets(wanted(settings)) if before else self._manager.sockets())
            for address in self.listeners.unused:
                _log.warning("%s was passed in or kept, and nothing in the configuration listens there", address)
            if preflight and before is None:
                await self._reach_origin()
            await self.redis.start()
            self.control = self._control_page()
            if before is None:
                await self._replace(self._loaded, (CONSOLE, WORK, DATAPLANE))
            else:
                await self._follow(before)
            await self._operators.open()
        except BaseException:
            await self.stop()
            raise
        self.started.set()
        self._tell_ready()
        if self._manager.watchdog_s:
            spawn(self._calm_watchdog(self._manager.watchdog_s / 2), "watchdog")

    async def stop(self) -> None:
        """Stop the children (workers drain first), then the Valkey we started."""
        self._stopping = True
        self._manager.stopping()
        self._operators.close()
        everybody = (*self._children, *self._starting, *self._retiring)
        for child in everybody:
            child.dismiss()
        # First, or who knocks while the workers drain would be let in by the kernel, wait, and be reset at the end; a
        # refused front goes on to the shop at once.
        self.listeners.close()
        for is_worker in (True, False):
            await asyncio.gather(*(child.end() for child in everybody if (child.module == DATAPLANE) is is_worker))
        await self.redis.stop()

    def _control_page(self) -> ControlPage:
        try:
            return ControlPage.create(self._data.control)
        except OSError as error:
            raise Failure(f"data folder {self._data.path}: {error.strerror}", BAD_DATA_FOLDER) from None

    async def _reach_origin(self) -> None:
        url = urlsplit(self.settings.site.origin)
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            _, writer = await asyncio.wait_for(
                asyncio.open_connection(url.hostname, port), self.settings.limits.connect_timeout_s
            )
            writer.close()
        except (OSError, TimeoutError) as error:
            why = "no answer" if isinstance(error, TimeoutError) else (os.strerror(error.errno or 0) or str(error))
            raise Failure(
                f"origin {self.settings.site.origin}: {why}; start the shop first, or pass --no-preflight", UNREACHABLE
            ) from None

    async def _follow(self, before: Handover) -> None:
        """Take over the children of the program before this one, and put our own in their place."""
        plan = self._planned(self._loaded)
        self._children = [plan.kept(kept) for kept in before.children]
        self._plan = plan
        async with self._changing:
            try:
                await self._replace(self._loaded, (CONSOLE, DATAPLANE))
                await self._renew_work()
            except Failure as failure:
                self._problems = [failure.message]
                _log.error("restart: %s; the processes of before go on", failure.message)

    # Generations

    def _planned(self, loaded: Loaded) -> Plan:
        return Plan(loaded, loaded.to_descriptor(), self._data, self.redis.url, self.listeners, self._demo)

    async def _replace(self, loaded: Loaded, modules: tuple[str, ...]) -> None:
        """Start children of these modules on `loaded`; when all are ready, end those of before. Failure otherwise."""
        plan = self._planned(loaded)
        while True:
            try:
                workers = plan.workers({child.slot for child in (*self._children, *self._retiring)})
                break
            except ValueError:  # two generations run already: the older one is on its way out
                await asyncio.wait(self._retirements, return_when=asyncio.FIRST_COMPLETED)
        makes = {CONSOLE: lambda: [plan.console()], WORK: lambda: [plan.work()], DATAPLANE: lambda: workers}
        fresh = self._starting = [child for module in modules for child in makes[module]()]
        try:
            # Clicks wait in the spool: `work` is not to take the cores from those that visitors wait for.
            for is_work in (False, True):
                wave = [child for child in fresh if (child.module == WORK) is is_work]
                await asyncio.gather(*(child.launch() for child in wave))
                for child in wave:
                    await child.await_ready()
                if self._stopping:
                    raise Failure("it is being stopped", BAD_CONFIG)
        except (Failure, OSError) as error:
            await asyncio.gather(*(child.end() for child in fresh))
            os.close(plan.descriptor)
            raise error if isinstance(error, Failure) else Failure(str(error), BAD_CONFIG) from None
        finally:
            self._starting = []
        old = [child for child in self._children if child.module in modules]
        stay = [child for child in self._children if child.module not in modules]
        for child in stay:
            plan.reassign(child)
        self._children = [*stay, *fresh]
        last, self._plan, self._loaded = self._plan, plan, loaded
        self._retire(old, last)
        # Who asked for it may count on it: the next connection is answered by the new generation.
        leaving = [child.released.wait() for child in old if child.module == DATAPLANE]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*leaving), RELEASE_TIMEOUT_S)

    def _retire(self, old: list[Child], plan: Plan | None) -> None:
        self._retiring += old
        for child in old:
            child.dismiss()

        async def leave() -> None:
            await asyncio.gather(*(child.end() for child in old))
            self._retiring = [child for child in self._retiring if child not in old]
            if plan is not None:
                os.close(plan.descriptor)

        task = spawn(leave(), "retire a generation")
        self._retirements.add(task)
        task.add_done_callback(self._retirements.discard)

    async def _renew_work(self) -> None:
        """One ships at a time, so the old one ends first; its successor is kept up even if it stumbles at first."""
        for child in [child for child in self._children if child.module == WORK]:
            await child.end()
            self._children.remove(child)
        if self._plan is None or self._stopping:
            return
        work = self._plan.work()
        self._children.append(work)
        work.is_proven = True
        await work.launch()
        await work.await_ready()

    # What operators and the service manager ask for

    async def _answer(self, what: str) -> dict[str, Any]:
        match what:
            case "reload":
                return await self.reload()
            case "restart":
                return await self.restart()
            case "status":
                return self.status()
        return {"ok": False, "errors": [f"{what!r} is not understood"], **self.status()}

    def status(self) -> dict[str, Any]:
        """What runs, for `python -m vitrina status`."""
        return {
            "pid": os.getpid(),
            "program": VERSION,
            "started": self._since,
            "configuration": {
                "file": self._source.config,
                "version": self.settings.version,
                "loaded": self._loaded.at,
            },
            "workers": sum(child.module == DATAPLANE for child in self._children),
            "draining": sum(child.module == DATAPLANE for child in self._retiring),
            "reloads": self._reloads,
            "restarts": self._restarts,
            "problems": self._problems,
        }

    @property
    def _restarts(self) -> int:
        return self._before.restarts if self._before else 0

    def reopen_logs(self) -> None:
        """Have the workers go on in the access log's file of now: logrotate has renamed the other."""
        for child in (*self._children, *self._retiring):
            if child.module == DATAPLANE and child.ready.is_set() and child.process is not None and child.is_running:
                child.process.send_signal(signal.SIGUSR1)

    async def reload(self) -> dict[str, Any]:
        """Read and check everything anew; if it is good, put children that run on it in the place of these."""
        if self._changing.locked():
            return self._refused("reload", ["a reload or restart is under way"])
        async with self._changing:
            self._manager.reloading()
            try:
                loaded = await asyncio.to_thread(self._source.load)
                self._source.refuse_changes(pinned(self.settings, is_restart=False), loaded.settings)
                load_keyring(self._data.keys)  # new workers read it: what is wrong with it is better said here
                await self._replace(loaded, (CONSOLE, DATAPLANE))
            except ConfigError as error:
                return self._refused("reload", [str(problem) for problem in error.problems])
            except (Failure, OSError) as error:
                return self._refused("reload", [str(error)])
            finally:
                self._tell_ready()
            self._reloads += 1
            self._problems = []
            _log.info("reload: configuration %s is in force", self.settings.version)
            return {"ok": True, "errors": [], **self.status()}

    async def restart(self) -> dict[str, Any]:
        """Become the program on disk, once it has proven that it runs and reads the configuration."""
        if self._changing.locked():
            return self._refused("restart", ["a reload or restart is under way"])
        await self._changing.acquire()  # for good: there is no coming back, unless it is refused
        self._manager.reloading()
        problems = await asyncio.to_thread(self._rehearse)
        if problems or self._stopping:
            self._changing.release()
            self._tell_ready()
            return self._refused("restart", problems)
        if self._retirements:  # those that drain still are nobody's children to know of after the exec
            await asyncio.wait(self._retirements)
        asyncio.get_running_loop().call_later(ANSWERED_S, self._become)
        return {"ok": True, "errors": [], **self.status()}

    def _rehearse(self) -> list[str]:
        told = {"source": asdict(self._source), "pinned": pinned(self.settings, is_restart=True)}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "vitrina.processes.rehearsal"],
                input=json.dumps(told),
                capture_output=True,
                text=True,
                timeout=REHEARSAL_S,
                check=False,
            )
            if done.returncode:
                last = done.stderr.strip().splitlines()[-1:] or ["no message"]
                return [f"the program on disk does not run: {last[0]}"]
            return [str(problem) for problem in json.loads(done.stdout)]
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            return [f"the program on disk does not run: {error}"]

    def _become(self) -> None:
        lock = self._data.lock
        if self._stopping or lock is None:
            return
        kept = tuple(
            Kept(child.name, child.module, child.slot, child.process.pid, child.grace_s)
            for child in self._children
            if child.process is not None and child.is_running
        )
        listeners = {name: listener.fileno() for name, listener in self.listeners.sockets.items()}
        valkey = self.redis.valkey.pid if self.redis.valkey is not None else None
        _log.info("restart: becoming the program on disk")
        try:
            Handover(lock, listeners, wanted(self.settings), kept, self._restarts + 1, valkey).become()
        except OSError as error:
            self._changing.release()
            self._tell_ready()
            self._refused("restart", [f"{sys.executable}: {error.strerror}"])

    def _refused(self, what: str, problems: list[str]) -> dict[str, Any]:
        for problem in problems:
            _log.error("%s refused, the old configuration stays in force: %s", what, problem)
        self._problems = problems
        return {"ok": False, "errors": problems, **self.status()}

    def _tell_ready(self) -> None:
        if not self._stopping:
            settings = self.settings
            self._manager.ready(f"serves {settings.site.origin}, mode {settings.site.mode}, {settings.version}")

    async def _calm_watchdog(self, every_s: float) -> None:
        """As long as this loop runs and some worker's does, all is well."""
        while not self._stopping and self.control is not None:
            if any(slot.was_heard(max(HEARD_OF_S, every_s)) for slot in self.control.slots()[FIRST_WORKER_SLOT:]):
                self._manager.alive()
            await asyncio.sleep(every_s)
