"""One data plane without sockets, and its shop: what `bench.stages`, `bench.costs` and `bench.events` measure.

From a request's bytes to an answer's, with bench.side_by_side's shop, visitors and experiences; only the kernel is
left out: transports and the profile store are plain objects, while the spool is real.
"""

import asyncio
import math
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

from bench.pages.record_shop import CHARSET, category_parts, cover, records
from bench.side_by_side.peers.vitrina import EXPERIENCES, OFFER, SITE
from bench.side_by_side.visitors import ADDRESSES, BenchVisitor, check_inserted, check_ordered, visitors, walk
from bench.side_by_side.workload import BY_NAME
from clicks.catalogue import Product
from clicks.click import Reason
from config.decode import load
from config.platforms import load_platform
from config.settings import Settings
from proxy.downstream import ClientConnection
from proxy.plan import Ports, ProxyPlan
from proxy.ports import Switch
from proxy.serving import Serving
from proxy.tasks import Tasks
from proxy.upstream import OriginConnection
from storage.spool import Spool
from visitors.cookie import Keyring
from visitors.wire import encode_profile
from vitrina.profile_json import from_json

PAGE_BYTES = 64 * 1024
VISITORS = 1000
Job = Literal["page", "image", "off"]
"""A personalised page; a picture; a page with `mode = "off"`."""
JOBS: tuple[Job, ...] = get_args(Job)
WARMING = 8 * ADDRESSES
"""Exchanges until templates, what they teach, and where they were wrong are known."""


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.written.append(bytes(data))

    def writelines(self, parts: object) -> None:
        """Keep them."""
        self.written += parts  # type: ignore[arg-type]

    def is_closing(self) -> bool:
        """Never."""
        return False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer."""

    def resume_reading(self) -> None:
        """Nothing was paused."""

    def abort(self) -> None:
        """Nothing to cut."""

    def close(self) -> None:
        """Nothing to close."""


def arrives(connection: OriginConnection, data: bytes) -> None:
    """These bytes come from the origin, as a transport tells of them."""
    while data:
        place = connection.get_buffer(len(data))
        size = min(len(place), len(data))
        place[:size] = data[:size]
        data = data[size:]
        connection.buffer_updated(size)


class Profiles:
    """A `ProfileSource` that has the answer once the origin's head is there."""

    def __init__(self, stored: Mapping[str, bytes]) -> None:
        self._stored = stored
        self._asked: list[tuple[str, Callable[[bytes | None, str | None], None]]] = []
        self.answers_at_once = False
        """Nobody will call `answer`."""

    def fetch(self, profile_id: str, done: Callable[[bytes | None, str | None], None]) -> None:
        """Remember who asked."""
        if self.answers_at_once:
            done(self._stored.get(profile_id), None)
            return
        self._asked.append((profile_id, done))

    def answer(self) -> None:
        """Answer them."""
        for profile_id, done in self._asked:
            done(self._stored.get(profile_id), None)
        self._asked.clear()


class Catalogue:
    """A `CatalogueSource` that has learnt the whole shop."""

    changes = 0

    def __init__(self, products: Mapping[str, Product]) -> None:
        self._products = products

    def snapshot(self) -> Mapping[str, Product]:
        """All products."""
        return self._products


class Counters:
    """A `Switch` that is on."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)

    def is_on(self) -> bool:
        """Always."""
        return True

    def count(self, name: str, n: int = 1) -> None:
        """Add."""
        self.counts[name] += n

    def answered(self, status: int, kind: str, way: str, added_us: int, out_bytes: int) -> None:
        """Not counted here."""

    def looked_at(self, counter: str | None, reasons: Iterable[Reason], moved: int | None) -> None:
        """Add, but for the reasons."""
        if counter is not None:
            self.count(counter)
        if moved is not None:
            self.count("personalised")
            self.count("moved", moved)

    def observe(self, name: str, seconds: float) -> None:
        """Not measured here."""


class Worker:
    """One data plane without sockets, and its shop."""

    def __init__(
        self,
        settings: Settings,
        seed: int,
        tokens: int,
        spool: Spool,
        job: Job = "page",
        switch: Switch | None = None,
        known: int = VISITORS,
    ) -> None:
        key = secrets.token_bytes(32)
        keyring = Keyring((("1", key),))
        self.shop = records(seed)
        self.who: list[BenchVisitor] = visitors(seed, known, keyring, self.shop, "known")
        now = time.time()
        stored = {each.profile: encode_profile(from_json(each.profile_json, "bench", now)) for each in self.who}
        self.profiles = Profiles(stored)
        products = {
            str(record.number): Product(
                str(record.number),
                record.name,
                record.cents,
                ("Tienda", record.genre),
                f"images/{record.number}.jpg",
                f"/{record.link}",
            )
            for record in self.shop
        }
        self.counters = Counters()
        ports = self.ports = Ports(
            self.profiles, spool, Catalogue(products), self.counters if switch is None else switch
        )
        new_id = lambda: secrets.token_urlsafe(16)  # noqa: E731 (as in the worker's own wiring)
        plan = self.plan = ProxyPlan(settings, load_platform("phoenix"), keyring, None, time.time, new_id)
        self.serving = Serving(plan, ports, Tasks())
        self._walk = walk(BY_NAME["image" if job == "image" else "same"], self.who)
        self._image = _image(seed) if job == "image" else b""
        self._parts = category_parts(seed, PAGE_BYTES, tokens)
        self._tokens = tokens
        self.client_wire, self.origin_wire = Wire(), Wire()
        self.client = ClientConnection(self.serving)
        self.client.connection_made(self.client_wire)
        origin = OriginConnection(self.serving.origin_pool)
        origin.connection_made(self.origin_wire)
        origin.is_counted = True
        origin.idle_s = math.inf  # however busy the machine: nobody listens who could be connected to anew
        self.origin = origin
        self.serving.origin_pool.release(origin)

    def page(self) -> bytes:
        """The origin's answer: with new tokens in it each time, where it has any."""
        if self._image:
            return self._image
        body = self._parts[0] + b"".join(secrets.token_hex(8).encode("ascii") + part for part in self._parts[1:])
        head = f"HTTP/1.1 200 OK\r\nServer: shop\r\nContent-Type: text/html; charset={CHARSET}\r\n"
        return f"{head}Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n".encode("ascii") + body

    def request(self, number: int) -> bytes:
        """The request of one step."""
        return self._walk.request(number)

    def exchange(self, request: bytes, page: bytes) -> None:
        """One request, its origin's answer as it comes from a socket, and the answer to the client."""
        serving = self.serving
        self.client.data_received(request)
        serving.beginning.run()
        self.profiles.answer()
        arrives(self.origin, page)
        serving.making.run()
        serving.ending.run()

    def check(self, number: int) -> None:
        """Serve one step, and see that the answer is right."""
        self.client_wire.written.clear()
        self.exchange(self.request(number), self.page())
        _, _, body = b"".join(self.client_wire.written).partition(b"\r\n\r\n")
        visitor = self.who[number % len(self.who)]
        check_inserted(body, visitor)
        check_ordered(body, visitor, b"".join(self._parts), self.shop)


def _image(seed: int) -> bytes:
    image = cover(seed, BY_NAME["image"].page_bytes)
    fields = (
        "Server: nginx/1.22.1",
        "Date: Mon, 30 Nov 2026 08:00:00 GMT",
        "Content-Type: image/jpeg",
        f"Content-Length: {len(image)}",
        "Last-Modified: Mon, 23 Nov 2026 08:00:00 GMT",
        "Connection: keep-alive",
        "Accept-Ranges: bytes",
    )
    return "\r\n".join(("HTTP/1.1 200 OK", *fields, "", "")).encode("ascii") + image


@contextmanager
def worker_in(
    folder: Path,
    *,
    job: Job = "page",
    seed: int = 1,
    tokens: int = 0,
    origin_port: int = 9,
    switch: Switch | None = None,
    known: int = VISITORS,
) -> Iterator[Worker]:
    """A worker with `known` visitors, its configuration and spool in `folder`. Needs a running event loop."""
    offer = folder / "offer.html"
    offer.write_text(OFFER, "utf-8")
    mode = "off" if job == "off" else "live"
    text = SITE.replace("MODE", mode).replace("ORIGIN", f"http://127.0.0.1:{origin_port}") + EXPERIENCES
    config = folder / "site.toml"
    config.write_text(f'version = 1\ndata = "{folder}"\n' + text.replace("OFFER", str(offer)), "utf-8")
    spool = Spool.create(folder / "spool")
    try:
        yield Worker(load(config), seed, tokens, spool, job, switch, known)
    finally:
        spool.close()
