"""What the demo's terminal shows: a line per page a visitor opens, and what happens while Valkey is gone."""

import asyncio
import os
import signal

from clicks.click import Click
from demo.personas import persona_at
from demo.shop.catalogue import BY_ID
from storage.control import ControlPage
from storage.following import SpoolFollower
from vitrina.datafolder import DataFolder
from vitrina.supervisor import Supervisor
from vitrina.terminal import paint

POLL_S = 0.1


class DemoScreen:
    """Follows the spool, so it goes on while Valkey is dead; the key `k` kills Valkey and brings it back."""

    def __init__(self, supervisor: Supervisor, data: DataFolder) -> None:
        self._supervisor = supervisor
        self._follower = SpoolFollower(data.spool)
        self._control = ControlPage.open(data.control)
        self._killed = False
        self._catching_up = False
        self._last_depth = -1

    async def watch(self, stop: asyncio.Event, keyboard: int | None) -> None:
        """Print until `stop` is set."""
        loop = asyncio.get_running_loop()
        keys: asyncio.Queue[bytes] = asyncio.Queue()
        if keyboard is not None:
            loop.add_reader(keyboard, lambda: keys.put_nowait(os.read(keyboard, 16)))
        try:
            while not stop.is_set():
                for click in self._follower.poll():
                    if not click.asset and not click.path.startswith("/_vitrina/"):
                        print(_line(click), flush=True)
                self._report_depth()
                while not keys.empty():
                    if b"k" in keys.get_nowait().lower():
                        await self._toggle_valkey()
                await asyncio.sleep(POLL_S)
        finally:
            if keyboard is not None:
                loop.remove_reader(keyboard)

    async def _toggle_valkey(self) -> None:
        valkey = self._supervisor.valkey
        if valkey is None:
            return
        if not self._killed:
            pid = valkey.pid
            if pid is None:
                return
            self._supervisor.keep_valkey_down = True
            os.kill(pid, signal.SIGKILL)
            self._killed, self._last_depth = True, -1
            print(
                paint("Valkey killed.", "red"),
                "Pages keep coming, as the origin sends them; clicks wait in the spool.",
                flush=True,
            )
            return
        await asyncio.to_thread(valkey.start)
        self._supervisor.keep_valkey_down = False
        self._killed, self._catching_up = False, True
        print(paint("Valkey is back.", "green"), "Catching up …", flush=True)

    def _report_depth(self) -> None:
        if not (self._killed or self._catching_up):
            return
        depth = self._control.totals()["spool_depth"]
        if depth != self._last_depth:
            self._last_depth = depth
            waiting = f"  {depth} click{'s' if depth != 1 else ''} waiting in the spool"
            print(paint(waiting, "yellow"), flush=True)
        if self._catching_up and depth == 0:
            self._catching_up = False
            print(paint("  caught up: no click was lost", "green"), flush=True)


def _line(click: Click) -> str:
    persona = persona_at(click.host)
    if persona is None or persona.customer is None:
        name = "A stranger"
    else:
        name = persona.customer.firstname
    record = BY_ID.get(int(click.product)) if click.product and click.product.isdecimal() else None
    what = f"“{record.title}”" if record else click.path
    verb = "sent" if click.method == "POST" else "opened"
    if click.moved:
        change = f"{click.moved} record{'s' if click.moved > 1 else ''} moved"
    elif click.outcome in ("hit", "relocated", "compiled") and any(r.code == "TARGETING_MATCH" for r in click.reasons):
        change = "greeted"
    elif click.status >= 300:
        change = str(click.status)
    else:
        change = "the origin's own bytes"
    return f"{paint(name, 'bold')} {verb} {what} → {change}, {click.added_us / 1000:.1f} ms added"
