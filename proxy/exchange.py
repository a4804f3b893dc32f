"""One request and its response, from the client's head to the last byte: a state machine named by what has happened.

Invariants: every exchange ends once, as exactly one click that is appended before the last byte of its response is
handed over (or when it is aborted). A request of which bytes have left is sent again only if it is repeatable and went
out on a connection the origin had already closed. Bytes are held only as far as `limits.buffer_bytes`: whoever is slow
stops the other side's reading.
"""

import logging
from time import monotonic

from proxy.answer_fields import AnswerFields, PrivateHead
from proxy.answering import answered
from proxy.answers import RETRY_AFTER, answer_to
from proxy.click_log import log
from proxy.exchange_state import (
    ANSWER_COMPLETE,
    ANSWERED,
    ENDED,
    HEAD_READ,
    HEAD_SENT,
    ORIGIN_ASKED_FOR,
    Client,
    ExchangeState,
    FieldList,
)
from proxy.framing.body_framing import CHUNKED, NO_BODY, BodyFraming, Sized
from proxy.framing.encode import LAST_CHUNK, encode_chunks, encode_last_chunk, encode_response_head
from proxy.framing.head import Headers, RequestHead, ResponseHead
from proxy.headers.to_client import framed, to_client
from proxy.headers.to_origin import LoopDetected
from proxy.measuring import timed
from proxy.page_body import PageBody
from proxy.phases import Steps, at_once
from proxy.refusing import refused
from proxy.shedding import pass_untouched
from proxy.tunnel import Tunnel, opened
from proxy.upload import Upload
from proxy.upstream import OriginConnection
from proxy.visit import Visit

_LOG = logging.getLogger("vitrina.proxy")
_REPEATABLE = frozenset((b"GET", b"HEAD"))
CLIENT_GONE = 499
"""Status in the click of an exchange whose client left before there was an answer (nginx's number)."""


class Exchange(ExchangeState):
    """Created by the client's connection when a head is complete; driven by both connections' callbacks."""

    __slots__ = (
        "_deadline", "_is_repeatable", "_is_upload", "_pool", "_retried", "_unsent", "page",
        "passes", "trailers", "tunnel", "upload",
    )  # fmt: skip

    def __init__(self, client: Client, head: RequestHead, visit: Visit) -> None:
        super().__init__(client, head, visit)
        serving = self.serving
        if (visit.reads_page or visit.may_rewrite) and not serving.added_breaker.allows(client.waited_s):
            pass_untouched(visit)
        self._pool = serving.own_pool if visit.is_own else serving.origin_pool
        self._is_repeatable = head.method in _REPEATABLE and head.framing is NO_BODY
        """Sending it twice does no harm, and there is no body that is gone already."""
        self.upload = None if self.request_done else Upload(self)
        """The request's body, where it has one."""
        self._is_upload = False
        """It has a part of the connections for requests whose body is still to come."""
        self._retried = False
        self._deadline = 0.0
        self.passes = False
        """The client gets what the origin sends, and nobody looks at it: `fields` are not worked out. So it is with an
        asset, what is never read, and all while we are off."""
        self.page: PageBody | None = None
        self.trailers: Headers = ()
        self.tunnel: Tunnel | None = None
        self._unsent: list[bytes] = []

    # The request

    def begin(self) -> None:
        """Send the request on its way to the origin, or to our own endpoints."""
        at_once(self.beginning())

    def beginning(self) -> Steps:
        """As `begin`, in step with others."""
        visit = self.visit
        self.serving.count("requests")
        if self.stage is not HEAD_READ:  # the client has left meanwhile
            return
        if (visit.is_own or not visit.fields.is_welcome) and (refusal := refused(visit, self._pool is not None)):
            self.fail(*refusal)
            return
        try:
            self.outbound = visit.outbound()
        except LoopDetected:
            self.fail(508, "loop")
            return
        if visit.reads_page or visit.form is not None:
            visit.fetch_profile()
        self.asked_at = monotonic()
        yield
        if self.stage is HEAD_READ and (self.upload is None or not self.upload.is_held_back):
            self.ask_for_origin()

    def request_ended(self) -> None:
        """Its body is complete, or of use to nobody."""
        if self._is_upload and self._pool is not None:
            self._is_upload = False
            self._pool.end_upload()

    def ask_for_origin(self, *, fresh: bool = False) -> None:
        """The head may leave as soon as there is a connection, a `fresh` one where others have failed."""
        pool = self._pool
        if pool is None:
            return
        if not self.request_done and not self._is_upload:
            self._is_upload = pool.begin_upload()
            if not self._is_upload:
                self.fail(503, "uploads_busy")
                return
        self.stage = ORIGIN_ASKED_FOR
        now = monotonic()
        self._deadline = now + 2 * self.serving.limits.connect_timeout_s
        pool.acquire(self, self._is_repeatable, fresh, now)

    def origin_connected(self, origin: OriginConnection, now: float) -> None:
        """A connection is there: the head leaves, and what of the body has come."""
        self.origin = origin
        self.stage = HEAD_SENT
        self.sent_at = now
        self._deadline = now + self.serving.limits.first_byte_timeout_s
        origin.begin(self, self.outbound)
        if self.upload is not None:
            self.upload.origin_connected(origin)

    def origin_full(self, is_full: bool) -> None:
        """The origin takes the request's body slower than the client sends it (or has caught up)."""
        if self.upload is not None:
            self.upload.origin_full(is_full)

    def upload_moved(self) -> None:
        """The answer's first byte is not due while the request still comes."""
        self._deadline = max(self._deadline, self.serving.now() + self.serving.limits.first_byte_timeout_s)

    # The response

    def informed(self, head: ResponseHead) -> None:
        """An interim response (RFC 9110 section 15.2): 100 to who asked for it, the others to HTTP/1.1 clients."""
        if self.head.version == b"1.0" or (
            head.status == 100 and not (self.head.expect_continue and not self.request_done)
        ):
            return
        fields = self.visit.inbound_fields(to_client(head))
        self.client.write([encode_response_head(head.status, head.reason, fields)])

    def response_head(self, head: ResponseHead, fields: AnswerFields) -> None:
        """The origin's answer begins."""
        self.answered_at = self.body_ended_at = monotonic()
        self.stage = ANSWERED
        self.response = head
        self.answer_fields = fields
        self.status = head.status
        visit = self.visit
        is_renamed = visit.is_own or not visit.policy.is_public
        self.passes = not is_renamed and (visit.place.is_asset or not visit.is_read)
        if not self.passes:
            inbound = fields.end_to_end(head)
            self.fields, self.page = answered(
                self, head, visit.inbound_fields(inbound) if is_renamed else inbound, fields
            )
        if self.client.is_full and self.origin is not None:  # with the answer before this one
            self.origin.transport.pause_reading()

    def response_parts(self, parts: list[bytes]) -> None:
        """Content of the response's body, as it comes."""
        if self.stage is not ANSWERED:
            return
        self._await_more()
        if self.page is not None:
            parts = self.page.feed(parts)
            if not parts:
                return
        self.bytes_out += sum(map(len, parts))
        unsent = self._started_head()
        self._unsent = []
        unsent += encode_chunks(parts) if self.out_framing is CHUNKED else parts
        self.client.write(unsent)

    def flush(self) -> None:
        """The origin pauses after its head: let the client have it, unless the page is held for personalising."""
        if self.stage is not ANSWERED:
            return
        self._await_more()
        if self.page is None or not self.page.is_held:
            unsent = self._started_head()
            self._unsent = []
            self.client.write(unsent)

    def response_end(self, parts: list[bytes], trailers: Headers) -> None:
        """The response is complete; `parts` are its last content."""
        if self.stage is not ANSWERED:
            return
        self.stage = ANSWER_COMPLETE
        self.origin = None
        self.body_ended_at = monotonic()
        self.trailers = trailers
        if self.page is None:
            self.serving.ending.begin(self, self.concluding(parts))
        else:
            self.page.end(parts)

    def conclude(self, parts: list[bytes]) -> None:
        """Append the click, then hand over the last bytes; `parts` end the body that was streamed so far."""
        at_once(self.concluding(parts))

    def concluding(self, parts: list[bytes] | None) -> Steps:
        """As `conclude`, in step with others; None: what is unsent is all there is."""
        if self.stage is not ANSWER_COMPLETE:
            return
        if parts is not None:
            self.bytes_out += sum(map(len, parts))
            unsent = self._started_head()
            if self.out_framing is CHUNKED:
                unsent += encode_chunks(parts)
                unsent.append(encode_last_chunk(self.trailers) if self.trailers else LAST_CHUNK)
            else:
                unsent += parts
            self._unsent = unsent
        lap = self.visit.lap
        if lap is not None:  # a page whose stages are timed leaves at once
            lap("encode")
        else:
            yield
        self._log(aborted=False)
        if lap is None:
            yield
        clicks = self.serving.clicks
        if clicks.due:  # those of others in step with this one, too: before the first byte of any
            clicks.write()
        if lap is not None:
            lap("click")
        self.client.write(self._unsent)
        if lap is not None:
            lap("send")
        self.client.concluded(self.keep_alive and self.request_done)

    def concluding_whole(self, described: FieldList | PrivateHead, body: bytes) -> Steps:
        """As `concluding`, for a body held until now that goes out in another form, with what describes it."""
        size = len(body)
        if isinstance(described, PrivateHead):
            self.out_framing, self.keep_alive = Sized(size), described.keep_alive
            self._unsent = [b"%b%d%b" % (described.before, size, described.after), body]
        else:
            self.fields = described
            self._unsent = [*self._started_head(Sized(size)), body]
        self.bytes_out += size
        return self.concluding(None)

    def _started_head(self, framing: BodyFraming | None = None) -> list[bytes]:
        """What is to be written before any content; `framing` is that of a body which is not sent as it came."""
        response, told = self.response, self.answer_fields
        if self.out_framing is not None or response is None:
            return self._unsent
        keep_alive, version = self.keeps_alive, self.head.version
        if self.passes and told is not None and not self.is_timed:
            passed = told.passed(version, keep_alive)
            self.out_framing, self.keep_alive = passed.framing, passed.keep_alive
            date = response.index.get(b"date", b"") if passed.after else b""
            self._unsent = [b"%b%b%b" % (passed.before, date, passed.after)]
            return self._unsent
        if framing is None:
            framing = response.framing if self.page is None else self.page.framing_of(response.framing)
        fields, self.out_framing, self.keep_alive = framed(
            timed(self, to_client(response) if self.passes else self.fields),
            framing,
            version=version,
            keep_alive=keep_alive,
        )
        self._unsent = [encode_response_head(response.status, response.reason, fields)]
        return self._unsent

    def switched(self, head: ResponseHead, origin: OriginConnection, first: bytes) -> None:
        """101: from here on bytes go both ways, until either side closes. An unasked switch is the origin's error."""
        self.tunnel = opened(self, head, origin, first)

    def tunnel_ended(self, bytes_out: int) -> None:
        """Both sides of the tunnel are closed."""
        self.bytes_out = bytes_out
        self._end(aborted=False)

    # Ends that nobody wanted

    def origin_lost(self, reason: str, *, is_stale: bool) -> None:
        """The origin's connection ended before its answer did."""
        self.origin = None
        if is_stale and self.stage is HEAD_SENT and self._is_repeatable and not self._retried:
            self._retried = True
            self.serving.count("origin_retries")
            self.ask_for_origin(fresh=True)
        else:
            self.fail(502, reason)

    def client_lost(self) -> None:
        """The client has left: so does the origin's connection, unless the answer was complete."""
        if self.stage is ENDED:
            return
        self._drop_origin()
        self.status = self.status or CLIENT_GONE
        self._end(aborted=True)

    def fail(self, status: int, reason: str, extra: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        """Answer in the origin's place; once bytes of its answer are out there is only breaking off."""
        if self.stage is ENDED:
            return
        self.failure = reason
        self._drop_origin()
        if status in (502, 504):
            self.serving.count("origin_errors")
            _LOG.warning("origin: %s", reason)
        elif status == 503:
            self.serving.count("shed")
        if self.out_framing is not None:
            self._end(aborted=True)
            self.client.abort()
            return
        self.status = status
        is_ours = status < 500 or status == 503  # what is wrong is not wrong with this connection
        keep_alive = self.keep_alive and self.request_done and is_ours and not self.serving.is_draining
        extra += (RETRY_AFTER,) if status == 503 else ()
        unsent = answer_to(self.head, status, keep_alive=keep_alive, fields=extra, page=self.serving.error_page)
        self._end(aborted=False)
        self.client.write([unsent])
        self.client.concluded(keep_alive)

    def break_off(self, reason: str) -> None:
        """The body cannot be completed: what is out must not be taken for a whole."""
        self._started_head()
        self.fail(502, reason)

    def _drop_origin(self) -> None:
        if self._pool is not None and self.awaits_origin:
            self._pool.withdraw(self)
        if self.origin is not None:
            self.origin.close()
            self.origin = None

    def _end(self, aborted: bool) -> None:
        self._log(aborted)
        self.serving.clicks.write()

    def _log(self, aborted: bool) -> None:
        """The click is made; it is written before anything else leaves."""
        self.stage = ENDED
        if self._is_upload:
            self.request_ended()
        self.page = None  # it refers to this exchange: a body must not wait for the garbage collector
        try:
            log(self, aborted)
        except Exception:
            _LOG.exception("a click could not be made")
            self.serving.count("clicks_lost")

    # Time and flow

    def client_full(self, is_full: bool) -> None:
        """The client reads slower than the origin sends (or has caught up)."""
        if self.origin is None or self.origin.transport.is_closing():
            return
        if is_full:
            self.origin.transport.pause_reading()
        else:
            self._await_more()
            self.origin.transport.resume_reading()

    def client_closed_its_side(self) -> None:
        """The request was complete before: the answer is still wanted, but no longer waited for at any length."""
        if self.stage is ANSWERED or (self._is_repeatable and self.stage is HEAD_SENT):
            self._deadline = min(self._deadline, self.serving.now() + self.serving.limits.gone_timeout_s)

    def _await_more(self) -> None:
        """From now on the answer may stand still so long: who has closed its side has most probably left."""
        limits = self.serving.limits
        stall_s = limits.gone_timeout_s if self.client.is_half_closed else limits.stall_timeout_s
        self._deadline = self.serving.now() + stall_s

    def check(self, now: float) -> None:
        """Called about once a second: what waits too long is ended."""
        if self.stage is ENDED:  # a failure behind the click has kept its answer: nobody else will end it
            self.client.abort()
        elif now < self._deadline:
            return
        elif self.stage is ORIGIN_ASKED_FOR:
            self.fail(503, "origin_busy")
        elif self.stage is HEAD_SENT:
            self.fail(504, "first_byte_timeout")
        elif self.stage is ANSWERED and not self.client.is_full:
            self.fail(504, "stalled")
