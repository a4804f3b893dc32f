"""Our cookie is cut out of the raw text; nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.headers.cookie import without_cookies

CASES = [
    ("not there", b"a=1; b=2", b"a=1; b=2"),
    ("alone", b"vt=1", b""),
    ("alone, with a separator", b"vt=1; ", b""),
    ("first", b"vt=1; a=1; b=2", b"a=1; b=2"),
    ("in between", b"a=1; vt=1; b=2", b"a=1; b=2"),
    ("last", b"a=1; vt=1", b"a=1"),
    ("twice", b"vt=1; a=1; vt=2", b"a=1"),
    ("without spaces", b"a=1;vt=1;b=2", b"a=1;b=2"),
    ("other spaces stay", b"a=1;  vt=1;   b = 2 ;c", b"a=1;   b = 2 ;c"),
    ("without a value", b"vt; a=1", b"a=1"),
    ("spaces around the name", b"a=1; vt =1", b"a=1"),
    ("a value that looks like it", b"a=vt=1; b=vt", b"a=vt=1; b=vt"),
    ("a longer name", b"vt2=1; xvt=1; VT=1", b"vt2=1; xvt=1; VT=1"),
    ("names that no parser takes", b"cart[uid]=1; vt=1; k\xc3\xb1=\xff; ;=x", b"cart[uid]=1; k\xc3\xb1=\xff; ;=x"),
    ("a value with =", b"vt=a=b==; a=1", b"a=1"),
    ("both of ours", b"vt=1; __Host-vt=2; a=1", b"a=1"),
]


@pytest.mark.parametrize(("value", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_without_cookies(value: bytes, expected: bytes) -> None:
    kept = without_cookies(value, (b"vt", b"__Host-vt"))
    assert kept == expected
    if value == expected:
        assert kept is value


_PAIRS = st.lists(st.binary(min_size=1, max_size=8).map(lambda pair: b"x" + pair.replace(b";", b"")), max_size=5)


@given(before=_PAIRS, after=_PAIRS, ours=st.binary(max_size=8).map(lambda value: b"vt=" + value.replace(b";", b"")))
def test_others_keep_every_byte(before: list[bytes], after: list[bytes], ours: bytes) -> None:
    value = b"; ".join([*before, ours, *after])
    assert without_cookies(value, (b"vt",)) == b"; ".join(before + after)
