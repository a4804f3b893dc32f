"""One client connection: heads in, exchanges one after the other, bytes out.

Invariants: answers leave in the order of their requests (the next head is read when the exchange before it has ended);
whatever a client sends or leaves out, the connection waits for it only as long as `limits` says; a message that could
be read in two ways is answered with its error and closes the connection.
"""

import asyncio
import logging
from time import monotonic
from typing import cast

from proxy.answers import answer
from proxy.client_address import address_of
from proxy.client_pace import BodyPace, UnsentPace
from proxy.exchange import Exchange
from proxy.framing.decoders import ChunkedDecoder, Decoder, decoder_for
from proxy.framing.error import FramingError
from proxy.framing.request import find_head_end
from proxy.making_room import make_room, turn_away
from proxy.request_fields import Asked, RequestFields
from proxy.serving import Serving
from proxy.shedding import Waiting, waiting_of
from proxy.visit import Visit

_LOG = logging.getLogger("vitrina.proxy")
LINGER_S = 2.0
"""After a last answer the client may still be sending: so long its bytes are read, that a reset does not eat ours."""
HEAD, BODY, NEXT, TUNNEL, LINGERING = range(5)
"""What the next bytes of the client are; NEXT: the next request, while an answer is still due."""


class ClientConnection(asyncio.Protocol):
    """Serves the requests of one client in their order."""

    def __init__(self, serving: Serving, *, shakes_hands: bool = False) -> None:
        self.serving = serving
        self._deadline = 0.0
        if shakes_hands:  # until then asyncio has not told anybody that there is a client
            self._deadline = serving.now() + serving.handshake_s
            serving.shaking_hands.add(self)
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)
        self.exchange: Exchange | None = None
        self.peer = b""
        self.scheme = b"http"
        self.is_trusted = False
        self.arrived = 0.0
        """When the first byte of the last head was read."""
        self.waited_s = 0.0
        """How long it may have lain unread, because the loop was busy with others."""
        self.is_full = False
        """The client reads slower than we write: more than `limits.buffer_bytes` wait for it."""
        self.is_half_closed = False
        """The client sends no more, but may still read."""
        self._phase = HEAD
        self._buffer: bytes | bytearray = b""
        self._searched = 0
        self._fields: RequestFields | None = None
        """Of the request before."""
        self._decoder: Decoder | None = None
        self._waiting: Waiting | None = None
        self._body_pace: BodyPace | None = None
        self._unsent_pace: UnsentPace | None = None
        self._is_advancing = False
        self._is_held = False
        self._is_reading = True

    # Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client; one too many is told so and closed."""
        self.transport = cast("asyncio.Transport", transport)
        serving = self.serving
        serving.shaking_hands.discard(self)
        self._deadline = serving.now() + serving.limits.head_timeout_s
        if not make_room(serving):
            turn_away(serving, self.transport)
            return
        serving.clients.add(self)
        self.transport.set_write_buffer_limits(high=serving.limits.buffer_bytes)
        self.peer = address_of(transport)
        self.is_trusted = serving.trusts(self.peer)
        if transport.get_extra_info("sslcontext") is not None:
            self.scheme = b"https"
        if serving.is_draining:  # its handshake was under way
            self.drain()

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone; what it asked for is ended as aborted."""
        self.left()
        if self.exchange is not None:
            exchange, self.exchange = self.exchange, None
            exchange.client_lost()

    def is_overdue(self, now: float) -> bool:
        """Its handshake has taken as long as it may: it failed, or is cut just now."""
        return now >= self._deadline

    @property
    def waits_until(self) -> float | None:
        """When it is closed unless more of a request comes; None while one is served."""
        return self._deadline if self._phase is HEAD and self._waiting is None else None

    def give_way(self) -> None:
        """It waits, and is closed now: somebody else needs the room."""
        if self._buffer:
            self.transport.write(answer(408, keep_alive=False))
        self.transport.close()
        self.left()

    def left(self) -> None:
        """Nothing is served here any more."""
        self.serving.clients.discard(self)
        self.serving.admission.withdraw(self)

    def eof_received(self) -> bool:
        """The client sends no more (RFC 9112 section 9.6): a complete request is still answered."""
        self.is_half_closed = True
        if self._phase is NEXT and self.exchange is not None:
            self.exchange.client_closed_its_side()
            return True
        return self._waiting is not None

    def pause_writing(self) -> None:
        """Too much waits for the client: stop reading from the origin."""
        self.is_full = True
        serving = self.serving
        self._unsent_pace = UnsentPace(
            self.transport.get_write_buffer_size(), serving.now(), serving.limits.send_timeout_s
        )
        if self.exchange is not None:
            self.exchange.client_full(True)

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.is_full = False
        self._unsent_pace = None
        if self.exchange is not None:
            self.exchange.client_full(False)

    # Reading

    def data_received(self, data: bytes) -> None:
        """Bytes of a request; any failure in here still answers."""
        try:
            if self._phase is HEAD:
                if self._buffer:
                    self._buffer += data
                else:
                    self._buffer = data
                    self.arrived = now = monotonic()
                    due = self.serving.loop_lag.due
                    self.waited_s = 0.0 if now < due else now - due
                    self._deadline = now + self.serving.limits.head_timeout_s
                self._advance()
            elif self._phase is BODY:
                self._read_body(data)
            elif self._phase is NEXT:
                self._buffer = bytearray(self._buffer) if type(self._buffer) is bytes else self._buffer
                self._buffer += data
                self._regulate()
        except FramingError as error:
            self._refuse(error)
        except Exception:
            _LOG.exception("failure while reading a request")
            self._break_off()

    def _advance(self) -> None:
        """Begin exchanges as long as whole heads are there and none is under way."""
        if self._is_advancing:
            return
        self._is_advancing = True
        serving = self.serving
        try:
            while self._phase is HEAD and self._buffer:
                buffer = self._buffer
                asked: Asked | None = None
                if type(buffer) is bytes and (
                    asked := serving.requests.repeated(buffer, self.peer, self.scheme, self._fields)
                ):
                    data, rest = buffer, b""
                else:
                    end = find_head_end(buffer, self._searched, serving.framing_limits)
                    if end < 0:
                        self._searched = max(0, len(buffer) - 3)
                        self._buffer = buffer if type(buffer) is bytearray else bytearray(buffer)
                        return
                    self._searched = 0
                    data, rest = bytes(buffer[:end]), bytes(buffer[end:])
                self._buffer = b""
                if not (serving.admission.must_wait(self.waited_s) and self._waits(data, asked, rest)):
                    self._begin(data, asked, rest)
        finally:
            self._is_advancing = False

    def _waits(self, data: bytes, asked: Asked | None, rest: bytes) -> bool:
        """Let a request wait that may be refused; False when it is none of those."""
        self._waiting = waiting = waiting_of(data, asked and asked[0], self.serving.framing_limits)
        if waiting is None:
            return False
        self._phase = NEXT
        self._buffer = rest
        self.serving.admission.wait(self)
        return True

    def begin_waiting(self, waited_s: float) -> None:
        """There is time for the request that waits: begin it."""
        if (asked := self._waiting) is None:
            return
        self._waiting = None
        self.waited_s += waited_s
        try:
            self._begin(asked.data, None, bytes(self._buffer))
        except Exception:
            _LOG.exception("failure while beginning a request")
            self._break_off()

    def refuse_waiting(self) -> None:
        """There is more to do than can be done: say so, and cheaply, to the request that waits."""
        if (asked := self._waiting) is None:
            return
        self._waiting = None
        keep_alive = asked.head.keep_alive and not self.serving.is_draining
        self.write([asked.refusal(self.serving, self.peer, keep_alive=keep_alive)])
        self.concluded(keep_alive)

    def _begin(self, data: bytes, asked: Asked | None, rest: bytes) -> None:
        serving = self.serving
        asked = asked or serving.requests.read(data, self.peer, self.scheme, self.is_trusted)
        head, self._fields = asked[0], asked[1]
        exchange = self.exchange = Exchange(self, head, Visit(serving, asked))
        if exchange.request_done:
            self._phase = NEXT
            self._buffer = rest
            serving.beginning.begin(exchange, exchange.beginning())
            return
        self._phase = BODY
        self._decoder = decoder_for(head.framing, serving.framing_limits)
        self._body_pace = BodyPace(serving.now())
        exchange.begin()
        if rest and self._phase is BODY:
            self._read_body(rest)

    def _read_body(self, data: bytes) -> None:
        decoder, exchange = self._decoder, self.exchange
        if decoder is None or exchange is None or (upload := exchange.upload) is None:
            return
        if self._body_pace is not None:
            self._body_pace.came(len(data))
        parts = decoder.feed(data)
        if decoder.done:
            self._phase = NEXT
            self._decoder = None
            self._buffer = decoder.leftover
        if parts:
            upload.feed(parts)
        if decoder.done and exchange is self.exchange:
            upload.end(decoder.trailers if isinstance(decoder, ChunkedDecoder) else ())

    # Writing

    def write(self, parts: list[bytes]) -> None:
        """Send; nothing happens when the client has left."""
        if not self.transport.is_closing():
            self.transport.writelines(parts)

    def concluded(self, keep_alive: bool) -> None:
        """The exchange has ended and its last byte is written; the next one may begin."""
        self.exchange = None
        if keep_alive and self._phase is NEXT and not (self.is_half_closed and not self._buffer):
            self._phase = HEAD
            self._deadline = self.serving.now() + self.serving.limits.idle_timeout_s
            if not self._is_reading:
                self._regulate()
            if self._buffer:
                early, self._buffer = self._buffer, b""
                self.data_received(bytes(early))  # which answers for it: the request before has ended well
        else:
            self._linger()

    def _linger(self) -> None:
        """Close so that the answer arrives (RFC 9112 section 9.6): end our side, read on a little, then close."""
        is_still_sending = self._phase is BODY or bool(self._buffer)
        self._phase = LINGERING
        self._buffer = b""
        self._decoder = None
        self._deadline = self.serving.now() + LINGER_S
        if self.transport.is_closing():
            return
        if self.is_half_closed or not is_still_sending or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self._is_held = False
        self._regulate()

    def _refuse(self, error: FramingError) -> None:
        """A message that must not be understood."""
        self.serving.count("bad_requests")
        if self.exchange is not None:
            self._buffer = b""
            self.exchange.keep_alive = False
            self.exchange.fail(error.status, error.reason)
            return
        if (access_log := self.serving.ports.access_log) is not None:
            access_log.refused(self.peer, error.status)
        self._phase = BODY  # more of it may be under way
        self.write([answer(error.status, keep_alive=False)])
        self._linger()

    def _break_off(self) -> None:
        if self.exchange is not None:
            self.exchange.keep_alive = False
            self.exchange.fail(500, "internal")
        else:
            self.write([answer(500, keep_alive=False)])
            self._linger()

    def abort(self) -> None:
        """Cut the connection, so that the client cannot take what it has for a whole answer."""
        self.exchange = None
        self.transport.abort()

    # Flow and time

    def hold(self, is_held: bool) -> None:
        """Stop reading the body while the origin cannot take more of it, or go on."""
        if self._is_held and not is_held:
            self._body_pace = BodyPace(self.serving.now())
        self._is_held = is_held
        self._regulate()

    def _regulate(self) -> None:
        """Read when somebody can take the bytes: the body's origin, or the buffer for pipelined requests."""
        waits = self._phase is NEXT and len(self._buffer) > self.serving.limits.max_head_bytes
        should_read = not (waits or (self._is_held and self._phase is BODY))
        if should_read is not self._is_reading and not self.transport.is_closing():
            self._is_reading = should_read
            if should_read:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def take_buffer(self) -> bytes:
        """What the client sent ahead; from now on its bytes go to the tunnel."""
        self._phase = TUNNEL
        early, self._buffer = bytes(self._buffer), b""
        return early

    def check(self, now: float) -> None:
        """Called about once a second: what waits too long is ended."""
        limits = self.serving.limits
        if self._unsent_pace is not None and self._unsent_pace.is_stuck(
            self.transport.get_write_buffer_size(), now, limits.send_timeout_s
        ):
            self.transport.abort()
            return
        if self._phase is HEAD:
            if now >= self._deadline:
                if self._buffer:
                    self._refuse(FramingError(408, "head too slow"))
                else:
                    self.transport.close()
        elif self._phase is BODY and self.exchange is not None:
            pace = self._body_pace
            if pace is not None and pace.is_too_slow(now, limits.head_timeout_s) and not self._is_held:
                self._refuse(FramingError(408, "body too slow"))
                return
            self.exchange.check(now)
        elif self._phase is NEXT and self.exchange is not None:
            self.exchange.check(now)
        elif self._phase is TUNNEL and self.exchange is not None and self.exchange.tunnel is not None:
            self.exchange.tunnel.check(now)
        elif self._phase is LINGERING and now >= self._deadline and not self.transport.is_closing():
            self.transport.abort()

    # Draining

    def drain(self) -> None:
        """No further request after the one that is served."""
        if self._phase is HEAD and not self._buffer:
            self._deadline = min(self._deadline, self.serving.now() + self.serving.drain_linger_s)

    @property
    def is_tunnel(self) -> bool:
        """It carries an accepted Upgrade."""
        return self._phase is TUNNEL

    def dismiss(self) -> None:
        """A tunnel has no end of its own: say that it ends now."""
        if self.exchange is not None and self.exchange.tunnel is not None:
            self.exchange.tunnel.dismiss()

    def stop(self) -> None:
        """The end of a drain."""
        if self.exchange is not None and self.exchange.tunnel is not None:
            self.exchange.tunnel.close()
        elif not self.transport.is_closing():
            self.transport.abort()
