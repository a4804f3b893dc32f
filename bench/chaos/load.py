"""Visitors who browse: an open loop of pages that nobody opened before, each at a path of its own.

Invariant: a path is asked for once. What the visitors hold is the one list of what must be in streams and profiles:
`done` came whole, of `cut` nothing can be said but that it must not count twice.
"""

import asyncio
import itertools
import re
import time
from dataclasses import dataclass, field
from typing import Literal

from bench.chaos.shop import page

INSERTED = b"Hello again"
"""What a known visitor finds on a page (`bench.chaos.stage.SITE`)."""
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ANSWER_S = 30.0
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
_COOKIE = re.compile(rb"(?i)\r\nset-cookie: (vitrina=[^;\r]*)")

Kind = Literal["original", "personalised", "wrong"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One request's outcome: `status` 0 when the connection broke, `why` then says how. `at` is monotonic."""

    path: str
    at: float
    ms: float
    status: int
    kind: Kind
    why: str = ""
    is_known: bool = False
    """It came with the cookie of an answer before it."""


@dataclass(slots=True)
class _Browser:
    """A kept-alive connection and a cookie; both are given up now and then."""

    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    cookie: bytes = b""
    pages: int = 0


@dataclass
class Load:
    """`rate` requests a second from at most `most` connections, from entering to leaving the context."""

    port: int
    prefix: str
    rate: float = 100.0
    most: int = 32
    per_visitor: int = 4
    per_connection: int = 40
    answers: list[Answer] = field(default_factory=list)
    skipped: int = 0
    """Ticks at which every connection was waiting: the machine, or what is tested, did not keep up."""
    _free: list[_Browser] = field(default_factory=list)
    _made: int = 0
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def __aenter__(self) -> "Load":
        self._ticker = asyncio.get_running_loop().create_task(self._tick(), name="load")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Ask no more, and wait for what is under way."""
        self._stop.set()
        await self._ticker
        await asyncio.gather(*self._tasks)
        for browser in self._free:
            _let_go(browser)
        await asyncio.sleep(0)

    @property
    def done(self) -> list[str]:
        """Paths whose answer came whole."""
        return [answer.path for answer in self.answers if answer.status == 200]

    @property
    def cut(self) -> list[str]:
        """Paths whose connection broke."""
        return [answer.path for answer in self.answers if answer.status == 0]

    def since(self, at: float, until: float = float("inf")) -> list[Answer]:
        """Answers to what was asked in that time."""
        return [answer for answer in self.answers if at <= answer.at < until]

    async def some_more(self, count: int = 30, timeout_s: float = 60.0) -> None:
        """Wait until that many further pages came whole."""
        wanted = sum(answer.status == 200 for answer in self.answers) + count
        async with asyncio.timeout(timeout_s):
            while sum(answer.status == 200 for answer in self.answers) < wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self._stop.is_set():
            due = max(due + 1 / self.rate, loop.time() - 0.25)  # after a standstill of our own: no flood
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not self._free and self._made >= self.most:
                self.skipped += 1
                continue
            if self._free:
                browser = self._free.pop(0)
            else:
                browser, self._made = _Browser(), self._made + 1
            task = loop.create_task(self._open(browser))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self, browser: _Browser) -> None:
        path = f"/{self.prefix}/{next(self._numbers)}"
        started, is_known = time.monotonic(), bool(browser.cookie)
        status, kind, why = 0, "original", ""
        try:
            async with asyncio.timeout(ANSWER_S):
                if browser.writer is None:
                    browser.reader, browser.writer = await asyncio.open_connection("127.0.0.1", self.port)
                status, kind = await self._ask(browser, path)
        except (OSError, EOFError, TimeoutError) as error:
            why = type(error).__name__
            _let_go(browser)
        self.answers.append(Answer(path, started, (time.monotonic() - started) * 1000, status, kind, why, is_known))
        browser.pages += 1
        if browser.pages % self.per_visitor == 0:
            browser.cookie = b""
        if browser.pages % self.per_connection == 0:
            _let_go(browser)
        self._free.append(browser)

    async def _ask(self, browser: _Browser, path: str) -> tuple[int, Kind]:
        reader, writer = browser.reader, browser.writer
        if reader is None or writer is None:
            raise ConnectionResetError
        cookie = b"Cookie: " + browser.cookie + b"\r\n" if browser.cookie else b""
        fields = f"Host: shop.test\r\nUser-Agent: {AGENT}\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\n"
        writer.write(f"GET {path} HTTP/1.1\r\n{fields}".encode() + cookie + b"\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else await reader.read()
        if found := _COOKIE.search(head):
            browser.cookie = found[1]
        if b"\r\nconnection: close" in head.lower() or length is None:
            _let_go(browser)
        status = int(head.split(b" ", 2)[1])
        return status, kind_of(page(path), body) if status == 200 else "original"


def kind_of(original: bytes, body: bytes) -> Kind:
    """Whose bytes they are; "wrong" when anything but one insertion was done to the shop's."""
    if body == original:
        return "original"
    added = len(body) - len(original)
    if added <= 0:
        return "wrong"
    at = next((n for n, (a, b) in enumerate(zip(original, body, strict=False)) if a != b), len(original))
    for start in range(at, max(-1, at - added), -1):  # the insertion may begin with the bytes it stands before
        if body[:start] + body[start + added :] == original:
            return "personalised" if INSERTED in body[start : start + added] else "wrong"
    return "wrong"


def _let_go(browser: _Browser) -> None:
    if browser.writer is not None:
        browser.writer.close()
    browser.reader = browser.writer = None
