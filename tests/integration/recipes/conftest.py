"""Debian's fronts before Vitrina before a shop, each on the recipe that operators are given."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.fixtures.fronts import FRONTS, Front, front, missing
from tests.fixtures.installation import Installation, started
from tests.fixtures.processes import descendants, is_running, wait_until
from tests.integration.recipes.listening_shop import ListeningShop

VISITOR = "127.0.0.9"
"""The visitor's address."""
CONFIG = """version = 1
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
data = "{data}"
[site]
origin = "http://127.0.0.1:{shop}"
platform = "generic"
mode = "observe"
hosts = ["www.your.shop", "your.shop"]
trusted = ["127.0.0.1"]
[consent]
cookie = {{ name = "agreed" }}
"""


class HostsFile(AbstractResolver):
    """The line of a hosts file that sends one name to this machine."""

    async def resolve(self, host: str, port: int = 0, family: Any = None) -> list[ResolveResult]:
        """Only the shop's names are known."""
        assert host.endswith("your.shop"), host
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Vitrina:
    """`serve` on a port that stays, to be killed whole and started again."""

    folder: Path
    config: Path
    port: int = 0
    running: Installation | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start, or start again."""
        command = ["serve", "--config", str(self.config), "--listen", f"127.0.0.1:{self.port}"]
        self.running = self._stack.enter_context(started(self.folder, self.config, self.folder / "data", *command))
        self.port = self.running.port

    def kill(self) -> None:
        """kill -9 of the supervisor and of everything below it; back when all are gone."""
        assert self.running is not None
        pids = [self.running.process.pid, *descendants(self.running.process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.running.process.wait(10)
        wait_until(lambda: not any(map(is_running, pids)))

    def end(self) -> None:
        """SIGTERM, as `systemctl stop` sends it; back when all are gone."""
        assert self.running is not None
        assert self.running.stop() == 0

    @contextmanager
    def hung(self) -> Iterator[None]:
        """SIGSTOP to all of them, and SIGCONT at the end."""
        assert self.running is not None
        pids = [self.running.process.pid, *descendants(self.running.process.pid)]
        try:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """End what runs."""
        self._stack.close()


@dataclass
class Town:
    """All fronts that are installed, before one Vitrina, before one shop."""

    vitrina: Vitrina
    shop: ListeningShop
    fronts: dict[str, Front]


@dataclass
class Street:
    """One front of the town, and a visitor."""

    front: Front
    town: Town
    client: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """Where the visitor finds the shop."""
        return self.front.url

    @property
    def shop(self) -> ListeningShop:
        """Behind it all."""
        return self.town.shop


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Started once; who kills Vitrina starts it again."""
    folder = tmp_path_factory.mktemp("town")
    with ExitStack() as stack:
        shop = stack.enter_context(ListeningShop())
        config = folder / "site.toml"
        config.write_text(CONFIG.format(data=folder / "data", shop=shop.port))
        vitrina = Vitrina(folder, config)
        stack.callback(vitrina.stop)
        vitrina.start()
        fronts = {
            name: stack.enter_context(front(name, recipe, vitrina.port, shop.port))
            for name, recipe in FRONTS.items()
            if missing(recipe) is None
        }
        yield Town(vitrina, shop, fronts)


@pytest.fixture(params=FRONTS)
async def street(request: pytest.FixtureRequest, town: Town) -> AsyncIterator[Street]:
    """Each front in turn."""
    if (why := missing(FRONTS[request.param])) is not None:
        pytest.skip(why)
    before = town.fronts[request.param]
    async with visitor(before) as client:
        yield Street(before, town, client)
    await asyncio.sleep(0.01)  # aborted transports' callbacks


def visitor(before: Front) -> aiohttp.ClientSession:
    """A client at VISITOR that knows the shop by its hosts file, trusts its certificate, and keeps no connection."""
    connector = aiohttp.TCPConnector(
        ssl=ssl.create_default_context(cafile=before.authority),
        resolver=HostsFile(),
        local_addr=(VISITOR, 0),
        force_close=True,
        limit=0,
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
