"""How servers read a request: by the RFC, and by each of the habits that make smuggling possible.

Bytes that leave a front are safe when every one of these readers, and h11 and httptools, finds the same request in them
and the same end of it, or refuses it. None of this is a server's code: a reader is its habits (`Habits`), as published
attacks of the last twenty years describe them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import h11
import httptools


@dataclass(frozen=True, slots=True)
class Message:
    """What a reader found: the request line's first two words, the content, and how many bytes it took for that."""

    method: bytes
    target: bytes
    body: bytes
    taken: int


REFUSED = "refused"
INCOMPLETE = "incomplete"
Outcome = Message | str


@dataclass(frozen=True, slots=True)
class Habits:
    """Where servers differ."""

    length_first: bool = False
    """Content-Length counts where both are there."""
    line_end: Literal["crlf", "lf", "cr"] = "crlf"
    """What else ends a line: nothing, a bare LF, or a bare CR as well."""
    chunked_if: Literal["only", "last", "first", "within"] = "only"
    """What a Transfer-Encoding must be to mean chunked."""
    trims_names: bool = False
    """White space and control characters around a field's name are not seen."""
    joins_folds: bool = False
    """A line that begins with white space goes on with the one before."""
    underscores: bool = False
    """content_length is Content-Length, as CGI makes it."""
    takes_last: bool = False
    """Of several equal names the last counts."""
    numbers: Literal["digits", "prefix", "signed"] = "digits"
    """5x is 5; +5 and 0x5 are."""
    hex_anyhow: bool = False
    """A chunk's size ends where its hexadecimal digits end, whatever follows."""
    drops_nul: bool = False
    """The bytes of C: a text ends with NUL."""


READERS: dict[str, Habits] = {
    "length first": Habits(length_first=True),
    "bare LF": Habits(line_end="lf", hex_anyhow=True),
    "bare CR": Habits(line_end="cr"),
    "chunked within": Habits(chunked_if="within", trims_names=True),
    "chunked first": Habits(chunked_if="first"),
    "chunked last": Habits(chunked_if="last", takes_last=True),
    "names trimmed": Habits(trims_names=True, joins_folds=True),
    "names trimmed, length first": Habits(length_first=True, trims_names=True),
    "folds": Habits(joins_folds=True, line_end="lf"),
    "CGI names": Habits(underscores=True),
    "last of several": Habits(takes_last=True, numbers="prefix"),
    "lenient numbers": Habits(numbers="signed", hex_anyhow=True),
    "C texts": Habits(drops_nul=True, trims_names=True),
    "everything at once": Habits(True, "lf", "within", True, True, True, True, "prefix", True, True),
}
_ENDS = {"crlf": re.compile(rb"\r\n"), "lf": re.compile(rb"\r?\n"), "cr": re.compile(rb"\r\n|\r|\n")}
_BLANK = {
    "crlf": re.compile(rb"\r\n\r\n"),
    "lf": re.compile(rb"\r?\n\r?\n"),
    "cr": re.compile(rb"(?>\r\n|\r|\n){2}"),
}
_WHITE = bytes(range(0x21)) + b"\x7f\x85\xa0"
_HEX = re.compile(rb"[0-9A-Fa-f]+")
_SIGNED = re.compile(rb"[ \t]*[+-]?(?:0[xX])?([0-9]+)")


def read(data: bytes, habits: Habits) -> Outcome:
    """The first request in `data`."""
    start = 0
    while data.startswith(b"\r\n", start):
        start += 2
    blank = _BLANK[habits.line_end].search(data, start)
    if blank is None:
        return INCOMPLETE
    lines = _ENDS[habits.line_end].split(data[start : blank.start()])
    words = lines[0].split()
    if len(words) < 2:
        return REFUSED
    fields = _fields(lines[1:], habits)
    length, coding = _framing(fields, habits)
    if coding is not None and (not habits.length_first or length is None) and _is_chunked(coding, habits):
        return _chunked(data, blank.end(), words, habits)
    if length is None:
        return Message(words[0], words[1], b"", blank.end())
    size = _number(length, habits)
    if size is None:
        return REFUSED
    end = blank.end() + size
    return Message(words[0], words[1], data[blank.end() : end], end) if len(data) >= end else INCOMPLETE


def _fields(lines: list[bytes], habits: Habits) -> list[tuple[bytes, bytes]]:
    joined: list[bytes] = []
    for line in lines:
        if habits.joins_folds and joined and line[:1] in (b" ", b"\t"):
            joined[-1] += b" " + line.strip()
        else:
            joined.append(line)
    found = []
    for line in joined:
        name, colon, value = line.partition(b":")
        if not colon:
            continue
        if habits.drops_nul:
            name, value = name.split(b"\0")[0], value.split(b"\0")[0]
        name = name.lower()
        if habits.trims_names:
            name = name.strip(_WHITE)
        if habits.underscores:
            name = name.replace(b"_", b"-")
        found.append((name, value.strip(_WHITE if habits.trims_names else b" \t")))
    return found


def _framing(fields: list[tuple[bytes, bytes]], habits: Habits) -> tuple[bytes | None, bytes | None]:
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    place = -1 if habits.takes_last else 0
    return (lengths[place] if lengths else None), (codings[place] if codings else None)


def _is_chunked(coding: bytes, habits: Habits) -> bool:
    parts = [part.strip() for part in coding.lower().split(b",")]
    match habits.chunked_if:
        case "only":
            return parts == [b"chunked"]
        case "first":
            return parts[0] == b"chunked"
        case "last":
            return parts[-1] == b"chunked"
        case "within":
            return b"chunked" in coding.lower()


def _number(text: bytes, habits: Habits) -> int | None:
    if text.isdigit() and len(text) < 19:
        return int(text)
    if habits.numbers == "digits":
        return None
    found = re.match(rb"[0-9]{1,18}", text) if habits.numbers == "prefix" else _SIGNED.match(text)
    return int(found[found.lastindex or 0][:18]) if found else None


def _chunked(data: bytes, at: int, words: list[bytes], habits: Habits) -> Outcome:
    line_end = _ENDS[habits.line_end]
    parts: list[bytes] = []
    while True:
        end = line_end.search(data, at)
        if end is None:
            return INCOMPLETE
        size_line = data[at : end.start()]
        size = _HEX.match(size_line.lstrip(b" \t+") if habits.hex_anyhow else size_line)
        if size is None or len(size[0]) > 15:
            return REFUSED
        rest = size_line[size.end() :]
        if rest and not habits.hex_anyhow and rest.lstrip(b" \t")[:1] != b";":
            return REFUSED
        at = end.end()
        number = int(size[0], 16)
        if number == 0:
            break
        if len(data) < at + number + 1:
            return INCOMPLETE
        parts.append(data[at : at + number])
        at += number
        end = line_end.match(data, at)
        if end is None:
            return INCOMPLETE if len(data) < at + 2 else REFUSED
        at = end.end()
    while True:  # trailers, until an empty line
        end = line_end.search(data, at)
        if end is None:
            return INCOMPLETE
        line, at = data[at : end.start()], end.end()
        if not line:
            return Message(words[0], words[1], b"".join(parts), at)


def read_by_h11(data: bytes) -> Outcome:
    """h11's server side."""
    connection = h11.Connection(h11.SERVER)
    body, request = b"", None
    try:
        connection.receive_data(data)
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            elif event is h11.NEED_DATA:
                return INCOMPLETE
            else:
                return REFUSED
    except h11.RemoteProtocolError:
        return REFUSED
    left = len(connection.trailing_data[0])
    return REFUSED if request is None else Message(request.method, request.target, body, len(data) - left)


class _Listener:
    """Callbacks of httptools; stops at the first request's end."""

    def __init__(self) -> None:
        self.target = b""
        self.body = b""
        self.ends = 0

    def on_url(self, url: bytes) -> None:
        """The target, in pieces."""
        if self.ends == 0:
            self.target += url

    def on_body(self, body: bytes) -> None:
        """Content, in pieces."""
        if self.ends == 0:
            self.body += body

    def on_message_complete(self) -> None:
        """A request is complete."""
        self.ends += 1


def read_by_httptools(data: bytes) -> Outcome:
    """llhttp, which Node.js reads with. It does not tell where a message ends: more than one is a finding as well."""
    listener = _Listener()
    parser = httptools.HttpRequestParser(listener)
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError:
        return REFUSED
    if listener.ends == 0:
        return INCOMPLETE
    taken = len(data) if listener.ends == 1 else -1
    return Message(parser.get_method(), listener.target, listener.body, taken)


ALL: dict[str, Callable[[bytes], Outcome]] = {
    **{name: (lambda data, habits=habits: read(data, habits)) for name, habits in READERS.items()},
    "h11": read_by_h11,
    "httptools": read_by_httptools,
}


def disagreement(data: bytes, agreed: Outcome) -> str:
    """Who reads `data` in another way than `agreed`; "" when nobody does. Who refuses it is safe."""
    for name, reader in ALL.items():
        found = reader(data)
        if found not in (agreed, REFUSED):
            return f"{name}: {found}"
    return ""


def is_ambiguous(data: bytes) -> bool:
    """Whether two readers find different requests in what a client sent."""
    found = {outcome for reader in ALL.values() if (outcome := reader(data)) != REFUSED}
    return len(found) > 1
