"""What browsers send, in every encoding that they send it in; and ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.shop.byte_ranges import Part, Unsatisfiable, Whole, read_range
from demo.shop.forms import read_cookies, read_fields


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"name=Jos%E9", "José"),
        (b"name=Jos%C3%A9", "José"),
        (b"name=%80", "€"),
        (b"name=%26%23321%3Bukasz", "Łukasz"),
        (b"name=%26%2326446%3B", "李"),
        (b"name=a+b&name=c", "c"),
        (b"other=1", ""),
        (b"name=%26%2355555555%3B", "&#55555555;"),
    ],
)
def test_fields_read_alike_in_every_encoding(body: bytes, value: str) -> None:
    assert read_fields(body).get("name") == value


@given(st.binary())
def test_any_body_is_read(body: bytes) -> None:
    read_fields(body)


def test_cookies_keep_their_equals_sign() -> None:
    assert read_cookies("osCsid=abc; cookie_policy=prefs=1; osCsid=late; odd") == {
        "osCsid": "abc",
        "cookie_policy": "prefs=1",
    }


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Whole()),
        ("bytes=0-", Part(0, 9)),
        ("bytes=2-4", Part(2, 4)),
        ("bytes=8-99", Part(8, 9)),
        ("bytes=-3", Part(7, 9)),
        ("bytes=-99", Part(0, 9)),
        ("bytes=10-", Unsatisfiable()),
        ("bytes=-0", Unsatisfiable()),
        ("bytes=4-2", Whole()),
        ("bytes=-", Whole()),
        ("bytes=0-1,4-5", Whole()),
        ("items=0-1", Whole()),
    ],
)
def test_ranges(header: str | None, expected: object) -> None:
    assert read_range(header, 10) == expected
