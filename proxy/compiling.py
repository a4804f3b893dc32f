"""The pool of compile processes: pages too long for the event loop are parsed and proven in them, one at a time each.

Invariant: a job that crashes, hangs or eats memory costs its own page's personalisation; the process is killed and the
next job gets a new one. Results are plain msgpack: nothing a process sends is run.
"""

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from proxy.compile_process import FAILED, LENGTH
from proxy.tasks import Tasks

_LOG = logging.getLogger("vitrina.proxy")
_ROOT = Path(__file__).parents[1]
_MOST_RESULT_BYTES = 64 * 1024 * 1024

Done = Callable[[bytes | None], None]


@dataclass(frozen=True, slots=True)
class CompileLimits:
    """How much compiling may take; times in seconds."""

    processes: int = 1
    queued: int = 8
    """Jobs waiting; more are turned away, and their pages tried again at their next request."""
    timeout_s: float = 10.0
    """For one job, the start of a process included; then it is killed."""
    memory_bytes: int = 1024 * 1024 * 1024
    """Address space of a process."""
    jobs_per_process: int = 200
    """Then it is replaced."""


class CompilePool:
    """Runs jobs of the page engine (its `Compiler`) in disposable processes, started when the first job comes."""

    def __init__(self, tasks: Tasks, limits: CompileLimits | None = None, command: Sequence[str] | None = None) -> None:
        """`command` starts a process that speaks as `proxy.compile_process` does."""
        self._tasks = tasks
        self._limits = limits or CompileLimits()
        self._command = command or (sys.executable, "-m", "proxy.compile_process", str(self._limits.memory_bytes))
        self._jobs: asyncio.Queue[tuple[bytes, Done]] = asyncio.Queue(self._limits.queued)
        self._runners = 0
        self._idle = 0

    def compile(self, job: bytes, done: Done) -> bool:
        """False when too many jobs wait; else `done` is called once, with None when the job failed."""
        try:
            self._jobs.put_nowait((job, done))
        except asyncio.QueueFull:
            return False
        if not self._idle and self._runners < self._limits.processes:
            self._runners += 1
            self._tasks.spawn(self._run(), "compiling")
        return True

    async def _run(self) -> None:
        """Work through jobs, with a process that is replaced when it fails or has done its number."""
        process: Process | None = None
        served = 0
        try:
            while True:
                self._idle += 1
                try:
                    job, done = await self._jobs.get()
                finally:
                    self._idle -= 1
                result: bytes | None = None
                try:
                    async with asyncio.timeout(self._limits.timeout_s):
                        if process is None or process.returncode is not None:  # killed while it waited
                            process, served = await self._start(), 0
                        result = await _ask(process, job)
                    served += 1
                except (TimeoutError, OSError, EOFError, ValueError, RuntimeError) as error:
                    # RuntimeError is what uvloop says to who writes to a pipe that is closed already.
                    what = "took too long" if isinstance(error, TimeoutError) else "crashed"
                    _LOG.warning("a compile process %s; its page goes out as it came", what)
                    await _end(process)
                    process, served = None, 0
                if served >= self._limits.jobs_per_process:
                    await _end(process)
                    process, served = None, 0
                _tell(done, result)
        finally:
            self._runners -= 1
            await _end(process)

    async def _start(self) -> Process:
        return await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=_ROOT)


async def _ask(process: Process, job: bytes) -> bytes | None:
    """Send a job; None when it raised. EOFError, OSError: the process is gone."""
    if process.stdin is None or process.stdout is None:
        raise OSError("the process has no pipes")
    process.stdin.writelines((LENGTH.pack(len(job)), job))
    await process.stdin.drain()
    (size,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    if size == FAILED:
        return None
    if size > _MOST_RESULT_BYTES:
        raise ValueError("a result beyond measure")
    return await process.stdout.readexactly(size)


async def _end(process: Process | None) -> None:
    """Kill and reap a process."""
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _tell(done: Done, result: bytes | None) -> None:
    try:
        done(result)
    except Exception as error:
        # A result that cannot be read; its text could be a visitor's.
        _LOG.error("what a compile process sent could not be used: %s", type(error).__name__)
