"""What a body would cost, told before it is paid for."""

from hypothesis import given
from hypothesis import strategies as st

from transforms.page.complexity import occurrences


@given(st.text("<>\0ab", max_size=60).map(str.encode), st.sampled_from((b"<", b">", b"\0")))
def test_one_byte_is_counted_as_count_does(body: bytes, byte: bytes) -> None:
    assert occurrences(byte, body) == body.count(byte)
