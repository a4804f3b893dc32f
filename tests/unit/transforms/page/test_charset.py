"""Which encoding a body is in, and which bodies are left alone for it."""

import pytest

from transforms.page.charset import Encoding, read_encoding, sniff
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


UTF_16 = "the body is UTF-16"
DIFFER = "the header says windows-1252, the page says utf-8, and they read it differently"
WORDS = [
    ("UTF-16LE BOM", b"\xff\xfe<\0", None, UTF_16),
    ("UTF-16BE BOM", b"\xfe\xff\0<", None, UTF_16),
    ("UTF-16LE", b"<\0p\0", None, UTF_16),
    ("UTF-16BE", b"\0<\0p", None, UTF_16),
    ("header", b"<p>x", b"text/html; charset=utf-16", "the header says utf-16le"),
    ("header, by another label", b"<p>x", b"text/html; charset=csISO2022JP", "the header says iso-2022-jp"),
    ("page", b"<meta charset=hz-gb-2312>", None, "the page says replacement"),
    ("both", b"<meta charset=utf-8><p>\xe9\xe9", b"text/html; charset=latin1", DIFFER),
    ("ISO-2022 by its first escape", b"<p>\x1b$B%F", None, "nothing is declared and the body looks like ISO-2022"),
    ("ISO-2022 by its last escape", b"<p>\x1b(Jx", None, "nothing is declared and the body looks like ISO-2022"),
]


@pytest.mark.parametrize(("body", "header", "detail"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_refused_in_these_words(body: bytes, header: bytes | None, detail: str) -> None:
    assert sniff(body, header) == Refusal("ENCODING", detail)


READ_AS = [
    ("BOM", b"\xef\xbb\xbfx", None, Encoding("utf-8", "utf-8", 3)),
    ("nothing declared, ASCII", b"x", None, Encoding("utf-8", "utf-8")),
    ("nothing declared, bytes", b"\xe9", None, Encoding("windows-1252", "cp1252")),
    ("header in double quotes", b"\xe9", b'text/html; charset="koi8-r"', Encoding("koi8-r", "koi8-r")),
    ("header in single quotes", b"\xe9", b"text/html; charset='koi8-r'", Encoding("koi8-r", "koi8-r")),
    ("header with blanks around it", b"\xe9", b'text/html; charset=" koi8-r\t"', Encoding("koi8-r", "koi8-r")),
    ("empty header value", b"\xe9", b'text/html; charset=""', Encoding("windows-1252", "cp1252")),
    ("label in capitals", b"\xe9", b"text/html; charset=KOI8-R", Encoding("koi8-r", "koi8-r")),
    ("page says UTF-16BE", b"<meta charset=utf-16be>\xc3\xa9", None, Encoding("utf-8", "utf-8")),
    ("page says UTF-16LE", b"<meta charset=ucs-2>\xc3\xa9", None, Encoding("utf-8", "utf-8")),
    ("page says x-user-defined", b"<meta charset=x-user-defined>\xe9", None, Encoding("windows-1252", "cp1252")),
    ("late XML declaration", b" " * 1024 + b"<?xml encoding='koi8-r'?>\xe9", None, Encoding("windows-1252", "cp1252")),
    ("late meta", b" " * 8192 + b"<meta charset=koi8-r>\xe9", None, Encoding("windows-1252", "cp1252")),
    ("meta behind the prescan", b" " * 8000 + b"<meta charset=koi8-r>\xe9", None, Encoding("koi8-r", "koi8-r")),
    ("page agrees with the header", b"<meta charset=koi8>\xe9", b"a/b; charset=koi8-r", Encoding("koi8-r", "koi8-r")),
    ("first of two metas", b"<meta charset=koi8-r><meta charset=gbk>\xe9", None, Encoding("koi8-r", "koi8-r")),
    ("unknown, then known", b"<meta charset=x><meta charset=koi8-r>\xe9", None, Encoding("koi8-r", "koi8-r")),
    ("first of two attributes", b"<meta charset=koi8-r charset=gbk>\xe9", None, Encoding("koi8-r", "koi8-r")),
    ("charset over content", b"<meta http-equiv=content-type content='a;charset=gbk' charset=koi8-r>\xe9", None,
     Encoding("koi8-r", "koi8-r")),
    ("another http-equiv", b"<meta http-equiv=refresh content='a;charset=koi8-r'>\xe9", None,
     Encoding("windows-1252", "cp1252")),
    ("http-equiv without a charset", b"<meta http-equiv=content-type content='text/html'>\xe9", None,
     Encoding("windows-1252", "cp1252")),
    ("http-equiv alone", b"<meta http-equiv=content-type>\xe9", None, Encoding("windows-1252", "cp1252")),
    ("http-equiv with blanks and capitals", b"<META HTTP-EQUIV=' Content-Type ' CONTENT='a; CHARSET = koi8-r'>\xe9",
     None, Encoding("koi8-r", "koi8-r")),
    ("content in quotes of its own", b"<meta http-equiv=content-type content=\"a;charset='koi8-r'\">\xe9", None,
     Encoding("koi8-r", "koi8-r")),
    ("an open comment", b"<!-- <meta charset=gbk>\xe9", None, Encoding("windows-1252", "cp1252")),
]  # fmt: skip


@pytest.mark.parametrize(("body", "header", "expected"), [row[1:] for row in READ_AS], ids=[row[0] for row in READ_AS])
def test_read_as(body: bytes, header: bytes | None, expected: Encoding) -> None:
    assert sniff(body, header) == expected


TAILS = (b"x", b"\xe9", "\xe9".encode(), b"<meta charset=gbk>\xe9", b"--><meta charset=big5>\xe9", b">\x1b$B\xe9")


@pytest.mark.parametrize("header", [None, b"text/html; charset=utf-8", b"text/html; charset=koi8-r"])
def test_what_a_start_settles_is_true_whatever_follows(header: bytes | None) -> None:
    starts = {body for _, body, *_ in (*FOUND, *REFUSED, *READ_AS)} | {
        b"<meta charset=utf-8",
        b"<meta charset=utf-8><!-",
    }
    for start in starts:
        for padded in (start.ljust(1024), start.rjust(1024), start):
            for tail in TAILS + TAILS[::-1]:
                assert sniff(padded + tail, header) == read_encoding(padded + tail, header)
