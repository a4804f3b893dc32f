"""One child process: started, awaited, started again when it dies, ended; or taken over from the program before us.

Invariant: a child that serves is started again when it ends although nobody asked it to, with growing pauses when it
dies at once. One that was told to end stays ended.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from vitrina.background import spawn
from vitrina.failures import BAD_CONFIG, Failure
from vitrina.processes.child import READY, RELEASED
from vitrina.processes.spec import Spec

_log = logging.getLogger("vitrina.supervisor")

READY_TIMEOUT_S = 60.0
RELEASE_TIMEOUT_S = 5.0
RESTART_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_AFTER_S = 5.0
_OURS_ALONE = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
"""What the service manager says to the supervisor is not for its children."""
_ALLOCATOR = {
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
    "MALLOC_TOP_PAD_": str(1 << 20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""For glibc (mallopt(3)), unless the operator says otherwise. Pages come and go by the dozen: by default their memory
goes back to the kernel each time and is asked for again, with 27 page faults a request. Where the kernel has huge pages
for who asks (`madvise`, its default), bodies lie in them: fewer addresses to be looked up."""


def environment_of_child(ours: Mapping[str, str]) -> dict[str, str]:
    """What a child gets of the supervisor's environment, and how it keeps freed memory."""
    return _ALLOCATOR | {name: value for name, value in ours.items() if name not in _OURS_ALONE}


class Process(Protocol):
    """What asyncio's own subprocess offers, as far as it is needed here."""

    @property
    def pid(self) -> int:
        """Process id."""
        ...

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative: ended by that signal."""
        ...

    async def wait(self) -> int:
        """Wait for its end."""
        ...

    def send_signal(self, signal: int) -> None:
        """Signal it, if it still runs."""
        ...

    def kill(self) -> None:
        """SIGKILL."""
        ...


class Inherited:
    """A child of the program that this process ran before it became us; it is our child all the same."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self._reap()
            return

        def readable() -> None:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            self._reap()

        loop.add_reader(descriptor, readable)

    def _reap(self) -> None:
        try:
            _, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            self.returncode = 0
        self._ended.set()

    async def wait(self) -> int:
        """Wait for its end."""
        await self._ended.wait()
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Signal it, if it still runs."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


@dataclass(slots=True)
class Child:
    """A process with a task. `spec` makes what it is told from the descriptor on which it says that it is ready."""

    name: str
    module: str
    slot: int
    spec: Callable[[int], Spec]
    descriptors: tuple[int, ...]
    grace_s: float
    process: Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """It was told to end and accepts nobody any more (or is gone); what it has it may still serve."""
    is_proven: bool = False
    """It was ready once: from then on it is kept running."""
    is_dismissed: bool = False
    pause_s: float = RESTART_PAUSE_S

    async def launch(self) -> None:
        """Start it; `await_ready` tells whether that went well."""
        reading, writing = os.pipe()
        self.ready.clear()
        self.released.clear()
        try:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "vitrina.processes",
                self.module,
                self.spec(writing).to_json(),
                pass_fds=(*self.descriptors, writing),
                stdin=asyncio.subprocess.DEVNULL,
                env=environment_of_child(os.environ),
            )
        finally:
            os.close(writing)
        loop = asyncio.get_running_loop()

        ready, released = self.ready, self.released

        def readable() -> None:
            said = os.read(reading, 64)
            if READY in said:
                ready.set()
            if RELEASED in said or not said:
                released.set()
                loop.remove_reader(reading)
                os.close(reading)

        loop.add_reader(reading, readable)
        spawn(self._watch(self.process), f"watch {self.name}")

    def take_over(self, pid: int) -> None:
        """Go on with a process that serves already."""
        self.process = Inherited(pid)
        self.ready.set()
        self.released.set()  # what it says now only the program before us could have heard
        self.is_proven = True
        spawn(self._watch(self.process), f"watch {self.name}")

    async def await_ready(self) -> None:
        """Return when it serves; Failure when it ended instead, or takes too long."""
        process = self.process
        if process is None:
            return
        deadline = asyncio.get_running_loop().time() + READY_TIMEOUT_S
        while not self.ready.is_set() and process.returncode is None:
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.01)
        if not self.ready.is_set():
            raise Failure(f"{self.name} did not start; its own messages are above", BAD_CONFIG)
        self.is_proven = True

    async def _watch(self, process: Process) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        status = await process.wait()
        if self.ready.is_set():
            self.is_proven = True
        if self.is_dismissed or not self.is_proven:
            return
        lived_s = loop.time() - started
        self.pause_s = RESTART_PAUSE_S if lived_s > STEADY_AFTER_S else min(LONGEST_PAUSE_S, self.pause_s * 2)
        # A service manager may signal the whole group: our own SIGTERM arrives within the pause then.
        await asyncio.sleep(self.pause_s)
        if not self.is_dismissed:
            _log.warning("%s ended (%s); starting it again", self.name, _ending(status))
            await self.launch()

    @property
    def is_running(self) -> bool:
        """There is a process."""
        return self.process is not None and self.process.returncode is None

    def dismiss(self) -> None:
        """It shall not be started again."""
        self.is_dismissed = True

    async def end(self) -> None:
        """SIGTERM, and after its time of grace SIGKILL; returns when it is gone."""
        self.dismiss()
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), self.grace_s)
        except TimeoutError:
            _log.warning("%s did not stop within %.0f s and was killed", self.name, self.grace_s)
            process.kill()
            await process.wait()


def _ending(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
