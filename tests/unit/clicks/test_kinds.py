"""Page kinds, ids and arrangements told from targets by the platforms that ship."""

import pytest

from clicks.kinds import category_id, page_kind, product_id, search_term, sorted_by_visitor
from clicks.targets import parse_target
from config.platforms import load_platform


@pytest.mark.parametrize(
    ("platform", "target", "kind"),
    [
        ("phoenix", "/", "home"),
        ("phoenix", "/index.php", "home"),
        ("phoenix", "/catalog/index.php", "home"),
        ("phoenix", "/index.php?osCsid=abc", "home"),
        ("phoenix", "/index.php?cPath=1_4", "category"),
        ("phoenix", "/?cPath=1", "category"),
        ("phoenix", "/products_new.php", "category"),
        ("phoenix", "/product_info.php?products_id=9", "product"),
        ("phoenix", "/catalog/product_info.php?cPath=1&products_id=9", "product"),
        ("phoenix", "/product_info.php", "other"),
        ("phoenix", "/advanced_search_result.php?keywords=r", "search"),
        ("phoenix", "/shopping_cart.php", "cart"),
        ("phoenix", "/checkout_shipping.php", "checkout"),
        ("phoenix", "/checkout_success.php", "order"),
        ("phoenix", "/login.php", "login"),
        ("phoenix", "/account_history.php", "account"),
        ("phoenix", "/contact_us.php", "other"),
        ("phoenix", "/images/x.jpg", "other"),
        ("oscar", "/", "home"),
        ("oscar", "/en-gb/", "home"),
        ("oscar", "/en-gb/catalogue/", "home"),
        ("oscar", "/catalogue/", "home"),
        ("oscar", "/en-gb/catalogue/?page=2", "category"),
        ("oscar", "/en-gb/catalogue/category/books/fiction_3/", "category"),
        ("oscar", "/en-gb/catalogue/tron_27/", "product"),
        ("oscar", "/catalogue/tron_27/", "product"),
        ("oscar", "/en-gb/catalogue/tron_27/reviews/add/", "other"),
        ("oscar", "/search/?q=x", "search"),
        ("oscar", "/basket/", "cart"),
        ("oscar", "/en-gb/checkout/shipping-address/", "checkout"),
        ("oscar", "/en-gb/checkout/thank-you/", "order"),
        ("oscar", "/en-gb/accounts/login/", "login"),
        ("oscar", "/en-gb/accounts/profile/", "account"),
        ("generic", "/anything", "other"),
    ],
)
def test_page_kind(platform: str, target: str, kind: str) -> None:
    assert page_kind(load_platform(platform), parse_target(target.encode())) == kind


@pytest.mark.parametrize(
    ("platform", "target", "product", "category"),
    [
        ("phoenix", "/product_info.php?products_id=9&osCsid=x", "9", None),
        ("phoenix", "/product_info.php?cPath=1_4&sort=1a&products_id=8", "8", "1_4"),
        ("phoenix", "/product_info.php/products_id/5", "5", None),
        ("phoenix", "/index.php?cPath=1_4", None, "1_4"),
        ("phoenix", "/index.php", None, None),
        ("oscar", "/en-gb/catalogue/the-shellcoders-handbook_209/", "209", None),
        ("oscar", "/catalogue/tron_27", "27", None),
        ("oscar", "/en-gb/basket/add/27/", "27", None),
        ("oscar", "/en-gb/catalogue/category/books/fiction_3/", None, "3"),
        ("oscar", "/en-gb/catalogue/tron_27/reviews/add/", None, None),
        ("generic", "/product/7", None, None),
    ],
)
def test_ids(platform: str, target: str, product: str | None, category: str | None) -> None:
    shop, parsed = load_platform(platform), parse_target(target.encode())
    assert product_id(shop, parsed) == product
    assert category_id(shop, parsed) == category


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/index.php?cPath=1", False),
        ("/index.php?cPath=1&sort=2a", True),
        ("/index.php?cPath=1&page=2", True),
        ("/index.php?cPath=1&page=1", False),
        ("/index.php?cPath=1&sort=", False),
        ("/index.php?cPath=1&filter_id=3", True),
    ],
)
def test_sorted_by_visitor(target: str, expected: bool) -> None:
    assert sorted_by_visitor(load_platform("phoenix"), parse_target(target.encode())) is expected


@pytest.mark.parametrize(
    ("target", "term"),
    [
        ("/s?keywords=Hip++Hop+", "Hip Hop"),
        ("/s?keywords=canci%F3n", "canción"),
        ("/s?keywords=", None),
        ("/s", None),
    ],
)
def test_search_term(target: str, term: str | None) -> None:
    assert search_term(load_platform("phoenix"), parse_target(target.encode())) == term
