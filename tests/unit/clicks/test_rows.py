"""Rows: what older and newer builds wrote is read alike, and what is no row is told of by its field."""

import msgpack
import pytest

from clicks.rows import MOST_FURTHER, Rows

ROWS = Rows({"name": str, "counts": dict[str, int], "note": str | None}, 2)
"""Of five items at most: arrays that short have another head than those of clicks and profiles."""

READ = [
    ("all fields", (1, "a", {"b": 2}, "c")),
    ("an older build's", (1, "a", {"b": 2})),
    ("a newer build's", (2, "a", {"b": 2}, None, [1, "x"], {})),
    ("fifteen items", (2, "a", {}, None, *range(11))),
    ("sixteen items", (2, "a", {}, None, *range(12))),
    ("as many as there may be", (2, "a", {}, None, *range(MOST_FURTHER))),
]


@pytest.mark.parametrize("row", [row[1] for row in READ], ids=[row[0] for row in READ])
def test_what_any_build_wrote_is_read(row: tuple[object, ...]) -> None:
    given = tuple([list(item) if isinstance(item, tuple) else item for item in row])
    assert ROWS.decode(msgpack.packb(row)) == given


NO_ROWS = [
    ("too few fields", [1, "a"], "an array of 2 fields"),
    ("too many", [2, "a", {}, None, *range(MOST_FURTHER + 1)], f"an array of {5 + MOST_FURTHER} fields"),
    ("another version's type", ["1", "a", {}], "Expected `int`, got `str` - at `version`"),
    ("another field's type", [1, 2, {}], "Expected `str`, got `int` - at `name`"),
    ("a type inside of a field", [1, "a", {"b": "c"}], "Expected `int`, got `str` - at `counts[...]`"),
]


@pytest.mark.parametrize(("row", "why"), [row[1:] for row in NO_ROWS], ids=[row[0] for row in NO_ROWS])
def test_what_is_no_row_is_told(row: list[object], why: str) -> None:
    with pytest.raises(ValueError) as told:
        ROWS.decode(msgpack.packb(row))
    assert str(told.value) == why


NO_ARRAYS = [
    ("nothing", b""),
    ("a map", msgpack.packb({1: 2})),
    ("a number", msgpack.packb(9)),
    ("a text", msgpack.packb("text")),
    ("an array of more than 65,535", b"\xdd\x00\x00\x00\x03" + msgpack.packb(1) + msgpack.packb("a") + b"\x80"),
    ("less than it says", msgpack.packb((1, "a", {}))[:-1]),
    ("more than it says", msgpack.packb((1, "a", {})) + b"\x01"),
    ("no text", msgpack.packb((1, b"\xff\xff", {}), use_bin_type=False)),
    ("too deep", b"\x95\x01\xa1a\x80\xc0" + b"\x91" * 100_000),
]


@pytest.mark.parametrize("data", [row[1] for row in NO_ARRAYS], ids=[row[0] for row in NO_ARRAYS])
def test_other_bytes_are_no_row(data: bytes) -> None:
    with pytest.raises(ValueError):
        ROWS.decode(data)
