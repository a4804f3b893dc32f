"""Rules for product addresses: what tells them from all others, and the id in them."""

import re

import pytest

from clicks.detecting.addresses import product_rule
from clicks.targets import parse_target


@pytest.mark.parametrize(
    ("products", "others", "path", "ids"),
    [
        (["/p?id=1", "/p?id=2"], ["/p?page=2"], "/p?id=*", ["1", "2"]),
        (["/en/lamps-c-1/a-p-31", "/en/rugs-c-2/b-p-7"], ["/en/lamps-c-1/", "/en/x"], "/*/*/*-p-*", ["31", "7"]),
        (["/en/lamps/31-a.html", "/en/rugs/7-b.html"], ["/en/3-lamps", "/en/login"], "/*/*/*.html", ["31", "7"]),
        (["/product/a", "/product/b"], ["/about", "/login"], "/product/*", ["a", "b"]),
        (["/products/a", "/sale/products/b"], ["/about", "/sale"], "/**/products/*", ["a", "b"]),
        (["/a", "/b"], ["/about", "/c"], "", ["a", "b"]),
        (["/12/a", "/13/b"], ["/about"], "/*/*", ["12", "13"]),
    ],
)
def test_product_rule(products: list[str], others: list[str], path: str, ids: list[str]) -> None:
    rule = product_rule([parse_target(p.encode()) for p in products], [parse_target(o.encode()) for o in others])
    assert rule is not None
    assert rule.path == path
    found = [re.search(rule.id, text) for text in products]
    assert [match[1] if match else None for match in found] == ids
    if path:
        assert not [text for text in others if re.search(rule.id, text)]


def test_another_address_of_a_product_is_no_other_page() -> None:
    products = [parse_target(text) for text in (b"/products/a", b"/sale/products/b")]
    rule = product_rule(products, [parse_target(b"/products/b"), parse_target(b"/about")])
    assert rule is not None
    assert rule.path == "/**/products/*"
