"""Listening sockets: accepted from, and closed so that nobody who has knocked is left outside.

Invariant: whoever the kernel let in before the close is served. Closing a listening socket resets the connections that
wait in its queue; a front that has sent its request over one answers 502, since it cannot know whether we read it.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence

from proxy.door import Door
from proxy.downstream import ClientConnection
from proxy.serving import Serving
from proxy.tasks import Tasks

CLOSED_WITHIN_S = 0.001


class Listening:
    """The listeners of one data plane."""

    def __init__(self, serving: Serving, tasks: Tasks) -> None:
        self._serving = serving
        self._tasks = tasks
        self._peers = serving.ports.peers
        self._doors: list[tuple[Door, ssl.SSLContext | None]] = []
        self._entering: set[ClientConnection] = set()

    def open(self, listeners: Sequence[socket.socket], tls: ssl.SSLContext | None = None) -> None:
        """Accept on them, plain or by TLS."""
        for listener in listeners:
            door = Door(listener, lambda knocked: self._let_in(knocked, tls), self._count, self._peers)
            door.open()
            self._doors.append((door, tls))
        self.tell()

    def tell(self) -> None:
        """Let the other workers know how many connections there are here."""
        if self._peers is not None and self._doors:
            self._peers.tell(self._count())

    async def close(self) -> None:
        """Accept who waits already, and nobody after that; returns when those are connected or shake hands."""
        if self._peers is not None:
            self._peers.tell(None)
        plain = []
        for door, tls in self._doors:
            let_in = [self._let_in(knocked, tls) for knocked in door.close()]
            plain += let_in if tls is None else []
        self._doors.clear()
        await asyncio.sleep(0)  # handshakes have begun, and are waited for by the drain
        await asyncio.gather(*plain, return_exceptions=True)

    async def wait_closed(self) -> None:
        """Until their last connection has ended."""
        while self._serving.clients:  # noqa: ASYNC110 (each takes itself out)
            await asyncio.sleep(CLOSED_WITHIN_S)

    def _count(self) -> int:
        """Clients, and those who are let in just now."""
        return len(self._serving.clients) + len(self._entering - self._serving.clients)

    def _let_in(self, knocked: socket.socket, tls: ssl.SSLContext | None) -> asyncio.Task[None]:
        client = ClientConnection(self._serving, shakes_hands=tls is not None)
        self._entering.add(client)
        return self._tasks.spawn(self._enter(client, knocked, tls), "let in")

    async def _enter(self, client: ClientConnection, knocked: socket.socket, tls: ssl.SSLContext | None) -> None:
        serving = self._serving
        try:
            await serving.loop.connect_accepted_socket(
                lambda: client,
                knocked,
                ssl=tls,
                ssl_handshake_timeout=None if tls is None else serving.handshake_s,
                ssl_shutdown_timeout=None if tls is None else serving.drain_linger_s,
            )
        except OSError:  # gone meanwhile, or no handshake
            knocked.close()
        finally:
            self._entering.discard(client)
