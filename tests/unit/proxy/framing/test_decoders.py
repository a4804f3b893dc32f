"""Bodies: content, what comes after, what is refused, what is cut short."""

import pytest

from proxy.framing.body_framing import CHUNKED, NO_BODY, UNTIL_CLOSE, Sized
from proxy.framing.decoders import ChunkedDecoder, SizedDecoder, UntilCloseDecoder, decoder_for
from proxy.framing.error import FramingError
from proxy.framing.limits import Limits


def test_sized_body_is_not_copied() -> None:
    decoder = SizedDecoder(10)
    first, second = b"hello", b"world"
    assert decoder.feed(first)[0] is first
    assert not decoder.done
    assert decoder.feed(second)[0] is second
    assert (decoder.done, decoder.leftover) == (True, b"")


def test_sized_body_leaves_what_follows() -> None:
    decoder = SizedDecoder(5)
    assert decoder.feed(b"helloGET /") == [b"hello"]
    assert decoder.feed(b" HTTP") == []
    assert decoder.leftover == b"GET / HTTP"
    decoder.eof()


def test_empty_body_is_done_at_once() -> None:
    for decoder in (decoder_for(Sized(0)), decoder_for(NO_BODY)):
        assert decoder.done
        assert decoder.feed(b"next") == []
        assert decoder.leftover == b"next"
        decoder.eof()


def test_until_close_ends_with_the_connection() -> None:
    decoder = UntilCloseDecoder()
    data = b"hello"
    assert decoder.feed(data)[0] is data
    assert decoder.feed(b"") == []
    assert not decoder.done
    decoder.eof()
    assert decoder.done


ACCEPTED = [
    ("one chunk", b"5\r\nhello\r\n0\r\n\r\n", b"hello", b""),
    ("two chunks", b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world", b""),
    ("upper-case size", b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789", b""),
    ("leading zeros", b"005\r\nhello\r\n000\r\n\r\n", b"hello", b""),
    ("content with CRLF", b"6\r\n\r\n0\r\n\r\r\n0\r\n\r\n", b"\r\n0\r\n\r", b""),
    ("no content", b"0\r\n\r\n", b"", b""),
    ("extension", b"5;a=b;c\r\nhello\r\n0;x\r\n\r\n", b"hello", b""),
    ("quoted extension", b'5 ; a="b c"\r\nhello\r\n0\r\n\r\n', b"hello", b""),
    ("trailer", b"0\r\nX: y\r\n\r\n", b"", b""),
    ("next message follows", b"5\r\nhello\r\n0\r\n\r\nGET /", b"hello", b"GET /"),
    ("next message follows trailers", b"0\r\nX: y\r\n\r\nGET /", b"", b"GET /"),
]


@pytest.mark.parametrize(
    ("data", "content", "leftover"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED]
)
def test_chunked(data: bytes, content: bytes, leftover: bytes) -> None:
    decoder = ChunkedDecoder()
    assert b"".join(decoder.feed(data)) == content
    assert (decoder.done, decoder.leftover) == (True, leftover)
    decoder.eof()


REFUSED = [
    ("size ended by bare LF", b"5\nhello\r\n"),
    ("size ended by bare CR", b"5\rhello\r\n"),
    ("data ended by bare LF", b"5\r\nhello\n0\r\n\r\n"),
    ("data longer than its size", b"4\r\nhello\r\n"),
    ("no size", b"\r\nhello"),
    ("size 0x5", b"0x5\r\nhello\r\n"),
    ("size +5", b"+5\r\nhello\r\n"),
    ("size -5", b"-5\r\nhello\r\n"),
    ("size 5_0", b"5_0\r\n"),
    ("space before size", b" 5\r\nhello\r\n"),
    ("space after size", b"5 \r\nhello\r\n"),
    ("size of 16 digits", b"f" * 16 + b"\r\n"),
    ("endless size", b"0" * 5000),
    ("endless extension", b"5;" + b"x" * 5000),
    ("NUL in extension", b"5;\0\r\nhello\r\n"),
    ("bare LF in extension", b"5;a\nb\r\nhello\r\n"),
    ("bare CR in extension", b"5;a\rb\r\nhello\r\n"),
    ("trailer without colon", b"0\r\nX\r\n\r\n"),
    ("trailer with space before colon", b"0\r\nX : y\r\n\r\n"),
    ("trailer folded", b"0\r\nX: y\r\n z\r\n\r\n"),
    ("trailer with NUL", b"0\r\nX: \0\r\n\r\n"),
    ("trailer with bare LF", b"0\r\nX: y\nZ: 1\r\n\r\n"),
]


@pytest.mark.parametrize("data", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_chunked_refused(data: bytes) -> None:
    with pytest.raises(FramingError) as refusal:
        ChunkedDecoder().feed(data)
    assert refusal.value.status == 400


def test_padded_chunk_size_of_a_response() -> None:
    decoder = decoder_for(CHUNKED, error_status=502)
    assert decoder.feed(b"5   \r\nhello\r\n0  \r\n\r\n") == [b"hello"]
    assert decoder.done


def test_trailers_too_large() -> None:
    for status, expected in ((400, 431), (502, 502)):
        with pytest.raises(FramingError) as refusal:
            ChunkedDecoder(error_status=status).feed(b"0\r\n" + b"X: y\r\n" * 2000)
        assert refusal.value.status == expected


def test_forbidden_trailers_are_dropped() -> None:
    decoder = ChunkedDecoder()
    decoder.feed(
        b"0\r\nX-Sum: 1 \r\nContent-Length: 5\r\nset-cookie: a=b\r\nHost: x\r\nAuthorization: x\r\n"
        b"Transfer-Encoding: chunked\r\nServer-Timing: a\r\n\r\n"
    )
    assert decoder.trailers == ((b"X-Sum", b"1"), (b"Server-Timing", b"a"))


def test_extensions_are_capped_in_proportion() -> None:
    with pytest.raises(FramingError, match="framing"):
        ChunkedDecoder().feed((b"1;" + b"x" * 1000 + b"\r\na\r\n") * 20)
    signed = b"4000;chunk-signature=" + b"f" * 64 + b"\r\n" + b"a" * 0x4000 + b"\r\n"
    decoder = ChunkedDecoder()
    for _ in range(500):
        decoder.feed(signed)
    tiny = ChunkedDecoder()
    tiny.feed(b"1\r\na\r\n" * 50_000)
    assert not tiny.done


def test_limits_are_settings() -> None:
    limits = Limits(chunk_line_bytes=10, chunk_overhead_bytes=0, trailer_bytes=10)
    assert ChunkedDecoder(limits).feed(b"5;12345678\r\nhello") == [b"hello"]
    for data in (b"5;123456789\r\nhello", b"0\r\nX: 12345678\r\n\r\n"):
        with pytest.raises(FramingError):
            ChunkedDecoder(limits).feed(data)


TRUNCATED = [
    ("sized", Sized(5), b"hell"),
    ("chunk data", CHUNKED, b"5\r\nhell"),
    ("chunk end", CHUNKED, b"5\r\nhello\r"),
    ("chunk size", CHUNKED, b"5\r\nhello\r\n"),
    ("last chunk", CHUNKED, b"0\r\n"),
    ("trailers", CHUNKED, b"0\r\nX: y\r\n"),
]


@pytest.mark.parametrize(("framing", "data"), [row[1:] for row in TRUNCATED], ids=[row[0] for row in TRUNCATED])
def test_truncated(framing: Sized, data: bytes) -> None:
    for status in (400, 502):
        decoder = decoder_for(framing, error_status=status)
        decoder.feed(data)
        with pytest.raises(FramingError) as refusal:
            decoder.eof()
        assert refusal.value.status == status


def test_decoder_for_until_close() -> None:
    assert isinstance(decoder_for(UNTIL_CLOSE), UntilCloseDecoder)
