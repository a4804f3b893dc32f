"""Remembered fields: the same heads as if each were parsed, never somebody else's, and forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.framing.error import FramingError
from proxy.framing.head import RequestHead
from proxy.framing.limits import DEFAULT_LIMITS, Limits
from proxy.framing.request import parse_request_head
from proxy.request_fields import GENERATION_S, MOST_REMEMBERED, MOST_SEEN_ONCE, RepeatedFields, RequestFields

BLOCK = b"Host: shop.example\r\nCookie: a=1\r\nUser-Agent: x\r\n\r\n"


class Clock:
    """Seconds, as told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def reader(limits: Limits = DEFAULT_LIMITS) -> tuple[RepeatedFields, Clock]:
    clock = Clock()
    return RepeatedFields(limits, clock), clock


def read(repeated: RepeatedFields, line: bytes, block: bytes = BLOCK, peer: bytes = b"1.2.3.4") -> RequestFields:
    return repeated.read(line + b"\r\n" + block, peer, b"http", False)[1]


def kept(repeated: RepeatedFields, line: bytes = b"GET / HTTP/1.1", block: bytes = BLOCK) -> RequestFields:
    """The fields of a block that comes for the second time."""
    read(repeated, line, block)
    return read(repeated, line, block)


LINES = [
    b"GET / HTTP/1.1",
    b"GET /a.png?x=1 HTTP/1.1",
    b"HEAD /a HTTP/1.1",
    b"POST /form HTTP/1.1",
    b"BREW /pot HTTP/1.1",
    b"GET /\xc3\xa9 HTTP/1.1",
    b"GET http://other.example/x HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"GET / HTTP/1.0",
    b"GET / HTTP/1.2",
    b"GET / HTTP/2.0",
    b"GET /a b HTTP/1.1",
    b"GET /a\tb HTTP/1.1",
    b"GET /a\x00b HTTP/1.1",
    b"GET /a\nb HTTP/1.1",
    b"GET  / HTTP/1.1",
    b"GET a HTTP/1.1",
    b"G@T / HTTP/1.1",
    b"CONNECT / HTTP/1.1",
    b"GET /" + b"x" * 20_000 + b" HTTP/1.1",
    b"",
]
BLOCKS = [
    BLOCK,
    b"Host: shop.example\r\nConnection: close\r\n\r\n",
    b"Host: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"Host: shop.example\r\nContent-Length: 3\r\n\r\n",
    b"Host: shop.example\r\nContent-Length: 0\r\n\r\n",
    b"Host: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"Host: shop.example\r\nExpect: 100-continue\r\n\r\n",
    b"Host: \r\n\r\n",
    b"\r\n",
    b"Host: a b\r\n\r\n",
]


def parsed(data: bytes) -> RequestHead | tuple[int, str]:
    try:
        return parse_request_head(data)
    except FramingError as error:
        return error.status, error.reason


@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(BLOCKS)), max_size=12))
def test_a_repeated_head_is_read_as_a_new_one(asked: list[tuple[bytes, bytes]]) -> None:
    repeated, _ = reader()
    for line, block in asked:
        data = line + b"\r\n" + block
        try:
            found: RequestHead | tuple[int, str] = repeated.read(data, b"1.2.3.4", b"http", False)[0]
        except FramingError as error:
            found = error.status, error.reason
        assert found == parsed(data)


def test_what_repeats_is_shared() -> None:
    repeated, _ = reader()
    fields = kept(repeated)
    assert read(repeated, b"GET /other HTTP/1.1") is fields


@pytest.mark.parametrize(
    ("block", "peer"),
    [
        (BLOCK.replace(b"a=1", b"a=2"), b"1.2.3.4"),
        (BLOCK.replace(b"Cookie: ", b"Cookie:  "), b"1.2.3.4"),
        (BLOCK, b"1.2.3.5"),
    ],
    ids=["another cookie", "another byte", "another peer"],
)
def test_nobody_is_taken_for_somebody_else(block: bytes, peer: bytes) -> None:
    repeated, _ = reader()
    fields = kept(repeated)
    other = read(repeated, b"GET / HTTP/1.1", block, peer)
    assert other is not fields
    assert read(repeated, b"GET / HTTP/1.1") is fields


@pytest.mark.parametrize("block", BLOCKS[2:7], ids=["upgrade", "body", "empty body", "chunked", "expect"])
def test_what_is_no_ordinary_request_is_read_anew(block: bytes) -> None:
    repeated, _ = reader()
    assert read(repeated, b"GET / HTTP/1.1", block) is not read(repeated, b"GET / HTTP/1.1", block)


def test_forgotten_within_two_generations() -> None:
    repeated, clock = reader()
    fields = kept(repeated)
    for _ in range(2):
        clock.now += GENERATION_S
        repeated.sweep(clock.now)
    assert read(repeated, b"GET / HTTP/1.1") is not fields


def test_what_is_asked_for_again_stays() -> None:
    repeated, clock = reader()
    fields = kept(repeated)
    for _ in range(5):
        clock.now += GENERATION_S
        repeated.sweep(clock.now)
        assert read(repeated, b"GET / HTTP/1.1") is fields


def test_bounded() -> None:
    repeated, _ = reader()
    first = kept(repeated)
    for number in range(2 * MOST_REMEMBERED + 1):
        kept(repeated, block=b"Host: a%d\r\n\r\n" % number)
    assert len(repeated._recent) + len(repeated._older) <= 2 * MOST_REMEMBERED
    assert read(repeated, b"GET / HTTP/1.1") is not first


def test_forgets_all() -> None:
    repeated, _ = reader()
    fields = kept(repeated)
    repeated.forget()
    assert read(repeated, b"GET / HTTP/1.1") is not fields


def test_limits_hold_for_repeated_heads() -> None:
    repeated, _ = reader(Limits(target_bytes=10))
    read(repeated, b"GET / HTTP/1.1")
    with pytest.raises(FramingError, match="414"):
        read(repeated, b"GET /01234567890 HTTP/1.1")


def test_what_comes_once_is_not_kept() -> None:
    repeated, _ = reader()
    for number in range(MOST_SEEN_ONCE + 10):
        read(repeated, b"GET / HTTP/1.1", b"Host: a%d\r\n\r\n" % number)
    assert not repeated._recent
    assert len(repeated._once) <= MOST_SEEN_ONCE
