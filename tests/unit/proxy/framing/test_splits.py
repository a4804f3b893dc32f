"""Property: however the network splits the bytes, the same message comes out, or the same refusal."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from proxy.framing.decoders import ChunkedDecoder, Decoder, decoder_for
from proxy.framing.error import FramingError
from proxy.framing.head import RequestHead, ResponseHead
from proxy.framing.request import find_head_end, parse_request_head
from proxy.framing.response import find_response_head_end, parse_response_head
from tests.unit.proxy.framing.test_oracles import REQUESTS, RESPONSES

Outcome = tuple[object, ...]


class Reader:
    """Reads as a connection does: head, then body, from whatever arrives."""

    def __init__(self, is_request: bool) -> None:
        self.is_request = is_request
        self.buffer = b""
        self.searched = 0
        self.head: RequestHead | ResponseHead | None = None
        self.decoder: Decoder | None = None
        self.body = b""

    def feed(self, data: bytes) -> None:
        if self.decoder is not None:
            self.body += b"".join(self.decoder.feed(data))
            return
        self.buffer += data
        start = max(0, self.searched - 3)
        self.searched = len(self.buffer)
        find = find_head_end if self.is_request else find_response_head_end
        end = find(self.buffer, start)
        if end < 0:
            return
        if self.is_request:
            self.head = parse_request_head(self.buffer[:end])
        else:
            self.head = parse_response_head(self.buffer[:end], b"GET")
        self.decoder = decoder_for(self.head.framing, error_status=400 if self.is_request else 502)
        self.body += b"".join(self.decoder.feed(self.buffer[end:]))

    def outcome(self) -> Outcome:
        if self.decoder is None:
            return ("incomplete head",)
        trailers = self.decoder.trailers if isinstance(self.decoder, ChunkedDecoder) else ()
        return (self.head, self.body, self.decoder.done, self.decoder.leftover, trailers)


def read(pieces: list[bytes], is_request: bool) -> Outcome:
    reader = Reader(is_request)
    try:
        for piece in pieces:
            reader.feed(piece)
    except FramingError as error:
        return ("refused", error.status)
    return reader.outcome()


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


_CUTS = st.lists(st.integers(0, 10_000), max_size=8)
_NEXT = st.sampled_from([b"", b"GET / HTTP/1.1\r\n", b"\r\n"])


@given(row=st.sampled_from(REQUESTS), following=_NEXT, cuts=_CUTS)
@example(row=REQUESTS[4], following=b"GET", cuts=list(range(200)))
def test_requests(row: tuple[str, bytes, frozenset[str], str], following: bytes, cuts: list[int]) -> None:
    data = row[1] + following
    assert read(pieces_of(data, cuts), True) == read([data], True)


@given(row=st.sampled_from(RESPONSES), following=_NEXT, cuts=_CUTS)
@example(row=RESPONSES[1], following=b"HTTP", cuts=list(range(200)))
def test_responses(row: tuple[str, str, bytes, frozenset[str], str], following: bytes, cuts: list[int]) -> None:
    data = row[2] + following
    assert read(pieces_of(data, cuts), False) == read([data], False)


_CHUNK_BITS = st.sampled_from(
    [
        b"5\r\nhello\r\n",
        b"0\r\n",
        b"\r\n",
        b"X: y\r\n",
        b"a",
        b"5",
        b";x",
        b" ",
        b"\r",
        b"\n",
        b"1\r\nz\r\n",
        b"0\r\n\r\n",
    ]
)


@given(bits=st.lists(_CHUNK_BITS, max_size=10), cuts=_CUTS, is_request=st.booleans())
def test_chunked_bodies(bits: list[bytes], cuts: list[int], is_request: bool) -> None:
    data = b"".join(bits)

    def decode(pieces: list[bytes]) -> Outcome:
        decoder = ChunkedDecoder(error_status=400 if is_request else 502)
        body = b""
        try:
            for piece in pieces:
                body += b"".join(decoder.feed(piece))
        except FramingError as error:
            return ("refused", error.status)
        return (body, decoder.done, decoder.leftover, decoder.trailers)

    assert decode(pieces_of(data, cuts)) == decode([data])


@given(st.binary(max_size=200))
def test_any_bytes_are_understood_or_refused(data: bytes) -> None:
    read([data + b"\r\n\r\n"], True)
    read([data + b"\r\n\r\n"], False)
    read([b"HTTP/1.1 200 OK\r\n" + data + b"\r\n\r\n"], False)
    read([b"GET / HTTP/1.1\r\nHost: shop\r\n" + data + b"\r\n\r\n"], True)
