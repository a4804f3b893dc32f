"""Where the CPU time of one personalised page goes, inside the worker's process: `make bench-stages`.

`python -m bench.stages [--rounds 20] [--seed 1] [--only-whole]`. The whole data plane runs, from a request's bytes to
an answer's, with bench.quick's shop, visitors and experiences; only the kernel is left out: transports and the profile
store are plain objects, and clicks go to a real spool. "whole" is timed without the stages' clocks; the stages are
exclusive of each other, and "rest" is what none of them holds. Every answer's content is checked before anything is
timed.
"""

import argparse
import asyncio
import importlib
import platform
import secrets
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from statistics import median

from bench.pages.record_shop import CHARSET, category_parts, records
from bench.quick import EXPERIENCES, OFFER, SITE
from bench.quick_load import PAGES, BenchVisitor, check_personalised, page_walk, visitors
from clicks.catalogue import Product
from config.decode import load
from config.platforms import load_platform
from config.settings import Settings
from proxy.downstream import ClientConnection
from proxy.plan import Ports, ProxyPlan
from proxy.serving import Serving
from proxy.tasks import Tasks
from proxy.upstream import OriginConnection
from storage.spool import Spool
from visitors.cookie import Keyring
from visitors.wire import encode_profile
from vitrina.profile_json import from_json

PAGE_BYTES = 64 * 1024
VISITORS = 1000
STAGES: tuple[tuple[str, str, str], ...] = (
    ("request head", "proxy.request_fields", "RequestReader.read"),
    ("visit", "proxy.visit", "Visit.__init__"),
    ("identify", "proxy.visit", "identify"),
    ("request out", "proxy.visit", "Visit.outbound"),
    ("answer's head", "proxy.answer_fields", "AnswerReader.read"),
    ("cookie due", "proxy.visit", "with_due_cookie"),
    ("profile", "proxy.visit", "decode_profile"),
    ("open", "transforms.opening", "PageReader.open"),
    ("charset", "transforms.opening", "sniff"),
    ("match", "transforms.page.family", "Family.match"),
    ("facts", "transforms.opening", "PageReader.facts"),
    ("decide", "decisions.deciding", "Decider.decide"),
    ("edits", "transforms.applying", "Applying._planned"),
    ("rank", "transforms.builtin.reorder", "order_by"),
    ("splice", "transforms.page.page", "Page.splice"),
    ("listed", "transforms.personaliser", "listed"),
    ("personalise, rest", "transforms.personaliser", "Personaliser.run"),
    ("private fields", "proxy.page_body", "personalised"),
    ("answer's fields", "proxy.exchange", "framed"),
    ("click", "proxy.exchange", "log"),
    ("events", "proxy.click_log", "read_events"),
    ("click's bytes", "storage.spool", "encode_click"),
    ("spool", "storage.spool", "Spool.append_bytes"),
)


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


class Profiles:
    """A `ProfileSource` that has the answer once the origin's head is there."""

    def __init__(self, stored: Mapping[str, bytes]) -> None:
        self._stored = stored
        self._asked: list[tuple[str, Callable[[bytes | None, str | None], None]]] = []

    def fetch(self, profile_id: str, done: Callable[[bytes | None, str | None], None]) -> None:
        """Remember who asked."""
        self._asked.append((profile_id, done))

    def answer(self) -> None:
        """Answer them."""
        for profile_id, done in self._asked:
            done(self._stored.get(profile_id), None)
        self._asked.clear()


class Catalogue:
    """A `CatalogueSource` that has learnt the whole shop."""

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

    def answered(self, status: int, kind: str) -> None:
        """Not counted here."""

    def decided(self, reason: str) -> None:
        """Not counted here."""

    def observe(self, name: str, seconds: float) -> None:
        """Not measured here."""


class Worker:
    """One data plane without sockets, and its shop."""

    def __init__(self, settings: Settings, seed: int, tokens: int, spool: Spool) -> None:
        key = secrets.token_bytes(32)
        keyring = Keyring((("1", key),))
        self.shop = records(seed)
        self.who: list[BenchVisitor] = visitors(seed, VISITORS, keyring, self.shop)
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
        ports = Ports(self.profiles, spool, Catalogue(products), self.counters)
        new_id = lambda: secrets.token_urlsafe(16)  # noqa: E731 (as in the worker's own wiring)
        plan = ProxyPlan(settings, load_platform("phoenix"), keyring, None, time.time, new_id)
        self.serving = Serving(plan, ports, Tasks())
        self._walk = page_walk(self.who)
        self._parts = category_parts(seed, PAGE_BYTES, tokens)
        self._tokens = tokens
        self.client_wire, self.origin_wire = Wire(), Wire()
        self.client = ClientConnection(self.serving)
        self.client.connection_made(self.client_wire)
        origin = OriginConnection(self.serving.origin_pool)
        origin.connection_made(self.origin_wire)
        origin.is_counted = True
        self.origin = origin
        self.serving.origin_pool.release(origin)

    def page(self) -> bytes:
        """The origin's answer: with new tokens in it each time, where it has any."""
        body = self._parts[0] + b"".join(secrets.token_hex(8).encode("ascii") + part for part in self._parts[1:])
        head = f"HTTP/1.1 200 OK\r\nServer: shop\r\nContent-Type: text/html; charset={CHARSET}\r\n"
        return f"{head}Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n".encode("ascii") + body

    def request(self, number: int) -> bytes:
        """The request of one step."""
        return self._walk.request(number)

    def exchange(self, request: bytes, page: bytes) -> None:
        """One request, its origin's answer as it comes from a socket, and the answer to the client."""
        self.client.data_received(request)
        self.profiles.answer()
        self.origin.data_received(page)

    def check(self, number: int) -> None:
        """Serve one step, and see that the answer is right."""
        self.client_wire.written.clear()
        self.exchange(self.request(number), self.page())
        _, _, body = b"".join(self.client_wire.written).partition(b"\r\n\r\n")
        check_personalised(body, self.who[number % len(self.who)], self.shop)


class Clock:
    """Time spent in stages, without that of the stages inside of them."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._inner: list[int] = []

    def over(self, stage: str, function: Callable[..., object]) -> Callable[..., object]:
        """`function`, timed."""
        now, inner, spent = time.thread_time_ns, self._inner, self.spent

        @wraps(function)
        def timed(*args: object, **kwargs: object) -> object:
            inner.append(0)
            started = now()
            try:
                return function(*args, **kwargs)
            finally:
                whole = now() - started
                spent[stage] += whole - inner.pop()
                if inner:
                    inner[-1] += whole

        return timed

    def install(self) -> None:
        """Put the clocks on."""
        for stage, module_name, path in STAGES:
            owner: object = importlib.import_module(module_name)
            *outer, name = path.split(".")
            for each in outer:
                owner = getattr(owner, each)
            setattr(owner, name, self.over(stage, getattr(owner, name)))


def measure(worker: Worker, rounds: int, batch: int) -> list[float]:
    """Microseconds of CPU per exchange in each of `rounds`."""
    found = []
    now = time.thread_time_ns
    for number in range(rounds):
        spent = 0
        for step in range(number * batch, (number + 1) * batch):
            request, page = worker.request(step), worker.page()
            started = now()
            worker.exchange(request, page)
            spent += now() - started
            worker.client_wire.written.clear()
            worker.origin_wire.written.clear()
        found.append(spent / batch / 1000)
    return found


async def run(arguments: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    offer = folder / "offer.html"
    offer.write_text(OFFER, "utf-8")
    config = folder / "site.toml"
    text = SITE.replace("MODE", "live").replace("ORIGIN", "http://127.0.0.1:9") + EXPERIENCES
    config.write_text(f'version = 1\ndata = "{folder}"\n' + text.replace("OFFER", str(offer)), "utf-8")
    settings = load(config)
    spool = Spool.create(folder / "spool")
    print(f"# {platform.machine()}, Python {platform.python_version()}, CPU µs per page, medians of {arguments.rounds}")
    try:
        worker = Worker(settings, arguments.seed, arguments.tokens, spool)
        for number in range(8 * PAGES):  # templates, what they teach, and where they were wrong
            worker.exchange(worker.request(number), worker.page())
        for number in range(8 * PAGES, 9 * PAGES):
            worker.check(number)
        whole = measure(worker, arguments.rounds, arguments.batch)
        print(f"{'whole':<20}{median(whole):>8.1f}  (least {min(whole):.1f})")
        if arguments.only_whole:
            return
        clock = Clock()
        clock.install()
        clocked = median(measure(worker, arguments.rounds, arguments.batch))
        times = arguments.rounds * arguments.batch
        for stage, _, _ in STAGES:
            print(f"{stage:<20}{clock.spent[stage] / times / 1000:>8.1f}")
        rest = clocked - sum(clock.spent.values()) / times / 1000
        print(f"{'rest':<20}{rest:>8.1f}\n{'whole, with clocks':<20}{clocked:>8.1f}")
        counted = worker.counters.counts
        print(", ".join(f"{name} {counted[name]}" for name in ("requests", "personalised", "hit", "fail_open")))
    finally:
        spool.close()


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--batch", type=int, default=100, help="pages per round")
    parser.add_argument("--tokens", type=int, default=0, help="places that differ in every answer of the origin")
    parser.add_argument("--seed", type=int, default=1, help="of the shop, its page and its visitors")
    parser.add_argument("--only-whole", action="store_true", help="no stages")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vitrina-stages-"))
    try:
        asyncio.run(run(arguments, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
