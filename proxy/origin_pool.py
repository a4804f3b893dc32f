"""The connections to one origin: kept alive, bounded, with a bounded queue before them (the bulkhead).

Invariant: at most `most` connections exist, whoever asks; who cannot be served waits in a queue no longer than that,
and beyond it is refused at once. A connection rests shorter than origins usually keep one open.
"""

import asyncio
import logging
import ssl
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from config.settings import Limits
from proxy.answer_fields import AnswerReader
from proxy.framing.limits import Limits as FramingLimits
from proxy.tasks import Tasks
from proxy.upstream import OriginConnection, Served

_LOG = logging.getLogger("vitrina.proxy")
UPLOADS_SHARE = 2
"""Requests whose body is still to come take one connection of so many at most: who sends slowly leaves the rest."""
READ_BYTES = 256 * 1024
"""Of an answer are read at once, at most."""
FRESH_S = 1.0
"""A request that must not be sent twice takes no connection that has rested longer: servers close idle ones first."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an origin listens: host and port, or the path of a Unix socket; `tls` with the context that verifies it."""

    host: str = ""
    port: int = 0
    path: str | None = None
    tls: ssl.SSLContext | None = None


class Waiting(Served, Protocol):
    """An exchange that asks for a connection."""

    @property
    def awaits_origin(self) -> bool:
        """A connection may still be handed to it."""
        ...

    def origin_connected(self, origin: OriginConnection, now: float) -> None:
        """Here it is, at `now` on the monotonic clock."""
        ...


class OriginPool:
    """Hands connections to exchanges: an idle one, a new one, or one that is given back."""

    def __init__(
        self, address: Address, limits: Limits, framing_limits: FramingLimits, answers: AnswerReader, tasks: Tasks
    ) -> None:
        self.address = address
        self.answers = answers
        self.incoming = bytearray(READ_BYTES)
        self.place = memoryview(self.incoming)
        self.framing_limits = framing_limits
        self.idle_s = limits.origin_idle_s
        self.buffer_bytes = limits.buffer_bytes
        self.most = limits.max_origin_connections
        self._connect_timeout_s = limits.connect_timeout_s
        self._tasks = tasks
        self._idle: list[OriginConnection] = []
        self._queue: deque[Waiting] = deque()
        self._open = 0  # resting, serving and connecting
        self._uploads = 0

    def acquire(self, exchange: Waiting, repeatable: bool, fresh: bool, now: float) -> None:
        """Give `exchange` a connection, now or later: `origin_connected` or `fail` will be called.

        `repeatable` says that the request may be sent again; `fresh` asks for a connection not used before; `now` is
        the time on the monotonic clock.
        """
        if not fresh:
            while self._idle:
                connection = self._idle[-1]
                rested = now - connection.idle_since
                if rested >= connection.idle_s or connection.transport.is_closing():
                    self._discard(self._idle.pop())
                    continue
                if not repeatable and rested >= FRESH_S:
                    break
                self._idle.pop()
                exchange.origin_connected(connection, now)
                return
        if self._open >= self.most and self._idle:
            self._discard(self._idle.pop(0))
        if self._open < self.most:
            self._open += 1
            self._tasks.spawn(self._connect(exchange), "connect to the origin")
        elif len(self._queue) < self.most:
            self._queue.append(exchange)
        else:
            exchange.fail(503, "origin_busy")

    def begin_upload(self) -> bool:
        """Whether a request whose body is still to come may ask for a connection; `end_upload` gives its part back."""
        if self._uploads >= max(1, self.most // UPLOADS_SHARE):
            return False
        self._uploads += 1
        return True

    def end_upload(self) -> None:
        """Its body is complete, or it is over."""
        self._uploads -= 1

    def withdraw(self, exchange: Waiting) -> None:
        """It waits no longer."""
        if exchange in self._queue:
            self._queue.remove(exchange)

    async def _connect(self, exchange: Waiting) -> None:
        loop = asyncio.get_running_loop()
        address = self.address
        connection = OriginConnection(self)
        failure: tuple[int, str] | None = None
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                if address.path is not None:
                    await loop.create_unix_connection(lambda: connection, address.path)
                else:
                    await loop.create_connection(
                        lambda: connection,
                        address.host,
                        address.port,
                        ssl=address.tls,
                        server_hostname=address.host if address.tls is not None else None,
                    )
        except TimeoutError:
            failure = 504, "connect_timeout"
        except ssl.SSLError as error:
            _LOG.warning("origin %s:%d: TLS failed: %s", address.host, address.port, _tls_failure(error))
            failure = 502, "origin_tls"
        except OSError as error:
            _LOG.warning("origin: %s", error.strerror or type(error).__name__)
            failure = 502, "origin_refused"
        if failure is None and connection.transport.is_closing():
            failure = 502, "origin_refused"
        if failure is not None:
            self._open -= 1
            if exchange.awaits_origin:
                exchange.fail(*failure)
            self._serve_queue()
            return
        connection.is_counted = True
        if exchange.awaits_origin:
            exchange.origin_connected(connection, monotonic())
        else:
            self.release(connection)

    def release(self, connection: OriginConnection) -> None:
        """A connection whose exchange has ended well: it serves the next in the queue, or rests."""
        now = monotonic()
        while self._queue:
            exchange = self._queue.popleft()
            if exchange.awaits_origin:
                exchange.origin_connected(connection, now)
                return
        connection.idle_since = now
        self._idle.append(connection)

    def lost(self, connection: OriginConnection) -> None:
        """A connection is gone."""
        if not connection.is_counted:
            return
        connection.is_counted = False
        if connection in self._idle:
            self._idle.remove(connection)
        self._open -= 1
        self._serve_queue()

    def _discard(self, connection: OriginConnection) -> None:
        """Close a resting connection; its place is free at once, not when its transport says so."""
        connection.is_counted = False
        self._open -= 1
        connection.close()

    def _serve_queue(self) -> None:
        while self._queue and self._open < self.most:
            exchange = self._queue.popleft()
            if exchange.awaits_origin:
                self._open += 1
                self._tasks.spawn(self._connect(exchange), "connect to the origin")

    def sweep(self, now: float) -> None:
        """Close what has rested long enough."""
        expired = [connection for connection in self._idle if now - connection.idle_since >= connection.idle_s]
        for connection in expired:
            self._idle.remove(connection)
            self._discard(connection)

    def close(self) -> None:
        """Close what rests; what serves is closed by its exchange."""
        for connection in self._idle:
            self._discard(connection)
        self._idle.clear()


def _tls_failure(error: ssl.SSLError) -> str:
    """What went wrong, in OpenSSL's words without its decoration."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    return (error.reason or str(error)).replace("_", " ").lower()
