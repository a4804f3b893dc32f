"""Targets are read whatever they are, and nothing private of them is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicks.targets import (
    campaign,
    kept_path,
    kept_query,
    page_key,
    parse_target,
    referrer,
    referrer_host,
    referrer_key,
)
from config.platforms import load_platform

PHOENIX = load_platform("phoenix")
OSCAR = load_platform("oscar")

CANARIES = (
    "h3ll9g7mhdubff83em46v3nmpt",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "jose@example.com",
    "4111 1111 1111 1111",
    "4111111111111111",
)


@pytest.mark.parametrize(
    ("raw", "path", "query"),
    [
        (b"/", "/", ()),
        (b"/a?x=1&y=2", "/a", (("x", "1"), ("y", "2"))),
        (b"/a?x=1+2%33", "/a", (("x", "1 23"),)),
        (b"/caf%C3%A9", "/café", ()),
        (b"/caf%E9", "/café", ()),
        (b"/caf\xc3\xa9", "/café", ()),
        (b"/%zz?%zz=%", "/%zz", (("%zz", "%"),)),
        (b"//x", "//x", ()),
        (b"http://h:80/a?b=c", "/a", (("b", "c"),)),
        (b"http://h", "/", ()),
        (b"http://h?x=1", "/", (("x", "1"),)),
        (b"*", "*", ()),
        (b"/a?u=http%3A%2F%2Fx%2F%3Fy", "/a", (("u", "http://x/?y"),)),
        (b"/a?x=1&amp;y=2", "/a", (("x", "1"), ("y", "2"))),
        (b"/a?&&=&flag", "/a", (("flag", ""),)),
        (b"", "", ()),
    ],
)
def test_parse_target(raw: bytes, path: str, query: tuple[tuple[str, str], ...]) -> None:
    target = parse_target(raw)
    assert (target.path, target.query, target.raw) == (path, query, raw)


@given(st.binary(max_size=700))
def test_any_bytes_are_a_target(raw: bytes) -> None:
    target = parse_target(raw)
    for platform in (PHOENIX, OSCAR):
        page_key("h", target, platform)
        kept_path(target, platform)
    campaign(target)


def test_the_last_value_counts() -> None:
    target = parse_target(b"/?a=1&a=2")
    assert target.get("a") == "2"
    assert target.get("b") is None


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"/p?products_id=7&osCsid=abc", {"products_id": "7"}),
        (b"/p?products_id=h3ll9g7mhdubff83em46v3nmpt", {}),
        (b"/p?keywords=jose%40example.com", {}),
        (b"/p?keywords=4111+1111+1111+1111", {}),
        (b"/p?keywords=hip+hop", {"keywords": "hip hop"}),
        (b"/p?email_address=x", {}),
        (b"/p?keywords=" + b"a" * 500, {}),
    ],
)
def test_kept_query(raw: bytes, kept: dict[str, str]) -> None:
    assert kept_query(parse_target(raw), PHOENIX) == kept


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"/a/b.php", "/a/b.php"),
        (b"/a;jsessionid=0123456789ABCDEF0123/b", "/a/b"),
        (b"/product_info.php/products_id/5/osCsid/h3ll9g7mhdubff83em46v3nmpt", "/product_info.php/products_id/5"),
        (b"/u/jose@example.com/x", "/u/~/x"),
        (b"/u/jose%40example.com", "/u/~"),
        (b"/static/app.0a1b2c3d4e5f6071.js", "/static/app.0a1b2c3d4e5f6071.js"),
        (b"/reset/Zk3vQ9xR7tLm2WpY8sDf5GhJ", "/reset/~"),
    ],
)
def test_kept_path(raw: bytes, kept: str) -> None:
    assert kept_path(parse_target(raw), PHOENIX) == kept


def test_a_pages_key_is_the_same_for_every_session_and_order_of_fields() -> None:
    keys = {
        page_key(host, parse_target(raw), PHOENIX)
        for host, raw in (
            ("La.Gramola", b"/index.php?cPath=1&sort=2a"),
            ("la.gramola", b"/index.php?sort=2a&cPath=1&osCsid=abc"),
            ("la.gramola", b"/index.php?utm_source=x&cPath=1&sort=2a&ceid=5f4dcc3b5aa765d61d8327deb882cf99"),
        )
    }
    assert keys == {"la.gramola/index.php?cPath=1&sort=2a"}


@pytest.mark.parametrize(
    ("value", "kept", "host"),
    [
        ("https://Shop.example:8443/index.php?cPath=1&osCsid=x", "shop.example:8443/index.php", "shop.example:8443"),
        ("https://user:pass@shop.example/a", "shop.example/a", "shop.example"),
        ("https://shop.example?x=1", "shop.example/", "shop.example"),
        ("https://mail.example/u/Zk3x9QpL2mVt8RsW1yNb/inbox", "mail.example/u/~/inbox", "mail.example"),
        ("android-app://com.google", "", ""),
        ("/relative", "", ""),
        ("", "", ""),
        ("http://<script>/", "", ""),
        ("http://[::1]:80/x", "[::1]:80/x", "[::1]:80"),
    ],
)
def test_referrer(value: str, kept: str, host: str) -> None:
    assert referrer(value, PHOENIX) == kept
    assert referrer_host(value) == host


def test_a_referrers_key_is_the_pages_key() -> None:
    page = page_key("shop.example", parse_target(b"/index.php?cPath=1&osCsid=abc"), PHOENIX)
    assert referrer_key("http://shop.example/index.php?osCsid=def&cPath=1", PHOENIX) == page


@given(
    name=st.sampled_from(["keywords", "products_id", "osCsid", "x", "utm_source", "utm_term", "sort"]),
    canary=st.sampled_from(CANARIES),
    before=st.sampled_from(["", "a ", "id="]),
)
def test_no_canary_is_kept(name: str, canary: str, before: str) -> None:
    raw = f"/p.php?{name}={before}{canary}".replace(" ", "+").encode()
    target = parse_target(raw)
    kept = repr((kept_query(target, PHOENIX), campaign(target), page_key("h", target, PHOENIX)))
    kept += referrer("http://h" + raw.decode(), PHOENIX) + referrer_key("http://h" + raw.decode(), PHOENIX)
    assert canary not in kept


def test_campaign() -> None:
    target = parse_target(b"/?utm_source=boletin&utm_medium=email&utm_campaign=&gclid=abc&utm_term=a%40b.es")
    assert campaign(target) == {"utm_source": "boletin", "utm_medium": "email", "click_id": "gclid"}
