"""Response heads: each row of the tolerance table, and what stays refused."""

import pytest

from proxy.framing.body_framing import Chunked, NoBody, Sized, UntilClose
from proxy.framing.error import FramingError
from proxy.framing.head import Headers, ResponseHead
from proxy.framing.limits import Limits
from proxy.framing.response import find_response_head_end, parse_response_head

OK = "HTTP/1.1 200 OK"
FIVE = "Content-Length: 5"
CHUNKED = "Transfer-Encoding: chunked"


def response(line: str, *fields: str) -> bytes:
    return "\r\n".join([line, *fields, "", ""]).encode("latin-1")


def parse(line: str, *fields: str, method: bytes = b"GET") -> ResponseHead:
    return parse_response_head(response(line, *fields), method)


FRAMINGS = [
    ("sized", "GET", OK, [FIVE], Sized(5), True),
    ("sized in HTTP/1.0", "GET", "HTTP/1.0 200 OK", [FIVE], Sized(5), False),
    ("sized in HTTP/1.0 keep-alive", "GET", "HTTP/1.0 200 OK", [FIVE, "Connection: Keep-Alive"], Sized(5), True),
    ("sized, close", "GET", OK, [FIVE, "Connection: close"], Sized(5), False),
    ("close on the second line", "GET", OK, [FIVE, "Connection: x", "Connection: Close"], Sized(5), False),
    ("chunked", "GET", OK, [CHUNKED], Chunked(), True),
    ("until close", "GET", OK, [], UntilClose(), False),
    ("until close, claiming keep-alive", "GET", OK, ["Connection: keep-alive"], UntilClose(), False),
    ("HEAD", "HEAD", OK, [FIVE], NoBody(), True),
    ("HEAD chunked", "HEAD", OK, [CHUNKED], NoBody(), True),
    ("HEAD without length", "HEAD", OK, [], NoBody(), True),
    ("HEAD, close", "HEAD", OK, ["Connection: close"], NoBody(), False),
    ("204", "GET", "HTTP/1.1 204 No Content", [], NoBody(), True),
    ("304 with CL", "GET", "HTTP/1.1 304 Not Modified", [FIVE], NoBody(), True),
    ("103", "GET", "HTTP/1.1 103 Early Hints", ["Link: </x>"], NoBody(), True),
    ("205 without length", "GET", "HTTP/1.1 205 Reset Content", [], UntilClose(), False),
    ("CL twice, equal", "GET", OK, [FIVE, FIVE], Sized(5), True),
    ("CL list, equal", "GET", OK, ["Content-Length: 5 ,5"], Sized(5), True),
    ("CL beside TE", "GET", OK, [FIVE, CHUNKED], Chunked(), False),
    ("invalid CL beside TE", "GET", OK, ["Content-Length: x", CHUNKED], Chunked(), False),
    ("TE twice", "GET", OK, [CHUNKED, "transfer-encoding: Chunked"], Chunked(), False),
    ("TE in HTTP/1.0", "GET", "HTTP/1.0 200 OK", [CHUNKED, "Connection: keep-alive"], Chunked(), False),
    ("TE identity with CL", "GET", OK, ["Transfer-Encoding: identity", FIVE], Sized(5), False),
    ("TE identity alone", "GET", OK, ["Transfer-Encoding: identity"], UntilClose(), False),
]


@pytest.mark.parametrize(
    ("method", "line", "fields", "framing", "keep_alive"),
    [row[1:] for row in FRAMINGS],
    ids=[row[0] for row in FRAMINGS],
)
def test_framing(method: str, line: str, fields: list[str], framing: object, keep_alive: bool) -> None:
    head = parse(line, *fields, method=method.encode())
    assert (head.framing, head.keep_alive) == (framing, keep_alive)


CLEANED: list[tuple[str, bytes, Headers]] = [
    (
        "equal CL merged",
        response(OK, "A: 1", FIVE, "B: 2", FIVE),
        ((b"A", b"1"), (b"Content-Length", b"5"), (b"B", b"2")),
    ),
    ("CL list merged", response(OK, "content-length: 5, 5"), ((b"content-length", b"5"),)),
    ("CL beside TE dropped", response(OK, FIVE, CHUNKED), ((b"Transfer-Encoding", b"chunked"),)),
    ("CL of 204 dropped", response("HTTP/1.1 204 No Content", FIVE, "A: 1"), ((b"A", b"1"),)),
    ("CL of 304 kept", response("HTTP/1.1 304 Not Modified", FIVE), ((b"Content-Length", b"5"),)),
    ("line without colon dropped", response(OK, "garbage", "A: 1", "Accept"), ((b"A", b"1"),)),
    ("no token as name dropped", response(OK, "X Y: 1", ": 2", "\xf1: 3", "A: 1"), ((b"A", b"1"),)),
    ("space before colon removed", response(OK, "X : 1", "Server\t: 2"), ((b"X", b"1"), (b"Server", b"2"))),
    ("obs-fold joined", response(OK, "X: 1", "  2", "\t3 ", "Y: 4"), ((b"X", b"1 2 3"), (b"Y", b"4"))),
    ("first line folded", response(OK, " 2", "Y: 4"), ((b"Y", b"4"),)),
    ("bare LF line ends", b"HTTP/1.1 200 OK\nA: 1\nB: 2\n\n", ((b"A", b"1"), (b"B", b"2"))),
    ("mixed line ends", b"HTTP/1.1 200 OK\r\nA: 1\nB: 2\r\n\n", ((b"A", b"1"), (b"B", b"2"))),
    ("mixed line ends, other way", b"HTTP/1.1 200 OK\nA: 1\r\nB: 2\n\r\n", ((b"A", b"1"), (b"B", b"2"))),
    ("empty lines before", b"\r\n\n" + response(OK, "A: 1"), ((b"A", b"1"),)),
    ("NUL, CR, VT, FF become spaces", response(OK, "A: 1\x002\r3\x0b4\x0c5"), ((b"A", b"1 2 3 4 5"),)),
    ("other control characters stay", response(OK, "A: \x1b$B1\x1b(B"), ((b"A", b"\x1b$B1\x1b(B"),)),
    ("non-ASCII stays", response(OK, "A: \xc3\xb1\xff"), ((b"A", b"\xc3\xb1\xff"),)),
    (
        "eighteen cookies stay eighteen",
        response(OK, *[f"Set-Cookie: cart[{i}]=x; Expires=Sunday, 29-Nov-2026" for i in range(18)]),
        tuple((b"Set-Cookie", b"cart[%d]=x; Expires=Sunday, 29-Nov-2026" % i) for i in range(18)),
    ),
]


@pytest.mark.parametrize(("data", "headers"), [row[1:] for row in CLEANED], ids=[row[0] for row in CLEANED])
def test_cleaned_fields(data: bytes, headers: Headers) -> None:
    assert find_response_head_end(data) == len(data)
    head = parse_response_head(bytearray(data), b"GET")
    assert head.headers == headers
    assert {name.lower() for name, _ in headers} == set(head.index)
    assert all(head.get(name.lower()) == head.get_all(name.lower())[0] for name, _ in headers)


STATUS_LINES = [
    ("usual", "HTTP/1.1 200 OK", 200, b"OK"),
    ("no reason phrase", "HTTP/1.1 200", 200, b""),
    ("empty reason phrase", "HTTP/1.1 200 ", 200, b""),
    ("Latin-1 reason phrase", "HTTP/1.1 404 P\xe1gina no encontrada", 404, b"P\xe1gina no encontrada"),
    ("520", "HTTP/1.1 520 Web Server Is Returning an Unknown Error", 520, None),
    ("999", "HTTP/1.1 999 Request denied", 999, b"Request denied"),
    ("HTTP/1.0", "HTTP/1.0 200 OK", 200, b"OK"),
]


@pytest.mark.parametrize(
    ("line", "status", "reason"), [row[1:] for row in STATUS_LINES], ids=[row[0] for row in STATUS_LINES]
)
def test_status_line(line: str, status: int, reason: bytes | None) -> None:
    head = parse(line, FIVE)
    assert (head.status, head.version.decode()) == (status, line[5:8])
    assert reason is None or head.reason == reason


REFUSED = [
    ("CL differing", response(OK, FIVE, "Content-Length: 6")),
    ("CL list differing", response(OK, "Content-Length: 5, 6")),
    ("CL +5", response(OK, "Content-Length: +5")),
    ("CL empty", response(OK, "Content-Length:")),
    ("TE gzip, chunked", response(OK, "Transfer-Encoding: gzip, chunked")),
    ("TE chunked, chunked", response(OK, "Transfer-Encoding: chunked, chunked")),
    ("TE gzip", response(OK, "Transfer-Encoding: gzip")),
    ("HTTP/2.0", response("HTTP/2.0 200 OK")),
    ("ICY", response("ICY 200 OK")),
    ("status of two digits", response("HTTP/1.1 20 OK")),
    ("status 099", response("HTTP/1.1 099 OK")),
    ("status joined to the reason", response("HTTP/1.1 200OK")),
    ("HTTP/0.9", b"<html>\r\n\r\n"),
    ("nothing", b""),
    ("empty lines", b"\r\n\r\n"),
    ("no blank line", b"HTTP/1.1 200 OK\r\n"),
    ("too many fields", response(OK, *["A: b"] * 513)),
]


@pytest.mark.parametrize("data", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(data: bytes) -> None:
    with pytest.raises(FramingError) as refusal:
        parse_response_head(data, b"GET")
    assert refusal.value.status == 502


def test_upgrade_needs_connection() -> None:
    line = "HTTP/1.1 101 Switching Protocols"
    assert parse(line, "Connection: upgrade", "Upgrade: websocket").upgrade == b"websocket"
    assert parse(line, "Upgrade: websocket").upgrade is None


FINDING = [
    ("nothing yet", b"", -1),
    ("empty lines", b"\r\n\r\n", -1),
    ("first bytes", b"HTT", -1),
    ("half the blank line", b"HTTP/1.1 200 OK\r\n\r", -1),
    ("complete", b"HTTP/1.1 200 OK\r\n\r\nbody\n\n", 19),
    ("bare LF", b"HTTP/1.1 200 OK\n\nbody", 17),
    ("not HTTP", b"SSH-2.0-OpenSSH\r\n", 502),
    ("endless", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 12_000, 502),
    ("large", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 12_000 + b"\r\n", 502),
]


@pytest.mark.parametrize(("data", "expected"), [row[1:] for row in FINDING], ids=[row[0] for row in FINDING])
def test_find_response_head_end(data: bytes, expected: int) -> None:
    if expected == 502:
        with pytest.raises(FramingError) as refusal:
            find_response_head_end(bytearray(data))
        assert refusal.value.status == 502
    else:
        assert find_response_head_end(data) == find_response_head_end(bytearray(data)) == expected


def test_limits_are_settings() -> None:
    with pytest.raises(FramingError, match="502"):
        find_response_head_end(response(OK, "A: " + "b" * 100), 0, Limits(head_bytes=100))
    with pytest.raises(FramingError, match="502"):
        parse_response_head(response(OK, "A: 1", "B: 2"), b"GET", Limits(fields=1))
