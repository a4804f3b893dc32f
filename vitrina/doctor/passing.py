"""`python -m vitrina.doctor.passing CONFIG HOST`: a data plane of the configuration that keeps nothing.

It prints its port and a cookie, serves until its input ends, and prints how many pages it changed. Who sends the cookie
to HOST is shown the pages of a made-up customer; there are no other profiles, and clicks go nowhere: what is measured
through it leaves no trace.
"""

import asyncio
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import uvloop

from clicks.catalogue import Product
from clicks.click import Click, Reason
from config.decode import load
from config.platforms import platform_of
from proxy.dataplane import DataPlane
from proxy.plan import Ports, ProxyPlan
from visitors.cookie import Keyring
from visitors.preview import PREVIEW_COOKIE, Preview, encode_preview, host_name
from visitors.profile import Profile
from visitors.wire import encode_profile

_LONGEST_S = 3600
_CUSTOMER = "doctor"


class _Nothing:
    """One made-up customer's profile, no clicks, no catalogue; on, and next to nothing counted."""

    changes = 0

    def __init__(self) -> None:
        self.previewed = 0
        """Pages changed for the customer."""
        now = time.time()
        month_ago = now - 30 * 86400
        self._customer = encode_profile(
            Profile(_CUSTOMER, month_ago, now, first_name="Ana", customer=True, orders=1, last_order=month_ago)
        )

    def fetch(self, profile_id: str, done: Callable[[bytes | None, str | None], None]) -> None:
        raw = self._customer if profile_id == _CUSTOMER else None
        asyncio.get_running_loop().call_soon(done, raw, None)

    def append(self, *clicks: Click) -> int:
        return len(clicks)

    def snapshot(self) -> Mapping[str, Product]:
        return {}

    def is_on(self) -> bool:
        return True

    def count(self, name: str, n: int = 1) -> None:
        self.previewed += n if name == "previewed" else 0

    def answered(self, status: int, kind: str, way: str, added_us: int, out_bytes: int) -> None:
        pass

    def looked_at(self, counter: str | None, reasons: Iterable[Reason], moved: int | None) -> None:
        pass

    def observe(self, name: str, seconds: float) -> None:
        pass


async def _serve(config: Path, host: str) -> None:
    settings = load(config)
    settings = replace(settings, site=replace(settings.site, mode="preview"))
    nothing = _Nothing()
    keyring = Keyring((("1", secrets.token_bytes(32)),))
    preview = Preview(int(time.time()) + _LONGEST_S, "profile", _CUSTOMER)
    cookie = f"{PREVIEW_COOKIE}={encode_preview(keyring, preview, host_name(host))}"
    plan = ProxyPlan(
        settings=settings,
        platform=platform_of(settings),
        keyring=keyring,
        own_socket=None,
        clock=time.time,
        new_id=lambda: secrets.token_urlsafe(16),
    )
    plane = DataPlane(plan, Ports(nothing, nothing, nothing, nothing))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    await plane.start([listener])
    sys.stdout.write(f"{plane.port} {cookie}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    await plane.drain(0.1)
    sys.stdout.write(f"{nothing.previewed}\n")


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1]), sys.argv[2]))
