"""What has become of one request so far, and what the stages of its answer may ask for.

Click, measurements, bodies, upload and tunnel know this alone: not the connections that drive an exchange, nor each
other.
"""

import asyncio
from abc import ABC, abstractmethod
from enum import IntEnum
from typing import Protocol

from proxy.answer_fields import AnswerFields, PrivateHead
from proxy.framing.body_framing import NO_BODY, BodyFraming, Sized
from proxy.framing.head import RequestHead, ResponseHead
from proxy.phases import Steps
from proxy.upstream import OriginConnection
from proxy.visit import Visit

FieldList = list[tuple[bytes, bytes]]


class Stage(IntEnum):
    """What has happened last."""

    HEAD_READ = 0
    ORIGIN_ASKED_FOR = 1
    HEAD_SENT = 2
    ANSWERED = 3
    ANSWER_COMPLETE = 4
    SWITCHED = 5
    ENDED = 6
    """The click is made: whatever comes late is for nobody."""


HEAD_READ, ORIGIN_ASKED_FOR, HEAD_SENT, ANSWERED, ANSWER_COMPLETE, SWITCHED, ENDED = Stage
# By name, for an exchange asks dozens of times, and looking a member up in its class costs ten times as much.


class Client(Protocol):
    """The client's connection, as an exchange needs it."""

    transport: asyncio.Transport
    is_full: bool
    is_half_closed: bool
    arrived: float
    waited_s: float

    def write(self, parts: list[bytes]) -> None:
        """Send; nothing happens when the client has left."""
        ...

    def concluded(self, keep_alive: bool) -> None:
        """The exchange has ended and its last byte is written."""
        ...

    def abort(self) -> None:
        """Cut the connection."""
        ...

    def hold(self, is_held: bool) -> None:
        """Stop reading the body, or go on."""
        ...

    def take_buffer(self) -> bytes:
        """What the client sent ahead; from now on its bytes go to the tunnel."""
        ...

    def left(self) -> None:
        """Nothing is served here any more."""
        ...


class ExchangeState(ABC):
    """One request: what is known of it, and its answer's way."""

    __slots__ = (
        "answer_fields", "answered_at", "asked_at", "body_ended_at", "bytes_in", "bytes_out", "client",
        "failure", "fields", "head", "held_s", "is_timed", "keep_alive", "origin", "out_framing", "outbound",
        "request_done", "response", "sent_at", "serving", "stage", "started", "status", "visit",
    )  # fmt: skip

    def __init__(self, client: Client, head: RequestHead, visit: Visit) -> None:
        self.stage = HEAD_READ
        self.client = client
        self.serving = serving = visit.serving
        self.head = head
        self.visit = visit
        self.started = self.asked_at = self.sent_at = self.answered_at = self.body_ended_at = visit.began
        """In seconds of the steady clock; while an answer's body streams, it ended with its head."""
        self.held_s = 0.0
        """How long no connection was asked for, because the request's body was still to come."""
        self.request_done = head.framing is NO_BODY or head.framing == Sized(0)
        self.outbound = b""
        """The head that goes to the origin."""
        self.origin: OriginConnection | None = None
        self.response: ResponseHead | None = None
        self.answer_fields: AnswerFields | None = None
        """What the answer's head says, whatever its date."""
        self.status = 0
        self.failure = ""
        """Why we answered in the origin's place, or broke off; "" when it was the origin's own answer."""
        self.fields: FieldList = []
        """What the client gets."""
        secret = serving.debug_secret
        self.is_timed = secret is not None and head.get(b"vitrina-debug") == secret
        """The request knows the operator's debug secret: the answer says how long we took."""
        self.keep_alive = head.keep_alive
        """The client's connection may serve further requests."""
        self.out_framing: BodyFraming | None = None
        """Of the answer's body towards the client, once its head is made."""
        self.bytes_in = 0
        """Content of the request so far."""
        self.bytes_out = 0
        """Content of the answer so far, as sent."""

    @property
    def keeps_alive(self) -> bool:
        """The client's connection does not end with the answer that is begun now."""
        return self.keep_alive and self.request_done and not self.serving.is_draining

    @property
    def awaits_body(self) -> bool:
        """No connection has been asked for."""
        return self.stage is HEAD_READ

    @property
    def awaits_origin(self) -> bool:
        """A connection may still be handed to it."""
        return self.stage is ORIGIN_ASKED_FOR

    @property
    def takes_upload(self) -> bool:
        """The request's body is still of use to somebody."""
        return self.stage < ANSWER_COMPLETE

    def expected_body(self, head: ResponseHead) -> bytes | None:
        """What most likely follows `head`; None where nobody can tell."""
        only = self.visit.expected()
        return None if only is None else only.as_sent(head.index.get(b"content-encoding"))

    @abstractmethod
    def ask_for_origin(self) -> None:
        """The head may leave as soon as there is a connection."""

    @abstractmethod
    def request_ended(self) -> None:
        """Its body is complete."""

    @abstractmethod
    def upload_moved(self) -> None:
        """The answer's first byte is not due while the request still comes."""

    @abstractmethod
    def conclude(self, parts: list[bytes]) -> None:
        """Append the click, then hand over the last bytes; `parts` end the body that was streamed so far."""

    @abstractmethod
    def concluding(self, parts: list[bytes]) -> Steps:
        """As `conclude`, in step with others."""

    @abstractmethod
    def concluding_whole(self, described: FieldList | PrivateHead, body: bytes) -> Steps:
        """As `concluding`, for a body held until now that goes out in another form, with the fields that describe it.
        The exchange is not over yet."""

    @abstractmethod
    def fail(self, status: int, reason: str, extra: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        """Answer in the origin's place; once bytes of its answer are out there is only breaking off."""

    @abstractmethod
    def break_off(self, reason: str) -> None:
        """The body cannot be completed: what is out must not be taken for a whole."""

    @abstractmethod
    def tunnel_ended(self, bytes_out: int) -> None:
        """Both sides of the tunnel are closed."""
