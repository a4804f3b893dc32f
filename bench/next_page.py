"""This click changes the next page: how soon? python -m bench.next_page [--rate 500] [--seconds 20] [--samples 400].

A whole installation (one worker, work process, embedded Valkey, all on one core) in front of an origin whose pages
differ in every answer, while others click at a steady rate. A visitor of whom nothing is known opens a record's page;
the clock runs from the end of that answer (the origin's last byte, passed on) to the end of the first category page
that shows the new order, asked for again and again under addresses that this visitor has not seen.
"""

import argparse
import asyncio
import itertools
import os
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import uvloop

from bench.ending import ended
from bench.machine import Where, here
from bench.pages.record_shop import Record, records
from bench.servers import LOAD_CORE, Missing, Server, varying_origin, vitrina
from visitors.cookie import COOKIE_NAME, Keyring, VisitorCookie, encode_cookie

SEED = 1
PAGE_BYTES = 64 * 1024
TOKENS = 20
OTHERS = 2000
OTHERS_CONNECTIONS = 16
POLL_S = 0.002
GIVE_UP_S = 5.0
TARGET_MS = 100.0
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "longest": 1.0}

_CONFIG = """
[site]
origin = "ORIGIN"
platform = "phoenix"
mode = "live"
holdout = 0
secure_cookies = false
[consent]
required = true
cookie = { name = "cookie_policy", contains = "prefs=1" }
[placement.novelties]
on = "category"
items = "#novedades > div.record"
[[experience]]
id = "portada"
at = "novelties"
reorder = { by = "affinity", positional = ["left", "right"] }
"""
_FIELDS = (
    "Host: tienda.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n"
)
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_RECORD = re.compile(rb'<div class="record[^"]*">\s*<a href="product_info\.php\?products_id=(\d+)"')


@dataclass(slots=True)
class Browser:
    """A kept-alive connection; whose cookies go out with a request is said each time."""

    port: int
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def get(self, target: str, cookies: str) -> bytes:
        """The body of a page; RuntimeError when it is not 200."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        self._writer.write(f"GET /{target} HTTP/1.1\r\n{_FIELDS}Cookie: {cookies}\r\n\r\n".encode("ascii"))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not head.startswith(b"HTTP/1.1 200 ") or length is None:
            raise RuntimeError(f"{target}: {head!r}")
        return await self._reader.readexactly(int(length[1]))

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()


class People:
    """Makes visitors that agreed to cookies and of whom nothing is known."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def cookies(self, name: str) -> str:
        """The Cookie field of one of them."""
        now = int(time.time())
        ours = encode_cookie(self._keyring, VisitorCookie(name, False, now, now))
        return f"cookie_policy=prefs=1; osCsid={secrets.token_hex(16)}; {COOKIE_NAME}={ours}"


@dataclass(slots=True)
class Background:
    """Others' clicks at a steady rate; a slow answer does not slow down the others (an open loop)."""

    port: int
    shop: Sequence[Record]
    people: People
    rate: float
    sent: int = 0
    late: int = 0
    _stop: bool = False
    _tasks: "list[asyncio.Task[None]]" = field(default_factory=list)

    async def __aenter__(self) -> "Background":
        cookies = [self.people.cookies(f"other-{number:020d}") for number in range(OTHERS)]
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._click(place, cookies)) for place in range(OTHERS_CONNECTIONS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop = True
        await asyncio.gather(*self._tasks)

    async def _click(self, place: int, cookies: Sequence[str]) -> None:
        browser, random = Browser(self.port), Random(place)
        every = OTHERS_CONNECTIONS / self.rate
        due = time.perf_counter() + place / self.rate
        while not self._stop:
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            elif wait < -every:
                self.late += 1
            due += every
            # Three of four clicks are on records, the fourth is on a list of 40.
            record = random.choice(self.shop)
            target = record.link if random.random() < 0.75 else f"products_new.php?cPath={random.randrange(47)}"
            await browser.get(target, random.choice(cookies))
            self.sent += 1
        await browser.close()


async def one_sample(browser: Browser, cookies: str, record: Record, addresses: Iterator[str]) -> float:
    """Seconds from the end of a record's page to the end of the first list that has changed for it."""
    before = _RECORD.findall(await browser.get(next(addresses), cookies))
    await browser.get(record.link, cookies)
    started = time.perf_counter()
    while True:
        now = _RECORD.findall(await browser.get(next(addresses), cookies))
        took = time.perf_counter() - started
        if now != before:
            return took
        if took > GIVE_UP_S:
            raise RuntimeError(f"record {record.number}: no new order within {GIVE_UP_S:.0f} s")
        await asyncio.sleep(POLL_S)


async def measure(
    server: Server, keyring: Keyring, rate: float, seconds: float, wanted: int
) -> tuple[list[float], str]:
    """The samples, sorted, and what the background did."""
    shop, people = records(SEED), People(keyring)
    browser = Browser(server.port)
    teacher = people.cookies("teacher-000000000000")
    for record in shop:
        await browser.get(record.link, teacher)
    for number in range(47):
        await browser.get(f"products_new.php?cPath={number}", teacher)
    await asyncio.to_thread(server.settle)
    random, waits = Random(SEED), list[float]()
    async with Background(server.port, shop, people, rate) as background:
        await asyncio.sleep(1.0)  # until it is steady
        started, sent = time.perf_counter(), background.sent
        while len(waits) < wanted and time.perf_counter() - started < seconds:
            # A new visitor each time, who walks pages that the shop's others know already. The first records of a
            # page stand where they would be moved to.
            addresses = (f"products_new.php?cPath={number}" for number in itertools.count())
            cookies = people.cookies(secrets.token_hex(11))
            waits.append(await one_sample(browser, cookies, random.choice(shop[8:]), addresses))
        took = time.perf_counter() - started
        load = f"{(background.sent - sent) / took:.0f} others' clicks/s ({background.late} late)"
    await browser.close()
    waits.sort()
    return waits, load


def report(waits: Sequence[float], load: str, server: Server, where: Where) -> str:
    """What was measured, and where."""

    def ms(share: float) -> float:
        return waits[min(len(waits) - 1, int(len(waits) * share))] * 1000

    totals = server.totals()
    verdict = "met" if ms(0.99) < TARGET_MS else "missed"
    times = ", ".join(f"{name} {ms(share):.1f} ms" for name, share in SHARES.items())
    failures = ", ".join(
        f"{name} {totals[name]}" for name in ("clicks_lost", "fail_open", "over_budget", "profile_timeouts")
    )
    lines = (
        where.line(),
        f"{len(waits)} samples, {load}, page {PAGE_BYTES // 1024} KB",
        f"next page: {times}; target p99 < {TARGET_MS:.0f} ms: {verdict}",
        f"clicks {totals['clicks']:,}, folded {totals['folded']:,}; {failures}",
    )
    return "\n".join(lines)


def main() -> int:
    """Start, measure, print, end."""
    parser = argparse.ArgumentParser(prog="python -m bench.next_page", description=__doc__)
    parser.add_argument("--rate", type=float, default=500.0, help="others' clicks per second (default 500)")
    parser.add_argument("--seconds", type=float, default=20.0, help="at most (default 20)")
    parser.add_argument("--samples", type=int, default=400, help="at most (default 400)")
    args = parser.parse_args()
    where = here()
    key = secrets.token_bytes(32)
    with tempfile.TemporaryDirectory(prefix="vitrina-bench-") as name:
        folder = Path(name)
        try:
            with (
                varying_origin(folder / "origin", SEED, PAGE_BYTES, TOKENS) as origin,
                vitrina(folder / "vitrina", _CONFIG, f"1:{key.hex()}", origin.port) as server,
            ):
                os.sched_setaffinity(0, {LOAD_CORE})
                keyring = Keyring((("1", key),))
                waits, load = uvloop.run(measure(server, keyring, args.rate, args.seconds, args.samples))
                server.settle()
                print(report(waits, load, server, where))
        except Missing as missing:
            print(missing, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
