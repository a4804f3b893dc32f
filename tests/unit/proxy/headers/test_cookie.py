"""Our cookie is cut out of the raw text; nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.headers.cookie import OUR_COOKIES, parted, without_cookies
from visitors.cookie_header import cookie_value

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
    assert b"__Host-vt" in value or without_cookies(value, (b"vt",), b"vt") == expected
    if value == expected:
        assert kept is value


_PAIRS = st.lists(st.binary(min_size=1, max_size=8).map(lambda pair: b"x" + pair.replace(b";", b"")), max_size=5)


@given(before=_PAIRS, after=_PAIRS, ours=st.binary(max_size=8).map(lambda value: b"vt=" + value.replace(b";", b"")))
def test_others_keep_every_byte(before: list[bytes], after: list[bytes], ours: bytes) -> None:
    value = b"; ".join([*before, ours, *after])
    assert without_cookies(value, (b"vt",)) == b"; ".join(before + after)


_OURS = (b"vt", b"vt_preview", b"vt_consent")
_SOME = st.lists(
    st.sampled_from(
        [
            b"vt",
            b"vt=1",
            b" vt=1",
            b"vt =1",
            b"vt_consent=y",
            b"vt2=1",
            b"a=vt",
            b"a=1",
            b" a=1",
            b"\tb",
            b"",
            b" ",
            b"=vt",
        ]
    ),
    max_size=5,
)


@given(_SOME)
def test_names_that_begin_alike_go_as_others_do(pairs: list[bytes]) -> None:
    value = b";".join(pairs)
    kept = [pair for pair in pairs if pair.partition(b"=")[0].strip(b" \t") not in _OURS]
    left = without_cookies(value, _OURS, b"vt")
    assert left == without_cookies(value, _OURS)
    if kept == pairs:
        assert left is value
    elif not b"".join(kept).strip(b" \t"):
        assert left == b""
    else:
        first = kept[0] if kept[0] == pairs[0] else kept[0].lstrip(b" \t")
        assert left == b";".join([first, *kept[1:]])


@pytest.mark.parametrize("names", [(), (b"a", b"b")], ids=["none", "nothing in common"])
def test_names_of_any_kind(names: tuple[bytes, ...]) -> None:
    assert without_cookies(b"a=1; vt=1; b=2", names) == (b"vt=1" if names else b"a=1; vt=1; b=2")


_PIECES = st.sampled_from(
    ["vitrina", "vitrina_consent", "vitrina_preview", "a", "=", "=1", "; ", ";", " ", "\t", "\xe9"]
)


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_ours_are_found_among_ours_as_among_all(header: str) -> None:
    value = header.encode("latin-1")
    left, ours = parted(value)
    assert left == without_cookies(value, OUR_COOKIES)
    for name in OUR_COOKIES:
        found = cookie_value(header, name.decode("ascii"))
        assert cookie_value(ours.decode("latin-1"), name.decode("ascii")) == found
        assert cookie_value(left.decode("latin-1"), name.decode("ascii")) is None
