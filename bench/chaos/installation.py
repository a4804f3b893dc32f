"""A Vitrina of a stage, under something like a service manager: it is started again when its supervisor is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench.chaos.processes import command, descendants, free_port, is_running, roles, until
from storage.control import ControlPage

ROOT = Path(__file__).parents[2]
START_S = 60.0
RESTART_S = 0.2
"""Between an end and the next start; systemd's own default is 0.1 s, our unit says 1."""


class Vitrina:
    """`python -m vitrina serve` in `folder` on `config` (without listen, admin and data)."""

    def __init__(
        self, folder: Path, config: str, environment: Mapping[str, str] | None = None, *, data: Path | None = None
    ) -> None:
        self.folder = folder
        self.data = data or folder / "data"
        self.port, self.admin = free_port(), free_port()
        self.log = folder / "serve.log"
        self.refused_starts = 0
        """Starts that ended at once, because something of the one before was still there."""
        self._config = folder / "site.toml"
        self._environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT), **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(config)

    def configure(self, config: str) -> None:
        """Another text in the file; a reload or restart reads it."""
        head = f'version = 1\nlisten = "127.0.0.1:{self.port}"\nadmin = "127.0.0.1:{self.admin}"\n'
        self._config.write_text(f'{head}data = "{self.data}"\n{config}', "utf-8")

    @property
    def pid(self) -> int:
        """The supervisor."""
        if self._process is None:
            raise RuntimeError("it does not run")
        return self._process.pid

    async def start(self) -> None:
        """Return when the shop is served."""
        deadline = time.monotonic() + START_S
        while True:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: ASYNC220 - it only forks
                    [sys.executable, "-m", "vitrina", "serve", "--config", str(self._config)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=ROOT,
                    env=self._environment,
                )
            if await asyncio.to_thread(self._serves):
                return
            self.refused_starts += 1
            if time.monotonic() > deadline:
                raise RuntimeError(f"vitrina does not start: {self.log.read_text()[-2000:]}")
            await asyncio.sleep(RESTART_S)

    def _serves(self) -> bool:
        """Wait for the line that says so; False when the process ends instead."""
        stdout = self._process.stdout if self._process else None
        if stdout is None:
            return False
        for line in stdout:
            if b"operator: http://" in line:
                return True
        stdout.close()
        if self._process is not None:
            self._process.wait()
        return False

    def roles(self) -> dict[str, list[int]]:
        """Its processes by what they do, oldest first."""
        return roles(self.pid)

    def valkey(self) -> list[int]:
        """The embedded Valkey; one that outlived its supervisor is nobody's child and still ours."""
        try:
            pid = int((self.data / "valkey" / "pid").read_text())
        except (FileNotFoundError, ValueError):
            return []
        return [pid] if is_running(pid) and "valkey-server" in command(pid) else []

    def family(self) -> set[int]:
        """Every process of it."""
        return {self.pid, *descendants(self.pid)}

    async def kill_supervisor(self) -> None:
        """kill -9, and a start as a service manager does it."""
        process = self._process
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        await asyncio.sleep(RESTART_S)
        await self.start()

    def totals(self) -> dict[str, int]:
        """The counters of all processes."""
        page = ControlPage.open(self.data / "control")
        try:
            return page.totals()
        finally:
            page.close()

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run `python -m vitrina … --config FILE`: exit code and what it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vitrina", *arguments, "--config", str(self._config),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, env=self._environment,
        )  # fmt: skip
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode("utf-8", "replace")

    async def stop(self) -> list[str]:
        """SIGTERM; what of it is still there afterwards, by command line."""
        process = self._process
        if process is None or process.poll() is not None:
            return []
        family = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, 60)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout is not None:
            process.stdout.close()
        try:
            await until(lambda: not any(is_running(pid) for pid in family), 5)
        except TimeoutError:
            left = {pid: line for pid, line in family.items() if is_running(pid)}
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            return list(left.values())
        return []
