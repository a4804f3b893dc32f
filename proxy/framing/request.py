"""Strict reading of request heads (RFC 9112, and where it leaves a choice, the choice that no next hop can misread).

| found | answer |
|---|---|
| control characters, bare CR or LF, NUL, obs-fold, a field name that is no token, a space before the colon | 400 |
| Content-Length repeated, a list, signed, not decimal, or beside Transfer-Encoding | 400 |
| Transfer-Encoding repeated, in HTTP/1.0, or not ending in one `chunked` (`identity` too) | 400 |
| Transfer-Encoding with a further coding before `chunked` | 501 |
| Host missing in HTTP/1.1, repeated, or not a host and port; an absolute form with user information | 400 |
| a target neither in origin form, nor absolute http(s), nor `*` with OPTIONS | 400 |
| CONNECT, TRACE | 405 |
| target, head or number of fields above the limits | 414, 431, 431 |
| another major version | 505 |

Any other token is a method, and any bytes without spaces and control characters are a target.
"""

import re
from functools import lru_cache

from proxy.framing.body_framing import CHUNKED, NO_BODY, BodyFraming, Sized
from proxy.framing.connection import NO_OPTIONS, connection_options, options_of
from proxy.framing.error import FramingError
from proxy.framing.field_names import KNOWN, TOKEN, lower_name
from proxy.framing.head import RequestHead
from proxy.framing.limits import DEFAULT_LIMITS, Limits

_CONTROLS = bytes(set(range(0x20)) - {0x09} | {0x7F})
_FREQUENT_METHODS = frozenset((b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH"))
FREQUENT_LINE = re.compile(rb"(GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH) (/[!-~\x80-\xff]*) HTTP/1\.1(?=\r\n)")
"""An ordinary request line, in origin form: method and target are what `parse_request_head` would make of them, but for
the limits."""
_REFUSED_METHODS = frozenset((b"CONNECT", b"TRACE"))
_SINGLE = frozenset((b"host", b"content-length", b"transfer-encoding"))
_VERSION = re.compile(rb"HTTP/([0-9])\.([0-9])")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE)
_HOST = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+,;=-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{0,5})?")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_LONGEST_HOST = 261  # a name of 255 bytes, a colon and five digits
_MOST_EMPTY_LINES = 4
_REQUEST_LINE_REST = 64  # method, version and spaces beside the target
_FOLD = (0x20, 0x09)


def find_head_end(buffer: bytes | bytearray, start: int = 0, limits: Limits = DEFAULT_LIMITS) -> int:
    """Index just past the blank line that ends the head at the buffer's beginning, or -1 if it has not come yet.

    `start` is where to search from: 0 at first, later `max(0, length of the buffer at the last call - 3)`.
    Raises `FramingError` as soon as a limit is passed or the bytes cannot become a request.
    """
    begin = 0
    while buffer.startswith(b"\r\n", begin):  # RFC 9112 section 2.2: a few empty lines before a request are skipped
        begin += 2
        if begin > 2 * _MOST_EMPTY_LINES:
            raise FramingError(400, "empty lines instead of a request")
    found = buffer.find(b"\r\n\r\n", max(begin, start) if begin else start)
    if found >= 0:
        if found + 4 - begin > limits.head_bytes:
            raise FramingError(431, "head too large")
        return found + 4
    size = len(buffer) - begin
    if size <= 0:
        return -1
    # What follows sees only unfinished heads: refuse now what would otherwise wait for its time-out.
    if buffer[begin] != 0x0D and not TOKEN.match(buffer, begin, begin + 1):
        raise FramingError(400, "not a request")
    if _BARE_LF.search(buffer, max(start, begin)):
        raise FramingError(400, "bare LF")
    longest_line = limits.target_bytes + _REQUEST_LINE_REST
    if size > longest_line and buffer.find(b"\n", begin, begin + longest_line) < 0:
        raise FramingError(414, "request line too long")
    if size > limits.head_bytes:
        raise FramingError(431, "head too large")
    return -1


def parse_request_head(data: bytes | bytearray, limits: Limits = DEFAULT_LIMITS) -> RequestHead:
    """Parse a complete head (through its blank line; empty lines before it are skipped). Raises `FramingError`."""
    if type(data) is not bytes:
        data = bytes(data)
    while data.startswith(b"\r\n"):
        data = data[2:]
    if not data.endswith(b"\r\n\r\n"):
        raise FramingError(400, "incomplete head")
    lines = data.split(b"\r\n")
    # One pass finds everything forbidden: if more was deleted than the line ends, a control character was in between.
    if len(data) - len(data.translate(None, _CONTROLS)) != 2 * (len(lines) - 1):
        raise FramingError(400, "control character")
    del lines[-2:]
    method, target, version = _request_line(lines[0], limits)
    if len(lines) > limits.fields + 1:
        raise FramingError(431, "too many fields")

    del lines[0]
    fields: list[tuple[bytes, bytes]] = []
    index: dict[bytes, bytes] = {}
    repeated = False
    known = KNOWN.get
    for line in lines:
        name, colon, value = line.partition(b": ")
        lower = known(name) if colon else None
        if lower is None:
            name, lower, value = _unusual_line(line)
        value = value.strip(b" \t")
        if lower in index:
            if lower in _SINGLE:
                raise FramingError(400, f"repeated {lower.decode()}")
            repeated = True
        else:
            index[lower] = value
        fields.append((name, value))
    headers = tuple(fields)

    options = NO_OPTIONS
    connection = index.get(b"connection")
    if connection is not None:
        if repeated:
            options = connection_options([value for name, value in headers if name.lower() == b"connection"])
        else:
            options = options_of(connection)
    is_1_1 = version == b"1.1"
    expect = index.get(b"expect")
    authority, path = _authority_and_path(method, target, index.get(b"host"), is_1_1)
    return RequestHead(
        method,
        target,
        version,
        headers,
        _framing(index, is_1_1),
        (b"close" not in options) if is_1_1 else (b"keep-alive" in options and b"close" not in options),
        expect is not None and is_1_1 and expect.lower() == b"100-continue",
        options,
        index.get(b"upgrade") if is_1_1 and b"upgrade" in options else None,
        authority,
        path,
        index,
    )


def repeated_request_head(known: RequestHead, method: bytes, target: bytes) -> RequestHead:
    """The head that has this request line (see `FREQUENT_LINE`) and the fields of `known`.

    `known` must be of HTTP/1.1, in origin form, without a body: nothing in it but the method and the target then
    depends on its request line.
    """
    return RequestHead(
        method,
        target,
        known.version,
        known.headers,
        known.framing,
        known.keep_alive,
        known.expect_continue,
        known.connection,
        known.upgrade,
        known.authority,
        target,
        known.index,
    )


def has_controls(value: bytes) -> bool:
    """A control character is in it that no line of a head may hold."""
    return len(value.translate(None, _CONTROLS)) != len(value)


def _request_line(line: bytes, limits: Limits) -> tuple[bytes, bytes, bytes]:
    parts = line.split(b" ")
    if len(parts) != 3:
        raise FramingError(400, "not a request line")
    method, target, protocol = parts
    if len(target) > limits.target_bytes:
        raise FramingError(414, "target too long")
    if protocol == b"HTTP/1.1":
        version = b"1.1"
    else:
        numbers = _VERSION.fullmatch(protocol)
        if numbers is None:
            raise FramingError(400, "not a version")
        if numbers[1] != b"1":
            raise FramingError(505, "not HTTP/1")
        version = b"1.0" if numbers[2] == b"0" else b"1.1"  # RFC 9110 section 2.5: 1.2 is read as the 1.1 we know
    if method not in _FREQUENT_METHODS:
        if not TOKEN.fullmatch(method):
            raise FramingError(400, "method is not a token")
        if method in _REFUSED_METHODS:
            raise FramingError(405, method.decode())
    return method, target, version


def _unusual_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Name, lower-case name and untrimmed value of a line whose name is not a frequent one."""
    name, colon, value = line.partition(b":")
    lower = lower_name(name) if colon else None
    if lower is not None:
        return name, lower, value
    if line and line[0] in _FOLD:
        raise FramingError(400, "folded line")
    if colon and name.endswith((b" ", b"\t")):
        raise FramingError(400, "space before colon")
    raise FramingError(400, "field name is not a token" if colon else "field line without colon")


def _framing(index: dict[bytes, bytes], is_1_1: bool) -> BodyFraming:
    """RFC 9112 section 6.3, without its lenient branches."""
    coding = index.get(b"transfer-encoding")
    length = index.get(b"content-length")
    if coding is not None:
        if length is not None:
            raise FramingError(400, "Content-Length beside Transfer-Encoding")
        if not is_1_1:
            raise FramingError(400, "Transfer-Encoding in HTTP/1.0")
        codings = [part.strip(b" \t") for part in coding.lower().split(b",")]
        if codings == [b"chunked"]:
            return CHUNKED
        if codings[-1] == b"chunked" and codings.count(b"chunked") == 1 and not {b"", b"identity"} & set(codings):
            raise FramingError(501, "transfer coding besides chunked")
        raise FramingError(400, "Transfer-Encoding is not chunked")
    if length is not None:
        if not _LENGTH.fullmatch(length):
            raise FramingError(400, "Content-Length is not a length")
        return Sized(int(length))
    return NO_BODY


def _authority_and_path(method: bytes, target: bytes, host: bytes | None, is_1_1: bool) -> tuple[bytes, bytes]:
    """The host asked for and the target in origin form (RFC 9112 sections 3.2 and 3.3)."""
    if host is None:
        if is_1_1:
            raise FramingError(400, "no Host")
        host = b""
    elif not _is_host(host):
        raise FramingError(400, "invalid Host")
    if target[:1] == b"/":
        if b"\t" in target:
            raise FramingError(400, "invalid target")
        return host, target
    if target == b"*" and method == b"OPTIONS":
        return host, target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or b"\t" in target or not _is_host(absolute[1]):
        raise FramingError(400, "invalid target")
    path = absolute[2]
    if not path and method == b"OPTIONS":
        path = b"*"
    elif path[:1] != b"/":
        path = b"/" + path
    return absolute[1], path


def _is_host(value: bytes) -> bool:
    """A name or address with an optional port."""
    return len(value) <= _LONGEST_HOST and _matches_host(value)


@lru_cache(maxsize=256)
def _matches_host(value: bytes) -> bool:
    """Remembered, for one shop has few."""
    return _HOST.fullmatch(value) is not None
