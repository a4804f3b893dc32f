"""Which bytes of a body name the origin, and that streaming changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.headers.trial_host import TrialHost
from proxy.public_urls import PublicUrls, is_text

DEFAULT_PORT = TrialHost(b"https", b"shop.example", b"http", b"localhost:8080", (b"www.shop.example",))
OTHER_PORT = TrialHost(b"http", b"10.0.0.5:8081", b"http", b"localhost:8080")

ROWS = [
    ("absolute", b'href="https://shop.example/x"', b'href="http://localhost:8080/x"'),
    ("http too", b"http://shop.example", b"http://localhost:8080"),
    ("letter case", b"HTTPS://Shop.Example/x", b"http://localhost:8080/x"),
    ("alias", b"https://www.shop.example/", b"http://localhost:8080/"),
    ("default port", b"https://shop.example:443/", b"http://localhost:8080/"),
    ("scheme-relative", b'src="//shop.example/a.js"', b'src="//localhost:8080/a.js"'),
    (
        "srcset",
        b'srcset="//shop.example/a 1x, //shop.example/b 2x"',
        b'srcset="//localhost:8080/a 1x, //localhost:8080/b 2x"',
    ),
    ("CSS", b"url(//shop.example/a.png)", b"url(//localhost:8080/a.png)"),
    ("JSON", rb'"https:\/\/shop.example\/x"', rb'"http:\/\/localhost:8080\/x"'),
    ("percent", b"?u=https%3A%2F%2Fshop.example%2Fx", b"?u=http%3A%2F%2Flocalhost%3A8080%2Fx"),
    ("percent, small", b"?u=https%3a%2f%2fshop.example%2fx", b"?u=http%3a%2f%2flocalhost%3A8080%2fx"),
    ("another domain", b"https://shop.example.org/", None),
    ("a subdomain", b"https://img.shop.example/", None),
    ("another port", b"https://shop.example:8443/", None),
    ("a path", b"/a//shop.example/", None),
    ("another scheme", b"ftp://shop.example/", None),
    ("e-mail", b"info@shop.example", None),
    ("name alone", b"shop.example", None),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_mapping(body: bytes, expected: bytes | None) -> None:
    mapped = PublicUrls(DEFAULT_PORT).map(body)
    if expected is None:
        assert mapped is body
    else:
        assert mapped == expected


def test_port_is_part_of_the_name() -> None:
    urls = PublicUrls(OTHER_PORT)
    assert urls.map(b"http://10.0.0.5:8081/x http%3A%2F%2F10.0.0.5%3A8081%2F") == (
        b"http://localhost:8080/x http%3A%2F%2Flocalhost%3A8080%2F"
    )
    for other in (b"http://10.0.0.5/x", b"http://10.0.0.5:80810/", b"http://10.0.0.5:8082/"):
        assert urls.map(other) is other


FRAGMENTS = st.sampled_from([row[1] for row in ROWS] + [b" ", b"/", b"a", b":", b"https:", b"//", b"%2F", b"\\/"])


@given(st.lists(FRAGMENTS, max_size=12).map(b"".join), st.lists(st.integers(1, 40), min_size=1, max_size=50))
def test_any_split_gives_the_same(body: bytes, sizes: list[int]) -> None:
    urls = PublicUrls(DEFAULT_PORT)
    stream, out, at, turn = urls.stream(), b"", 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        out += stream.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    assert out + stream.end() == urls.map(body)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (b"text/html; charset=x", True),
        (b"Text/CSS", True),
        (b"application/json", True),
        (b"image/svg+xml", True),
        (b"image/png", False),
        (b"application/pdf", False),
        (None, False),
    ],
)
def test_is_text(content_type: bytes | None, expected: bool) -> None:
    assert is_text(content_type) is expected
