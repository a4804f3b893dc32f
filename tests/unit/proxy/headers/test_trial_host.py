"""host = "origin": URLs in fields, both ways."""

import pytest

from proxy.headers.trial_host import request_fields, response_fields, turned_to
from proxy.headers.trial_names import TrialHost

LOCAL = TrialHost(b"https", b"www.your.shop", b"http", b"localhost:8080", (b"your.shop",))
NAMED = TrialHost(b"http", b"10.0.0.5:8080", b"https", b"trial.example.com")
NAMED_TLS = TrialHost(b"https", b"www.your.shop", b"https", b"trial.example.com")
ADDRESS = TrialHost(b"https", b"www.your.shop", b"http", b"127.0.0.1:8080")

REQUEST = [
    ("Origin", LOCAL, "Origin: http://localhost:8080", "https://www.your.shop"),
    ("Origin in other cases", LOCAL, "origin: HTTP://LocalHost:8080", "https://www.your.shop"),
    ("Origin null", LOCAL, "Origin: null", None),
    ("foreign Origin", LOCAL, "Origin: https://other.example", None),
    ("another port", LOCAL, "Origin: http://localhost:9090", None),
    ("a name that begins alike", LOCAL, "Origin: http://localhost:8080.evil", None),
    (
        "Referer",
        LOCAL,
        "Referer: http://localhost:8080/?u=//localhost:8080",
        "https://www.your.shop/?u=//www.your.shop",
    ),
    (
        "Referer with a URL in its query",
        LOCAL,
        "Referer: http://localhost:8080/login?back=http%3A%2F%2Flocalhost%3A8080%2Fcart",
        "https://www.your.shop/login?back=https%3A%2F%2Fwww.your.shop%2Fcart",
    ),
    ("HTMX's own Referer", LOCAL, "HX-Current-URL: http://localhost:8080/x", "https://www.your.shop/x"),
    ("Referer without path", NAMED, "Referer: https://trial.example.com", "http://10.0.0.5:8080"),
    ("Referer with the default port", NAMED, "Referer: https://trial.example.com:443/x", "http://10.0.0.5:8080/x"),
    ("foreign Referer", LOCAL, "Referer: https://search.example/?q=localhost:8080", None),
    ("other fields", LOCAL, "X-Url: http://localhost:8080/", None),
]


def field(text: str) -> tuple[bytes, bytes]:
    name, _, value = text.partition(": ")
    return name.encode("latin-1"), value.encode("latin-1")


@pytest.mark.parametrize(("hosts", "sent", "expected"), [row[1:] for row in REQUEST], ids=[row[0] for row in REQUEST])
def test_request_fields(hosts: TrialHost, sent: str, expected: str | None) -> None:
    name, value = field(sent)
    ((mapped_name, mapped),) = request_fields([(name, value)], hosts)
    assert mapped_name == name
    assert mapped is value if expected is None else mapped == expected.encode()


RESPONSE = [
    ("Location", LOCAL, "Location: https://www.your.shop/a?b#c", "http://localhost:8080/a?b#c"),
    ("Location of the other scheme", LOCAL, "Location: http://www.your.shop/a", "http://localhost:8080/a"),
    ("Location of an alias", LOCAL, "location: https://YOUR.shop", "http://localhost:8080"),
    ("Location with default port", LOCAL, "Location: https://your.shop:443/", "http://localhost:8080/"),
    ("Location without scheme", LOCAL, "Location: //your.shop/x", "//localhost:8080/x"),
    ("Location with port", NAMED, "Location: http://10.0.0.5:8080/x", "https://trial.example.com/x"),
    ("Location at another port", NAMED, "Location: http://10.0.0.5/x", None),
    ("relative Location", LOCAL, "Location: /a//your.shop/", None),
    ("foreign Location", LOCAL, "Location: https://pay.example/?return=https://your.shop/", None),
    ("a name that begins alike", LOCAL, "Location: https://your.shop.evil/", None),
    ("a name that ends alike", LOCAL, "Location: https://my-your.shop/", None),
    ("not a user's host", LOCAL, "Location: https://your.shop@evil/", None),
    ("with a user", LOCAL, "Location: https://ada:pw@your.shop/x", "http://ada:pw@localhost:8080/x"),
    ("backslashes, as browsers read them", LOCAL, "Location: https:\\\\your.shop\\x", "http://localhost:8080\\x"),
    ("a URL in the query is the origin's to read", LOCAL, "Location: /login?to=https%3A%2F%2Fyour.shop", None),
    ("malformed", LOCAL, "Location: http:/your.shop/x", None),
    ("raw bytes after it", LOCAL, "Location: https://your.shop/\xc3\xb1\xff", "http://localhost:8080/\xc3\xb1\xff"),
    ("Content-Location", LOCAL, "Content-Location: https://your.shop/x", "http://localhost:8080/x"),
    ("CORS", LOCAL, "Access-Control-Allow-Origin: https://your.shop", "http://localhost:8080"),
    ("CORS *", LOCAL, "Access-Control-Allow-Origin: *", None),
    ("Refresh", LOCAL, "Refresh: 5; url=https://your.shop/x", "5; url=http://localhost:8080/x"),
    ("Refresh of old scripts", LOCAL, "Refresh: 0;URL='https://your.shop/x'", "0;URL='http://localhost:8080/x'"),
    ("Refresh without url=", LOCAL, "Refresh: 0, //your.shop/x", "0, //localhost:8080/x"),
    ("Refresh in place", LOCAL, "Refresh: 300", None),
    ("relative Refresh", LOCAL, "Refresh: 0; url=/x", None),
    (
        "Link",
        LOCAL,
        'Link: <https://your.shop/a.css>; rel=preload, </b>; rel=x, <//your.shop/>; title="https://your.shop"',
        '<http://localhost:8080/a.css>; rel=preload, </b>; rel=x, <//localhost:8080/>; title="https://your.shop"',
    ),
    ("cookie without Domain", NAMED_TLS, "Set-Cookie: cart[a]=1; Path=/; Secure", None),
    ("cookie with Domain", NAMED_TLS, "Set-Cookie: a=1; domain=.your.shop; x", "a=1; domain=trial.example.com; x"),
    ("cookie with that Domain", NAMED_TLS, "Set-Cookie: a=1;Domain = www.your.shop", "a=1;Domain =trial.example.com"),
    ("cookie of a foreign Domain", NAMED_TLS, "Set-Cookie: a=1; Domain=other.shop", None),
    ("cookie of a Domain below", NAMED_TLS, "Set-Cookie: a=1; Domain=x.www.your.shop", None),
    ("cookie with Domain, on localhost", LOCAL, "Set-Cookie: a=1; Domain=your.shop; Path=/", "a=1; Path=/"),
    ("cookie with Domain, on an address", ADDRESS, "Set-Cookie: a=1; Path=/; Domain=your.shop", "a=1; Path=/"),
    ("Secure cookie without TLS", LOCAL, "Set-Cookie: a=1; Secure; SameSite=None; HttpOnly", "a=1; HttpOnly"),
    ("SameSite=Lax without TLS", LOCAL, "Set-Cookie: a=1; secure ; SameSite=Lax", "a=1; SameSite=Lax"),
    ("prefixed cookie without TLS", LOCAL, "Set-Cookie: __Host-a=1; Secure; Path=/", None),
    ("a value that looks like attributes", LOCAL, "Set-Cookie: domain=your.shop", None),
    ("HTMX", LOCAL, "HX-Redirect: https://your.shop/x", "http://localhost:8080/x"),
    ("HTMX, JSON", LOCAL, 'HX-Location: {"path":"https://your.shop/x"}', '{"path":"http://localhost:8080/x"}'),
    ("WordPress", LOCAL, "X-Pingback: https://your.shop/xmlrpc.php", "http://localhost:8080/xmlrpc.php"),
    ("reports", LOCAL, 'Reporting-Endpoints: a="https://your.shop/r"', 'a="http://localhost:8080/r"'),
    ("permissions", LOCAL, 'Permissions-Policy: x=(self "https://your.shop")', 'x=(self "http://localhost:8080")'),
    ("other fields", LOCAL, "X-Url: https://your.shop/", None),
    ("CSP: host", LOCAL, "Content-Security-Policy: img-src your.shop data:", "img-src localhost:8080 data:"),
    (
        "CSP: URL",
        LOCAL,
        "Content-Security-Policy-Report-Only: img-src 'self' https://your.shop/a/ ; report-uri https://your.shop/r",
        "img-src 'self' http://localhost:8080/a/ ; report-uri http://localhost:8080/r",
    ),
    (
        "CSP: ports",
        LOCAL,
        "Content-Security-Policy: a your.shop:443 your.shop:* your.shop:8443",
        "a localhost:8080 localhost:8080 your.shop:8443",
    ),
    (
        "CSP: WebSocket",
        LOCAL,
        "Content-Security-Policy: connect-src wss://your.shop",
        "connect-src ws://localhost:8080",
    ),
    (
        "CSP: wildcard that covers the shop",
        LOCAL,
        "Content-Security-Policy: img-src *.your.shop; font-src *.other.shop",
        "img-src *.your.shop localhost:8080; font-src *.other.shop",
    ),
    (
        "CSP: others",
        LOCAL,
        "Content-Security-Policy: a img.your.shop your.shop.evil notyour.shop 'nonce-your.shop'",
        None,
    ),
    (
        "CSP without TLS",
        LOCAL,
        "Content-Security-Policy: upgrade-insecure-requests; default-src https: 'self'; block-all-mixed-content",
        "default-src https: http://localhost:8080 'self'; ",
    ),
    ("CSP with TLS", NAMED_TLS, "Content-Security-Policy: upgrade-insecure-requests; default-src https:", None),
    ("CSP with another port", NAMED, "Content-Security-Policy: a 10.0.0.5 b 10.0.0.5:80", None),
    ("CSP with that port", NAMED, "Content-Security-Policy: a http://10.0.0.5:8080/", "a https://trial.example.com/"),
]


@pytest.mark.parametrize(("hosts", "sent", "expected"), [row[1:] for row in RESPONSE], ids=[row[0] for row in RESPONSE])
def test_response_fields(hosts: TrialHost, sent: str, expected: str | None) -> None:
    name, value = field(sent)
    mapped = value if expected is None else expected.encode("latin-1")
    assert response_fields([(name, value)], hosts) == [(name, mapped)]


def test_order_is_kept() -> None:
    fields = [field("A: 1"), field("Location: https://your.shop/"), field("a: 2")]
    assert [name for name, _ in response_fields(fields, LOCAL)] == [b"A", b"Location", b"a"]


TURNED = [
    ("the other scheme", LOCAL, "http://www.your.shop/a?b=1", "http://www.your.shop"),
    ("the other scheme, with a fragment", LOCAL, "HTTP://www.your.shop/a?b=1#c", "http://www.your.shop"),
    ("an alias", LOCAL, "https://your.shop/a?b=1", "https://your.shop"),
    ("the same URL, for a cookie's sake", LOCAL, "https://www.your.shop/a?b=1", None),
    ("the same, without scheme", LOCAL, "//www.your.shop/a?b=1", None),
    ("another page", LOCAL, "http://www.your.shop/a?b=2", None),
    ("another host", LOCAL, "http://other.example/a?b=1", None),
    ("a path", LOCAL, "/a?b=1", None),
    ("to TLS, at a port of its own", NAMED, "https://10.0.0.5:8080/a?b=1", "https://10.0.0.5:8080"),
]


@pytest.mark.parametrize(("hosts", "location", "expected"), [row[1:] for row in TURNED], ids=[row[0] for row in TURNED])
def test_redirects_to_the_very_page(hosts: TrialHost, location: str, expected: str | None) -> None:
    found = turned_to(location.encode(), b"/a?b=1", hosts)
    assert found == (None if expected is None else expected.encode())


def test_a_redirect_without_a_path_is_to_the_home_page() -> None:
    assert turned_to(b"http://www.your.shop", b"/", LOCAL) == b"http://www.your.shop"
