"""A platform that is written as its table is the same when it is read again."""

from dataclasses import replace

import pytest

from config.platform import FormRule, ListRule, Marks, PathRule, Platform, ProductRule
from config.platform_file import write_platform
from config.platforms import PLATFORM_NAMES, decode_platform, load_platform


def again(platform: Platform) -> Platform:
    return decode_platform("\n".join(write_platform(platform, "")), platform.name)


def same(one: Platform, other: Platform) -> bool:
    """Platforms are compared by identity; here by what they hold."""
    return all(getattr(one, name) == getattr(other, name) for name in Platform.__dataclass_fields__)


@pytest.mark.parametrize("name", PLATFORM_NAMES)
def test_platforms_that_ship(name: str) -> None:
    platform = replace(load_platform(name), recognise=Marks())  # marks are not learnt
    assert same(again(platform), platform)


def test_every_kind_of_rule() -> None:
    rule = FormRule(
        (PathRule("/cart", {"do": "add"}),),
        "json",
        {"product_id": ("id", "sku")},
        ("id",),
        ("/cart/no",),
        ("items.id", "status=ok"),
        ("error",),
        {"left": "items.id"},
    )
    platform = Platform(
        "own",
        cart_cookies=("cart_hash",),
        hits_css=".hits",
        category_css="h1",
        id_on_page=True,
        product=ProductRule(
            "h1", ".buy", price_attribute="data-price", id_css="body", id_attribute="class", id_pattern=r"postid-(\d+)"
        ),
        lists=(ListRule("grid", "li", price_attribute="data-price", id_attribute="class", id_pattern=r"post-(\d+)"),),
        add_to_cart=rule,
        order_call=rule,
        further={"add_to_cart": (replace(rule, success="accepted"), replace(rule, success="cookie"))},
        order_id_url=(r"/order/(\d+)",),
    )
    assert same(again(platform), platform)
