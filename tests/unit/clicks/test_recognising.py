"""Platforms told from traffic."""

import pytest

from clicks.recognising import recognise
from config.platforms import platforms


@pytest.mark.parametrize(
    ("cookies", "headers", "path", "body", "expected"),
    [
        (("osCsid",), {}, "/", b"", "phoenix"),
        (("ceid", "x"), {}, "/", b"", "phoenix"),
        (("oscar_open_basket",), {}, "/", b"", "oscar"),
        (("sessionid", "csrftoken"), {}, "/", b"", None),
        ((), {}, "/", b'<html><meta name="generator" content="CE Phoenix Cart">', "phoenix"),
        ((), {"x-generator": "osCommerce"}, "/", b"", "phoenix"),
        ((), {}, "/", b'<html><link href="/static/oscar/css/styles.css">', "oscar"),
        ((), {}, "/product_info.php?products_id=7", b"<html>", "phoenix"),
        ((), {}, "/product_info.php?products_id=7", b"", None),
        ((), {}, "/", b"<html><title>A shop</title>", None),
    ],
)
def test_recognise(
    cookies: tuple[str, ...], headers: dict[str, str], path: str, body: bytes, expected: str | None
) -> None:
    assert recognise(platforms(), cookies, headers, path, body) == expected
