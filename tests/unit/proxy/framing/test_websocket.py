"""Frames are followed however they are split."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.framing.websocket import GOING_AWAY, FrameTracker


def frame(opcode: int, length: int, *, masked: bool = False) -> bytes:
    mask = 0x80 if masked else 0
    if length < 126:
        head = struct.pack("!BB", 0x80 | opcode, mask | length)
    elif length < 65_536:
        head = struct.pack("!BBH", 0x80 | opcode, mask | 126, length)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, mask | 127, length)
    return head + (b"mask" if masked else b"") + b"\x88" * length


@pytest.mark.parametrize(
    ("data", "is_between", "has_closed"),
    [
        (b"", True, False),
        (frame(1, 5), True, False),
        (frame(1, 0), True, False),
        (frame(1, 5)[:1], False, False),
        (frame(1, 5)[:4], False, False),
        (frame(2, 126), True, False),
        (frame(2, 70_000), True, False),
        (frame(2, 70_000)[:9], False, False),
        (frame(1, 5, masked=True), True, False),
        (frame(1, 5, masked=True)[:-1], False, False),
        (GOING_AWAY, False, True),
        (frame(1, 5) + frame(8, 2), False, True),
    ],
)
def test_where_a_frame_ends(data: bytes, is_between: bool, has_closed: bool) -> None:
    tracker = FrameTracker()
    tracker.feed(data)
    assert (tracker.is_between, tracker.has_closed) == (is_between, has_closed)


@given(
    st.lists(st.tuples(st.sampled_from((0, 1, 2, 9)), st.integers(0, 300), st.booleans()), max_size=5),
    st.integers(1, 50),
    st.integers(0, 400),
)
def test_any_split_says_the_same(frames: list[tuple[int, int, bool]], size: int, cut: int) -> None:
    stream = b"".join(frame(opcode, length, masked=masked) for opcode, length, masked in frames)
    ends = {0}
    for opcode, length, masked in frames:
        ends.add(max(ends) + len(frame(opcode, length, masked=masked)))
    data = stream[:cut]
    tracker = FrameTracker()
    for at in range(0, len(data), size):
        tracker.feed(data[at : at + size])
    assert tracker.is_between is (len(data) in ends)
