"""RESP2 replies: any cut of the stream gives the same replies."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.resp import Reply, RespConnection, ServerError, encode_command, parse_reply

STREAM = b"+PONG\r\n*3\r\n$3\r\na\r\n\r\n$-1\r\n$0\r\n\r\n-ERR no\r\n:42\r\n*0\r\n*-1\r\n*1\r\n*1\r\n:1\r\n"
REPLIES = [b"PONG", [b"a\r\n", None, b""], "ERR no", 42, [], [], [[1]]]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_chunking_gives_the_same_replies(cuts: list[int]) -> None:
    connection, got = RespConnection(lambda: None), list[object]()

    def collect(reply: Reply | Exception) -> None:
        got.append(str(reply) if isinstance(reply, ServerError) else reply)

    connection._waiting.extend([collect] * len(REPLIES))
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in pairwise(edges):
        if end > start:
            connection.data_received(STREAM[start:end])
    assert got == REPLIES


@pytest.mark.parametrize("data", [b"?x\r\n", b"$x\r\n", b"*x\r\n", b":1.5\r\n"])
def test_what_is_not_resp_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse_reply(data, 0)


def test_commands() -> None:
    assert encode_command([b"MGET", b"a", b""]) == b"*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$0\r\n\r\n"
