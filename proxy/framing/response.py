"""Tolerant reading of response heads: what shops send and browsers accept is repaired, by this table and no further.

| found | done |
|---|---|
| lines that end in a bare LF, empty lines before the status line (64 bytes of them) | read as lines |
| obs-fold; NUL, bare CR, VT, FF in a line | joined with a space; a space each (RFC 9110 section 5.5) |
| a space before the colon | removed (RFC 9112 section 5.1) |
| a line without a colon, or whose name is no token | dropped |
| no reason phrase, status 520 or 999 | kept as it is |
| Content-Length repeated with one value, as lines or a list | merged |
| Content-Length beside Transfer-Encoding | Transfer-Encoding wins, Content-Length dropped, connection not reused |
| Content-Length with 1xx or 204 | dropped (RFC 9110 section 8.6) |
| `Transfer-Encoding: chunked` repeated as lines, or in HTTP/1.0 | chunked once, connection not reused |
| `Transfer-Encoding: identity` | ignored |
| other transfer codings; differing or invalid Content-Length; no HTTP/1 status line; above the limits | 502 |
"""

import re

from proxy.framing.body_framing import CHUNKED, NO_BODY, UNTIL_CLOSE, BodyFraming, Sized
from proxy.framing.connection import NO_OPTIONS, connection_options, options_of
from proxy.framing.error import FramingError
from proxy.framing.field_names import KNOWN, lower_name
from proxy.framing.head import ResponseHead
from proxy.framing.limits import DEFAULT_LIMITS, Limits

_BREAKING = b"\x00\n\x0b\x0c\r"  # the control characters that strict readers take for a line end or a string's end
_TO_SPACE = bytes.maketrans(b"\x00\x0b\x0c\r", b"    ")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: (.*))?", re.DOTALL)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_FOLD = (b" ", b"\t")
_MOST_BLANK_BYTES = 64


def find_response_head_end(buffer: bytes | bytearray, start: int = 0, limits: Limits = DEFAULT_LIMITS) -> int:
    """As `find_head_end`, for a response: lines may end in a bare LF. Raises `FramingError(502)`."""
    begin = 0
    while begin < len(buffer) and buffer[begin] in b"\r\n":
        begin += 1
        if begin > _MOST_BLANK_BYTES:
            raise FramingError(502, "empty lines instead of a response")
    blank = _BLANK_LINE.search(buffer, max(start, begin))
    if blank is None:
        if len(buffer) > limits.head_bytes:
            raise FramingError(502, "head too large")
        if not b"HTTP/1.".startswith(bytes(buffer[begin : begin + 7])):
            raise FramingError(502, "not an HTTP/1 response")
        return -1
    if blank.end() > limits.head_bytes:
        raise FramingError(502, "head too large")
    return blank.end()


def parse_response_head(
    data: bytes | bytearray, request_method: bytes, limits: Limits = DEFAULT_LIMITS
) -> ResponseHead:
    """Parse a complete response head; `request_method` decides whether a body follows. Raises `FramingError(502)`."""
    if type(data) is not bytes:
        data = bytes(data)
    lines = data.split(b"\r\n")
    # One pass finds every head to repair: more was deleted than the line ends, or a blank line is out of place.
    if (
        len(data) - len(data.translate(None, _BREAKING)) != 2 * (len(lines) - 1)
        or not data.endswith(b"\r\n\r\n")
        or not lines[0]
    ):
        lines = _repaired(data)
    del lines[-2:]
    if len(lines) > limits.fields + 1:
        raise FramingError(502, "too many fields")
    status_line = _STATUS_LINE.fullmatch(lines[0])
    if status_line is None:
        raise FramingError(502, "not an HTTP/1 status line")
    version = b"1.0" if status_line[1] == b"0" else b"1.1"
    status = int(status_line[2])

    del lines[0]
    fields: list[tuple[bytes, bytes]] = []
    index: dict[bytes, bytes] = {}
    repeated = False
    known = KNOWN.get
    for line in lines:
        name, colon, value = line.partition(b": ")
        lower = known(name) if colon else None
        if lower is None:
            if line[:1] in _FOLD:
                return parse_response_head(_joined(data), request_method, limits)
            name, colon, value = line.partition(b":")
            name = name.rstrip(b" \t")
            lower = lower_name(name) if colon else None
            if lower is None:
                continue
        value = value.strip(b" \t")
        if lower in index:
            repeated = True
        else:
            index[lower] = value
        fields.append((name, value))

    options = NO_OPTIONS
    connection = index.get(b"connection")
    if connection is not None:
        if repeated:
            options = connection_options([value for name, value in fields if name.lower() == b"connection"])
        else:
            options = options_of(connection)
    keep_alive = b"close" not in options and (version == b"1.1" or b"keep-alive" in options)
    framing: BodyFraming
    if b"transfer-encoding" in index:
        framing, keep_alive = _coded(fields, index, version, keep_alive)
    elif b"content-length" in index:
        framing = _sized(fields, index, repeated)
    else:
        framing = UNTIL_CLOSE
    if status < 200 or status == 204:
        _drop(fields, index, b"content-length")
        framing = NO_BODY
    elif status == 304 or request_method == b"HEAD":
        framing = NO_BODY
    return ResponseHead(
        status,
        status_line[3] or b"",
        version,
        tuple(fields),
        framing,
        keep_alive and framing is not UNTIL_CLOSE,
        options,
        index.get(b"upgrade") if b"upgrade" in options else None,
        index,
    )


def _repaired(data: bytes) -> list[bytes]:
    """The lines of a head with line ends or characters that strict readers refuse."""
    lines = [line.removesuffix(b"\r").translate(_TO_SPACE) for line in data.lstrip(b"\r\n").split(b"\n")]
    if len(lines) < 3 or lines[-1] or lines[-2]:
        raise FramingError(502, "incomplete head")
    return lines


def _joined(data: bytes) -> bytes:
    """The head with folded lines joined to those before them (RFC 9112 section 5.2)."""
    status_line, *rest = _repaired(data)
    lines: list[bytes] = []
    for line in rest[:-2]:
        if line[:1] not in _FOLD:
            lines.append(line)
        elif lines:  # one below the status line continues nothing, and is dropped
            lines[-1] = lines[-1].rstrip(b" \t") + b" " + line.strip(b" \t")
    return b"\r\n".join([status_line, *lines, b"", b""])


def _coded(
    fields: list[tuple[bytes, bytes]], index: dict[bytes, bytes], version: bytes, keep_alive: bool
) -> tuple[BodyFraming, bool]:
    """Framing of a response with Transfer-Encoding, and whether its connection may be reused."""
    values = [value.lower() for name, value in fields if name.lower() == b"transfer-encoding"]
    codings = {value for value in values if value != b"identity"}
    if not codings:
        framing = _sized(fields, index, True) if b"content-length" in index else UNTIL_CLOSE
        return framing, False
    if codings != {b"chunked"}:
        raise FramingError(502, "transfer coding besides chunked")
    if b"content-length" in index:
        _drop(fields, index, b"content-length")
        keep_alive = False
    return CHUNKED, keep_alive and len(values) == 1 and version == b"1.1"


def _sized(fields: list[tuple[bytes, bytes]], index: dict[bytes, bytes], repeated: bool) -> BodyFraming:
    """Framing of a response with Content-Length; equal repetitions become one line."""
    length = index[b"content-length"]
    if repeated or not _LENGTH.fullmatch(length):
        given = [value for name, value in fields if name.lower() == b"content-length"]
        lengths = {part.strip(b" \t") for value in given for part in value.split(b",")}
        if len(lengths) != 1:
            raise FramingError(502, "differing Content-Length")
        (length,) = lengths
        if not _LENGTH.fullmatch(length):
            raise FramingError(502, "Content-Length is not a length")
        if len(given) > 1 or given[0] != length:
            place = next(i for i, (name, _) in enumerate(fields) if name.lower() == b"content-length")
            spelt = fields[place][0]
            fields[:] = [field for field in fields if field[0].lower() != b"content-length"]
            fields.insert(place, (spelt, length))
            index[b"content-length"] = length
    return Sized(int(length))


def _drop(fields: list[tuple[bytes, bytes]], index: dict[bytes, bytes], lower: bytes) -> None:
    if lower in index:
        del index[lower]
        fields[:] = [field for field in fields if field[0].lower() != lower]
