"""A pipelined connection for reads on the request's path: RESP2 without futures, tasks or a pool.

Why not the client library here: a lone GET through it costs more CPU than the rest of the request's work together; a
callback per reply costs a few microseconds. It is used for nothing but MGET and PING. Replies come in the order of
their commands (https://valkey.io/topics/protocol/), so a queue of callbacks is all the bookkeeping.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from redis.asyncio import Redis
from redis.asyncio.connection import SSLConnection
from redis.asyncio.sentinel import SentinelConnectionPool

from storage.replies import Reply, ReplyReader, ServerError

Piece = bytes | str | int | float
"""Of a command; numbers go out as they are written."""

MAX_BUFFERED_BYTES: Final = 16 << 20
PING: Final = b"*1\r\n$4\r\nPING\r\n"


def _reads_only(reply: Reply | Exception) -> bool:
    """It cannot save its file, so it refuses writes, and PING with them; what it has can be read."""
    return isinstance(reply, ServerError) and str(reply).startswith("MISCONF")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to connect."""

    path: str | None
    host: str
    port: int
    username: str | None
    password: str | None
    database: int
    tls: ssl.SSLContext | None


async def endpoint_of(client: Redis) -> Endpoint:
    """Where a client's connections go now; with Sentinel, that is asked for."""
    pool = client.connection_pool
    kwargs = pool.connection_kwargs
    host, port = kwargs.get("host", "localhost"), int(kwargs.get("port", 6379))
    if isinstance(pool, SentinelConnectionPool):
        host, port = await pool.get_master_address()  # type: ignore[no-untyped-call]
    tls = None
    if issubclass(pool.connection_class, SSLConnection):
        tls = ssl.create_default_context(cafile=kwargs.get("ssl_ca_certs"))
    return Endpoint(
        path=kwargs.get("path"),
        host=host,
        port=port,
        username=kwargs.get("username"),
        password=kwargs.get("password"),
        database=int(kwargs.get("db") or 0),
        tls=tls,
    )


class RespConnection(asyncio.Protocol):
    """One connection. `on_lost` is called once when it ends; every open callback has got an error before."""

    def __init__(self, on_lost: Callable[[], None], max_buffered: int = MAX_BUFFERED_BYTES) -> None:
        self._on_lost = on_lost
        self._max_buffered = max_buffered
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[Callable[[Reply | Exception], None]] = deque()
        self._reader = ReplyReader()

    @classmethod
    async def open(
        cls,
        endpoint: Endpoint,
        on_lost: Callable[[], None],
        timeout_s: float,
        *,
        max_buffered: int = MAX_BUFFERED_BYTES,
    ) -> "RespConnection":
        """Connect, authenticate and select; OSError, TimeoutError or ServerError when that fails. A reply of more than
        `max_buffered` bytes ends the connection."""
        loop = asyncio.get_running_loop()
        connection = cls(_nothing, max_buffered)
        try:
            async with asyncio.timeout(timeout_s):
                if endpoint.path is not None:
                    await loop.create_unix_connection(lambda: connection, endpoint.path)
                else:
                    await loop.create_connection(lambda: connection, endpoint.host, endpoint.port, ssl=endpoint.tls)
                commands: list[Sequence[bytes]] = []
                if endpoint.password:
                    names = [endpoint.username.encode()] if endpoint.username else []
                    commands.append([b"AUTH", *names, endpoint.password.encode()])
                if endpoint.database:
                    commands.append([b"SELECT", b"%d" % endpoint.database])
                for command in (*commands, [b"PING"]):
                    await connection._ask(encode_command(command))
            if connection._transport is None:
                raise ConnectionResetError("the connection ended at once")
        except BaseException:
            connection.abort()
            raise
        connection._on_lost = on_lost
        return connection

    def send(self, command: bytes, on_reply: Callable[[Reply | Exception], None]) -> None:
        """Send an encoded command; `on_reply` gets its reply, a ServerError or (the connection ended) an OSError."""
        if self._transport is None or self._transport.is_closing():
            on_reply(ConnectionResetError("no connection"))
            return
        self._waiting.append(on_reply)
        self._transport.write(command)

    def send_all(self, commands: Sequence[Sequence[Piece]], on_reply: Callable[[Reply | Exception], None]) -> None:
        """The same for commands that go out in one write; `on_reply` gets the reply of each, in their order."""
        if self._transport is None or self._transport.is_closing():
            on_reply(ConnectionResetError("no connection"))
            return
        self._waiting.extend([on_reply] * len(commands))
        self._transport.write(encode_commands(commands))

    def mget(self, keys: Sequence[bytes], on_reply: Callable[[Reply | Exception], None]) -> None:
        """Values of the keys, in their order."""
        self.send(encode_command([b"MGET", *keys]), on_reply)

    def ping(self, on_reply: Callable[[Reply | Exception], None]) -> None:
        """Whether it answers; one that cannot save its file, and refuses PING as it refuses writes, can be read."""
        self.send(PING, lambda reply: on_reply(b"PONG" if _reads_only(reply) else reply))

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    async def _ask(self, command: bytes) -> Reply:
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def settle(reply: Reply | Exception) -> None:
            if answer.done():
                return
            if not isinstance(reply, Exception):
                answer.set_result(reply)
            elif _reads_only(reply):
                answer.set_result(b"PONG")
            else:
                answer.set_exception(reply)

        self.send(command, settle)
        return await answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        """Called by the loop: hand each whole reply to its callback."""
        try:
            for reply in self._reader.feed(data):
                self._waiting.popleft()(reply)
        except (ValueError, IndexError):  # not RESP, or a reply to nothing: nothing behind it can be trusted
            self.abort()
            return
        if self._reader.unread > self._max_buffered:
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        self._transport = None
        waiting, self._waiting = self._waiting, deque()
        for on_reply in waiting:
            on_reply(ConnectionResetError("the connection ended"))
        self._on_lost()


def encode_command(pieces: Sequence[bytes]) -> bytes:
    """A command as an array of bulk strings."""
    return b"*%d\r\n" % len(pieces) + b"".join([b"$%d\r\n%b\r\n" % (len(piece), piece) for piece in pieces])


def encode_commands(commands: Iterable[Sequence[Piece]]) -> bytes:
    """The same of many, whose values are copied once."""
    parts = []
    for command in commands:
        parts.append(b"*%d\r\n" % len(command))
        for piece in command:
            value = piece if isinstance(piece, bytes) else str(piece).encode()
            parts += (b"$%d\r\n" % len(value), value, b"\r\n")
    return b"".join(parts)


def _nothing() -> None:
    pass
