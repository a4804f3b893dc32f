"""One connection to an origin: responses are read tolerantly and handed to the exchange that is being served.

Invariant: a connection goes back to its pool only when the response ended where its framing said, the request was sent
whole, and nothing came after; in every other case it is closed, so that no answer can meet another request.
"""

import asyncio
import logging
from typing import Protocol, cast

from proxy.answer_fields import LONGEST_REMEMBERED, AnswerFields, AnswerReader
from proxy.framing.body_framing import NoBody, Sized
from proxy.framing.decoders import ChunkedDecoder, Decoder, decoder_for
from proxy.framing.error import FramingError
from proxy.framing.head import Headers, RequestHead, ResponseHead
from proxy.framing.limits import Limits
from proxy.framing.response import find_response_head_end

_LOG = logging.getLogger("vitrina.proxy")
_MOST_INTERIM = 32  # interim responses to one request; more is no shop
_SWITCHING = 101


class Served(Protocol):
    """The exchange whose answer a connection carries."""

    head: RequestHead
    request_done: bool

    def informed(self, head: ResponseHead) -> None:
        """An interim response."""
        ...

    def expected_body(self, head: ResponseHead) -> bytes | None:
        """What most likely follows `head`; None where nobody can tell."""
        ...

    def response_head(self, head: ResponseHead, fields: AnswerFields) -> None:
        """The answer begins."""
        ...

    def flush(self) -> None:
        """There is a pause after its head."""
        ...

    def response_parts(self, parts: list[bytes]) -> None:
        """Content, as it comes."""
        ...

    def response_end(self, parts: list[bytes], trailers: Headers) -> None:
        """It is complete."""
        ...

    def switched(self, head: ResponseHead, origin: "OriginConnection", first: bytes) -> None:
        """101: from here on the connection is the exchange's; `first` bytes came with it."""
        ...

    def origin_full(self, is_full: bool) -> None:
        """The origin takes the request's body slower than it comes (or has caught up)."""
        ...

    def origin_lost(self, reason: str, *, is_stale: bool) -> None:
        """The connection ended before the answer did; `is_stale`: it may have been closed before it was used."""
        ...

    def fail(self, status: int, reason: str) -> None:
        """A failure of ours."""
        ...


class Pool(Protocol):
    """Where a connection rests."""

    idle_s: float
    buffer_bytes: int
    framing_limits: Limits
    answers: AnswerReader
    incoming: bytearray
    """Where bytes of answers come to lie."""
    place: memoryview
    """The same, to be written to."""

    def release(self, connection: "OriginConnection") -> None:
        """Its exchange has ended well."""
        ...

    def lost(self, connection: "OriginConnection") -> None:
        """It is gone."""
        ...


class OriginConnection(asyncio.BufferedProtocol):
    """Carries one exchange at a time, and rests in its pool in between."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.exchange: Served | None = None
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)
        self.reused = False
        """It has carried an exchange before: the origin may be closing it right now."""
        self.is_counted = False
        """It takes one of its pool's places."""
        self.idle_since = 0.0
        self.idle_s = pool.idle_s
        """How long it may rest: ours, or a second less than the origin's own Keep-Alive says."""
        self._buffer: bytes | bytearray = b""
        self._searched = 0
        self._decoder: Decoder | None = None
        self._interim = 0
        self._keep_alive = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected; the pool hands it to the exchange that waits."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=self.pool.buffer_bytes)

    def begin(self, exchange: Served, head: bytes) -> None:
        """Serve `exchange`: send its head and read the answer."""
        self.exchange = exchange
        self._interim = 0
        self.transport.write(head)

    def close(self) -> None:
        """Give the connection up; what was not sent is dropped, so an origin never takes half a body for a whole."""
        self.exchange = None
        self.transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go: the same place for all connections, for who reads is told of it at once."""
        return self.pool.place

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes of the response; any failure in here ends as an answer or an abort, never as silence."""
        exchange = self.exchange
        if exchange is None:  # unasked bytes while resting: the next answer could not be told from them
            self.close()
            return
        came = self.pool.place[:nbytes]
        try:
            if self._decoder is None:
                self._read_heads(exchange, came)
            else:
                self._read_body(exchange, bytes(came))
        except FramingError as error:
            self.close()
            exchange.origin_lost(error.reason, is_stale=False)
        except Exception:
            _LOG.exception("failure while passing a response on")
            if self.exchange is exchange:  # else it is in its pool, or serves another already
                self.close()
            exchange.fail(500, "internal")

    def _read_heads(self, exchange: Served, came: memoryview) -> None:
        if self._buffer:
            self._buffer += came
        else:
            # Of most answers the body is copied once, from where it came to the bytes that are looked at; of one that
            # was expected, not at all.
            repeated = self.pool.answers.repeated(bytes(came[:LONGEST_REMEMBERED]), exchange.head.method)
            if repeated is not None:
                head, fields, end = repeated
                body = exchange.expected_body(head) if fields.is_html else None
                if body is None or len(body) != len(came) - end or not self.pool.incoming.startswith(body, end):
                    body = bytes(came[end:])
                self._answered(exchange, head, fields, body)
                return
            self._buffer = bytes(came)
        while True:
            buffer = self._buffer
            end = find_response_head_end(buffer, self._searched, self.pool.framing_limits)
            if end < 0:
                self._searched = max(0, len(buffer) - 3)
                self._buffer = buffer if type(buffer) is bytearray else bytearray(buffer)
                return
            self._searched = 0
            head, fields = self.pool.answers.read(bytes(buffer[:end]), exchange.head.method)
            if head.status >= 200:
                break
            self._buffer = buffer[end:]
            if head.status == _SWITCHING:
                self._switch(exchange, head)
                return
            self._interim += 1
            if self._interim > _MOST_INTERIM:
                raise FramingError(502, "too many interim responses")
            exchange.informed(head)
            if not self._buffer:
                return
        self._buffer = b""
        self._answered(exchange, head, fields, bytes(buffer[end:]))

    def _answered(self, exchange: Served, head: ResponseHead, fields: AnswerFields, rest: bytes) -> None:
        """The final head has come, and the `rest` with it."""
        self._keep_alive = head.keep_alive
        if fields.idle_s is not None:
            self.idle_s = min(self.pool.idle_s, fields.idle_s)
        exchange.response_head(head, fields)
        if self.exchange is not exchange:  # it failed on its way to the client
            return
        if type(head.framing) is Sized and len(rest) == head.framing.length:  # whole, as pictures mostly are
            self._ended(exchange, [rest] if rest else [], b"")
            return
        if isinstance(head.framing, NoBody):
            self._ended(exchange, [], rest)
            return
        self._decoder = decoder_for(head.framing, self.pool.framing_limits, error_status=502)
        if rest or self._decoder.done:
            self._read_body(exchange, rest)
        else:
            exchange.flush()

    def _read_body(self, exchange: Served, data: bytes) -> None:
        decoder = cast("Decoder", self._decoder)
        parts = decoder.feed(data)
        if decoder.done:
            self._ended(exchange, parts, decoder.leftover)
        else:
            exchange.response_parts(parts)

    def _ended(self, exchange: Served, parts: list[bytes], leftover: bytes) -> None:
        decoder, self._decoder = self._decoder, None
        trailers = decoder.trailers if type(decoder) is ChunkedDecoder else ()
        self.exchange = None
        if self._keep_alive and exchange.request_done and not leftover and not self.transport.is_closing():
            self.reused = True
            self.transport.resume_reading()
            self.pool.release(self)
        else:
            self.transport.close()
        exchange.response_end(parts, trailers)

    def _switch(self, exchange: Served, head: ResponseHead) -> None:
        first = bytes(self._buffer)
        self._buffer = b""
        self.exchange = None
        exchange.switched(head, self, first)

    def eof_received(self) -> bool:
        """The origin sends no more: `connection_lost` decides what that means."""
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Ends an until-close body; anywhere else the exchange learns that its origin is gone."""
        self.pool.lost(self)
        exchange = self.exchange
        if exchange is None:
            return
        try:
            if self._decoder is None:
                self.exchange = None
                exchange.origin_lost("closed before an answer", is_stale=self.reused and not self._buffer)
                return
            if error is not None:
                raise FramingError(502, "connection reset within a body")
            self._decoder.eof()
            self._ended(exchange, [], b"")
        except FramingError as truncation:
            self.exchange = None
            exchange.origin_lost(truncation.reason, is_stale=False)
        except Exception:
            _LOG.exception("failure while ending a response")
            self.exchange = None
            exchange.fail(500, "internal")

    def pause_writing(self) -> None:
        """The origin takes the request's body slowly: stop reading from the client."""
        if self.exchange is not None:
            self.exchange.origin_full(True)

    def resume_writing(self) -> None:
        """The origin has caught up."""
        if self.exchange is not None:
            self.exchange.origin_full(False)
