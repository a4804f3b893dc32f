"""Request fields towards the origin, a row each."""

import pytest

from proxy.framing.request import parse_request_head
from proxy.headers.to_origin import HostMode, LoopDetected, OriginPolicy, to_origin

Fields = list[tuple[bytes, bytes]]

PUBLIC = OriginPolicy(HostMode.PUBLIC, b"10.0.0.5:8080", b"http", (b"vt", b"vt_preview"), b"vitrina-7", via=False)
TRIAL = OriginPolicy(HostMode.ORIGIN, b"your.shop", b"https", (b"vt",), b"vitrina-7", via=False)
FORWARDED = [(b"X-Forwarded-For", b"192.0.2.1"), (b"X-Forwarded-Proto", b"http"), (b"X-Forwarded-Host", b"shop")]


def send(
    *fields: str,
    line: str = "GET / HTTP/1.1",
    policy: OriginPolicy = PUBLIC,
    peer: bytes = b"192.0.2.1",
    trusted: bool = False,
    personalisable: bool = False,
) -> Fields:
    head = parse_request_head("\r\n".join([line, *fields, "", ""]).encode("latin-1"))
    return to_origin(head, policy, peer=peer, scheme=b"http", trusted_peer=trusted, personalisable=personalisable)


def end_to_end(*fields: str, trusted: bool = False, personalisable: bool = False) -> Fields:
    """What is sent besides Host and the forwarding fields."""
    sent = send("Host: shop", *fields, trusted=trusted, personalisable=personalisable)
    assert sent[0] == (b"Host", b"shop")
    assert sent[-3:] == FORWARDED
    return sent[1:-3]


REMOVED = [
    ("Connection", ["Connection: keep-alive"]),
    ("what Connection lists", ["Connection: X-Custom, close", "X-Custom: 1"]),
    ("what several Connection lines list", ["Connection: X-A", "connection: X-B", "X-A: 1", "x-b: 1"]),
    ("Keep-Alive", ["Keep-Alive: timeout=5"]),
    ("Proxy-*", ["Proxy-Connection: keep-alive", "Proxy-Authorization: Basic eA=="]),
    ("httpoxy", ["Proxy: http://evil"]),
    ("TE", ["Connection: TE", "TE: trailers"]),
    ("Trailer", ["Trailer: X"]),
    ("h2c", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAA"]),
    ("Upgrade that Connection does not list", ["Upgrade: websocket"]),
    ("WebSocket with a body", ["Connection: Upgrade", "Upgrade: websocket", "Transfer-Encoding: chunked"]),
    ("X_Forwarded_For", ["X_Forwarded_For: 1.2.3.4"]),
    ("X-Forwarded_For", ["X-Forwarded_For: 1.2.3.4"]),
    ("X.Forwarded.Host", ["X.Forwarded.Host: evil"]),
    ("Content_Length", ["Content_Length: 5"]),
    ("Transfer_Encoding", ["Transfer_Encoding: chunked"]),
    ("Cookie alone, ours", ["Cookie: vt=1.abc"]),
    ("other X-Forwarded-*", ["X-Forwarded-Port: 443", "X-Forwarded-Prefix: /x", "X-Forwarded-Server: y"]),
]


@pytest.mark.parametrize("fields", [row[1] for row in REMOVED], ids=[row[0] for row in REMOVED])
def test_removed(fields: list[str]) -> None:
    assert [field for field in end_to_end(*fields) if field[0] != b"Transfer-Encoding"] == []


KEPT = [
    ("order, case and bytes", ["b: 1", "A: \xc3\xb1", "B: \xff", "a: 2"]),
    ("Cookie", ["Cookie: a=b; cart[uid]=1"]),
    ("Authorization", ["Authorization: Basic eA=="]),
    ("User-Agent", ["User-Agent: x"]),
    ("underscores that shadow nothing", ["my_header: 1", "api_key: 2"]),
    ("conditionals", ['If-None-Match: "x"', "If-Modified-Since: x", "Range: bytes=0-1", 'If-Range: "x"']),
    ("Accept-Encoding", ["Accept-Encoding: gzip, deflate, br;q=0.9, *;q=0.1"]),
    ("Expect", ["Expect: 100-continue"]),
    ("sized body", ["Content-Length: 5"]),
    ("chunked body", ["Transfer-Encoding: Chunked"]),
    ("foreign Via", ["Via: 1.1 cdn, 1.0 vitrina-77 (vitrina-7)"]),
    ("WebSocket's own fields", ["Sec-WebSocket-Key: x==", "Sec-WebSocket-Version: 13"]),
]


@pytest.mark.parametrize("fields", [row[1] for row in KEPT], ids=[row[0] for row in KEPT])
def test_kept(fields: list[str]) -> None:
    expected = [tuple(field.encode("latin-1").split(b": ", 1)) for field in fields]
    assert end_to_end(*fields) == expected


@pytest.mark.parametrize(
    "field",
    [
        "Cookie: a=b",
        "Authorization: x",
        "Content-Length: 5",
        "Transfer-Encoding: chunked",
        "Content-Type: x",
        "Via: 1.1 a",
    ],
)
def test_connection_cannot_remove_what_matters(field: str) -> None:
    name, _, value = field.partition(": ")
    assert end_to_end(f"Connection: {name.lower()}", field) == [(name.encode(), value.encode())]


def test_connection_cannot_remove_host_or_forwarding() -> None:
    sent = send(
        "Host: shop",
        "Connection: Authorization, Host, Cookie, X-Forwarded-For, Forwarded",
        "Authorization: x",
        "Cookie: a=b",
        "X-Forwarded-For: 1.2.3.4",
        trusted=True,
    )
    assert sent[:3] == [(b"Host", b"shop"), (b"Authorization", b"x"), (b"Cookie", b"a=b")]
    assert sent[3] == (b"X-Forwarded-For", b"1.2.3.4, 192.0.2.1")


def test_websocket_is_asked_for() -> None:
    fields = ["Connection: keep-alive, Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Key: x=="]
    assert end_to_end(*fields) == [
        (b"Connection", b"Upgrade"),
        (b"Upgrade", b"WebSocket"),
        (b"Sec-WebSocket-Key", b"x=="),
    ]


HOSTS = [
    ("public", PUBLIC, "GET / HTTP/1.1", ["hOSt: Shop:80"], (b"hOSt", b"Shop:80")),
    ("public, absolute form", PUBLIC, "GET http://other/ HTTP/1.1", ["Host: shop"], (b"Host", b"other")),
    ("public, HTTP/1.0 without Host", PUBLIC, "GET / HTTP/1.0", [], (b"Host", b"10.0.0.5:8080")),
    ("trial", TRIAL, "GET / HTTP/1.1", ["hOSt: localhost:8080"], (b"hOSt", b"your.shop")),
    ("trial, HTTP/1.0 without Host", TRIAL, "GET / HTTP/1.0", [], (b"Host", b"your.shop")),
]


@pytest.mark.parametrize(
    ("policy", "line", "fields", "host"), [row[1:] for row in HOSTS], ids=[row[0] for row in HOSTS]
)
def test_host(policy: OriginPolicy, line: str, fields: list[str], host: tuple[bytes, bytes]) -> None:
    sent = send(*fields, line=line, policy=policy)
    assert sent[0] == host
    assert [name.lower() for name, _ in sent].count(b"host") == 1


def test_trial_shows_the_origin_its_own_name_throughout() -> None:
    sent = send(
        "Host: localhost:8080",
        "Origin: http://localhost:8080",
        "Referer: http://localhost:8080/a?b",
        policy=TRIAL,
    )
    assert sent == [
        (b"Host", b"your.shop"),
        (b"Origin", b"https://your.shop"),
        (b"Referer", b"https://your.shop/a?b"),
        (b"X-Forwarded-For", b"192.0.2.1"),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-Forwarded-Host", b"your.shop"),
    ]


def test_trial_behind_a_trusted_front_names_the_shop_all_the_same() -> None:
    sent = send(
        "Host: localhost:8080",
        "X-Forwarded-For: 198.51.100.7",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Host: localhost:8080",
        "X-Forwarded-Port: 8080",
        "X-Forwarded-Prefix: /x",
        "Forwarded: host=localhost;for=198.51.100.7;proto=http, for=203.0.113.1",
        policy=TRIAL,
        trusted=True,
    )
    assert sent == [
        (b"Host", b"your.shop"),
        (b"X-Forwarded-For", b"198.51.100.7, 192.0.2.1"),
        (b"Forwarded", b"for=198.51.100.7, for=203.0.113.1, for=192.0.2.1"),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-Forwarded-Host", b"your.shop"),
    ]


CLAIMED = [
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-For: 5.6.7.8",
    "x-forwarded-proto: https",
    "X-Forwarded-Host: evil",
    "X-Forwarded-Port: 443",
    "Forwarded: for=1.2.3.4",
    "X-Real-IP: 1.2.3.4",
]


def test_forwarding_of_a_stranger_is_overwritten() -> None:
    assert send("Host: shop", *CLAIMED) == [
        (b"Host", b"shop"),
        *FORWARDED,
        (b"Forwarded", b'for=192.0.2.1;host="shop";proto=http'),
        (b"X-Real-IP", b"192.0.2.1"),
    ]


def test_forwarding_of_a_trusted_peer_is_kept_and_appended_to() -> None:
    assert send("Host: shop", *CLAIMED, trusted=True) == [
        (b"Host", b"shop"),
        (b"X-Forwarded-For", b"1.2.3.4"),
        (b"X-Forwarded-For", b"5.6.7.8, 192.0.2.1"),
        (b"x-forwarded-proto", b"https"),
        (b"X-Forwarded-Host", b"evil"),
        (b"X-Forwarded-Port", b"443"),
        (b"Forwarded", b"for=1.2.3.4, for=192.0.2.1"),
        (b"X-Real-IP", b"1.2.3.4"),
    ]
    assert send("Host: shop", "X_Forwarded_For: 1.2.3.4", trusted=True) == [(b"Host", b"shop"), *FORWARDED]


def test_forwarded_quotes_ipv6() -> None:
    sent = send("Host: shop", "Forwarded: x", peer=b"2001:db8::1")
    assert (b"Forwarded", b'for="[2001:db8::1]";host="shop";proto=http') in sent
    assert (b"X-Forwarded-For", b"2001:db8::1") in sent


def test_a_page_that_may_be_rewritten_is_asked_for_whole() -> None:
    fields = [
        'If-None-Match: "x"',
        "If-Modified-Since: x",
        'If-Match: "x"',
        "If-Unmodified-Since: x",
        "Range: bytes=0-1",
        'If-Range: "x"',
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept: text/html",
    ]
    assert end_to_end(*fields, personalisable=True) == [
        (b"Accept-Encoding", b"gzip, br, zstd"),
        (b"Accept", b"text/html"),
    ]


CODINGS = [
    ("gzip;q=0.5, br;q=1.0, *;q=0", "gzip;q=0.5, br;q=1.0"),
    ("GZIP ; q=1 , dcb", "GZIP ; q=1"),
    ("deflate", "identity"),
    ("*", "identity"),
    ("identity;q=0.1, x-gzip", "identity;q=0.1"),
    ("", "identity"),
    ("gzip, " * 100, "identity"),
]


@pytest.mark.parametrize(("accepted", "offered"), CODINGS)
def test_accept_encoding(accepted: str, offered: str) -> None:
    sent = end_to_end(f"accept-encoding: {accepted}", personalisable=True)
    assert sent == [(b"accept-encoding", offered.encode())]


def test_no_accept_encoding_is_added() -> None:
    assert end_to_end(personalisable=True) == []


def test_via() -> None:
    with_via = OriginPolicy(HostMode.PUBLIC, b"o", b"http", (), b"vitrina-7")
    assert send("Host: shop", "Via: 1.1 cdn", policy=with_via) == [
        (b"Host", b"shop"),
        (b"Via", b"1.1 cdn"),
        *FORWARDED,
        (b"Via", b"1.1 vitrina-7"),
    ]
    assert send("Host: shop", line="GET / HTTP/1.0", policy=with_via)[-1] == (b"Via", b"1.0 vitrina-7")


@pytest.mark.parametrize("via", ["1.1 vitrina-7", "1.1 cdn, HTTP/1.1 vitrina-7 (x)", "1.0 a,1.1  vitrina-7,1.1 b"])
def test_our_own_via_is_a_loop(via: str) -> None:
    for trusted in (False, True):
        with pytest.raises(LoopDetected):
            send("Host: shop", f"Via: {via}", trusted=trusted)


def test_expect_of_http_1_0_is_dropped() -> None:
    sent = send("Host: shop", "Expect: 100-continue", line="PUT / HTTP/1.0")
    assert sent == [(b"Host", b"shop"), *FORWARDED]
