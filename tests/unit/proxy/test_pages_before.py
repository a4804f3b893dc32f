"""The page before: its Referer is taken beside remembered fields, is nobody else's, and is one clean line."""

import pytest

from proxy.framing.request import parse_request_head
from proxy.request_fields import LONGEST_REFERRER
from tests.unit.proxy.asking import as_it_came, kept, reader, whole


def from_page(referrer: bytes, cookies: bytes = b"a=1") -> bytes:
    return b"Host: shop.example\r\nReferer: %b\r\nCookie: %b\r\n\r\n" % (referrer, cookies)


def test_pages_share_all_but_the_page_before() -> None:
    repeated, _ = reader()
    fields = kept(repeated, block=from_page(b"http://shop.example/a"))
    for page in (b"http://shop.example/b", b"http://other.example/c", b""):
        for cookies in (b"a=1", b"a=2"):
            asked = whole(repeated, from_page(page, cookies))
            _, found, _, referrer = asked
            assert found is fields
            assert referrer.raw == as_it_came(asked).index[b"referer"] == page
            assert whole(repeated, from_page(page, cookies))[3] is referrer


def test_visitors_with_the_same_cookies_keep_their_own_referrers() -> None:
    repeated, _ = reader()
    kept(repeated, block=from_page(b"http://shop.example/a"))
    mine = whole(repeated, from_page(b"http://shop.example/b"))
    theirs = whole(repeated, from_page(b"http://shop.example/c"))
    assert mine[2] is theirs[2]
    assert (mine[3].host, mine[3].raw, theirs[3].raw) == (
        "shop.example",
        b"http://shop.example/b",
        b"http://shop.example/c",
    )


@pytest.mark.parametrize("value", [b"a\x00", b"a\nX: 1", b"a\rb", b"a\x7f", b"a\r\n b", b"a\r\nReferer: b"])
def test_where_fields_are_known_no_referrer_is_taken_that_is_not_one_line(value: bytes) -> None:
    repeated, _ = reader()
    kept(repeated, block=from_page(b"http://shop.example/a"))
    data = b"GET / HTTP/1.1\r\n" + from_page(value)
    for _ in range(2):
        assert repeated.repeated(data, b"1.2.3.4", b"http") is None


def test_blanks_around_a_known_referrer_are_none_of_it() -> None:
    repeated, _ = reader()
    kept(repeated, block=from_page(b"http://shop.example/a"))
    data = b"GET / HTTP/1.1\r\n" + from_page(b" \thttp://shop.example/b \t")
    found = repeated.repeated(data, b"1.2.3.4", b"http")
    assert found is not None
    assert as_it_came(found) == parse_request_head(data)
    assert found[3].raw == b"http://shop.example/b"


def test_a_long_referrer_is_not_remembered() -> None:
    repeated, _ = reader()
    kept(repeated, block=from_page(b"http://shop.example/a"))
    block = from_page(b"http://shop.example/" + b"x" * LONGEST_REFERRER)
    one, another = whole(repeated, block), whole(repeated, block)
    assert one[3].raw == another[3].raw == as_it_came(one).index[b"referer"]
    assert one[3] is not another[3]
