"""Requests of one browser, asked of a reader of request fields that remembers."""

from proxy.framing.head import RequestHead
from proxy.framing.limits import DEFAULT_LIMITS, Limits
from proxy.request_fields import Asked, RequestFields, RequestReader

BLOCK = b"Host: shop.example\r\nCookie: a=1\r\nUser-Agent: x\r\n\r\n"


class Clock:
    """Seconds, as told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def reader(limits: Limits = DEFAULT_LIMITS) -> tuple[RequestReader, Clock]:
    """One that remembers nothing yet, and its clock."""
    clock = Clock()
    return RequestReader(limits, clock), clock


def read(repeated: RequestReader, line: bytes, block: bytes = BLOCK, peer: bytes = b"1.2.3.4") -> RequestFields:
    """The fields of a request with these lines."""
    return whole(repeated, block, peer, line)[1]


def whole(repeated: RequestReader, block: bytes, peer: bytes = b"1.2.3.4", line: bytes = b"GET / HTTP/1.1") -> Asked:
    """Head, fields, cookies and referrer of a request with these lines."""
    return repeated.read(line + b"\r\n" + block, peer, b"http", False)


def kept(repeated: RequestReader, line: bytes = b"GET / HTTP/1.1", block: bytes = BLOCK) -> RequestFields:
    """The fields of a block that comes for the second time."""
    read(repeated, line, block)
    return read(repeated, line, block)


def as_it_came(asked: Asked) -> RequestHead:
    """The head with what stood in its Referer and Cookie lines."""
    head, fields, cookies, referrer = asked
    return fields.filled(head, referrer.raw, cookies.raw)
