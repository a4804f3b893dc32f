"""RESP2 replies: any cut of the stream gives the same replies; nonsense costs what it is long."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.replies import MAX_DEPTH, MAX_LINE_BYTES, ReplyReader, ServerError

STREAM = b"+PONG\r\n*3\r\n$3\r\na\r\n\r\n$-1\r\n$0\r\n\r\n-ERR no\r\n:42\r\n*0\r\n*-1\r\n*1\r\n*1\r\n:1\r\n"
REPLIES = [b"PONG", [b"a\r\n", None, b""], "ERR no", 42, [], [], [[1]]]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_chunking_gives_the_same_replies(cuts: list[int]) -> None:
    reader, got = ReplyReader(), list[object]()
    for start, end in pairwise([0, *sorted(cuts), len(STREAM)]):
        if end > start:
            got += [str(one) if isinstance(one, ServerError) else one for one in reader.feed(STREAM[start:end])]
    assert got == REPLIES
    assert reader.unread == 0


@pytest.mark.parametrize(
    "data",
    [
        *(b"?x\r\n", b"$x\r\n", b"*x\r\n", b":1.5\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        b":" + b"9" * 10_000 + b"\r\n",
        b"*1\r\n" * (MAX_DEPTH + 1),
        b"+" + b"x" * MAX_LINE_BYTES,
    ],
)
def test_what_is_no_reply_to_us_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        ReplyReader().feed(data)


def test_a_reply_that_never_ends_is_read_once() -> None:
    reader = ReplyReader()
    assert reader.feed(b"*2000000000\r\n") == []
    for _ in range(100):
        assert reader.feed(b":1\r\n" * 100 + b":") == []
        assert len(reader._buffer) == 1, "what is read is kept to be read again"
        assert reader.feed(b"2\r\n") == []
    assert reader.unread == len(b"*2000000000\r\n") + 100 * 404


def test_a_long_string_is_joined_once() -> None:
    reader, joined = ReplyReader(), []
    reader.feed(b"*2\r\n$1000000\r\n")
    for _ in range(1000):
        assert reader.feed(b"x" * 1000) == []
        joined.append(len(reader._buffer))
    assert set(joined) == {len(b"$1000000\r\n")}
    assert reader.feed(b"\r\n+ok\r\n:7\r\n") == [[b"x" * 1_000_000, b"ok"], 7]
    assert reader.unread == 0
