"""What a browser sends back to a shop on trial."""

import pytest

from proxy.framing.request import parse_request_head
from proxy.headers.trial_names import TrialHost
from proxy.trial_request import holds_form, origin_form, with_length

HOSTS = TrialHost(b"https", b"your.shop", b"http", b"localhost:8080")
FORM = "application/x-www-form-urlencoded"

HELD = [
    ("a form", [f"Content-Type: {FORM}; charset=UTF-8", "Content-Length: 10"], True),
    ("JSON", ["Content-Type: application/json", "Content-Length: 10"], True),
    ("fields and files", ["Content-Type: multipart/form-data; boundary=x", "Content-Length: 10"], True),
    ("of the largest size", [f"Content-Type: {FORM}", "Content-Length: 100"], True),
    ("too large", [f"Content-Type: {FORM}", "Content-Length: 101"], False),
    ("empty", [f"Content-Type: {FORM}", "Content-Length: 0"], False),
    ("of unknown length", [f"Content-Type: {FORM}", "Transfer-Encoding: chunked"], False),
    ("that waits for 100", [f"Content-Type: {FORM}", "Content-Length: 10", "Expect: 100-continue"], False),
    ("packed", [f"Content-Type: {FORM}", "Content-Length: 10", "Content-Encoding: gzip"], False),
    ("other content", ["Content-Type: application/octet-stream", "Content-Length: 10"], False),
    ("no type", ["Content-Length: 10"], False),
]


@pytest.mark.parametrize(("fields", "expected"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_which_bodies_are_held(fields: list[str], expected: bool) -> None:
    lines = ["POST / HTTP/1.1", "Host: localhost:8080", *fields, "", ""]
    assert holds_form(parse_request_head("\r\n".join(lines).encode()), 100) is expected


PARTS = (
    b'--AB\r\nContent-Disposition: form-data; name="r"\r\n\r\n%b\r\n'
    b'--AB\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nhttp://localhost:8080/\r\n--AB--\r\n'
)

FORMS = [
    ("form", FORM, b"r=http%3A%2F%2Flocalhost%3A8080%2Fx", b"r=https%3A%2F%2Fyour.shop%2Fx"),
    ("JSON", "application/json", rb'{"r":"http:\/\/localhost:8080\/x"}', rb'{"r":"https:\/\/your.shop\/x"}'),
    ("nothing in it", FORM, b"r=%2Fx&u=http%3A%2F%2Fother", None),
    (
        "fields, not files",
        "multipart/form-data; boundary=AB",
        PARTS % b"http://localhost:8080/",
        PARTS % b"https://your.shop/",
    ),
    ("quoted boundary", 'Multipart/form-data; Boundary="AB"', PARTS % b"//localhost:8080/", PARTS % b"//your.shop/"),
    ("nothing in the fields", "multipart/form-data; boundary=AB", PARTS % b"/x", None),
]


@pytest.mark.parametrize(
    ("content_type", "body", "expected"), [row[1:] for row in FORMS], ids=[row[0] for row in FORMS]
)
def test_forms(content_type: str, body: bytes, expected: bytes | None) -> None:
    mapped = origin_form(body, content_type.encode(), HOSTS)
    assert mapped is body if expected is None else mapped == expected


def test_length() -> None:
    fields = [(b"A", b"1"), (b"content-LENGTH", b"10"), (b"B", b"2")]
    assert with_length(fields, 7) == [(b"A", b"1"), (b"content-LENGTH", b"7"), (b"B", b"2")]
