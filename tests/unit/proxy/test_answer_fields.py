"""Remembered heads of answers: the same as if each were parsed, with their own date, and passed on byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.answer_fields import AnswerFields, AnswerReader
from proxy.framing.body_framing import Sized
from proxy.framing.encode import encode_response_head
from proxy.framing.error import FramingError
from proxy.framing.head import ResponseHead
from proxy.framing.limits import DEFAULT_LIMITS
from proxy.framing.response import parse_response_head
from proxy.headers.privacy import personalised
from proxy.headers.to_client import framed, to_client

_OK = b"HTTP/1.1 200 OK\r\n"
_DATES = (b"Mon, 30 Nov 2026 01:44:18 GMT", b"Mon, 30 Nov 2026 01:44:19 GMT")
HEADS = [
    block.replace(b"DATE", date)
    for date in _DATES
    for block in (
        _OK + b"Server: shop\r\nDate: DATE\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n",
        _OK + b"Date: DATE\r\nContent-Type: Text/HTML; charset=x\r\nTransfer-Encoding: chunked\r\n\r\n",
        _OK + b"date: DATE\r\nContent-Length: 0\r\n\r\n",
        _OK + b"Date: DATE\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n",
        _OK + b"Date:  DATE \r\nContent-Length: 0\r\n\r\n",
        _OK + b"Date: DATE\r\n folded\r\nContent-Length: 0\r\n\r\n",
        _OK + b"Date: DATE\r\nConnection: close, Date\r\nKeep-Alive: timeout=5\r\n\r\n",
        _OK + b"Date: DATE\nContent-Length: 0\n\n",
        b"HTTP/1.0 200 OK\r\nDate: DATE\r\nContent-Length: 1\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nDate: DATE\r\nETag: x\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nDate: DATE\r\nLink: x\r\n\r\n",
    )
] + [
    _OK + b"Content-Length: 5\r\n\r\n",
    _OK + b"Date: yesterday\r\nContent-Length: 5\r\n\r\n",
    _OK + b"Date: \r\nContent-Length: 5\r\n\r\n",
    _OK + b"Set-Cookie: a=1\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"nothing\r\n\r\n",
]


def reader() -> AnswerReader:
    return AnswerReader(DEFAULT_LIMITS, 1 << 20, lambda: 0.0)


def parsed(data: bytes, method: bytes) -> ResponseHead | tuple[int, str]:
    try:
        return parse_response_head(data, method)
    except FramingError as error:
        return error.status, error.reason


@given(st.lists(st.tuples(st.sampled_from(HEADS), st.sampled_from([b"GET", b"HEAD", b"POST"])), max_size=16))
def test_a_repeated_head_is_read_as_a_new_one(answers: list[tuple[bytes, bytes]]) -> None:
    answer_reader = reader()
    for data, method in answers:
        try:
            found: ResponseHead | tuple[int, str] = answer_reader.read(data, method)[0]
        except FramingError as error:
            found = error.status, error.reason
        assert found == parsed(data, method)


@given(st.lists(st.sampled_from(HEADS[:-1]), max_size=16), st.sampled_from([b"1.0", b"1.1"]), st.booleans())
def test_passed_on_as_if_it_were_encoded_anew(answers: list[bytes], version: bytes, keep_alive: bool) -> None:
    answer_reader = reader()
    for data in answers:
        head, fields = answer_reader.read(data, b"GET")
        sent, framing, lives = framed(to_client(head), head.framing, version=version, keep_alive=keep_alive)
        passed = fields.passed(version=version, keep_alive=keep_alive)
        date = head.index.get(b"date", b"") if passed.after else b""
        expected = encode_response_head(head.status, head.reason, sent)
        assert (passed.before + date + passed.after, passed.framing, passed.keep_alive) == (expected, framing, lives)


@given(
    st.lists(st.sampled_from(HEADS[:-1]), max_size=8),
    st.sampled_from([b"1.0", b"1.1"]),
    st.booleans(),
    st.sampled_from([None, b"gzip"]),
)
def test_private_as_if_it_were_made_anew(
    answers: list[bytes], version: bytes, keep_alive: bool, coding: bytes | None
) -> None:
    answer_reader = reader()
    for number, data in enumerate(answers):
        head, fields = answer_reader.read(data, b"GET")
        passing = fields.end_to_end(head)
        private = fields.private(passing, coding, version=version, keep_alive=keep_alive)
        made = personalised(to_client(head), content_length=number, content_encoding=coding)
        sent, _, lives = framed(made, Sized(number), version=version, keep_alive=keep_alive)
        assert private is not None
        told = b"%b%d%b" % (private.before, number, private.after)
        assert (told, private.keep_alive) == (encode_response_head(head.status, head.reason, sent), lives)
        assert fields.private(passing.copy(), coding, version=version, keep_alive=keep_alive) is None


def test_what_differs_in_its_date_alone_is_shared() -> None:
    answer_reader = reader()
    first, second = HEADS[0], HEADS[0].replace(*_DATES)
    answer_reader.read(first, b"GET")
    fields = answer_reader.read(second, b"GET")[1]
    head, again = answer_reader.read(first, b"GET")
    assert again is fields
    assert head.get(b"date") == _DATES[0]


@pytest.mark.parametrize(
    ("data", "method"),
    [
        (HEADS[0], b"HEAD"),
        (HEADS[0].replace(b"5", b"6"), b"GET"),
        (HEADS[0].replace(b"shop", b"other"), b"GET"),
        (HEADS[-3], b"GET"),
    ],
    ids=["to a HEAD", "another length", "another field", "with a cookie"],
)
def test_nothing_else_is(data: bytes, method: bytes) -> None:
    answer_reader = reader()
    fields: list[AnswerFields] = [answer_reader.read(HEADS[0], b"GET")[1] for _ in range(3)]
    assert fields[1] is fields[2]
    assert answer_reader.read(data, method)[1] is not fields[2]


def test_a_cookie_is_never_remembered() -> None:
    answer_reader = reader()
    for _ in range(3):
        answer_reader.read(HEADS[-3], b"GET")
    assert len(answer_reader._remembered) == 0


@pytest.mark.parametrize(
    ("content_type", "is_readable", "is_asset", "may_be_played"),
    [
        ("text/html; charset=utf-8", True, False, False),
        ("Image/PNG", False, True, False),
        ("video/mp4", False, True, True),
        ("application/json", False, False, False),
        ("text/plain", False, None, False),
        ("", False, None, True),
    ],
)
def test_what_its_type_tells(content_type: str, is_readable: bool, is_asset: bool | None, may_be_played: bool) -> None:
    data = _OK + f"Content-Type: {content_type}\r\nContent-Length: 1\r\n\r\n".encode()
    fields = reader().read(data, b"GET")[1]
    assert (fields.is_readable_page, fields.is_asset, fields.may_be_played) == (is_readable, is_asset, may_be_played)


@pytest.mark.parametrize("length", [1 << 20, (1 << 20) + 1])
def test_a_page_that_is_too_large_is_none_that_is_read(length: int) -> None:
    data = _OK + b"Content-Type: text/html\r\nContent-Length: %d\r\n\r\n" % length
    assert reader().read(data, b"GET")[1].is_readable_page is (length == 1 << 20)


@pytest.mark.parametrize(
    ("field", "idle_s"),
    [("Keep-Alive: timeout=5, max=100", 4.0), ("Keep-Alive: timeout=0", 0.0), ("Keep-Alive: x", None), ("A: b", None)],
)
def test_how_long_the_origin_keeps_its_connection(field: str, idle_s: float | None) -> None:
    data = _OK + field.encode() + b"\r\nContent-Length: 0\r\n\r\n"
    assert reader().read(data, b"GET")[1].idle_s == idle_s
