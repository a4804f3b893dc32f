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


@pytest.mark.parametrize(
    ("cookies", "page", "name"),
    [
        (["OCSESSID"], b"", "opencart"),
        (["wp_woocommerce_session_4fbcc8ed"], b"", "woocommerce"),
        (["woocommerce_cart_hash"], b"", "woocommerce"),
        (["wordpress_logged_in_4fbc"], b"<html>", None),
        ([], b'<meta name="generator" content="WooCommerce 11.0" />', "woocommerce"),
        ([], b'<meta name="generator" content="WordPress 7.1" />', None),
        ([], b'<script src="catalog/view/javascript/jquery.js">', "opencart"),
    ],
)
def test_marks(cookies: list[str], page: bytes, name: str | None) -> None:
    assert recognise(platforms(), cookies, {}, "/", page) == name
