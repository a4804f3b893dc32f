"""Differential: our readers against h11 and httptools; where an oracle differs, the row names it and says why."""

import pytest

from tests.unit.proxy.framing.oracles import (
    Outcome,
    h11_request,
    h11_response,
    httptools_request,
    httptools_response,
    our_request,
    our_response,
)

SAME = frozenset[str]()
H11 = frozenset({"h11"})
TOOLS = frozenset({"httptools"})
BOTH = H11 | TOOLS

CHUNKED = "Transfer-Encoding: chunked"
CHUNKS = "5\r\nhello\r\n0\r\n\r\n"


def request(line: str, *fields: str, body: str = "") -> bytes:
    lines = [line, "Host: shop", *fields, "", body]
    return "\r\n".join(lines).encode("latin-1")


def get(*fields: str) -> bytes:
    return request("GET / HTTP/1.1", *fields)


def post(*fields: str, body: str = "hello") -> bytes:
    return request("POST / HTTP/1.1", *fields, body=body)


REQUESTS = [
    ("plain", get(), SAME, ""),
    ("sized body", post("Content-Length: 5"), SAME, ""),
    ("chunked body", post(CHUNKED, body=CHUNKS), SAME, ""),
    ("chunk extension", post(CHUNKED, body="5;a=b\r\nhello\r\n0\r\n\r\n"), SAME, ""),
    ("trailer", post(CHUNKED, body="5\r\nhello\r\n0\r\nX: y\r\n\r\n"), SAME, ""),
    ("chunk size ended by bare LF", post(CHUNKED, body="5\nhello\r\n0\r\n\r\n"), SAME, ""),
    ("chunk size 0x5", post(CHUNKED, body="0x5\r\nhello\r\n0\r\n\r\n"), SAME, ""),
    ("chunk longer than its size", post(CHUNKED, body="4\r\nhello\r\n0\r\n\r\n"), SAME, ""),
    (
        "space after chunk size",
        post(CHUNKED, body="5 \r\nhello\r\n0\r\n\r\n"),
        H11,
        "h11 tolerates what old servers send",
    ),
    ("chunk size of 17 digits", post(CHUNKED, body="f" * 17 + "\r\n"), H11, "h11 has integers without end, and waits"),
    ("CL beside TE", post("Content-Length: 5", CHUNKED, body="0\r\n\r\n"), H11, "h11 lets TE win"),
    ("CL twice, differing", post("Content-Length: 5", "Content-Length: 6"), SAME, ""),
    ("CL twice, equal", post("Content-Length: 5", "Content-Length: 5"), H11, "h11 merges; no browser sends it"),
    ("CL list", post("Content-Length: 5, 5"), H11, "h11 merges; no browser sends it"),
    ("CL +5", post("Content-Length: +5"), SAME, ""),
    ("CL -5", post("Content-Length: -5"), SAME, ""),
    ("CL 0x5", post("Content-Length: 0x5"), SAME, ""),
    ("CL empty", post("Content-Length:", body=""), SAME, ""),
    ("TE identity", post("Transfer-Encoding: identity", body=""), SAME, ""),
    (
        "TE gzip, chunked",
        post("Transfer-Encoding: gzip, chunked", body="0\r\n\r\n"),
        TOOLS,
        "httptools leaves gzip undone",
    ),
    ("TE twice", post(CHUNKED, CHUNKED, body="0\r\n\r\n"), SAME, ""),
    ("TE xchunked", post("Transfer-Encoding: xchunked", body="0\r\n\r\n"), SAME, ""),
    (
        "TE in HTTP/1.0",
        request("POST / HTTP/1.0", CHUNKED, body="0\r\n\r\n"),
        BOTH,
        "RFC 9112 section 6.1: faulty framing; a 1.0 hop before us saw another message",
    ),
    ("space before colon", get("X : y"), SAME, ""),
    ("obs-fold", get("X: y\r\n z"), H11, "h11 joins; RFC 9112 section 5.2 lets a server refuse"),
    ("bare CR in a value", get("X: y\rz"), SAME, ""),
    ("bare LF line ends", b"GET / HTTP/1.1\nHost: shop\n\n", H11, "h11 takes LF for a line end"),
    ("NUL in a value", get("X: y\0z"), SAME, ""),
    ("BEL in a value", get("X: y\x07z"), H11, "h11 refuses only whitespace and NUL"),
    ("no colon", get("X y"), SAME, ""),
    ("empty name", get(": y"), SAME, ""),
    ("bracket in a name", get("X[]: y"), SAME, ""),
    ("non-ASCII value", get("X: \xe9"), SAME, ""),
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", TOOLS, "httptools leaves Host to its user"),
    ("no Host in HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n", SAME, ""),
    ("two Hosts", get("Host: other"), TOOLS, "httptools leaves Host to its user"),
    ("invalid Host", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", BOTH, "both leave its syntax to their user"),
    ("HTTP/2.0", request("GET / HTTP/2.0"), BOTH, "both leave the major version to their user"),
    ("HTTP/1.2", request("GET / HTTP/1.2"), TOOLS, "RFC 9110 section 2.5: to be read as 1.1"),
    ("no version", b"GET /\r\n\r\n", TOOLS, "httptools knows HTTP/0.9"),
    ("CONNECT", request("CONNECT shop:443 HTTP/1.1"), BOTH, "we are no forward proxy"),
    ("TRACE", request("TRACE / HTTP/1.1"), BOTH, "it would show the shop's cookies to a script"),
    ("unknown method", request("GRUNT / HTTP/1.1"), TOOLS, "httptools has a list of methods"),
    ("registered method", request("BASELINE-CONTROL / HTTP/1.1"), TOOLS, "httptools's list is not the registry's"),
    ("lower-case method", request("get / HTTP/1.1"), TOOLS, "methods are case-sensitive tokens; the shop answers"),
    ("method that is no token", request("G(T / HTTP/1.1"), SAME, ""),
    ("raw UTF-8 target", request("GET /a\xc3\xb1o HTTP/1.1"), BOTH, "browsers of old shops' links send it"),
    ("raw Latin-1 target", request("GET /a\xf1o HTTP/1.1"), BOTH, "browsers of old shops' links send it"),
    ("target //x", request("GET //x HTTP/1.1"), SAME, ""),
    ("target %zz", request("GET /%zz HTTP/1.1"), SAME, ""),
    ("absolute form", request("GET http://shop/x HTTP/1.1"), SAME, ""),
    ("target without slash", request("GET x HTTP/1.1"), H11, "h11 takes any visible text for a target"),
    ("OPTIONS *", request("OPTIONS * HTTP/1.1"), SAME, ""),
    ("two spaces in the request line", request("GET  / HTTP/1.1"), TOOLS, "httptools skips spaces"),
    ("space in the target", request("GET /a b HTTP/1.1"), SAME, ""),
    ("empty line before", b"\r\n" + get(), H11, "RFC 9112 section 2.2: a server should skip it"),
    (
        "POST with Upgrade: h2c",
        post("Connection: Upgrade", "Upgrade: h2c", "Content-Length: 5"),
        TOOLS,
        "httptools hands the body over as bytes of the new protocol",
    ),
]


@pytest.mark.parametrize(("data", "differs"), [row[1:3] for row in REQUESTS], ids=[row[0] for row in REQUESTS])
def test_request_against_oracles(data: bytes, differs: frozenset[str]) -> None:
    ours = our_request(data)
    oracles: dict[str, Outcome] = {"h11": h11_request(data), "httptools": httptools_request(data)}
    assert {name for name, outcome in oracles.items() if outcome != ours} == differs, (ours, oracles)


def response(line: str, *fields: str, body: str = "hello") -> bytes:
    return "\r\n".join([line, *fields, "", body]).encode("latin-1")


OK = "HTTP/1.1 200 OK"
FIVE = "Content-Length: 5"

RESPONSES = [
    ("sized", "GET", response(OK, FIVE), SAME, ""),
    ("chunked", "GET", response(OK, CHUNKED, body=CHUNKS), SAME, ""),
    ("until close", "GET", response(OK), TOOLS, "httptools is not told of the close"),
    ("HEAD", "HEAD", response(OK, FIVE, body=""), TOOLS, "httptools does not know the method"),
    ("204", "GET", response("HTTP/1.1 204 No Content", body=""), SAME, ""),
    ("204 with CL", "GET", response("HTTP/1.1 204 No Content", FIVE, body=""), SAME, ""),
    ("304 with CL", "GET", response("HTTP/1.1 304 Not Modified", FIVE, body=""), SAME, ""),
    ("103", "GET", response("HTTP/1.1 103 Early Hints", "Link: </x>", body=""), SAME, ""),
    ("CL twice, equal", "GET", response(OK, FIVE, FIVE), TOOLS, "RFC 9110 section 8.6 lets us merge"),
    ("CL list, equal", "GET", response(OK, "Content-Length: 5, 5"), TOOLS, "RFC 9110 section 8.6 lets us merge"),
    ("CL differing", "GET", response(OK, FIVE, "Content-Length: 6"), SAME, ""),
    ("CL +5", "GET", response(OK, "Content-Length: +5"), SAME, ""),
    ("CL beside TE", "GET", response(OK, FIVE, CHUNKED, body=CHUNKS), TOOLS, "TE wins (RFC 9112 section 6.3)"),
    ("TE twice", "GET", response(OK, CHUNKED, CHUNKED, body=CHUNKS), H11, "a shop and its server both said it"),
    ("TE identity", "GET", response(OK, "Transfer-Encoding: identity", FIVE), BOTH, "RFC 2616 servers send it"),
    (
        "TE gzip, chunked",
        "GET",
        response(OK, "Transfer-Encoding: gzip, chunked", body=CHUNKS),
        TOOLS,
        "we send no TE, so nobody may; httptools leaves gzip undone",
    ),
    ("TE in HTTP/1.0", "GET", response("HTTP/1.0 200 OK", CHUNKED, body=CHUNKS), SAME, ""),
    ("line without colon", "GET", response(OK, "garbage", FIVE), BOTH, "browsers skip it"),
    ("space before colon", "GET", response(OK, "X : y", FIVE), BOTH, "RFC 9112 section 5.1: a proxy removes it"),
    ("space in a name", "GET", response(OK, "X Y: y", FIVE), BOTH, "browsers skip it"),
    ("obs-fold", "GET", response(OK, "X: y\r\n z", FIVE), TOOLS, "RFC 9112 section 5.2: a proxy joins it"),
    ("bare LF line ends", "GET", response(OK, FIVE).replace(b"\r", b""), TOOLS, "CGI scripts send them"),
    ("bare CR in a value", "GET", response(OK, "X: y\rz", FIVE), BOTH, "RFC 9110 section 5.5: replaced by a space"),
    ("NUL in a value", "GET", response(OK, "X: y\0z", FIVE), BOTH, "RFC 9110 section 5.5: replaced by a space"),
    ("ESC in a value", "GET", response(OK, "X: y\x1bz", FIVE), TOOLS, "ISO-2022-JP file names have it"),
    ("520", "GET", response("HTTP/1.1 520 Unknown", FIVE), SAME, ""),
    ("999", "GET", response("HTTP/1.1 999 Request denied", FIVE), SAME, ""),
    ("099", "GET", response("HTTP/1.1 099 X", FIVE), TOOLS, "no status begins with 0"),
    ("no reason phrase", "GET", response("HTTP/1.1 200", FIVE), SAME, ""),
    ("empty reason phrase", "GET", response("HTTP/1.1 200 ", FIVE), SAME, ""),
    ("Latin-1 reason phrase", "GET", response("HTTP/1.1 404 P\xe1gina no encontrada", FIVE), SAME, ""),
    ("truncated CL", "GET", response(OK, FIVE, body="hel"), SAME, ""),
    ("truncated chunk", "GET", response(OK, CHUNKED, body="5\r\nhel"), SAME, ""),
    ("bytes after CL", "GET", response(OK, FIVE, body="hello extra"), TOOLS, "left to the connection, which closes"),
    ("HTTP/2.0", "GET", response("HTTP/2.0 200 OK", FIVE), BOTH, "both leave the major version to their user"),
    ("ICY", "GET", response("ICY 200 OK", FIVE), SAME, ""),
    ("empty line before", "GET", b"\r\n" + response(OK, FIVE), H11, "left over by a script that wrote too much"),
    (
        "padded chunk size",
        "GET",
        response(OK, CHUNKED, body="5   \r\nhello\r\n0\r\n\r\n"),
        TOOLS,
        "old servers pad chunk sizes",
    ),
]


@pytest.mark.parametrize(
    ("method", "data", "differs"), [row[1:4] for row in RESPONSES], ids=[row[0] for row in RESPONSES]
)
def test_response_against_oracles(method: str, data: bytes, differs: frozenset[str]) -> None:
    ours = our_response(data, method.encode())
    oracles: dict[str, Outcome] = {
        "h11": h11_response(data, method.encode()),
        "httptools": httptools_response(data),
    }
    assert {name for name, outcome in oracles.items() if outcome != ours} == differs, (ours, oracles)


def test_every_difference_has_its_reason() -> None:
    rows = [(row[0], row[-2], row[-1]) for row in (*REQUESTS, *RESPONSES)]
    assert [name for name, differs, why in rows if bool(differs) != bool(why)] == []
