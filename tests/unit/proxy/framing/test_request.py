"""Request heads: what is understood, and the status that answers what is not."""

import pytest

from proxy.framing.body_framing import Chunked, NoBody, Sized
from proxy.framing.error import FramingError
from proxy.framing.limits import Limits
from proxy.framing.request import find_head_end, parse_request_head


def request(line: str, *fields: str, host: str | None = "Host: shop") -> bytes:
    lines = [line, *([host] if host else []), *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def get(*fields: str) -> bytes:
    return request("GET / HTTP/1.1", *fields)


REFUSED = [
    ("CL beside TE", 400, get("Content-Length: 5", "Transfer-Encoding: chunked")),
    ("TE beside CL in other cases", 400, get("content-LengtH: 5", "TransFer-Encoding: chunked")),
    ("differing CL", 400, get("Content-Length: 5", "Content-Length: 6")),
    ("equal CL twice", 400, get("Content-Length: 5", "content-length: 5")),
    ("CL list", 400, get("Content-Length: 5, 5")),
    ("CL +5", 400, get("Content-Length: +5")),
    ("CL -5", 400, get("Content-Length: -5")),
    ("CL 0x5", 400, get("Content-Length: 0x5")),
    ("CL 5_0", 400, get("Content-Length: 5_0")),
    ("CL 5 5", 400, get("Content-Length: 5 5")),
    ("CL empty", 400, get("Content-Length:")),
    ("CL of 19 digits", 400, get("Content-Length: " + "9" * 19)),
    ("CL in other digits", 400, get("Content-Length: \xb2")),
    ("TE identity", 400, get("Transfer-Encoding: identity")),
    ("TE empty", 400, get("Transfer-Encoding:")),
    ("TE twice", 400, get("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")),
    ("TE chunked, chunked", 400, get("Transfer-Encoding: chunked, chunked")),
    ("TE chunked, identity", 400, get("Transfer-Encoding: chunked, identity")),
    ("TE identity, chunked", 400, get("Transfer-Encoding: identity, chunked")),
    ("TE chunked with parameter", 400, get("Transfer-Encoding: chunked;x=1")),
    ("TE with vertical tab", 400, get("Transfer-Encoding: \x0bchunked")),
    ("TE gzip, chunked", 501, get("Transfer-Encoding: gzip, chunked")),
    ("TE in HTTP/1.0", 400, request("POST / HTTP/1.0", "Transfer-Encoding: chunked")),
    ("space before colon", 400, get("X : y")),
    ("tab before colon", 400, get("X\t: y")),
    ("space before colon of a frequent name", 400, get("Transfer-Encoding : chunked")),
    ("bare CR", 400, get("X: y\rz")),
    ("bare CR at a line's end", 400, get("X: y\r")),
    ("bare LF", 400, get("X: y\nZ: 1")),
    ("NUL", 400, get("X: y\0z")),
    ("DEL", 400, get("X: y\x7fz")),
    ("control character in a value", 400, get("X: test\x07")),
    ("control character in the target", 400, request("GET /\x01 HTTP/1.1")),
    ("tab in the target", 400, request("GET /a\tb HTTP/1.1")),
    ("obs-fold", 400, get("X: y", " z")),
    ("first field folded", 400, request("GET / HTTP/1.1", " Host: shop", host=None)),
    ("empty name", 400, get(": y")),
    ("name with bracket", 400, get("X-Invalid[]: test")),
    ("non-ASCII name", 400, get("X-\xf1: y")),
    ("line without colon", 400, get("X")),
    ("frequent name without colon", 400, get("Accept")),
    ("no Host", 400, request("GET / HTTP/1.1", host=None)),
    ("two Hosts", 400, get("Host: shop")),
    ("two Hosts in HTTP/1.0", 400, request("GET / HTTP/1.0", "host: other")),
    ("empty Host", 400, request("GET / HTTP/1.1", host="Host:")),
    ("Host with user", 400, request("GET / HTTP/1.1", host="Host: a@shop")),
    ("Host with path", 400, request("GET / HTTP/1.1", host="Host: shop/x")),
    ("Host with space", 400, request("GET / HTTP/1.1", host="Host: a b")),
    ("Host list", 400, request("GET / HTTP/1.1", host="Host: a, b")),
    ("Host with port name", 400, request("GET / HTTP/1.1", host="Host: shop:http")),
    ("absolute form with user", 400, request("GET http://a@shop/ HTTP/1.1")),
    ("absolute form without host", 400, request("GET http:///x HTTP/1.1")),
    ("absolute form of ftp", 400, request("GET ftp://shop/x HTTP/1.1")),
    ("absolute form with invalid Host", 400, request("GET http://shop/ HTTP/1.1", host="Host: a b")),
    ("target without slash", 400, request("GET x HTTP/1.1")),
    ("GET *", 400, request("GET * HTTP/1.1")),
    ("space in the target", 400, request("GET /a b HTTP/1.1")),
    ("two spaces", 400, request("GET  / HTTP/1.1")),
    ("space at the line's end", 400, request("GET / HTTP/1.1 ")),
    ("no version", 400, request("GET /")),
    ("empty version", 400, request("GET / ")),
    ("lower-case version", 400, request("GET / http/1.1")),
    ("version HTTP/1.11", 400, request("GET / HTTP/1.11")),
    ("method that is no token", 400, request("G(T / HTTP/1.1")),
    ("empty method", 400, request(" / HTTP/1.1")),
    ("prefix before the method", 400, request("Extra lineGET / HTTP/1.1")),
    ("CONNECT", 405, request("CONNECT shop:443 HTTP/1.1")),
    ("TRACE", 405, request("TRACE / HTTP/1.1")),
    ("HTTP/2.0 line", 505, request("GET / HTTP/2.0")),
    ("HTTP/2 preface", 505, b"PRI * HTTP/2.0\r\n\r\n"),
    ("HTTP/9.9", 505, request("GET / HTTP/9.9")),
    ("target above its limit", 414, request("GET /" + "x" * 16_384 + " HTTP/1.1")),
    ("fields above their limit", 431, get(*["X: y"] * 512)),
    ("nothing", 400, b""),
    ("only empty lines", 400, b"\r\n\r\n"),
    ("no blank line", 400, b"GET / HTTP/1.1\r\nHost: shop\r\n"),
    ("two heads", 400, get() + get()),
]


@pytest.mark.parametrize(("status", "data"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(status: int, data: bytes) -> None:
    with pytest.raises(FramingError) as refusal:
        parse_request_head(data)
    assert refusal.value.status == status
    assert refusal.value.reason.isprintable()


TARGETS = [
    ("two slashes", "//x"),
    ("dot segments", "/a/../b/./c"),
    ("bad percent", "/%zz"),
    ("encoded slash", "/a%2Fb"),
    ("raw UTF-8", "/a\xc3\xb1o?q=\xe6\x9d\x8e"),
    ("raw Latin-1", "/a\xf1o"),
    ("a URL as a value", "/r?u=http%3A%2F%2Fshop%2F&v=http://shop/"),
    ("quotes and braces", '/x?a="b"&c={d}|^`<e>'),
    ("backslash", "/a\\b"),
    ("fragment", "/a#b"),
]


@pytest.mark.parametrize("target", [row[1] for row in TARGETS], ids=[row[0] for row in TARGETS])
def test_target_is_byte_exact(target: str) -> None:
    head = parse_request_head(request(f"GET {target} HTTP/1.1"))
    assert (head.target, head.path, head.authority) == (target.encode("latin-1"), target.encode("latin-1"), b"shop")


FORMS = [
    ("absolute form", "GET http://Other:81/x?y HTTP/1.1", b"Other:81", b"/x?y"),
    ("absolute form in capitals", "GET HTTPS://other/x HTTP/1.1", b"other", b"/x"),
    ("absolute form without path", "GET http://other HTTP/1.1", b"other", b"/"),
    ("absolute form with query alone", "GET http://other?x HTTP/1.1", b"other", b"/?x"),
    ("absolute form of OPTIONS *", "OPTIONS http://other HTTP/1.1", b"other", b"*"),
    ("absolute form with raw UTF-8", "GET http://other/\xc3\xb1 HTTP/1.1", b"other", b"/\xc3\xb1"),
    ("OPTIONS *", "OPTIONS * HTTP/1.1", b"shop", b"*"),
]


@pytest.mark.parametrize(("line", "authority", "path"), [row[1:] for row in FORMS], ids=[row[0] for row in FORMS])
def test_authority_and_path(line: str, authority: bytes, path: bytes) -> None:
    head = parse_request_head(request(line))
    assert (head.authority, head.path) == (authority, path)
    assert head.target == line.split(" ")[1].encode("latin-1")


@pytest.mark.parametrize(
    "host", ["shop", "SHOP.example:8080", "127.0.0.1:80", "[::1]:8080", "my_shop", "shop:", "xn--a"]
)
def test_host_is_accepted(host: str) -> None:
    assert parse_request_head(request("GET / HTTP/1.1", host=f"Host: {host}")).authority == host.encode()


def test_http_1_0_needs_no_host() -> None:
    head = parse_request_head(request("GET / HTTP/1.0", host=None))
    assert (head.version, head.authority, head.keep_alive) == (b"1.0", b"", False)


@pytest.mark.parametrize("method", ["GET", "PATCH", "PROPFIND", "BASELINE-CONTROL", "GRUNT", "get", "!#$%&'*+-.^_`|~1"])
def test_any_token_is_a_method(method: str) -> None:
    assert parse_request_head(request(f"{method} / HTTP/1.1")).method == method.encode()


FRAMINGS = [
    ("none", [], NoBody()),
    ("sized", ["Content-Length: 5"], Sized(5)),
    ("empty", ["Content-Length: 0"], Sized(0)),
    ("leading zeros", ["Content-Length: 007"], Sized(7)),
    ("18 digits", ["Content-Length: " + "9" * 18], Sized(10**18 - 1)),
    ("chunked", ["Transfer-Encoding: chunked"], Chunked()),
    ("chunked in capitals", ["TRANSFER-ENCODING:CHUNKED"], Chunked()),
]


@pytest.mark.parametrize(("fields", "framing"), [row[1:] for row in FRAMINGS], ids=[row[0] for row in FRAMINGS])
def test_framing(fields: list[str], framing: object) -> None:
    assert parse_request_head(get(*fields)).framing == framing


CONNECTIONS = [
    ("1.1", "1.1", [], True),
    ("1.1 close", "1.1", ["Connection: close"], False),
    ("1.1 Close in a list", "1.1", ["Connection: x, Close"], False),
    ("1.1 close on the second line", "1.1", ["Connection: keep-alive", "connection: close"], False),
    ("1.0", "1.0", [], False),
    ("1.0 keep-alive", "1.0", ["Connection: Keep-Alive"], True),
    ("1.0 both", "1.0", ["Connection: keep-alive, close"], False),
    ("1.2 is read as 1.1", "1.2", [], True),
]


@pytest.mark.parametrize(
    ("version", "fields", "keep_alive"), [row[1:] for row in CONNECTIONS], ids=[row[0] for row in CONNECTIONS]
)
def test_keep_alive(version: str, fields: list[str], keep_alive: bool) -> None:
    assert parse_request_head(request(f"GET / HTTP/{version}", *fields)).keep_alive is keep_alive


UPGRADES = [
    ("asked", "1.1", ["Connection: Upgrade", "Upgrade: websocket"], b"websocket"),
    ("asked in a list", "1.1", ["Connection: keep-alive, Upgrade", "Upgrade: WebSocket"], b"WebSocket"),
    ("not listed in Connection", "1.1", ["Upgrade: websocket"], None),
    ("no Upgrade", "1.1", ["Connection: Upgrade"], None),
    ("HTTP/1.0", "1.0", ["Connection: Upgrade", "Upgrade: websocket"], None),
]


@pytest.mark.parametrize(
    ("version", "fields", "upgrade"), [row[1:] for row in UPGRADES], ids=[row[0] for row in UPGRADES]
)
def test_upgrade(version: str, fields: list[str], upgrade: bytes | None) -> None:
    assert parse_request_head(request(f"GET / HTTP/{version}", *fields)).upgrade == upgrade


@pytest.mark.parametrize(
    ("version", "value", "expected"),
    [("1.1", "100-continue", True), ("1.1", "100-Continue", True), ("1.0", "100-continue", False), ("1.1", "x", False)],
)
def test_expect_continue(version: str, value: str, expected: bool) -> None:
    assert parse_request_head(request(f"PUT / HTTP/{version}", f"Expect: {value}")).expect_continue is expected


def test_fields_keep_order_case_and_bytes() -> None:
    head = parse_request_head(get("x-B:1", "X-a: \t 2 3\t ", "X-b: \xe9: x", "Empty:", "Accept:a: b", "empty-too: "))
    assert head.headers == (
        (b"Host", b"shop"),
        (b"x-B", b"1"),
        (b"X-a", b"2 3"),
        (b"X-b", b"\xe9: x"),
        (b"Empty", b""),
        (b"Accept", b"a: b"),
        (b"empty-too", b""),
    )
    assert head.get(b"x-b") == b"1"
    assert head.get_all(b"x-b") == [b"1", b"\xe9: x"]
    assert (head.get(b"none"), head.get_all(b"none")) == (None, [])


def test_legacy_heads_pass() -> None:
    fields = [f"X-{number}: {number}" for number in range(128)]
    head = parse_request_head(get("Cookie: " + "x=y; " * 3300, *fields))
    assert len(head.headers) == 130
    assert len(head.get(b"cookie") or b"") > 16_384


def test_empty_lines_before_are_skipped() -> None:
    data = b"\r\n\r\n" + get()
    assert find_head_end(data) == len(data)
    assert parse_request_head(bytearray(data)).method == b"GET"


FINDING = [
    ("nothing yet", b"", -1),
    ("first byte", b"G", -1),
    ("half an empty line", b"\r", -1),
    ("an empty line", b"\r\n", -1),
    ("half the blank line", b"GET / HTTP/1.1\r\n\r", -1),
    ("complete", b"GET / HTTP/1.1\r\n\r\n", 18),
    ("with a body", b"GET / HTTP/1.1\r\n\r\nbody\r\n\r\n", 18),
    ("TLS on the plain port", b"\x16\x03\x01", 400),
    ("bare LF", b"GET / HTTP/1.1\n", 400),
    ("bare LF later", b"GET / HTTP/1.1\r\nHost: shop\n", 400),
    ("endless empty lines", b"\r\n" * 5, 400),
    ("endless request line", b"GET /" + b"x" * 17_000, 414),
    ("endless head", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 12_000, 431),
    ("large complete head", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 12_000 + b"\r\n", 431),
]


@pytest.mark.parametrize(("data", "expected"), [row[1:] for row in FINDING], ids=[row[0] for row in FINDING])
def test_find_head_end(data: bytes, expected: int) -> None:
    if expected in (400, 414, 431):
        with pytest.raises(FramingError) as refusal:
            find_head_end(bytearray(data))
        assert refusal.value.status == expected
    else:
        assert find_head_end(data) == find_head_end(bytearray(data)) == expected


def test_limits_are_settings() -> None:
    limits = Limits(target_bytes=10, head_bytes=100, fields=2)
    with pytest.raises(FramingError, match="414"):
        parse_request_head(request("GET /4567890abc HTTP/1.1"), limits)
    with pytest.raises(FramingError, match="431"):
        parse_request_head(get("A: b", "C: d"), limits)
    with pytest.raises(FramingError, match="431"):
        find_head_end(get("A: " + "b" * 100), 0, limits)
