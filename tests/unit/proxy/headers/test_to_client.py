"""Response fields towards the client."""

import pytest

from proxy.framing.body_framing import CHUNKED, NO_BODY, UNTIL_CLOSE, BodyFraming, Sized
from proxy.framing.head import ResponseHead
from proxy.framing.response import parse_response_head
from proxy.headers.to_client import framed, to_client
from proxy.headers.upgrade import agrees_to_tunnel


def parse(*fields: str, line: str = "HTTP/1.1 200 OK") -> ResponseHead:
    return parse_response_head("\r\n".join([line, *fields, "", ""]).encode("latin-1"), b"GET")


PASSED = [
    "Date: x",
    "server: Apache/2.2.22 (Debian)",
    "Set-Cookie: cart[uid]=1; Expires=Sunday, 29-Nov-2026",
    "Set-Cookie: a=1",
    "set-cookie: a=1; path=/x",
    "Via: 1.1 varnish",
    "X-Y: \xff\xc3",
    "ETag: W/x",
    "Content-Length: 5",
    "Cache-Control: public",
    "my_header: 1",
]


def test_end_to_end_fields_pass_byte_exact() -> None:
    head = parse(*PASSED)
    assert to_client(head) == list(head.headers)
    assert len(head.headers) == len(PASSED)


REMOVED = [
    ("Connection", ["Connection: close"]),
    ("what Connection lists", ["Connection: X-A", "x-a: 1"]),
    ("Keep-Alive", ["Keep-Alive: timeout=5, max=100"]),
    ("Proxy-*", ["Proxy-Authenticate: Basic", "Proxy-Connection: x"]),
    ("Transfer-Encoding", ["Transfer-Encoding: chunked"]),
    ("TE, Trailer", ["TE: x", "Trailer: X"]),
    ("Upgrade: h2 of a server that offers it", ["Upgrade: h2,h2c", "Connection: Upgrade"]),
]


@pytest.mark.parametrize("fields", [row[1] for row in REMOVED], ids=[row[0] for row in REMOVED])
def test_removed(fields: list[str]) -> None:
    assert to_client(parse(*fields)) == []


def test_connection_cannot_remove_what_matters() -> None:
    fields = [
        "Set-Cookie: a=1",
        "Cache-Control: private",
        "Content-Type: text/html",
        "Location: /x",
        "Content-Length: 5",
    ]
    names = ", ".join(field.split(":")[0] for field in fields)
    assert len(to_client(parse(f"Connection: {names}", *fields))) == len(fields)


def test_websocket_is_agreed_to() -> None:
    head = parse(
        "upgrade: WebSocket", "connection: upgrade", "Sec-WebSocket-Accept: x", line="HTTP/1.1 101 Switching Protocols"
    )
    assert agrees_to_tunnel(head)
    assert to_client(head) == [(b"Sec-WebSocket-Accept", b"x"), (b"Connection", b"Upgrade"), (b"Upgrade", b"WebSocket")]
    assert not agrees_to_tunnel(parse("Upgrade: h2c", "Connection: Upgrade", line="HTTP/1.1 101 X"))
    assert not agrees_to_tunnel(parse("Upgrade: websocket", "Connection: Upgrade"))


TE = [(b"Transfer-Encoding", b"chunked")]
CLOSE = [(b"Connection", b"close")]
STAY = [(b"Connection", b"keep-alive")]
FRAMED = [
    ("sized", Sized(5), b"1.1", True, [], Sized(5), True),
    ("sized, closing", Sized(5), b"1.1", False, CLOSE, Sized(5), False),
    ("sized to 1.0", Sized(5), b"1.0", True, STAY, Sized(5), True),
    ("sized to 1.0, closing", Sized(5), b"1.0", False, CLOSE, Sized(5), False),
    ("no body", NO_BODY, b"1.1", True, [], NO_BODY, True),
    ("no body to 1.0", NO_BODY, b"1.0", True, STAY, NO_BODY, True),
    ("chunked", CHUNKED, b"1.1", True, TE, CHUNKED, True),
    ("chunked, closing", CHUNKED, b"1.1", False, TE + CLOSE, CHUNKED, False),
    ("chunked to 1.0", CHUNKED, b"1.0", True, CLOSE, UNTIL_CLOSE, False),
    ("until close", UNTIL_CLOSE, b"1.1", True, TE, CHUNKED, True),
    ("until close to 1.0", UNTIL_CLOSE, b"1.0", True, CLOSE, UNTIL_CLOSE, False),
]


@pytest.mark.parametrize(
    ("framing", "version", "keep_alive", "added", "written", "lives"),
    [row[1:] for row in FRAMED],
    ids=[row[0] for row in FRAMED],
)
def test_framed(
    framing: BodyFraming,
    version: bytes,
    keep_alive: bool,
    added: list[tuple[bytes, bytes]],
    written: BodyFraming,
    lives: bool,
) -> None:
    fields = [(b"A", b"1")]
    assert framed(fields, framing, version=version, keep_alive=keep_alive) == ([(b"A", b"1"), *added], written, lives)
    assert fields == [(b"A", b"1")]
