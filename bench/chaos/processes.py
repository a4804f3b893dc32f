"""Processes of a stage, from /proc: which there are, what they hold, and whether they are gone."""

import asyncio
import os
import re
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

_ROLE = re.compile(r"vitrina\.processes (\w+)|valkey-server|redis-server")


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> dict[int, str]:
    """Every process below `pid` that runs (zombies do not), with its command line."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := _stat(int(entry))) is not None and stat[0] != "Z":
            parents[int(entry)] = int(stat[1])
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        above = waiting.pop()
        below = [child for child, parent in parents.items() if parent == above]
        found |= {child: command(child) for child in below}
        waiting += below
    return found


def roles(pid: int) -> dict[str, list[int]]:
    """Processes below a supervisor by what they do: dataplane, work, console, valkey; oldest first."""
    found: dict[str, list[int]] = {}
    for child, line in sorted(descendants(pid).items()):
        match = _ROLE.search(line)
        if match is not None and "compile" not in line:
            found.setdefault(match[1] or "valkey", []).append(child)
    return found


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    stat = _stat(pid)
    return stat is not None and stat[0] != "Z"


def command(pid: int) -> str:
    """Its command line; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def open_descriptors(pid: int) -> int:
    """How many it has open; 0 when it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def resident_kb(pid: int) -> int:
    """Resident memory; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE") // 1024
    except OSError:
        return 0


async def until(holds: Callable[[], bool], timeout_s: float = 30.0) -> float:
    """Wait until `holds`; how long that took, in seconds. TimeoutError after `timeout_s`."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > timeout_s:
            raise TimeoutError
        await asyncio.sleep(0.02)
    return time.monotonic() - started


async def eventually(holds: Callable[[], Awaitable[bool]], timeout_s: float = 60.0) -> float:
    """As `until`, for what is asked of somebody."""
    started = time.monotonic()
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.03)
    return time.monotonic() - started


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
