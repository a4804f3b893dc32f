"""Listening sockets: accepted from, and closed so that nobody who has knocked is left outside.

Invariant: whoever the kernel let in before the close is served. Closing a listening socket resets the connections that
wait in its queue; a front that has sent its request over one answers 502, since it cannot know whether we read it.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from proxy.downstream import ClientConnection
from proxy.serving import Serving
from proxy.tasks import Tasks

BACKLOG = 4096


@dataclass(frozen=True, slots=True)
class _Door:
    server: asyncio.Server
    listener: socket.socket
    tls: ssl.SSLContext | None


class Listening:
    """The listeners of one data plane."""

    def __init__(self, serving: Serving, tasks: Tasks) -> None:
        self._serving = serving
        self._tasks = tasks
        self._doors: list[_Door] = []

    async def open(self, listeners: Sequence[socket.socket], tls: ssl.SSLContext | None = None) -> None:
        """Accept on them, plain or by TLS."""
        loop = asyncio.get_running_loop()
        for listener in listeners:
            server = await loop.create_server(
                lambda: self._met(tls),
                sock=listener,
                backlog=BACKLOG,
                ssl=tls,
                ssl_handshake_timeout=self._handshake_s(tls),
                ssl_shutdown_timeout=self._shutdown_s(tls),
            )
            self._doors.append(_Door(server, listener, tls))

    async def close(self) -> None:
        """Accept who waits already, and nobody after that; returns when those are connected or shake hands."""
        waiting = []
        for door in self._doors:
            waiting += [(knocked, door.tls) for knocked in _knocked(door.listener)]
            door.server.close()
        let_in = [self._tasks.spawn(self._let_in(*each), "let in at the close") for each in waiting]
        await asyncio.sleep(0)  # handshakes have begun, and are waited for by the drain
        plain = [task for task, (_, tls) in zip(let_in, waiting, strict=True) if tls is None]
        await asyncio.gather(*plain, return_exceptions=True)

    async def wait_closed(self) -> None:
        """Until their last connection has ended."""
        for door in self._doors:
            await door.server.wait_closed()

    def _met(self, tls: ssl.SSLContext | None) -> ClientConnection:
        return ClientConnection(self._serving, shakes_hands=tls is not None)

    def _handshake_s(self, tls: ssl.SSLContext | None) -> float | None:
        return None if tls is None else self._serving.handshake_s

    def _shutdown_s(self, tls: ssl.SSLContext | None) -> float | None:
        return None if tls is None else self._serving.drain_linger_s

    async def _let_in(self, knocked: socket.socket, tls: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(
                lambda: self._met(tls),
                knocked,
                ssl=tls,
                ssl_handshake_timeout=self._handshake_s(tls),
                ssl_shutdown_timeout=self._shutdown_s(tls),
            )
        except (OSError, ssl.SSLError):
            knocked.close()  # gone meanwhile, or no handshake


def _knocked(listener: socket.socket) -> list[socket.socket]:
    """Connections in the queue of a listener that does not block."""
    found: list[socket.socket] = []
    while len(found) < BACKLOG:
        try:
            connection, _ = listener.accept()
        except OSError:  # nobody is left, or there are no descriptors
            break
        connection.setblocking(False)
        found.append(connection)
    return found
