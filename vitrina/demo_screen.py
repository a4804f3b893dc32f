"""What the demo's terminal shows: a line per page a visitor opens, and what happens while Valkey is gone."""

import asyncio
import os
import signal
import sys

from clicks.click import Click
from config.settings import Settings
from demo.click_line import ClickLines
from storage.control import ControlPage
from storage.following import SpoolFollower
from vitrina.datafolder import DataFolder
from vitrina.supervisor import Supervisor
from vitrina.terminal import StatusLine, paint

POLL_S = 0.1


class DemoScreen:
    """Follows the spool, so it goes on while Valkey is dead; the key `k` kills Valkey and brings it back."""

    def __init__(self, supervisor: Supervisor, data: DataFolder, settings: Settings) -> None:
        self._supervisor = supervisor
        self._follower = SpoolFollower(data.spool)
        self._control = ControlPage.open(data.control)
        self._lines = ClickLines(settings)
        self._status = StatusLine(sys.stdout)
        self._killed = False
        self._waiting = 0
        """Clicks that waited in the spool when Valkey came back; 0 when all of them are caught up."""
        self._folded_before = 0

    async def watch(self, stop: asyncio.Event, keyboard: int | None) -> None:
        """Print until `stop` is set."""
        loop = asyncio.get_running_loop()
        keys: asyncio.Queue[bytes] = asyncio.Queue()
        if keyboard is not None:
            loop.add_reader(keyboard, lambda: keys.put_nowait(os.read(keyboard, 16)))
        try:
            while not stop.is_set():
                for click in self._follower.poll():
                    self._tell(click)
                self._report()
                while not keys.empty():
                    if b"k" in keys.get_nowait().lower():
                        await self._toggle_valkey()
                await asyncio.sleep(POLL_S)
        finally:
            self._status.clear()
            if keyboard is not None:
                loop.remove_reader(keyboard)

    def _tell(self, click: Click) -> None:
        told = self._lines.line(click, is_store_down=self._killed)
        if told is not None:
            who, what = told
            self._status.print(f"{paint(who, 'bold')} {what}")

    async def _toggle_valkey(self) -> None:
        valkey = self._supervisor.redis.valkey
        if valkey is None:
            return
        if not self._killed:
            pid = valkey.pid
            if pid is None:
                return
            self._supervisor.redis.keep_down = True
            os.kill(pid, signal.SIGKILL)
            self._killed = True
            told = (
                "Pages keep coming, as the shop sends them; clicks wait in the spool. Press k again to bring it back."
            )
            self._status.print(f"{paint('Valkey killed.', 'red')} {told}")
            return
        totals = self._control.totals()
        self._waiting, self._folded_before = totals["spool_depth"], totals["folded"]
        await asyncio.to_thread(valkey.start)
        self._supervisor.redis.keep_down = False
        self._killed = False
        self._status.clear()
        self._status.print(f"{paint('Valkey is back.', 'green')} Catching up …")
        if not self._waiting:
            self._status.print(paint("  nothing was waiting", "green"))

    def _report(self) -> None:
        if self._killed:
            depth = self._control.totals()["spool_depth"]
            self._status.show(paint(f"  {depth} click{'' if depth == 1 else 's'} waiting in the spool", "yellow"))
        elif self._waiting:
            folded = min(self._waiting, self._control.totals()["folded"] - self._folded_before)
            text = f"  caught up: {folded} of {self._waiting} clicks"
            if folded < self._waiting:
                self._status.show(paint(text, "yellow"))
                return
            self._waiting = 0
            self._status.clear()
            self._status.print(paint(f"{text}, none lost", "green"))
