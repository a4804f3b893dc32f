"""Redis, a worker or the work process dies or hangs while people browse: every page comes, each click is kept once."""

import asyncio
import itertools
import os
import re
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clicks.click import Click
from clicks.wire import decode_click
from storage import keys
from storage.connecting import connect
from storage.embedded import EmbeddedValkey
from storage.records import unpack_records
from tests.fixtures.gramola import HIP_HOP, Site, clicks_in, cookie_header, gramola, plain, site_config, window
from tests.fixtures.installation import installation
from tests.fixtures.oracle import eventually
from tests.fixtures.page_browser import USER_AGENT
from tests.fixtures.processes import is_running, named, stopped, wait_until

_names = (f"n{number}" for number in itertools.count())
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")


@pytest.fixture(scope="module")
def own(shop_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation of this module's own: its processes are killed. Profiles are waited for no longer than 50 ms."""
    with installation(tmp_path_factory.mktemp("faults"), site_config(shop_port, budget_ms=50)) as running:
        site = Site(running, shop_port)
        first = site.visitor()
        for genre in range(1, 7):
            first.open(f"index.php?cPath={genre}")
        running.settle()
        yield site


@dataclass
class Surfers:
    """People who open pages that nobody opened before, over kept-alive connections, until told to stop.

    `done` holds the pages that came whole, `cut` those whose connection broke: a worker that is killed takes the
    exchanges it had in hand with it, and nothing is said of them.
    """

    site: Site
    number: int = 4
    done: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _stop: bool = False
    _tasks: "list[asyncio.Task[None]]" = field(default_factory=list)

    async def __aenter__(self) -> "Surfers":
        people = [await asyncio.to_thread(self.site.visitor) for _ in range(self.number)]
        self._tasks = [asyncio.get_running_loop().create_task(self._surf(person.cookies)) for person in people]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop = True
        await asyncio.gather(*self._tasks)

    async def some_more(self, count: int = 40) -> None:
        """Wait until that many further pages came."""
        wanted = len(self.done) + count

        async def came() -> bool:
            return len(self.done) >= wanted or any(task.done() for task in self._tasks)

        await eventually(came)

    async def _surf(self, cookies: dict[str, str]) -> None:
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while not self._stop:
            name = next(_names)
            try:
                connection = connection or await asyncio.open_connection("127.0.0.1", self.site.vitrina.port)
                status, body = await self._open(*connection, name, cookies)
            except (OSError, asyncio.IncompleteReadError):
                self.cut.append(name)
                if connection is not None:
                    connection[1].close()
                connection = None
            else:
                is_whole = status == 200 and body.endswith(b"</html>\r\n")
                (self.done if is_whole else self.wrong).append(name)
            await asyncio.sleep(0.01)
        if connection is not None:
            connection[1].close()
            await connection[1].wait_closed()

    async def _open(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str, cookies: dict[str, str]
    ) -> tuple[int, bytes]:
        host = urlsplit(self.site.vitrina.url).netloc
        fields = f"Host: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: text/html\r\nCookie: {cookie_header(cookies)}"
        writer.write(f"GET /index.php?language={name} HTTP/1.1\r\n{fields}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return int(head.split()[1]), await reader.readexactly(int(length[1]) if length else 0)


class Oracle:
    """What is stored, page by page. A consumer group that acknowledges nothing keeps the stream from being trimmed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._client = connect(EmbeddedValkey(site.vitrina.data).url)

    async def __aenter__(self) -> "Oracle":
        await self._client.execute_command("XGROUP", "CREATE", keys.STREAM, "oracle", "$", "MKSTREAM")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.execute_command("XGROUP", "DESTROY", keys.STREAM, "oracle")
        await self._client.aclose()

    async def check(self, surfers: Surfers) -> None:
        """Every page that came is one click in the stream and one in the spools; a broken one at most one."""
        assert surfers.wrong == []
        wanted = set(surfers.done)

        async def shipped() -> bool:
            return wanted <= set(await self.streamed())

        await eventually(shipped)
        streamed, spooled = await self.streamed(), self.spooled()
        for name, stored in (("stream", streamed), ("spools", spooled)):
            assert [page for page in surfers.done if stored[page] != 1] == [], name
            assert [page for page in surfers.cut if stored[page] > 1] == [], name

    async def streamed(self) -> Counter[str]:
        """Pages in the stream, by how often."""
        entries = await self._client.execute_command("XRANGE", keys.STREAM, "-", "+")
        clicks = (decode_click(record.payload) for _, fields in entries for record in unpack_records(fields[b"b"]))
        return _pages(clicks)

    def spooled(self) -> Counter[str]:
        """Pages in the spools, by how often."""
        return _pages(clicks_in(self._site.vitrina.data))


def _pages(clicks: Iterable[Click]) -> Counter[str]:
    return Counter(click.query["language"] for click in clicks if click.query and "language" in click.query)


async def killed(site: Site, word: str) -> None:
    """kill -9 the oldest process of that name, and wait until there are as many of them as before."""
    before = await asyncio.to_thread(named, site.vitrina.process.pid, word)
    os.kill(before[0], signal.SIGKILL)

    def is_replaced() -> bool:
        now = named(site.vitrina.process.pid, word)
        return len(now) == len(before) and before[0] not in now

    await asyncio.to_thread(wait_until, is_replaced)


async def test_valkey_killed_stopped_and_continued(own: Site) -> None:
    async with Oracle(own) as oracle:
        async with Surfers(own) as surfers:
            await surfers.some_more()
            await killed(own, "valkey-server")
            await surfers.some_more()
            (valkey,) = named(own.vitrina.process.pid, "valkey-server")
            with stopped(valkey):
                await surfers.some_more()
            await surfers.some_more()
        assert surfers.cut == [], "Redis is no reason to close a connection"
        await oracle.check(surfers)


async def test_a_worker_and_the_work_process_killed(own: Site) -> None:
    async with Oracle(own) as oracle:
        async with Surfers(own) as surfers:
            for word in ("processes dataplane", "processes work", "processes console"):
                await surfers.some_more(20)
                await killed(own, word)
            await surfers.some_more(20)
        await oracle.check(surfers)
        assert len(surfers.cut) <= surfers.number * 2


def test_without_redis_pages_are_the_origins_bytes(own: Site) -> None:
    person = own.visitor()
    shops_own = window(person.open(f"index.php?language={next(_names)}").body)
    person.look_at(*HIP_HOP)
    wait_until(lambda: window(person.open(f"index.php?language={next(_names)}").body) != shops_own)
    (valkey,) = named(own.vitrina.process.pid, "valkey-server")
    with stopped(valkey):
        for _ in range(3):
            shown = person.open(f"index.php?language={next(_names)}")
            assert shown.status == 200
            assert plain(shown.body) == plain(own.sent(person, shown.path))
            assert person.fetch("images/covers/5.svg").status == 200
    wait_until(lambda: window(person.open(f"index.php?language={next(_names)}").body) != shops_own)
    reasons = {reason.code for click in own.clicks() for reason in click.reasons}
    assert "NO_PROFILE" in reasons


def test_the_origin_gone_is_a_plain_502(tmp_path: Path) -> None:
    with gramola() as port, installation(tmp_path, site_config(port, head="workers = 1")) as running:
        site = Site(running, port)
        person = site.visitor()
        assert person.open("index.php").status == 200
        shop = named(os.getpid(), "demo.shop --port 0")[-1]  # the youngest: another may run for all tests
        os.kill(shop, signal.SIGKILL)
        wait_until(lambda: not is_running(shop))
        shown = person.open("index.php")
        assert shown.status == 502
        assert b"Traceback" not in shown.body
        assert running.command("status", "--config", str(running.config)).startswith("running")
