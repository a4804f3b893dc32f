"""Recorded exchanges through the whole data plane, without sockets: what its clicks say has happened.

Invariant: requests, answers' heads and bodies are the recorded ones; only the lengths and codings are told anew.
"""

import asyncio
import gzip
import time
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from bench.events.recorded import Recorded
from bench.worker import Counters, Wire, arrives
from clicks.catalogue import Product
from clicks.click import Click, Event
from config.platforms import load_platform
from config.settings import Budget, Consent, Settings, Site
from proxy.downstream import ClientConnection
from proxy.plan import Ports, ProxyPlan
from proxy.serving import Serving
from proxy.tasks import Tasks
from proxy.upstream import OriginConnection
from visitors.cookie import Keyring
from visitors.fold import fold, new_profile
from visitors.profile import Profile

_OWN = frozenset(("content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive"))


class Clicks:
    """A `ClickSink` that keeps them."""

    def __init__(self) -> None:
        self.kept: list[Click] = []

    def append(self, *clicks: Click) -> int:
        """Keep them."""
        self.kept += clicks
        return len(clicks)


class NoProfiles:
    """A `ProfileSource` that knows nobody."""

    def fetch(self, profile_id: str, done: Callable[[bytes | None, str | None], None]) -> None:
        """Nobody."""
        done(None, None)


class Learnt:
    """A `CatalogueSource` of what the replayed pages taught so far."""

    def __init__(self) -> None:
        self.changes = 0
        self._products: dict[str, Product] = {}

    def learn(self, click: Click) -> None:
        """What this click's page taught."""
        fresh = {
            str(row[0]): Product(str(row[0]), url=row[6] if len(row) > 6 and isinstance(row[6], str) else None)
            for row in click.catalogue
        }
        self._products = {**self._products, **fresh}
        self.changes += 1

    def snapshot(self) -> Mapping[str, Product]:
        """All of it."""
        return self._products


class Replay:
    """One shop's data plane."""

    def __init__(self, platform: str) -> None:
        budget = Budget(profile_ms=20, decide_ms=10_000, rewrite_ms=10_000, added_p95_ms=60_000)
        site = Site("http://127.0.0.1:9", platform=platform, mode="observe", budget=budget, currency="USD")
        settings = Settings(site, consent=Consent(required=False))
        keyring = Keyring((("1", bytes(32)),))
        self.clicks = Clicks()
        self.learnt = Learnt()
        ports = Ports(NoProfiles(), self.clicks, self.learnt, Counters())
        ids = iter(range(1_000_000))
        new_id = lambda: f"replayed{next(ids):014}"  # noqa: E731 (as in the worker's own wiring)
        plan = ProxyPlan(settings, load_platform(platform), keyring, None, time.time, new_id)
        self._tasks = Tasks()
        self.serving = Serving(plan, ports, self._tasks)

    async def close(self) -> None:
        """End what compiles pages, and wait for it."""
        self.serving.offloading.close()
        await self._tasks.cancel()
        await asyncio.sleep(0)

    def exchange(self, one: Recorded, *, by_script: bool) -> Click:
        """Replay one; its click."""
        client, origin = ClientConnection(self.serving), OriginConnection(self.serving.origin_pool)
        client.connection_made(Wire())
        origin.connection_made(Wire())
        origin.is_counted = True
        self.serving.origin_pool.release(origin)
        before = len(self.clicks.kept)
        client.data_received(_request(one, by_script))
        self.serving.beginning.run()
        arrives(origin, _answer(one))
        self.serving.making.run()
        self.serving.ending.run()
        if len(self.clicks.kept) == before:
            origin.connection_lost(None)
        client.connection_lost(None)
        self.learnt.learn(self.clicks.kept[before])
        return self.clicks.kept[before]


def _request(one: Recorded, by_script: bool) -> bytes:
    fields = [(name, value) for name, value in one.fields if name.lower() not in _OWN]
    if one.form or one.method != "GET":
        fields.append(("Content-Length", str(len(one.form))))
    if by_script:
        fields.append(("Sec-Fetch-Dest", "empty"))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{one.method} {one.target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + one.form


def _answer(one: Recorded) -> bytes:
    body = one.body or b""
    fields = [(name, value) for name, value in one.answer if name.lower() not in _OWN]
    if one.told("content-encoding") == "gzip" and body:
        body = gzip.compress(body, 1)
        fields.append(("Content-Encoding", "gzip"))
    fields.append(("Content-Length", str(len(body))))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {one.status} Recorded\r\n{head}\r\n".encode("latin-1") + body


async def _all(platform: str, exchanges: Iterable[Recorded]) -> dict[str, Click]:
    replay = Replay(platform)
    try:
        return {one.name: replay.exchange(one, by_script=is_by_script(one)) for one in exchanges}
    finally:
        await replay.close()


def clicks_of(platform: str, exchanges: Iterable[Recorded]) -> dict[str, Click]:
    """Recorded exchange → its click."""
    return asyncio.run(_all(platform, exchanges))


def is_by_script(one: Recorded) -> bool:
    """Recordings named x_… are what scripts and forms sent; a GET among them that no redirect led to is a script's."""
    return one.name.startswith("x_") and (
        one.get("x-requested-with") != ""
        or (one.method == "GET" and not one.is_followed)
        or one.get("content-type") == "application/json"
        or "rest_route" in one.target
    )


def folded(clicks: Iterable[Click]) -> Profile:
    """All of them as one visitor's."""
    profile = new_profile("p", 0.0)
    for place, click in enumerate(clicks):
        profile = fold(profile, replace(click, profile="p", session="s", agent="desktop"), "spool", place)
    return profile


def told(event: Event) -> str:
    """An event as one line: `add_to_cart product=43 quantity=1`; addresses are sealed, so they are only "known"."""
    words = [event.name]
    for key, value in event.data.items():
        if key == "email":
            value = "known"
        if key == "products" and isinstance(value, tuple):
            value = f"{len(value)}:{value[0]}" if value else "0"
        if isinstance(value, tuple):
            value = "/".join(map(str, value)) or "-"
        text = str(value)
        words.append(f"{key}={text!r}" if " " in text else f"{key}={text}")
    return " ".join(words)
