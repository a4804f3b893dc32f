"""What the head of an origin's answer says, but for its date: worked out once, kept while it repeats.

A picture's answer differs from the one a second ago in its Date alone, and a page's from the one before in nothing.
Invariants: two answers share an `AnswerFields` only if every byte of their heads but the value of Date is the same, and
both or none are to a HEAD; what is remembered is bounded, and forgotten within seconds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from clicks.assets import is_asset_type, is_media
from proxy.codings import is_decodable
from proxy.framing.body_framing import BodyFraming, NoBody, Sized
from proxy.framing.encode import encode_fields_between, encode_status_line
from proxy.framing.head import ResponseHead
from proxy.framing.limits import Limits
from proxy.framing.response import parse_response_head
from proxy.headers.privacy import is_private, personalised
from proxy.headers.to_client import framed, to_client
from proxy.remembered import Remembered

MOST_REMEMBERED = 512
"""Heads of one generation: a shop's pictures, styles and frequent pages."""
LONGEST_REMEMBERED = 2048
"""Bytes of a head."""

FieldList = list[tuple[bytes, bytes]]
_DATE = b"\r\nDate: "
_DATE_CHARS = re.compile(rb"[A-Za-z0-9,: ]{29}")
"""RFC 9110 section 5.6.7, as far as nothing else can be hidden in it."""
_KEEP_ALIVE_TIMEOUT = re.compile(rb"timeout=([0-9]{1,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passed:
    """How an answer goes out that nobody changes: its head around the date, its framing, and what becomes of the
    client's connection."""

    before: bytes
    after: bytes
    framing: BodyFraming
    keep_alive: bool


@dataclass(frozen=True, slots=True)
class PrivateHead:
    """The head of a personalised page around the length of its body, and what becomes of the client's connection."""

    before: bytes
    after: bytes
    keep_alive: bool


class AnswerFields:
    """The head of an answer, with whatever date."""

    __slots__ = (
        "_passed",
        "_passing",
        "_passing_of",
        "_private",
        "content_type",
        "date_at",
        "head",
        "idle_s",
        "is_asset",
        "is_html",
        "is_readable_page",
        "may_be_played",
        "media_type",
    )

    def __init__(self, head: ResponseHead, most_page_bytes: int) -> None:
        self.head = head
        """Of the latest answer that had it; its date is that one's."""
        self.date_at = next((at for at, (name, _) in enumerate(head.headers) if name == b"Date"), -1)
        """Which of the fields is the date that may differ; -1 without one."""
        index = head.index
        self.media_type = index.get(b"content-type", b"").partition(b";")[0].strip().lower()
        self.content_type = self.media_type.decode("latin-1")
        """The media type as clicks keep it."""
        self.is_html = self.media_type in (b"text/html", b"application/xhtml+xml")
        self.is_readable_page = self.is_html and _is_readable(head, most_page_bytes)
        """A whole HTML page that we can decode and may transform (RFC 9111, 5.2.2.6), as far as its head says."""
        self.is_asset = is_asset_type(self.content_type)
        """As its type tells, if it does."""
        self.may_be_played = not self.content_type or is_media("", self.content_type)
        """A clip's, unless its path tells otherwise."""
        told = _KEEP_ALIVE_TIMEOUT.search(index.get(b"keep-alive", b""))
        self.idle_s = None if told is None else max(0.0, int(told[1]) - 1.0)
        """How long the origin's connection may rest, where it says so: a second less than it says."""
        self._passed: dict[tuple[bytes, bool], Passed] = {}
        self._passing: FieldList = []
        self._passing_of: ResponseHead | None = None
        self._private: dict[tuple[bytes | None, bytes, bool], PrivateHead] = {}

    def dated(self, date: bytes) -> ResponseHead:
        """The head with this date: the very object of the answer before, if that had the same one."""
        known, at = self.head, self.date_at
        headers = known.headers
        if headers[at][1] == date:
            return known
        self.head = ResponseHead(
            known.status,
            known.reason,
            known.version,
            (*headers[:at], (headers[at][0], date), *headers[at + 1 :]),
            known.framing,
            known.keep_alive,
            known.connection,
            known.upgrade,
            {**known.index, b"date": date},
        )
        return self.head

    def end_to_end(self, head: ResponseHead) -> FieldList:
        """What passes to the client of `head`, one of those that share this (see `to_client`). Never change it."""
        if self._passing_of is not head:
            self._passing_of, self._passing = head, to_client(head)
            self._private.clear()
        return self._passing

    def private(
        self, fields: FieldList, coding: bytes | None, *, version: bytes, keep_alive: bool
    ) -> PrivateHead | None:
        """The head of a personalised page in that content coding; None where `fields` are not just what passes.

        Raises `ValueError` should it not be private.
        """
        head = self._passing_of
        if fields is not self._passing or head is None:
            return None
        key = (coding, version, keep_alive)
        known = self._private.get(key)
        if known is None:
            sent = personalised(fields, content_length=0, content_encoding=coding)
            if not is_private(sent):
                raise ValueError("the fields of a personalised page are not private")
            (name, _) = sent.pop()  # its length
            connection, _, lives = framed([], Sized(0), version=version, keep_alive=keep_alive)
            before = encode_fields_between(encode_status_line(head.status, head.reason), sent) + name + b": "
            known = PrivateHead(before, encode_fields_between(b"", connection) + b"\r\n", lives)
            self._private[key] = known
        return known

    def passed(self, version: bytes, keep_alive: bool) -> Passed:
        """How it goes out unchanged to a client of this HTTP version whose connection may live on."""
        key = (version, keep_alive)
        known = self._passed.get(key)
        if known is None:
            known = self._passed[key] = self._as_passed(version, keep_alive)
        return known

    def _as_passed(self, version: bytes, keep_alive: bool) -> Passed:
        head = self.head
        fields, framing, lives = framed(to_client(head), head.framing, version=version, keep_alive=keep_alive)
        line = encode_status_line(head.status, head.reason)
        date = head.headers[self.date_at] if self.date_at >= 0 else None
        at = next((at for at, field in enumerate(fields) if field is date), -1)
        if at < 0:
            return Passed(encode_fields_between(line, fields) + b"\r\n", b"", framing, lives)
        before = encode_fields_between(line, fields[:at]) + b"Date: "
        return Passed(before, encode_fields_between(b"", fields[at + 1 :]) + b"\r\n", framing, lives)


def _is_readable(head: ResponseHead, most_bytes: int) -> bool:
    if head.status != 200 or isinstance(head.framing, NoBody):
        return False
    if isinstance(head.framing, Sized) and head.framing.length > most_bytes:
        return False
    index = head.index
    if b"content-range" in index or not is_decodable(index.get(b"content-encoding")):
        return False
    if b"cache-control" in index and b"no-transform" in b",".join(head.get_all(b"cache-control")).lower():
        return False
    return not index.get(b"content-disposition", b"").lower().lstrip().startswith(b"attachment")


class AnswerReader:
    """Reads heads of answers, and remembers those of the last seconds."""

    __slots__ = ("_date", "_limits", "_most_page_bytes", "_remembered")

    def __init__(self, limits: Limits, most_page_bytes: int, now: Callable[[], float]) -> None:
        self._limits = limits
        self._most_page_bytes = most_page_bytes
        self._date = b""
        """The last one that came, and was one: those of a second are the same."""
        self._remembered: Remembered[tuple[bytes, bytes, bool], AnswerFields] = Remembered(MOST_REMEMBERED, now)

    def repeated(self, data: bytes, method: bytes) -> tuple[ResponseHead, AnswerFields, int] | None:
        """The head that `data` begins with, its fields, and where it ends; None unless it is remembered.

        It ends where `find_response_head_end` says, as the same bytes did when they were read.
        """
        end = data.find(b"\r\n\r\n") + 4
        date, before, after = self._around_date(data, end)
        known = self._remembered.get((before, after, method == b"HEAD"))
        if known is None:
            return None
        head = known.head
        if after and head.headers[known.date_at][1] != date:  # within a second it is the same
            head = known.dated(date)
        return head, known, end

    def read(self, data: bytes, method: bytes) -> tuple[ResponseHead, AnswerFields]:
        """A whole head (as `parse_response_head`) and its fields. Raises `FramingError`."""
        date, before, after = self._around_date(data, len(data))
        key = (before, after, method == b"HEAD")
        known = self._remembered.get(key)
        if known is not None:
            return known.dated(date) if after else known.head, known
        head = parse_response_head(data, method, self._limits)
        fields = AnswerFields(head, self._most_page_bytes)
        is_split = not after or (head.index.get(b"date") == date and len(head.get_all(b"date")) == 1)
        if is_split and len(data) <= LONGEST_REMEMBERED and head.status >= 200 and b"set-cookie" not in head.index:
            self._remembered.offer(key, fields)
        return head, fields

    def _around_date(self, data: bytes, end: int) -> tuple[bytes, bytes, bytes]:
        """The date of a head that ends at `end`, and what stands before and behind it; all of it, and nothing, where
        there is none that may differ."""
        at = data.find(_DATE, 0, end) + len(_DATE)
        if at < len(_DATE):
            return b"", data[:end], b""
        stop = data.find(b"\r\n", at)
        date = data[at:stop]
        if date != self._date:
            if not _DATE_CHARS.fullmatch(date):
                return b"", data[:end], b""
            self._date = date
        return date, data[:at], data[stop:end]

    def sweep(self, now: float) -> None:
        """Called now and then: what is old is forgotten."""
        self._remembered.sweep(now)
