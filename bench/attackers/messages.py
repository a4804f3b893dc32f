"""Requests that must not be understood, and fields that must not arrive."""

from collections.abc import Callable

from bench.attackers.clients import ask
from bench.attackers.fronts import Front
from bench.attackers.rows import Outcome, Row

_HOST = b"Host: shop.test\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"


def _get(fields: bytes, line: bytes = b"GET /echo HTTP/1.1") -> bytes:
    return line + b"\r\n" + fields + b"\r\n"


def _post(fields: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"POST /echo HTTP/" + version + b"\r\n" + _HOST + fields + b"\r\n" + body


MALFORMED: dict[str, bytes] = {
    "no Host": _get(b""),
    "two Hosts": _get(_HOST + b"Host: evil.test\r\n"),
    "Host with a path": _get(b"Host: shop.test/evil\r\n"),
    "Host with user information": _get(b"Host: a@shop.test\r\n"),
    "Host with a space": _get(b"Host: shop.test evil\r\n"),
    "Content-Length and Transfer-Encoding": _post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "two Content-Lengths": _post(b"Content-Length: 1\r\nContent-Length: 2\r\n", b"ab"),
    "a list of Content-Lengths": _post(b"Content-Length: 2, 2\r\n", b"ab"),
    "Content-Length +2": _post(b"Content-Length: +2\r\n", b"ab"),
    "Content-Length 0x2": _post(b"Content-Length: 0x2\r\n", b"ab"),
    "Content-Length -1": _post(b"Content-Length: -1\r\n"),
    "Transfer-Encoding identity": _post(b"Transfer-Encoding: identity\r\n"),
    "Transfer-Encoding xchunked": _post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
    "Transfer-Encoding gzip, chunked": _post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"),
    "two Transfer-Encodings": _post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "Transfer-Encoding in HTTP/1.0": _post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"1.0"),
    "space before the colon": _get(_HOST + b"X-A : b\r\n"),
    "folded line": _get(_HOST + b"X-A: b\r\n c\r\n"),
    "line without a colon": _get(_HOST + b"X-A\r\n"),
    "empty name": _get(_HOST + b": b\r\n"),
    "name that is no token": _get(_HOST + b"X(A): b\r\n"),
    "bare LF": _get(_HOST + b"X-A: b\nX-B: c\r\n"),
    "bare CR in a value": _get(_HOST + b"X-A: b\rX-B: c\r\n"),
    "NUL in a value": _get(_HOST + b"X-A: b\0c\r\n"),
    "control character in a value": _get(_HOST + b"X-A: b\x01c\r\n"),
    "tab in the request line": _get(_HOST, b"GET\t/echo\tHTTP/1.1"),
    "two spaces in the request line": _get(_HOST, b"GET  /echo HTTP/1.1"),
    "HTTP/2.0": _get(_HOST, b"GET /echo HTTP/2.0"),
    "HTTP/0.9": b"GET /echo\r\n\r\n",
    "TRACE": _get(_HOST, b"TRACE /echo HTTP/1.1"),
    "CONNECT": _get(_HOST, b"CONNECT shop.test:443 HTTP/1.1"),
    "target without a slash": _get(_HOST, b"GET echo HTTP/1.1"),
    "target of 40 KB": _get(_HOST, b"GET /echo?" + b"a" * 40_000 + b" HTTP/1.1"),
    "head of 100 KB": _get(_HOST + b"X-A: " + b"a" * 100_000 + b"\r\n"),
    "1,000 fields": _get(_HOST + b"".join(b"X-%d: a\r\n" % number for number in range(1000))),
    "chunk size that is none": _post(b"Transfer-Encoding: chunked\r\n", b"xyz\r\n"),
    "chunk size of 17 digits": _post(b"Transfer-Encoding: chunked\r\n", b"1" + b"0" * 16 + b"\r\n"),
    "chunk that is longer than it says": _post(b"Transfer-Encoding: chunked\r\n", b"2\r\nabcd\r\n0\r\n\r\n"),
    "chunk extension of 20 KB": _post(_CHUNKED, b"2;" + b"x" * 20_000 + b"\r\nab\r\n0\r\n\r\n"),
}  # fmt: skip

# Field that is sent → what of the head that reached the origin means that it did harm.
FORGED: dict[str, tuple[bytes, Callable[[bytes], bool]]] = {
    "X-Forwarded-For": (b"X-Forwarded-For: 6.6.6.6\r\n", lambda head: b"6.6.6.6" in head),
    "X_Forwarded_For": (b"X_Forwarded_For: 6.6.6.6\r\n", lambda head: b"6.6.6.6" in head),
    "X-Forwarded-Host": (b"X-Forwarded-Host: evil.test\r\n", lambda head: b"evil.test" in head),
    "X-Forwarded-Proto": (b"X-Forwarded-Proto: gopher\r\n", lambda head: b"gopher" in head),
    "Forwarded": (b"Forwarded: for=6.6.6.6\r\n", lambda head: b"6.6.6.6" in head),
    "Proxy (httpoxy)": (b"Proxy: http://evil.test\r\n", lambda head: b"evil.test" in head),
    "Connection: Cookie": (b"Connection: Cookie\r\nCookie: sid=1\r\n", lambda head: b"sid=1" not in head),
    "Connection: Authorization": (
        b"Connection: Authorization\r\nAuthorization: Basic eA==\r\n",
        lambda head: b"Basic eA==" not in head,
    ),
    "Connection: X-Hop, X-Hop": (b"Connection: X-Hop\r\nX-Hop: 1\r\n", lambda head: b"x-hop: 1" in head),
    "Upgrade: h2c": (
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
        lambda head: b"h2c" in head,
    ),
    "TE, Trailer": (b"TE: gzip\r\nTrailer: Host\r\n", lambda head: b"te: gzip" in head or b"trailer:" in head),
}


async def malformed(front: Front) -> Outcome:
    """Each must be refused, and nothing of it reach the origin."""
    let_through = []
    for name, raw in MALFORMED.items():
        answer = await ask(front.port, raw, 1.0)
        status = answer.split(b" ", 2)[1:2]
        if b"HTTP/1.1 200" in answer or (status and status[0].startswith(b"2")):
            let_through.append(name)
    refused = len(MALFORMED) - len(let_through)
    return Outcome(
        not let_through, f"{refused} of {len(MALFORMED)} refused", {"refused": refused}, "; ".join(let_through)
    )


async def forged(front: Front) -> Outcome:
    """None may do what its sender means it to."""
    harmful = []
    for name, (fields, harms) in FORGED.items():
        answer = await ask(front.port, _get(_HOST + fields), 1.0)
        head = answer.partition(b"\r\n\r\n")[2].lower()
        if head.startswith(b"get ") and harms(head.replace(b"basic ea==", b"Basic eA==")):
            harmful.append(name)
    kept = len(FORGED) - len(harmful)
    return Outcome(not harmful, f"{kept} of {len(FORGED)} without effect", {"kept": kept}, "; ".join(harmful))


ROWS = (
    Row("malformed and ambiguous requests", "all refused", malformed),
    Row("forged and hop-by-hop fields", "none has an effect", forged),
)
