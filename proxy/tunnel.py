"""What an accepted Upgrade becomes: bytes both ways, with backpressure, until either side closes.

Invariants: whichever way it ends, both connections are closed and the exchange hears of it once. The bytes are the two
sides' own, but for the Close frame with which a drain dismisses a client, and after which the client gets no more.
"""

import asyncio
from time import monotonic
from typing import cast

from proxy.exchange_state import SWITCHED, ExchangeState
from proxy.framing.encode import encode_response_head
from proxy.framing.head import ResponseHead
from proxy.framing.websocket import GOING_AWAY, FrameTracker
from proxy.headers.to_client import to_client
from proxy.headers.upgrade import agrees_to_tunnel, asks_for_tunnel
from proxy.upstream import OriginConnection


class _Side(asyncio.Protocol):
    """One of the two connections, from now on."""

    __slots__ = ("ended", "frames", "is_dismissed", "moved", "other", "transport", "tunnel")

    def __init__(self, tunnel: "Tunnel", transport: asyncio.Transport) -> None:
        self.tunnel = tunnel
        self.transport = transport
        self.other = cast("_Side", None)
        self.moved = 0
        self.ended = False
        self.is_dismissed = False
        self.frames: FrameTracker | None = None

    def data_received(self, data: bytes) -> None:
        self.moved += len(data)
        if self.frames is not None:
            self.frames.feed(data)
        self.tunnel.progressed()
        self.other.send(data)

    def send(self, data: bytes) -> None:
        if not (self.is_dismissed or self.other.ended or self.transport.is_closing()):
            self.transport.write(data)

    def eof_received(self) -> bool:
        self.ended = True
        if self.other.ended or self.other.transport.is_closing() or not self.other.transport.can_write_eof():
            self.other.transport.close()
            return False
        self.other.transport.write_eof()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True
        if not self.other.transport.is_closing():
            self.other.transport.close()
        self.tunnel.lost(self)

    def pause_writing(self) -> None:
        if not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self.other.transport.is_closing():
            self.other.transport.resume_reading()


class Tunnel:
    """Takes over the client's and the origin's connection of one exchange."""

    __slots__ = ("_client", "_exchange", "_frames", "_lost", "_origin", "_origin_connection", "_progress_at")

    def __init__(self, exchange: ExchangeState, origin: OriginConnection, first: bytes) -> None:
        self._exchange = exchange
        self._origin_connection = origin
        self._client = _Side(self, exchange.client.transport)
        self._origin = _Side(self, origin.transport)
        self._client.other, self._origin.other = self._origin, self._client
        self._frames = self._origin.frames = FrameTracker()
        self._lost = 0
        self.progressed()
        for side in (self._client, self._origin):
            side.transport.set_protocol(side)
            side.transport.resume_reading()
        if first:
            self._origin.data_received(first)
        if early := exchange.client.take_buffer():
            self._client.data_received(early)

    def progressed(self) -> None:
        """Something moved."""
        self._progress_at = self._exchange.serving.now()

    def lost(self, side: _Side) -> None:
        """One of the connections is gone; the other is on its way out."""
        self._lost += 1
        if side is self._origin:
            self._origin_connection.pool.lost(self._origin_connection)
        else:
            self._exchange.client.left()
        if self._lost == 2:
            self._exchange.tunnel_ended(self._origin.moved)

    def check(self, now: float) -> None:
        """Close what has been silent too long."""
        if now - self._progress_at >= self._exchange.serving.limits.tunnel_idle_s:
            self.close()

    def dismiss(self) -> None:
        """Tell the client that its server goes away, where a frame may stand; its own Close frame then ends both sides.

        In the middle of a frame, or behind the origin's own Close, nothing is said.
        """
        client = self._client
        if self._frames.is_between and not (client.is_dismissed or client.transport.is_closing()):
            client.transport.write(GOING_AWAY)
            client.is_dismissed = True

    def close(self) -> None:
        """Close both sides."""
        self._client.transport.close()
        self._origin.transport.close()


def opened(exchange: ExchangeState, head: ResponseHead, origin: OriginConnection, first: bytes) -> Tunnel | None:
    """The tunnel after a 101; None when nobody asked for it, which is the origin's error. `first`: bytes behind it."""
    if not (asks_for_tunnel(exchange.head) and agrees_to_tunnel(head)):
        origin.close()
        exchange.fail(502, "101 that nobody asked for")
        return None
    exchange.answered_at = exchange.body_ended_at = monotonic()
    exchange.stage = SWITCHED
    exchange.response = head
    exchange.status = head.status
    fields = exchange.visit.inbound_fields(to_client(head))
    exchange.client.write([encode_response_head(head.status, head.reason, fields)])
    return Tunnel(exchange, origin, first)
