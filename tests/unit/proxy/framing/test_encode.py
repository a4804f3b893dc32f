"""Heads and chunks: bytes out, and that strict h11 reads them."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.framing.decoders import ChunkedDecoder
from proxy.framing.encode import (
    LAST_CHUNK,
    encode_chunks,
    encode_last_chunk,
    encode_request_head,
    encode_response_head,
)
from proxy.framing.error import FramingError
from proxy.framing.request import parse_request_head
from proxy.framing.response import parse_response_head
from proxy.headers.to_client import framed, to_client


def test_request_head() -> None:
    fields = [(b"Host", b"shop"), (b"X-\x7e", b"\xe9")]
    assert encode_request_head(b"GET", b"/a\xf1", fields) == b"GET /a\xf1 HTTP/1.1\r\nHost: shop\r\nX-~: \xe9\r\n\r\n"


def test_response_head() -> None:
    assert encode_response_head(999, b"", [(b"A", b"")]) == b"HTTP/1.1 999 \r\nA: \r\n\r\n"
    assert encode_response_head(200, b"OK", []) == b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize("breaking", [b"\r", b"\n", b"\r\n", b"\0"])
def test_no_part_can_start_another_line(breaking: bytes) -> None:
    text = b"a" + breaking + b"b"
    for fields in ([(b"A", text)], [(text, b"a")]):
        with pytest.raises(ValueError, match="inside a line"):
            encode_response_head(200, b"OK", fields)
    with pytest.raises(ValueError, match="inside a line"):
        encode_response_head(200, text, [])
    with pytest.raises(ValueError, match="inside a line"):
        encode_request_head(b"GET", text, [])
    with pytest.raises(ValueError, match="inside a line"):
        encode_last_chunk([(b"A", text)])


def test_chunks() -> None:
    data = b"x" * 31
    assert encode_chunks([data])[1] is data, "nothing is copied"
    assert b"".join(encode_chunks([data])) == b"1f\r\n" + data + b"\r\n"
    assert b"".join(encode_chunks([b"he", b"llo"])) == b"5\r\nhello\r\n"
    assert encode_chunks([]) == encode_chunks([b""]) == []
    assert encode_last_chunk([]) == LAST_CHUNK
    assert encode_last_chunk([(b"X", b"y")]) == b"0\r\nX: y\r\n\r\n"


@given(st.lists(st.lists(st.binary(max_size=40), max_size=4), max_size=6))
def test_chunks_decode_to_what_was_encoded(writes: list[list[bytes]]) -> None:
    decoder = ChunkedDecoder()
    wire = b"".join(part for write in writes for part in encode_chunks(write)) + LAST_CHUNK
    assert b"".join(decoder.feed(wire)) == b"".join(part for write in writes for part in write)
    assert decoder.done


_NAMES = st.sampled_from(
    [
        b"Server",
        b"X-A",
        b"Set-Cookie",
        b"Date",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Connection",
        b"Keep Alive",
        b"",
    ]
)
_VALUES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([b"5", b"5, 5", b"chunked", b"close", b"keep-alive", b"X-A", b"\x0b", b" y "]),
)
_LINES = st.lists(st.tuples(_NAMES, st.sampled_from([b": ", b":", b" : ", b""]), _VALUES), max_size=6)


@given(
    lines=_LINES,
    status=st.sampled_from([200, 204, 304, 404, 520, 999]),
    reason=st.binary(max_size=8),
    line_end=st.sampled_from([b"\r\n", b"\n"]),
    method=st.sampled_from([b"GET", b"HEAD"]),
    keep_alive=st.booleans(),
)
def test_every_response_that_we_pass_on_parses_under_strict_h11(
    lines: list[tuple[bytes, bytes, bytes]],
    status: int,
    reason: bytes,
    line_end: bytes,
    method: bytes,
    keep_alive: bool,
) -> None:
    fields = [b"".join(line) for line in lines]
    data = line_end.join([b"HTTP/1.1 %d " % status + reason, *fields, b"", b""])
    try:
        head = parse_response_head(data, method)
    except FramingError:
        return
    sent, _, _ = framed(to_client(head), head.framing, version=b"1.1", keep_alive=keep_alive)
    encoded = encode_response_head(head.status, head.reason, sent)
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "shop")]))
    client.receive_data(encoded)
    event = client.next_event()
    assert isinstance(event, h11.Response)
    assert event.status_code == status
    assert [(name.lower(), value) for name, value in sent if value] == [
        (name, value) for name, value in event.headers if value
    ]


@given(
    target=st.binary(min_size=1, max_size=20).map(lambda rest: b"/" + rest),
    values=st.lists(st.binary(max_size=20), max_size=5),
)
def test_a_request_that_we_understand_is_forwarded_byte_exact(target: bytes, values: list[bytes]) -> None:
    fields = [(b"Host", b"shop"), *((b"X-%d" % place, value.strip(b" \t")) for place, value in enumerate(values))]
    try:
        wire = encode_request_head(b"GET", target, fields)
        head = parse_request_head(wire)
    except (ValueError, FramingError):
        return
    assert (head.method, head.target, list(head.headers)) == (b"GET", target, fields)
    assert encode_request_head(head.method, head.path, head.headers) == wire
