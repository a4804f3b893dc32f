"""`python -m vitrina.doctor.passing CONFIG`: a data plane of the configuration that keeps nothing.

It prints its port, and serves until its input ends. Profiles are there for nobody, clicks go nowhere: what is measured
through it leaves no trace.
"""

import asyncio
import secrets
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import uvloop

from clicks.catalogue import Product
from clicks.click import Click
from config.decode import load
from config.platforms import load_platform
from proxy.dataplane import DataPlane
from proxy.plan import Ports, ProxyPlan
from visitors.cookie import Keyring


class _Nothing:
    """No profiles, no clicks, no catalogue; on, and nothing counted."""

    def fetch(self, profile_id: str, done: Callable[[bytes | None, str | None], None]) -> None:
        asyncio.get_running_loop().call_soon(done, None, None)

    def append(self, click: Click) -> bool:
        return True

    def snapshot(self) -> Mapping[str, Product]:
        return {}

    def is_on(self) -> bool:
        return True

    def count(self, name: str, n: int = 1) -> None:
        pass

    def answered(self, status: int, kind: str) -> None:
        pass

    def decided(self, reason: str) -> None:
        pass

    def observe(self, name: str, seconds: float) -> None:
        pass


async def _serve(config: Path) -> None:
    settings = load(config)
    nothing = _Nothing()
    plan = ProxyPlan(
        settings=settings,
        platform=load_platform(settings.site.platform),
        keyring=Keyring((("1", secrets.token_bytes(32)),)),
        own_socket=None,
        clock=time.time,
        new_id=lambda: secrets.token_urlsafe(16),
    )
    plane = DataPlane(plan, Ports(nothing, nothing, nothing, nothing))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    await plane.start([listener])
    sys.stdout.write(f"{plane.port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    await plane.drain(0.1)


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1])))
