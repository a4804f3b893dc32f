"""Bodies as they arrive: push bytes in, get the content's bytes out, as slices of what came (usually the very object).

Invariant: however the input is split, the joined output, the trailers, `leftover` and the error are the same.
Chunk framing is read strictly in both directions, but for spaces after a chunk size, which old servers send.
"""

import re
from typing import Protocol

from proxy.framing.body_framing import BodyFraming, Chunked, NoBody, Sized, UntilClose
from proxy.framing.error import FramingError
from proxy.framing.field_names import lower_name
from proxy.framing.head import Headers
from proxy.framing.limits import DEFAULT_LIMITS, Limits

_REQUEST_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?")
_RESPONSE_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_FAIR_OVERHEAD = 16  # framing bytes that any chunk may have; larger ones earn a share of their data

# RFC 9110 section 6.5.1: what frames, routes, authenticates, controls or describes a message must not come after it.
_NOT_IN_TRAILERS = frozenset(
    b"""age authorization cache-control connection content-encoding content-length content-range content-type cookie
    date expect expires forwarded host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive
    location max-forwards pragma proxy-authenticate proxy-authorization proxy-connection range retry-after set-cookie te
    trailer transfer-encoding upgrade vary via warning www-authenticate""".split()
)


class Decoder(Protocol):
    """One body. Feed it until `done`; `leftover` then holds what came after the message."""

    done: bool
    leftover: bytes

    def feed(self, data: bytes) -> list[bytes]:
        """Content bytes in `data`, possibly in several parts, none empty. Raises `FramingError`."""
        ...

    def eof(self) -> None:
        """The peer closed: complete an until-close body, or raise `FramingError` for a truncated one."""
        ...


class SizedDecoder:
    """A body of known length; length 0 is done at once."""

    __slots__ = ("_error_status", "done", "leftover", "remaining")

    def __init__(self, length: int, error_status: int = 400) -> None:
        self.remaining = length
        self.done = length == 0
        self.leftover = b""
        self._error_status = error_status

    def feed(self, data: bytes) -> list[bytes]:
        """Content bytes in `data`; those beyond the length go to `leftover`."""
        remaining = self.remaining - len(data)
        if remaining > 0:
            self.remaining = remaining
            return [data] if data else []
        content = data[: self.remaining]  # the very object if it ends here
        self.leftover += data[self.remaining :]
        self.remaining = 0
        self.done = True
        return [content] if content else []

    def eof(self) -> None:
        """Raises `FramingError` if bytes are missing."""
        if not self.done:
            raise FramingError(self._error_status, "body shorter than its Content-Length")


class UntilCloseDecoder:
    """A body that ends with the connection."""

    __slots__ = ("done", "leftover")

    def __init__(self) -> None:
        self.done = False
        self.leftover = b""

    def feed(self, data: bytes) -> list[bytes]:
        """All of `data`."""
        return [data] if data else []

    def eof(self) -> None:
        """The body is complete."""
        self.done = True


class ChunkedDecoder:
    """A chunked body (RFC 9112 section 7.1); `trailers` holds the permitted trailer fields once done.

    Chunk extensions are ignored. A sender whose framing outweighs its data (many long extensions) is refused, while one
    byte a chunk passes: `chunk_overhead_bytes` is the debt allowed beyond a share that grows with the data.
    """

    __slots__ = (
        "_chunk_line",
        "_debt",
        "_error_status",
        "_held",
        "_in_trailers",
        "_limits",
        "_remaining",
        "done",
        "leftover",
        "trailers",
    )

    def __init__(self, limits: Limits = DEFAULT_LIMITS, error_status: int = 400) -> None:
        self.done = False
        self.leftover = b""
        self.trailers: Headers = ()
        self._limits = limits
        self._error_status = error_status
        self._chunk_line = _REQUEST_CHUNK if error_status == 400 else _RESPONSE_CHUNK
        self._held = b""  # the beginning of a line whose end has not come
        self._remaining = 0  # of the current chunk, its CRLF included: 2 or 1 mean that only that is missing
        self._debt = 0
        self._in_trailers = False

    def feed(self, data: bytes) -> list[bytes]:
        """Content bytes in `data`; those beyond the message go to `leftover`."""
        if self.done:
            self.leftover += data
            return []
        if self._held:
            data = self._held + data
            self._held = b""
        parts: list[bytes] = []
        at = 0
        size = len(data)
        while at < size and not self._in_trailers:
            remaining = self._remaining
            if remaining > 2:
                part = data[at : at + remaining - 2]
                parts.append(part)
                at += len(part)
                self._remaining = remaining - len(part)
            elif remaining:
                if data[at] != (0x0D if remaining == 2 else 0x0A):
                    raise self._error("chunk longer than its size")
                at += 1
                self._remaining = remaining - 1
            else:
                at = self._read_size(data, at)
        if self._in_trailers:
            self._read_trailers(data, at)
        return parts

    def eof(self) -> None:
        """Raises `FramingError` if the last chunk has not come."""
        if not self.done:
            raise self._error("chunked body without its end")

    def _read_size(self, data: bytes, at: int) -> int:
        """Read the chunk-size line at `at`; returns where its data begins, or holds the unfinished line."""
        end = data.find(b"\r\n", at, at + self._limits.chunk_line_bytes + 2)
        if end < 0:
            if len(data) - at > self._limits.chunk_line_bytes + 1:
                raise self._error("chunk-size line too long")
            self._held = data[at:]
            if not self._chunk_line.match(self._held) or b"\n" in self._held:
                raise self._error("invalid chunk size")
            return len(data)
        line = self._chunk_line.fullmatch(data, at, end)
        if line is None:
            raise self._error("invalid chunk size")
        length = int(line[1], 16)
        self._debt = max(0, self._debt + end - at - _FAIR_OVERHEAD - length // 8)
        if self._debt > self._limits.chunk_overhead_bytes:
            raise self._error("more chunk framing than data")
        if length:
            self._remaining = length + 2
        else:
            self._in_trailers = True
        return end + 2

    def _read_trailers(self, data: bytes, at: int) -> None:
        if data.startswith(b"\r\n", at):
            end = at
        else:
            end = data.find(b"\r\n\r\n", at, at + self._limits.trailer_bytes + 4)
            if end < 0:
                if len(data) - at > self._limits.trailer_bytes + 3:
                    raise self._error("trailers too large", 431)
                self._held = data[at:]
                return
            self.trailers = self._parsed_trailers(data[at:end])
            end += 2
        self.leftover = data[end + 2 :]
        self.done = True

    def _parsed_trailers(self, section: bytes) -> Headers:
        trailers: list[tuple[bytes, bytes]] = []
        for line in section.split(b"\r\n"):
            name, colon, value = line.partition(b":")
            lower = lower_name(name)
            if not colon or lower is None or not _VALUE.fullmatch(value):
                raise self._error("invalid trailer")
            if lower not in _NOT_IN_TRAILERS:
                trailers.append((name, value.strip(b" \t")))
        return tuple(trailers)

    def _error(self, reason: str, request_status: int = 400) -> FramingError:
        return FramingError(request_status if self._error_status == 400 else self._error_status, reason)


def decoder_for(framing: BodyFraming, limits: Limits = DEFAULT_LIMITS, *, error_status: int = 400) -> Decoder:
    """The decoder for a framing; `error_status` is 400 for requests, 502 for responses (which are read tolerantly)."""
    match framing:
        case Sized(length):
            return SizedDecoder(length, error_status)
        case NoBody():
            return SizedDecoder(0, error_status)
        case Chunked():
            return ChunkedDecoder(limits, error_status)
        case UntilClose():
            return UntilCloseDecoder()
