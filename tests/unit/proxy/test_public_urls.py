"""Which bytes of a body name the origin, and that streaming changes nothing."""

import gzip
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.headers.trial_names import TrialHost
from proxy.public_urls import OriginUrls, PublicUrls, is_text, is_urls_form, origin_target

DEFAULT_PORT = TrialHost(b"https", b"shop.example", b"http", b"localhost:8080", (b"www.shop.example",))
OTHER_PORT = TrialHost(b"http", b"10.0.0.5:8081", b"http", b"localhost:8080")
NO_PORT = TrialHost(b"http", b"10.0.0.5:8081", b"https", b"trial.example.com")
IPV6 = TrialHost(b"http", b"[::1]:8081", b"http", b"localhost:8080")

S, H = DEFAULT_PORT, b"https://shop.example"
MAC = b"&sig=9f86d081884c7d659a2feaa0c55ad015"

SPELLINGS = [
    ("absolute", b'href="https://shop.example/x"', b'href="http://localhost:8080/x"'),
    ("http too", b"http://shop.example", b"http://localhost:8080"),
    ("letter case", b"HTTPS://Shop.Example/x", b"http://localhost:8080/x"),
    ("alias", b"https://www.shop.example/", b"http://localhost:8080/"),
    ("default port", b"https://shop.example:443/", b"http://localhost:8080/"),
    ("user", b"https://ada:p%40w@shop.example/", b"http://ada:p%40w@localhost:8080/"),
    ("end of a sentence", b"at https://shop.example. Or", b"at http://localhost:8080. Or"),
    ("a colon behind it", b"https://shop.example: here", b"http://localhost:8080: here"),
    ("scheme-relative", b'src="//shop.example/a.js"', b'src="//localhost:8080/a.js"'),
    ("scheme-relative at the beginning", b"//shop.example/a.js", b"//localhost:8080/a.js"),
    ("WebSocket", b"new WebSocket('wss://shop.example/s')", b"new WebSocket('ws://localhost:8080/s')"),
    ("JSON", rb'"https:\/\/shop.example\/x"', rb'"http:\/\/localhost:8080\/x"'),
    ("JSON, scheme-relative", rb'"\/\/shop.example\/x"', rb'"\/\/localhost:8080\/x"'),
    ("JSON in JSON", rb'"{\"u\":\"https:\\\/\\\/shop.example\"', rb'"{\"u\":\"http:\\\/\\\/localhost:8080\"'),
    ("JSON, \\u", rb'"https\u003a\u002F\u002Fshop.example"', rb'"http\u003a\u002F\u002Flocalhost\u003a8080"'),
    ("script, \\x", rb"'https:\x2f\x2fshop.example'", rb"'http:\x2f\x2flocalhost:8080'"),
    ("behind an escape", rb'"line\nhttps://shop.example/"', rb'"line\nhttp://localhost:8080/"'),
    ("percent", b"?u=https%3A%2F%2Fshop.example%2Fx", b"?u=http%3A%2F%2Flocalhost%3A8080%2Fx"),
    ("percent, small", b"?u=https%3a%2f%2fshop.example%2fx", b"?u=http%3a%2f%2flocalhost%3a8080%2fx"),
    ("percent, port", b"?u=https%3A%2F%2Fshop.example%3A443%2Fx", b"?u=http%3A%2F%2Flocalhost%3A8080%2Fx"),
    ("percent, scheme-relative", b"?u=%2F%2Fshop.example%2Fx", b"?u=%2F%2Flocalhost%3A8080%2Fx"),
    ("percent, no colon", b"%3D%2F%2Fshop.example", b"%3D%2F%2Flocalhost%3A8080"),
    ("percent twice", b"u%3Dhttps%253A%252F%252Fshop.example", b"u%3Dhttp%253A%252F%252Flocalhost%253A8080"),
    ("percent over JSON", b"%22https%3A%5C%2F%5C%2Fshop.example", b"%22http%3A%5C%2F%5C%2Flocalhost%3A8080"),
    ("half percent", b"?u=https:%2F%2Fshop.example/", b"?u=http:%2F%2Flocalhost:8080/"),
    ("references", b'"https&#58;&#x2F;&#x2f;shop.example"', b'"http&#58;&#x2F;&#x2f;localhost&#58;8080"'),
    ("named references", b'"https&colon;&sol;&sol;shop.example"', b'"http&colon;&sol;&sol;localhost&colon;8080"'),
    ("quoted by references", b"&quot;https://shop.example&quot;", b"&quot;http://localhost:8080&quot;"),
    ("JSON in an attribute", rb"&quot;https:\/\/shop.example\/&quot;", rb"&quot;http:\/\/localhost:8080\/&quot;"),
]

PLACES = [
    (
        "srcset",
        b'srcset="//shop.example/a 1x, //shop.example/b 2x"',
        b'srcset="//localhost:8080/a 1x, //localhost:8080/b 2x"',
    ),
    (
        "srcset without spaces",
        b'"https://shop.example/a,https://shop.example/b 2x"',
        b'"http://localhost:8080/a,http://localhost:8080/b 2x"',
    ),
    ("data-*", b"<i data-x-url='https://shop.example/a'>", b"<i data-x-url='http://localhost:8080/a'>"),
    ("formaction", b'<button formaction="https://shop.example/a">', b'<button formaction="http://localhost:8080/a">'),
    ("unquoted", b"<a href=https://shop.example>", b"<a href=http://localhost:8080>"),
    ("base", b'<base href="https://shop.example/">', b'<base href="http://localhost:8080/">'),
    ("CSS", b"url(//shop.example/a.png)", b"url(//localhost:8080/a.png)"),
    ("import", b"@import 'https://shop.example/a.css'", b"@import 'http://localhost:8080/a.css'"),
    ("refresh", b'content="0;url=https://shop.example/"', b'content="0;url=http://localhost:8080/"'),
    ("select", b'<option value="https://shop.example/?s=1">', b'<option value="http://localhost:8080/?s=1">'),
    (
        "a form of the shop's",
        b'<form action="https://shop.example/l"><input name=r value="https://shop.example/c">',
        b'<form action="http://localhost:8080/l"><input name=r value="http://localhost:8080/c">',
    ),
    (
        "a form without action",
        b'<form method=post><input type=hidden value="https://shop.example/c">',
        b'<form method=post><input type=hidden value="http://localhost:8080/c">',
    ),
    (
        "behind somebody else's form",
        b'<form action="https://pay.example/"></form><input value="https://shop.example/c">',
        b'<form action="https://pay.example/"></form><input value="http://localhost:8080/c">',
    ),
    (
        "a URL in a query",
        b'"https://social.example/share?u=https%3A%2F%2Fshop.example%2Fx&s=96&d=https%3A%2F%2Fshop.example"',
        b'"https://social.example/share?u=http%3A%2F%2Flocalhost%3A8080%2Fx&s=96&d=http%3A%2F%2Flocalhost%3A8080"',
    ),
    (
        "a signed URL of the shop's own: it gets its own name back",
        b'"https://shop.example/verify?expires=1800000000&signature=9f86d081884c7d659a2feaa0c55ad015"',
        b'"http://localhost:8080/verify?expires=1800000000&signature=9f86d081884c7d659a2feaa0c55ad015"',
    ),
    (
        "policy in the page",
        b'<meta http-equiv=content-security-policy content="a shop.example; upgrade-insecure-requests">shop.example',
        b'<meta http-equiv=content-security-policy content="a localhost:8080; ">shop.example',
    ),
]

UNTOUCHED = [
    ("another domain", b"https://shop.example.org/"),
    ("a domain that ends alike", b"https://notshop.example/"),
    ("a domain that ends alike, with a dash", b"https://not-shop.example/"),
    ("a longer name", b"https://shop.example-evil.test/"),
    ("a longer name, percent", b"https%3A%2F%2Fshop.example%2Eevil.test"),
    ("a longer name, reference", b"https://shop.example&#46;evil.test"),
    ("a longer name, escape", rb'"https://shop.example\u002eevil.test"'),
    ("a longer name, not ASCII", "https://shop.exampleñ/".encode()),
    ("a subdomain", b"https://img.shop.example/"),
    ("another port", b"https://shop.example:8443/"),
    ("another port, percent", b"https%3A%2F%2Fshop.example%3A8443%2F"),
    ("somebody else's user", b"https://shop.example@evil.test/"),
    ("somebody else's user and password", b"https://shop.example:pw@evil.test/"),
    ("somebody else's user, percent", b"https%3A%2F%2Fshop.example%40evil.test"),
    ("a path", b"/a//shop.example/"),
    ("another scheme", b"ftp://shop.example/"),
    ("e-mail", b"mailto:info@shop.example"),
    ("name alone", b"shop.example"),
    ("base64 in a path", b'"/add/uenc/' + b64encode(H + b"/cart") + b'/"'),
    ("base64 in an attribute", b'data-u="' + b64encode(H) + b'"'),
    ("integrity", b'<script src="/a.js" integrity="sha384-https//shop.example">'),
    ("an image proxy's path", b'"https://img.example/resize/8f14e45fceea/plain/https://shop.example/a.jpg"'),
    ("an image proxy's path, percent", b'"/_image/8f14e45fceea/https%3A%2F%2Fshop.example%2Fa.jpg"'),
    ("nested in percent", b'"?p=%2Fresize%2Fhttps%3A%2F%2Fshop.example"'),
    ("a MAC behind it", b'"https://img.example/?url=https%3A%2F%2Fshop.example%2Fa.jpg' + MAC + b'"'),
    ("a MAC before it", b'"https://img.example/?w=9' + MAC + b'&amp;url=https://shop.example/a.jpg"'),
    ("a signature's attribute", b'<i data-signature="https://shop.example/x|8f14e45fceea">'),
    ("a signed attribute", b"<i data-signed-payload=x data-signed='https://shop.example/x--8f14e45fceea'>"),
    ("a checksum's member", b'{"checksum": "https://shop.example/x"}'),
    (
        "a payment page's form",
        b'<form action="https://pay.example/"><input name=back value="https://shop.example/ok"><input name=mac>',
    ),
    (
        "a payment page's form, otherwise",
        b"<FORM method=post ACTION='//pay.example/x'><b>x</b><Input VALUE='https://shop.example/ok' type=hidden>",
    ),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in SPELLINGS], ids=[row[0] for row in SPELLINGS])
def test_spellings(body: bytes, expected: bytes) -> None:
    assert PublicUrls(S).map(body) == expected


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_places(body: bytes, expected: bytes) -> None:
    assert PublicUrls(S).map(body) == expected


@pytest.mark.parametrize("body", [row[1] for row in UNTOUCHED], ids=[row[0] for row in UNTOUCHED])
def test_untouched(body: bytes) -> None:
    assert PublicUrls(S).map(body) is body


PORTS = [
    (OTHER_PORT, b"http://10.0.0.5:8081/x", b"http://localhost:8080/x"),
    (OTHER_PORT, b"http%3A%2F%2F10.0.0.5%3A8081%2F", b"http%3A%2F%2Flocalhost%3A8080%2F"),
    (OTHER_PORT, b"http%253a%252f%252f10.0.0.5%253a8081", b"http%253a%252f%252flocalhost%253a8080"),
    (OTHER_PORT, rb"http:\/\/10.0.0.5:8081\/", rb"http:\/\/localhost:8080\/"),
    (OTHER_PORT, b"http://10.0.0.5/x", None),
    (OTHER_PORT, b"http://10.0.0.5:80810/", None),
    (OTHER_PORT, b"http://10.0.0.5:8081@evil.test/", None),
    (OTHER_PORT, b"http://10.0.0.5:8082/", None),
    (OTHER_PORT, b"http://110.0.0.5:8081/", None),
    (NO_PORT, b"http://10.0.0.5:8081/ ws://10.0.0.5:8081/", b"https://trial.example.com/ wss://trial.example.com/"),
    (NO_PORT, b"?u=http%3A%2F%2F10.0.0.5%3A8081%2F", b"?u=https%3A%2F%2Ftrial.example.com%2F"),
    (IPV6, b"http://[::1]:8081/x", b"http://localhost:8080/x"),
    (IPV6, b"http://[::1]/x", None),
]


@pytest.mark.parametrize(("hosts", "body", "expected"), PORTS)
def test_port_is_part_of_the_name(hosts: TrialHost, body: bytes, expected: bytes | None) -> None:
    mapped = PublicUrls(hosts).map(body)
    assert mapped is body if expected is None else mapped == expected


ROWS = [row[1] for row in (*SPELLINGS, *PLACES, *UNTOUCHED)] + [row[1] for row in PORTS]
SEAMS = [
    b" ",
    b"/",
    b"a",
    b":",
    b"https:",
    b"//",
    b"%2F",
    b"\\/",
    b'"',
    b"<",
    b"@",
    b"&#",
    b"shop",
    b".example",
    b"x" * 300,
]
BODIES = st.lists(st.sampled_from(ROWS + SEAMS), max_size=12).map(b"".join)


@pytest.mark.parametrize("body", ROWS)
def test_every_cut_gives_the_same(body: bytes) -> None:
    for hosts in (DEFAULT_PORT, OTHER_PORT):
        urls = PublicUrls(hosts)
        whole = urls.map(body)
        for cut in range(len(body)):
            stream = urls.stream()
            assert stream.feed(body[:cut]) + stream.feed(body[cut:]) + stream.end() == whole


@given(BODIES, st.lists(st.integers(1, 40), min_size=1, max_size=50), st.sampled_from([DEFAULT_PORT, OTHER_PORT]))
def test_any_split_gives_the_same(body: bytes, sizes: list[int], hosts: TrialHost) -> None:
    urls = PublicUrls(hosts)
    stream, out, at, turn = urls.stream(), b"", 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        out += stream.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    assert out + stream.end() == urls.map(body)


@given(st.binary(max_size=400))
def test_what_names_nobody_is_the_very_object(body: bytes) -> None:
    if b"shop.example" not in body.lower() and b"content-security-policy" not in body.lower():
        assert PublicUrls(S).map(body) is body


@pytest.mark.parametrize("event", [b"data: {}\n\n", b'{"a": 1}\n', b"<p>x</p>", b"data: https://shop.example/\n\n"])
def test_an_event_goes_out_at_once(event: bytes) -> None:
    assert PublicUrls(S).stream().feed(event) == PublicUrls(S).map(event)


def test_what_is_held_back_is_bounded() -> None:
    stream = PublicUrls(S).stream()
    fed = sent = 0
    for _ in range(2000):
        fed += 7
        sent += len(stream.feed(b"abc%2Fa"))
        assert fed - sent < 1024


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"/login?to=http%3A%2F%2Flocalhost%3A8080%2Fcart&x", b"/login?to=https%3A%2F%2Fshop.example%2Fcart&x"),
        (b"/l?to=http://localhost:8080/a?b#c", b"/l?to=https://shop.example/a?b#c"),
        (b"/l?to=//localhost:8080/", b"/l?to=//shop.example/"),
        (b"/http://localhost:8080/", None),
        (b"/a?localhost:8080", None),
        (b"//x?%zz&u=http%3A%2F%2Fother.example", None),
        (b"*", None),
    ],
)
def test_targets(target: bytes, expected: bytes | None) -> None:
    mapped = origin_target(target, DEFAULT_PORT)
    assert mapped is target if expected is None else mapped == expected


@given(st.lists(st.sampled_from([row[2] for row in SPELLINGS]), max_size=6).map(b" ".join))
def test_there_and_back(public: bytes) -> None:
    hosts = DEFAULT_PORT
    there = PublicUrls(hosts).map(OriginUrls(hosts).map(public))
    assert there == public


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (b"text/html; charset=x", True),
        (b"Text/CSS", True),
        (b"application/json", True),
        (b"application/vnd.api+json", True),
        (b"image/svg+xml", True),
        (b"application/manifest+json", True),
        (b"image/png", False),
        (b"application/pdf", False),
        (b"application/octet-stream", False),
        (None, False),
    ],
)
def test_is_text(content_type: bytes | None, expected: bool) -> None:
    assert is_text(content_type) is expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (b"application/x-www-form-urlencoded; charset=UTF-8", True),
        (b"application/json", True),
        (b"multipart/form-data; boundary=x", True),
        (b"text/plain", False),
        (None, False),
    ],
)
def test_is_urls_form(content_type: bytes | None, expected: bool) -> None:
    assert is_urls_form(content_type) is expected


def test_coded_bytes_stay() -> None:
    body = gzip.compress(H * 50)
    assert PublicUrls(S).map(body) is body
