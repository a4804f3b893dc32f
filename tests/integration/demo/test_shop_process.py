"""`python -m demo.shop` as a process: the ready line, a clean stop, clear errors."""

import asyncio
import re
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


async def _start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "demo.shop",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_starts_says_so_and_stops() -> None:
    process = await _start("--port", "0")
    if process.stdout is None:
        raise RuntimeError("no stdout")
    line = (await process.stdout.readline()).decode()
    match = re.fullmatch(r"La Gramola: http://127\.0\.0\.1:(\d+)/\n", line)
    assert match is not None
    taken = await _start("--port", match[1])
    _, errors = await taken.communicate()
    assert taken.returncode == 1
    assert errors.decode().startswith("La Gramola cannot start: ")
    assert "Traceback" not in errors.decode()
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
