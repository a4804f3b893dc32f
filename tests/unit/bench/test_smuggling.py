"""The oracle of the smuggling bench: it finds what is planted, and nothing in what is sound."""

from pathlib import Path

import pytest

from bench.machine import Where
from bench.smuggling.mutating import SEEDS, cases
from bench.smuggling.readers import INCOMPLETE, READERS, REFUSED, Habits, Message, disagreement, is_ambiguous, read
from bench.smuggling.records import Result, report, write
from bench.smuggling.records import read as read_records
from bench.smuggling.running import Tally

HOST = b"Host: a\r\n"
HIDDEN = b"GET /stolen HTTP/1.1\r\nHost: a\r\n\r\n"
SOUND = [
    ("no body", b"GET /a HTTP/1.1\r\n" + HOST + b"X: y\r\n\r\n"),
    ("sized", b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc"),
    ("chunked", b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("a body that looks like a request", b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 33\r\n\r\n" + HIDDEN),
]
PLANTED = [
    ("both", "length first", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN),
    ("odd coding", "chunked within", b"Content-Length: 38\r\nTransfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + HIDDEN),
    (
        "space in the name",
        "names trimmed",
        b"Content-Length: 38\r\nTransfer-Encoding : chunked\r\n",
        b"0\r\n\r\n" + HIDDEN,
    ),
    ("of CGI", "CGI names", b"Content-Length: 38\r\nTransfer_Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN),
    ("two lengths", "last of several", b"Content-Length: 33\r\nContent-Length: 0\r\n", HIDDEN),
    ("bare LF", "bare LF", b"Content-Length: 38\r\nX: y\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN),
    ("bare CR", "bare CR", b"X: y\rContent-Length: 0\r\nContent-Length: 33\r\n", HIDDEN),
    ("NUL", "C texts", b"Content-Length: 38\r\nTransfer-Encoding\0x: chunked\r\n", b"0\r\n\r\n" + HIDDEN),
    ("chunk's line", "bare LF", b"Transfer-Encoding: chunked\r\n", b"3;a\nabc\r\n0\r\n\r\n"),
]


@pytest.mark.parametrize("data", [row[1] for row in SOUND], ids=[row[0] for row in SOUND])
def test_nobody_reads_what_is_sound_in_another_way(data: bytes) -> None:
    agreed = read(data, Habits())
    assert isinstance(agreed, Message)
    assert agreed.taken == len(data)
    assert disagreement(data, agreed) == ""
    assert not is_ambiguous(data)
    assert disagreement(data[:-3], INCOMPLETE) == ""


@pytest.mark.parametrize(("reader", "fields", "body"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
def test_what_is_planted_is_found_by_the_reader_it_is_for(reader: str, fields: bytes, body: bytes) -> None:
    data = b"POST /a HTTP/1.1\r\n" + HOST + fields + b"\r\n" + body
    agreed = read(data, Habits())
    assert agreed != read(data, READERS[reader])
    assert agreed == REFUSED or is_ambiguous(data)


def test_cases_are_the_same_each_time_and_carry_their_number() -> None:
    first, again = list(cases(400, 1)), list(cases(400, 1))
    assert first == again
    assert first != list(cases(400, 2))
    assert {case.seed for case in first} == set(SEEDS)
    assert all(b"/start-%d" % case.number in case.data for case in first[: len(SEEDS)])
    assert all(b"/stolen-%d" % case.number in case.data for case in first[: len(SEEDS)])


def test_the_report_is_made_of_the_records(tmp_path: Path) -> None:
    where = Where("2026-01-01T00:00+00:00", "abc", "a machine", "3.11", 0.5)
    tallies = {"one": Tally(3, 2, 1, {"200": 2, "400": 1}, ["x"]), "two": Tally(2, 0, 0, {"200": 2})}
    result = Result("HAProxy", "2.6", 4, 2, tallies, (("bare LF: y", "G\xff|"), ("bare LF: z", "H")))
    write(tmp_path / "raw.jsonl", where, 5, 1, [result])
    text = report(*read_records(tmp_path / "raw.jsonl"))
    assert text == report(where, 5, 1, [result])
    assert "| HAProxy 2.6 | 5 | 4 | 2 | 1 | 2 | 1 |" in text
    assert "| 200 | 4 |" in text
    assert r"| bare LF | 2 | `Gÿ\|` |" in text
