"""Personalised means private, whatever the origin said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.headers.privacy import is_private, personalised, with_our_cookie

Fields = list[tuple[bytes, bytes]]

ORIGIN: Fields = [
    (b"Date", b"x"),
    (b"ETag", b'"x"'),
    (b"last-modified", b"x"),
    (b"Accept-Ranges", b"bytes"),
    (b"cache-control", b"public, max-age=600"),
    (b"Content-MD5", b"x"),
    (b"Digest", b"x"),
    (b"Repr-Digest", b"x"),
    (b"Content-Digest", b"x"),
    (b"Set-Cookie", b"a=1"),
    (b"Cache-Control", b"s-maxage=60"),
    (b"Expires", b"x"),
    (b"Age", b"10"),
    (b"Surrogate-Control", b"max-age=60"),
    (b"surrogate-key", b"x"),
    (b"CDN-Cache-Control", b"max-age=60"),
    (b"Cloudflare-CDN-Cache-Control", b"max-age=60"),
    (b"X-Accel-Expires", b"60"),
    (b"Edge-Control", b"60"),
    (b"Vary", b"Accept-Encoding"),
    (b"Content-Encoding", b"br"),
    (b"Content-Length", b"99"),
    (b"Content-Type", b"text/html"),
]


def test_personalised() -> None:
    assert personalised(ORIGIN, content_length=5, content_encoding=b"gzip") == [
        (b"Date", b"x"),
        (b"cache-control", b"private, no-store"),
        (b"Set-Cookie", b"a=1"),
        (b"Content-Type", b"text/html"),
        (b"Vary", b"*"),
        (b"Content-Encoding", b"gzip"),
        (b"Content-Length", b"5"),
    ]
    assert personalised([], content_length=0, content_encoding=None) == [
        (b"Cache-Control", b"private, no-store"),
        (b"Vary", b"*"),
        (b"Content-Length", b"0"),
    ]


def test_with_our_cookie() -> None:
    fields = [(b"ETag", b"x"), (b"Expires", b"x"), (b"Set-Cookie", b"vt=old"), (b"Content-Length", b"5")]
    assert with_our_cookie(fields, b"vt=1; HttpOnly") == [
        (b"ETag", b"x"),
        (b"Set-Cookie", b"vt=old"),
        (b"Content-Length", b"5"),
        (b"Cache-Control", b"private, no-store"),
        (b"Vary", b"*"),
        (b"Set-Cookie", b"vt=1; HttpOnly"),
    ]


JUDGED: list[tuple[str, Fields, bool]] = [
    ("as we write it", [(b"Cache-Control", b"private, no-store")], True),
    ("in two lines and capitals", [(b"cache-control", b"Private"), (b"Cache-Control", b"max-age=0,NO-STORE")], True),
    ("nothing said", [], False),
    ("private alone", [(b"Cache-Control", b"private")], False),
    ("no-store alone", [(b"Cache-Control", b"no-store")], False),
    ("private for one field", [(b"Cache-Control", b'private="set-cookie", no-store')], False),
    ("public too", [(b"Cache-Control", b"private, no-store, public")], False),
    ("s-maxage too", [(b"Cache-Control", b"private, no-store, s-maxage=1")], False),
    ("Surrogate-Control too", [(b"Cache-Control", b"private, no-store"), (b"surrogate-control", b"x")], False),
    ("a CDN's own too", [(b"Cache-Control", b"private, no-store"), (b"X-Any-CDN-Cache-Control", b"x")], False),
    ("Expires too", [(b"Cache-Control", b"private, no-store"), (b"Expires", b"x")], False),
    ("a value in another field", [(b"X", b"private, no-store")], False),
]


@pytest.mark.parametrize(("fields", "expected"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED])
def test_is_private(fields: Fields, expected: bool) -> None:
    assert is_private(fields) is expected


_NAMES = st.sampled_from([name for name, _ in ORIGIN] + [name.upper() for name, _ in ORIGIN])
_FIELDS = st.lists(st.tuples(_NAMES, st.sampled_from([b"", b"public", b"private, no-store", b"s-maxage=1"])))


@given(_FIELDS)
def test_whatever_the_origin_says_ours_is_private(fields: Fields) -> None:
    assert is_private(personalised(fields, content_length=1, content_encoding=None))
    assert is_private(with_our_cookie(fields, b"vt=1"))
