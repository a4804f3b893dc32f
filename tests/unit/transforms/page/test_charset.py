"""Which encoding a body is in, and which bodies are left alone for it."""

import pytest

from transforms.page.charset import Encoding, sniff
from transforms.page.limits import Refusal

FOUND = [
    ("header", b"<p>\xe9", b"text/html; charset=ISO-8859-1", "windows-1252"),
    ("header quoted", b"<p>\xe9", b'text/html;charset="latin1"', "windows-1252"),
    ("header unknown", b"<meta charset=gbk><p>\xe9\xe9", b"text/html; charset=nonsense", "gbk"),
    ("BOM over header", b"\xef\xbb\xbf<p>x", b"text/html; charset=latin1", "utf-8"),
    ("meta charset", b"<meta charset='koi8-r'><p>\xe9", b"text/html", "koi8-r"),
    ("meta http-equiv", b'<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=big5">\xa4\xa4', None, "big5"),
    ("meta content first", b'<meta content="text/html; charset=big5" http-equiv=content-type>\xa4\xa4', None, "big5"),
    ("meta in a comment", b"<!-- <meta charset=gbk> --><meta charset=koi8-u>\xe9", None, "koi8-u"),
    ("meta says utf-16", b"<meta charset=utf-16><p>x\xc3\xa9", None, "utf-8"),
    ("xml declaration", b'<?xml version="1.0" encoding="windows-1251"?><p>\xe9', None, "windows-1251"),
    ("undeclared utf-8", "<p>é".encode(), None, "utf-8"),
    ("undeclared bytes", b"<p>\xe9", b"text/html", "windows-1252"),
    ("ascii in conflict", b"<meta charset=gbk><p>x", b"text/html; charset=utf-8", "utf-8"),
    ("utf-8 by header, old meta", "<meta charset=latin1><p>é".encode(), b"text/html; charset=utf-8", "utf-8"),
    ("euc-kr", b"<meta charset=ks_c_5601-1987>\xb0\xa1", None, "euc-kr"),
]


@pytest.mark.parametrize(("body", "header", "name"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_found(body: bytes, header: bytes | None, name: str) -> None:
    encoding = sniff(body, header)
    assert isinstance(encoding, Encoding)
    assert encoding.name == name
    encoding.decode(body)


REFUSED = [
    ("UTF-16 BOM", "<p>x".encode("utf-16"), None),
    ("UTF-16 without BOM", "<p>x".encode("utf-16-le"), None),
    ("UTF-16 header", b"<p>x", b"text/html; charset=utf-16le"),
    ("ISO-2022-JP header", b"<p>x", b"text/html; charset=iso-2022-jp"),
    ("ISO-2022-KR meta", b"<meta charset=iso-2022-kr>", None),
    ("HZ", b"<meta charset=hz-gb-2312>", None),
    ("undeclared ISO-2022", b"<p>\x1b$B%F\x1b(B", None),
    ("conflict", b"<meta charset=utf-8><p>\xe9\xe9", b"text/html; charset=latin1"),
    ("conflict, header not true", b"<meta charset=latin1><p>\xe9", b"text/html; charset=utf-8"),
]


@pytest.mark.parametrize(("body", "header"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(body: bytes, header: bytes | None) -> None:
    found = sniff(body, header)
    assert isinstance(found, Refusal)
    assert found.reason == "ENCODING"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<meta charset=koi8-r><!-- <meta charset=big5> -->", "koi8-r"),
        ("<!-- <meta charset=big5> --><meta charset=koi8-r>", "koi8-r"),
        ("<meta name=a><!-- --><meta charset=koi8-r>", "koi8-r"),
        ("<meta charset=koi8<!-- -->-r>", "koi8-r"),
        ('<meta http-equiv=content-type content="text/html; charset=big5" x="<!-- -->" charset=koi8-r>', "koi8-r"),
        ("<meta charset=koi8-r <!-- >", "koi8-r"),
    ],
)
def test_comments_before_beside_and_inside_of_the_declaration(head: str, expected: str) -> None:
    found = sniff(head.encode() + b"\xe1</html>", b"text/html")
    assert isinstance(found, Encoding)
    assert found.name == expected
