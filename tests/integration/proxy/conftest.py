"""A data plane on real sockets: an origin that answers with a test's bytes, a client that sends raw bytes."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest
import uvloop

from clicks.catalogue import Product
from clicks.click import Click
from config.platform import FormRule, ListRule, PathRule, Platform
from config.settings import Consent, ConsentCookie, Limits, Settings, Site
from proxy.access_log import AccessLog
from proxy.dataplane import DataPlane
from proxy.plan import Ports, ProxyPlan
from storage.control import ControlPage
from visitors.cookie import Keyring

KEYRING = Keyring((("k1", b"0123456789abcdef0123456789abcdef"),))
NOW = 1_800_000_000.0
QUICK = Limits(
    head_timeout_s=0.2, idle_timeout_s=0.3, connect_timeout_s=0.3, first_byte_timeout_s=0.3, send_timeout_s=0.3
)
"""For tests of what happens when one of these is over."""

PLATFORM = Platform(
    name="generic",
    session_cookies=("sid",),
    kinds={
        "home": (PathRule("/"), PathRule("/index.php")),
        "product": (PathRule("/product.php"),),
        "category": (PathRule("/category.php"),),
    },
    product_id=(r"/product\.php\?id=(\d+)",),
    category_id=(r"/category\.php\?c=(\d+)",),
    query_fields=("id", "c", "q"),
    search_params=("q",),
    lists=(ListRule("grid", items=".box", link="a", name_css="a"),),
    login=FormRule(
        at=(PathRule("/login.php"),),
        success="redirect_away",
        fields={"email": ("email",), "first_name": ("first_name",)},
        requires=("password",),
    ),
    logout=(PathRule("/logout.php"),),
    never_read=("/admin/**", "/checkout_payment*"),
)


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Any]:
    """The data plane's own loop."""
    return {"uvloop": uvloop.new_event_loop}


@dataclass
class Request:
    """A request as the origin received it, byte for byte."""

    head: bytes
    body: bytes

    @property
    def line(self) -> bytes:
        return self.head.split(b"\r\n", 1)[0]

    @property
    def path(self) -> bytes:
        return self.line.split(b" ")[1]

    def values(self, name: bytes) -> list[bytes]:
        lines = self.head.split(b"\r\n")[1:]
        return [line.partition(b":")[2].strip() for line in lines if line.partition(b":")[0].lower() == name]


Answer = Callable[[Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes | None]]


def ok(body: bytes = b"ok", *fields: bytes, status: bytes = b"200 OK", content_type: bytes = b"text/plain") -> bytes:
    """A response with Content-Length."""
    lines = [b"HTTP/1.1 " + status, b"Content-Type: " + content_type, b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def get(target: bytes = b"/", *fields: bytes, method: bytes = b"GET") -> bytes:
    """A request without a body."""
    return b"\r\n".join((method + b" " + target + b" HTTP/1.1", b"Host: shop.test", *fields)) + b"\r\n\r\n"


@dataclass
class Origin:
    """Reads requests and answers each with what `answer` returns; None: the answer was written, close."""

    answer: Answer
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                request = Request(head, b"")
                length = request.values(b"content-length")
                if b"expect" not in head.lower():
                    if length:
                        request.body = await reader.readexactly(int(length[0]))
                    elif request.values(b"transfer-encoding"):
                        request.body = await read_chunked(reader)
                self.requests.append(request)
                answer = await self.answer(request, reader, writer)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            try:
                await writer.wait_closed()
            except ConnectionError:
                pass


async def read_chunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass  # a trailer
    return body


class Clicks:
    """Keeps clicks in memory."""

    def __init__(self) -> None:
        self.all: list[Click] = []

    def append(self, *clicks: Click) -> int:
        self.all += clicks
        return len(clicks)


class Profiles:
    """Profiles by id; `mode` says how the store is: "up", "late" (after the shop), "silent" (never answers) or a
    failure's name."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.mode = "up"
        self.asked: list[str] = []

    def fetch(self, profile_id: str, done: Callable[[bytes | None, str | None], None]) -> None:
        self.asked.append(profile_id)
        if self.mode == "up":
            asyncio.get_running_loop().call_soon(done, self.stored.get(profile_id), None)
        elif self.mode == "late":
            asyncio.get_running_loop().call_later(0.01, done, self.stored.get(profile_id), None)
        elif self.mode != "silent":
            done(None, self.mode)


class Catalogue:
    """A catalogue that changes when it is told; None: reading it fails."""

    def __init__(self) -> None:
        self.changes = 0
        self._products: dict[str, Product] | None = {name: Product(name) for name in ("1", "2", "3")}

    @property
    def products(self) -> dict[str, Product] | None:
        return self._products

    @products.setter
    def products(self, products: dict[str, Product] | None) -> None:
        self._products = products
        self.changes += 1

    def snapshot(self) -> Mapping[str, Product]:
        if self.products is None:
            raise RuntimeError("no catalogue")
        return self.products


@dataclass
class Client:
    """A raw connection to the data plane."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, raw: bytes, *, for_head: bool = False) -> tuple[bytes, bytes]:
        """Send and read one response: head and decoded body."""
        self.writer.write(raw)
        return await self.response(for_head=for_head)

    async def response(self, *, for_head: bool = False) -> tuple[bytes, bytes]:
        head = await self.reader.readuntil(b"\r\n\r\n")
        response = Request(head, b"")
        status = int(head.split(b" ")[1])
        if for_head or status in (204, 304) or status < 200:
            return head, b""
        if response.values(b"transfer-encoding"):
            return head, await read_chunked(self.reader)
        if length := response.values(b"content-length"):
            return head, await self.reader.readexactly(int(length[0]))
        return head, await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass


@dataclass
class Shop:
    """The data plane and all around it."""

    plane: DataPlane
    origin: Origin
    clicks: Clicks
    profiles: Profiles
    catalogue: Catalogue
    control: ControlPage
    stack: AsyncExitStack
    tls_port: int = 0

    async def client(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.plane.port))
        self.stack.push_async_callback(client.close)
        return client

    async def ask(self, raw: bytes, *, for_head: bool = False) -> tuple[bytes, bytes]:
        """On a connection of its own."""
        return await (await self.client()).ask(raw, for_head=for_head)

    def count(self, name: str) -> int:
        return self.control.slot(0).counts()[name]

    async def click(self, number: int = 1) -> Click:
        """The `number`-th click, once it is there."""
        async with asyncio.timeout(30):
            while len(self.clicks.all) < number:  # noqa: ASYNC110 (the list is filled by the code under test)
                await asyncio.sleep(0.005)
        return self.clicks.all[number - 1]


def listening() -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    sock.listen(100)
    sock.setblocking(False)
    return sock


@asynccontextmanager
async def running(
    tmp_path: Path,
    answer: Answer | bytes,
    *,
    site: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    platform: Platform = PLATFORM,
    own_socket: str | None = None,
    new_id: Callable[[], str] | None = None,
    tls_context: ssl.SSLContext | None = None,
    access_log: Literal["combined", "json"] | None = None,
    **settings: Any,
) -> AsyncIterator[Shop]:
    """A data plane before an origin; `site` and `settings` replace parts of the default configuration."""
    if isinstance(answer, bytes):
        fixed = answer

        async def answer(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
            return fixed

    async with AsyncExitStack() as stack:
        origin = Origin(answer)
        server = await asyncio.start_server(origin.serve, "127.0.0.1", 0, limit=2**20)
        stack.callback(server.close)
        origin.port = server.sockets[0].getsockname()[1]
        base_site = Site(origin=f"http://127.0.0.1:{origin.port}", platform=platform.name, holdout=0.0)
        configuration = replace(
            Settings(site=replace(base_site, **(site or {})), limits=limits or Limits()),
            consent=Consent(required=True, cookie=ConsentCookie("agreed", "yes")),
        )
        configuration = replace(configuration, **settings)
        control = ControlPage.create(tmp_path / "control")
        stack.callback(control.close)
        clicks, profiles, catalogue = Clicks(), Profiles(), Catalogue()
        ids = iter(range(1, 1_000_000))
        counted = new_id or (lambda: f"browser{next(ids):020d}")
        plan = ProxyPlan(configuration, platform, KEYRING, own_socket, lambda: NOW, counted)
        log = None
        if access_log is not None:
            soon = asyncio.get_running_loop().call_soon
            path = tmp_path / "logs" / "access.log"
            log = AccessLog(path, access_log, max_bytes=1 << 20, keep=2, soon=soon, lost=lambda lines: None)
            stack.callback(log.close)
        plane = DataPlane(plan, Ports(profiles, clicks, catalogue, control.slot(0), access_log=log))
        secure = [] if tls_context is None else [listening()]
        await plane.start([listening()], tls_sockets=secure, tls=tls_context)
        stack.push_async_callback(plane.drain, 0.0)
        tls_port = secure[0].getsockname()[1] if secure else 0
        yield Shop(plane, origin, clicks, profiles, catalogue, control, stack, tls_port)


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., Any]:
    """`async with shop(answer, …) as s`: see `running`."""

    def start(answer: Answer | bytes, **settings: Any) -> Any:
        return running(tmp_path, answer, **settings)

    return start
