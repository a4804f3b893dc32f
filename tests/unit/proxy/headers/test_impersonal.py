"""Who asks without a word of who they are: whatever could be one is taken for one."""

import pytest

from proxy.framing.limits import Limits
from proxy.framing.request import parse_request_head
from proxy.headers.impersonal import is_impersonal

CASES = [
    ("a browser's first page", "GET /", "", True),
    ("through a proxy", "GET /list", "X-Forwarded-For: 10.0.0.1\r\nVia: 1.1 front\r\nX-Forwarded-Proto: https", True),
    ("from elsewhere", "GET /", "Referer: https://search.example/", True),
    ("a cookie", "GET /", "Cookie: a=1", False),
    ("Authorization", "GET /", "Authorization: Basic YTph", False),
    ("a front that signs people in", "GET /", "X-Remote-User: ana", False),
    ("an entity tag, which may be anybody's own", "GET /", 'If-None-Match: "7"', False),
    ("a query", "GET /list?sid=1", "", False),
    ("a session in the path", "GET /list;jsessionid=1", "", False),
    ("a session in the path, as ASP.NET has it", "GET /(S(lit3py55t21z5v55vlm25s55))/list", "", False),
    ("a query of the page before", "GET /list", "Referer: https://shop.example/?sid=1", False),
    ("a form", "POST /", "Content-Length: 0", False),
]


@pytest.mark.parametrize(("line", "more", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_is_impersonal(line: str, more: str, expected: bool) -> None:
    fields = f"Host: shop.example\r\nUser-Agent: Firefox\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\n{more}"
    head = parse_request_head(f"{line} HTTP/1.1\r\n{fields.strip()}\r\n\r\n".encode("ascii"), Limits())
    assert is_impersonal(head, head.index.get(b"referer", b"")) is expected
