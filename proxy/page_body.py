"""The ways of a page's body that does not simply stream: held for rewriting, or read in passing.

Invariant (fail open): whatever goes wrong in here, the client gets the origin's very bytes with the origin's own
fields, and it is counted and logged why. Bytes are held up to `budget.max_html_kb`; a larger page streams through.
"""

import logging
import re
from collections.abc import Callable, Sequence
from typing import Protocol

from proxy.answer_fields import PrivateHead
from proxy.codings import Undecodable, coding_for, decode, encode
from proxy.exchange_state import ENDED, ExchangeState, FieldList
from proxy.framing.body_framing import BodyFraming
from proxy.framing.head import ResponseHead
from proxy.headers.privacy import is_private, personalised
from proxy.mapped_body import MappedBody, of_other_bytes
from proxy.offloading import MOST_INLINE_BYTES
from proxy.phases import Steps, failed
from proxy.public_urls import PublicUrls
from proxy.recognising import recognise
from proxy.shown_pages import look_at_page
from transforms.page.stretch import Standing

_LOG = logging.getLogger("vitrina.proxy")
_DOCUMENT = re.compile(rb"<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)
_PREAMBLE_BYTES = 4096  # comments, byte order marks and a script's warnings may stand before the doctype


class PageBody(Protocol):
    """The way of one response's body, driven by its exchange."""

    is_held: bool
    """Nothing of the response, not even its head, may go out yet."""

    def feed(self, parts: list[bytes]) -> list[bytes]:
        """Content from the origin; returns what goes to the client now."""
        ...

    def end(self, parts: list[bytes]) -> None:
        """The last content: calls the exchange's `conclude` or its like, now or within the profile's budget."""
        ...

    def framing_of(self, framing: BodyFraming) -> BodyFraming:
        """The framing of what goes out, given the origin's."""
        ...


def is_document(body: bytes) -> bool:
    """A whole page, not a fragment for a script, nor JSON with the wrong type."""
    return _DOCUMENT.search(body, 0, _PREAMBLE_BYTES) is not None


class ReadPage:
    """Streams a page as it comes, and reads it for its facts at the end."""

    __slots__ = ("_exchange", "_head", "_parts", "_size", "is_held")

    def __init__(self, exchange: ExchangeState, head: ResponseHead) -> None:
        self.is_held = False
        self._exchange = exchange
        self._head = head
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, parts: list[bytes]) -> list[bytes]:
        """All of it, remembered up to the cap."""
        self._size += sum(map(len, parts))
        if self._size <= self._exchange.serving.page_bytes:
            self._parts += parts
        else:
            self._parts.clear()
        return parts

    def end(self, parts: list[bytes]) -> None:
        """Read the facts, then let the last bytes go."""
        self.feed(parts)
        exchange = self._exchange
        if not self._parts:
            exchange.conclude(parts)
            return
        raw = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []

        def read(body: bytes | None) -> None:
            if exchange.stage is ENDED:
                return
            try:
                if body is not None:
                    self._read(body)
            except Exception:
                failed_open(exchange, "reading a page failed")
            try:
                exchange.conclude(parts)
            except Exception:
                failed(exchange)

        decoded(exchange, raw, self._head, read)

    def _read(self, body: bytes) -> None:
        exchange, visit = self._exchange, self._exchange.visit
        if is_document(body):
            if exchange.serving.learns_from_pages:
                recognise(exchange, self._head, body)
            content_type = self._head.index.get(b"content-type")
            visit.outcome = visit.personaliser.run(body, content_type, visit.context(rewriting=False))
            look_at_page(visit, body)

    def framing_of(self, framing: BodyFraming) -> BodyFraming:
        """The origin's."""
        return framing


class HeldPage:
    """Holds a page until its body and the profile are there, and sends what the engine makes of it."""

    __slots__ = ("_exchange", "_head", "_mapped", "_parts", "_raw", "_size", "_urls", "is_held")

    def __init__(self, exchange: ExchangeState, head: ResponseHead, urls: PublicUrls | None) -> None:
        self.is_held = True
        self._exchange = exchange
        self._head = head
        self._urls = urls
        self._parts: list[bytes] = []
        self._size = 0
        self._raw = b""
        """The body as it came, once it is whole."""
        self._mapped: MappedBody | None = None

    def feed(self, parts: list[bytes]) -> list[bytes]:
        """Nothing, until the page turns out to be too large to be held."""
        if not self.is_held:
            return parts if self._mapped is None else self._mapped.feed(parts)
        self._parts += parts
        self._size += sum(map(len, parts))
        if self._size <= self._exchange.serving.page_bytes:
            return []
        self._let_go()
        held, self._parts = self._parts, []
        return held if self._mapped is None else self._mapped.feed(held)

    def _let_go(self) -> None:
        self.is_held = False
        self._exchange.serving.count("over_budget")
        if self._urls is not None:
            self._mapped = MappedBody.of(self._exchange, self._head, self._urls)
            if self._mapped is not None:
                self._exchange.fields = self._mapped.described(self._exchange.fields)

    def end(self, parts: list[bytes]) -> None:
        """The body is there; now the profile, or its deadline."""
        if self.is_held:
            self._parts += parts
            self._exchange.visit.when_profile_known(self._ready, self._exchange.body_ended_at)
        elif self._mapped is None:
            self._exchange.conclude(parts)
        else:
            self._mapped.end(parts)

    def framing_of(self, framing: BodyFraming) -> BodyFraming:
        """The origin's, unless the URLs are mapped on the way."""
        return framing if self._mapped is None else self._mapped.framing_of(framing)

    def _ready(self) -> None:
        """All is there that the page takes."""
        exchange = self._exchange
        if exchange.stage is ENDED:
            return
        parts, self._parts = self._parts, []
        self._raw = parts[0] if len(parts) == 1 else b"".join(parts)
        is_packed = b"content-encoding" in self._head.index
        exchange.serving.making.begin(exchange, self._unpack() if is_packed else self._make(self._raw))

    def _unpack(self) -> Steps:
        exchange = self._exchange
        if exchange.stage is not ENDED:
            coding, only = self._head.index.get(b"content-encoding"), exchange.visit.expected()
            if only is not None and only.as_sent(coding) == self._raw:
                exchange.serving.making.begin(exchange, self._make(only.body))
            else:
                decoded(exchange, self._raw, self._head, self._unpacked)
        yield

    def _unpacked(self, content: bytes | None) -> None:
        """The content is there, now or from a thread; None: it cannot be had."""
        exchange = self._exchange
        if content is not None:
            exchange.serving.making.begin(exchange, self._make(self._known(content)))
        elif exchange.stage is not ENDED:
            exchange.serving.count("refused")
            exchange.serving.making.begin(exchange, self._as_it_came())

    def _known(self, content: bytes) -> bytes:
        """The content; when it is the one that was expected, the next time it is known by how it was packed."""
        only, coding = self._exchange.visit.expected(), self._head.index.get(b"content-encoding")
        if only is None or coding is None or content != only.body:
            return content
        only.was_sent(self._raw, coding)
        return only.body

    def _make(self, content: bytes) -> Steps:
        """Change what is to be changed, and send it."""
        exchange, head, visit = self._exchange, self._head, self._exchange.visit
        if exchange.stage is ENDED:
            return
        body, outcome = content, None
        try:
            if self._urls is not None:
                body = self._urls.map(content)
            if is_document(body):
                if exchange.serving.learns_from_pages:
                    recognise(exchange, head, content)
                context = visit.context(rewriting=visit.may_rewrite)
                outcome = yield from visit.personaliser.steps(body, head.index.get(b"content-type"), context)
                if visit.platform.as_shown:
                    look_at_page(visit, body)
        except Exception:
            failed_open(exchange, "personalising failed")
        visit.outcome, visit.source = outcome, body
        sent = body if outcome is None else outcome.body
        if visit.lap is None:
            yield
        if sent is content:
            yield from self._as_it_came()
            return
        coding = coding_for(head.index.get(b"content-encoding"), exchange.head.index.get(b"accept-encoding"))
        packed: bytes | None = sent
        if coding is not None:
            if len(sent) > MOST_INLINE_BYTES:
                self._pack_elsewhere(sent, coding)
                return
            try:
                packed = encode(sent, coding, self._stretches_of(sent))
            except Exception:
                packed = None
                failed_open(exchange, "packing a page failed")
            if visit.lap is None:
                yield
        yield from self._sending(sent, packed, coding)

    def _stretches_of(self, sent: bytes) -> Sequence[Standing]:
        outcome = self._exchange.visit.outcome
        return () if outcome is None else outcome.stretches_of(sent)

    def _pack_elsewhere(self, sent: bytes, coding: bytes) -> None:
        exchange = self._exchange
        making = exchange.serving.making
        waits = exchange.serving.offloading.run(
            lambda: encode(sent, coding, self._stretches_of(sent)),
            lambda late: making.begin(exchange, self._sending(sent, late, coding)),
        )
        if not waits:
            exchange.serving.count("over_budget")
            making.begin(exchange, self._sending(sent, None, coding))

    def _sending(self, sent: bytes, packed: bytes | None, coding: bytes | None) -> Steps:
        """Describe what was packed and send it; should either have failed, the origin's bytes go out."""
        exchange = self._exchange
        described: FieldList | PrivateHead | None = None
        try:
            if packed is not None and exchange.stage is not ENDED:
                described = self._described(sent, len(packed), coding)
        except Exception:
            failed_open(exchange, "personalising failed")
        if packed is None or described is None:
            exchange.visit.outcome = None  # what it says was shown was not
            return self._as_it_came()
        return exchange.concluding_whole(described, packed)

    def _as_it_came(self) -> Steps:
        return self._exchange.concluding([self._raw] if self._raw else [])

    def _described(self, sent: bytes, length: int, coding: bytes | None) -> FieldList | PrivateHead:
        """The fields of a changed body: private ones if it is somebody's."""
        exchange = self._exchange
        visit, fields = exchange.visit, exchange.fields
        if sent is visit.source:  # URLs alone were mapped
            described = of_other_bytes(fields)
            described.append((b"Content-Length", b"%d" % length))
            if coding is not None:
                described.append((b"Content-Encoding", coding))
            return described
        told, known = exchange.answer_fields, None
        if told is not None and not exchange.is_timed:
            known = told.private(fields, coding, version=exchange.head.version, keep_alive=exchange.keeps_alive)
        if known is None:
            made = personalised(fields, content_length=length, content_encoding=coding)
            if not is_private(made):
                raise ValueError("the fields of a personalised page are not private")
        # With the beacon alone it is as private, but nobody was shown anything.
        visit.personalised = visit.outcome is None or bool(visit.outcome.events)
        return made if known is None else known


def as_if_rewritten(fields: FieldList, coding: bytes | None) -> FieldList:
    """The fields of an answer to HEAD where GET's body may be rewritten: no length (RFC 9110 section 9.3.2)."""
    described = personalised(fields, content_length=0, content_encoding=coding)
    return [field for field in described if field[0].lower() != b"content-length"]


def decoded(exchange: ExchangeState, raw: bytes, head: ResponseHead, then: Callable[[bytes | None], None]) -> None:
    """Call `then` with the content of a whole body, now or when a thread has unpacked it; None: it stays as it came."""
    coding = head.index.get(b"content-encoding")
    if coding is None:
        then(raw)
        return
    serving = exchange.serving
    most = serving.page_bytes
    try:
        content = decode(raw, coding, min(most, MOST_INLINE_BYTES))
    except Exception:
        failed_open(exchange, "unpacking a page failed")
        content = Undecodable.BROKEN
    if isinstance(content, bytes):
        then(content)
    elif content is Undecodable.BROKEN or most <= MOST_INLINE_BYTES:
        then(None)
    else:
        waits = serving.offloading.run(
            lambda: decode(raw, coding, most), lambda late: then(late if isinstance(late, bytes) else None)
        )
        if not waits:
            serving.count("over_budget")
            then(None)


def failed_open(exchange: ExchangeState, what: str) -> None:
    """Count and log a failure of ours that the visitor does not see."""
    exchange.serving.count("fail_open")
    _LOG.exception("%s; the page goes out as it came: %s", what, exchange.visit.place.path)
