"""The request's body on its way to the origin: framed anew, counted, held as long as there is no connection for it.

Invariants: while more than `limits.buffer_bytes` waits, here or in the origin's connection, the client is not read. A
body that is not whole takes no connection of the origin before `limits.hold_body_bytes` of it are there: hundreds of
clients that send a byte now and then would leave none to the others. A form that is mapped waits for its end, because
its length changes.
"""

from time import monotonic

from proxy.exchange_state import ExchangeState
from proxy.framing.body_framing import Chunked
from proxy.framing.encode import LAST_CHUNK, encode_chunks, encode_last_chunk
from proxy.framing.head import Headers
from proxy.upstream import OriginConnection


class Upload:
    """Created by the exchange whose head announces content; fed by the client's connection."""

    __slots__ = ("_exchange", "_held", "_held_bytes")

    def __init__(self, exchange: ExchangeState) -> None:
        self._exchange = exchange
        self._held: list[bytes] = []
        self._held_bytes = 0

    @property
    def is_held_back(self) -> bool:
        """The request waits for its body; who waits for 100 (Continue) sends none before the origin has said so."""
        exchange = self._exchange
        return exchange.awaits_body and (exchange.visit.holds_form or not exchange.head.expect_continue)

    def feed(self, parts: list[bytes]) -> None:
        """Content, as it comes."""
        exchange = self._exchange
        if not exchange.takes_upload:
            return
        visit, serving = exchange.visit, exchange.serving
        if visit.form is not None:
            visit.form.feed(parts)
        exchange.bytes_in += sum(map(len, parts))
        if visit.is_own and exchange.bytes_in > serving.own_body_bytes:
            exchange.fail(413, "own_body_too_large")
            return
        self._send(encode_chunks(parts) if isinstance(exchange.head.framing, Chunked) else parts)
        limits = serving.limits
        if self._held_bytes >= min(limits.hold_body_bytes, limits.buffer_bytes) and not visit.holds_form:
            self._let_go()

    def end(self, trailers: Headers) -> None:
        """The body is complete."""
        exchange = self._exchange
        exchange.request_done = True
        exchange.request_ended()
        if exchange.awaits_body and exchange.visit.holds_form:
            exchange.outbound, mapped = exchange.visit.outbound_form(b"".join(self._held))
            self._held = [mapped]
        elif isinstance(exchange.head.framing, Chunked) and exchange.takes_upload:
            self._send([encode_last_chunk(trailers) if trailers else LAST_CHUNK])
        self._let_go()

    def _let_go(self) -> None:
        exchange = self._exchange
        if exchange.awaits_body:
            exchange.held_s = monotonic() - exchange.asked_at
            exchange.ask_for_origin()

    def origin_connected(self, origin: OriginConnection) -> None:
        """A connection is there: what was held leaves."""
        if not self._held:
            return
        origin.transport.writelines(self._held)
        self._held = []
        if self._held_bytes > self._exchange.serving.limits.buffer_bytes:
            self._exchange.client.hold(False)

    def origin_full(self, is_full: bool) -> None:
        """The origin takes the body slower than the client sends it (or has caught up)."""
        if not (is_full and self._exchange.request_done):
            self._exchange.client.hold(is_full)

    def _send(self, parts: list[bytes]) -> None:
        exchange = self._exchange
        exchange.upload_moved()
        if exchange.origin is None:
            self._held += parts
            self._held_bytes += sum(map(len, parts))
            if self._held_bytes > exchange.serving.limits.buffer_bytes:
                exchange.client.hold(True)
        elif not exchange.origin.transport.is_closing():
            exchange.origin.transport.writelines(parts)
