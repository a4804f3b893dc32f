"""What a beacon tells is believed where it can be true, and nothing of it is kept that no click would keep."""

import pytest

from clicks.click import Event
from clicks.engagement import engagement
from config.platforms import load_platform

PLATFORM = load_platform("phoenix")
DAY_MS = 24 * 3_600_000


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (b"v=4000&a=9000&p=%2Findex.php", "/index.php"),
        (b"p=%2Fproduct_info.php%3Fproducts_id%3D7%26osCsid%3D0123456789abcdef0123456789abcdef&a=9000&v=4000",
         "/product_info.php?products_id=7"),
        (b"v=4000&a=9000&p=%2Findex.php%3Fcoupon%3Dsecret", "/index.php"),
    ],
)  # fmt: skip
def test_told(body: bytes, page: str) -> None:
    assert engagement(body, PLATFORM) == Event("user_engagement", {"page": page, "visible_ms": 4000, "age_ms": 9000})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=1&a=2",
        b"v=x&a=2&p=%2F",
        b"v=-1&a=2&p=%2F",
        b"v=3&a=2&p=%2F",
        b"v=1&a=%d&p=%%2F" % (DAY_MS + 1),
        b"v=1.5&a=2&p=%2F",
        b"v=1&a=2&p=index.php",
        b"v=1&a=2&p=%2F%2Fevil.example%2F",
        b"v=1&a=2&p=https%3A%2F%2Fevil.example%2F",
        b"v=1&a=2&p=%2F_vitrina%2Fprivacy",
        b"v=1&a=2&p=%2F_vitrina",
        b"v=1&a=2&p=%2F&x=9",
        b"\xff\xfe",
        b"v=1&a=2&p=%FF",
        b"v=" + b"9" * 5000 + b"&a=2&p=%2F",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_is_odd_is_nothing(body: bytes) -> None:
    found = engagement(body, PLATFORM)
    assert found is None or found.data["page"] == "/\ufffd"
