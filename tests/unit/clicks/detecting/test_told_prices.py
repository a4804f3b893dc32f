"""Prices in `data-` attributes: whose they are, and what only looks like one."""

import pytest

from clicks.detecting.blocks import Block, product_groups, read_block
from clicks.detecting.sample import sample
from clicks.detecting.told_prices import with_told_prices
from clicks.targets import Target


def blocks(*items: str) -> list[Block]:
    page = sample("/", f"<body><ul>{''.join(items)}</ul>")
    found = [read_block(node, Target(f"/{number}")) for number, node in enumerate(page.tree.css("li"))]
    with_told_prices(found)
    return found


@pytest.mark.parametrize(
    ("items", "told", "name"),
    [
        (('<li data-price="12.50">', '<li data-price="8.00">'), ["12.50", "8.00"], "on the block"),
        (
            ('<li><i data-price-amount="12.5000"></i>', '<li><i data-price-amount="8"></i>'),
            ["12.5000", "8"],
            "inside, once with cents",
        ),
        (('<li data-price="12.50" data-old-price="15.00">', '<li data-price="8.00">'), ["12.50", "8.00"], "reduced"),
        (('<li data-price="1250">', '<li data-price="800">'), ["", ""], "in cents, or not"),
        (('<li data-price="1.250">', '<li data-price="2.500">'), ["", ""], "thousands, or three decimals"),
        (('<li data-price="1.00">', '<li data-price="1.00">'), ["", ""], "all the same"),
        (('<li data-price="12.50">', "<li>", "<li>"), ["", "", ""], "of one alone"),
        (('<li data-price="12.50">', '<li data-price="8.00"><b>9,00 €</b>'), ["", "9,00 €"], "where prices are shown"),
        (
            ('<li><i data-price="1.50"></i><i data-price="2.50"></i>', '<li><i data-price="3.50"></i>'),
            ["", ""],
            "of variants",
        ),
        (('<li data-min-price="1.50">', '<li data-min-price="2.50">'), ["", ""], "of a filter"),
        (('<li data-price="{{ price }}">', '<li data-price="{{ price }}">'), ["", ""], "a script's template"),
    ],
)
def test_prices_told_to_scripts(items: tuple[str, ...], told: list[str], name: str) -> None:
    assert [block.price for block in blocks(*items)] == told, name


def test_a_block_with_a_price_for_scripts_and_a_picture_is_one() -> None:
    card = '<li data-price="{0}.50"><a href="/p/{0}"><img src="/{0}.jpg" alt="Lamp {0}"></a>'
    page = sample("/", f"<body><ul>{card.format(7)}{card.format(8)}</ul>")
    assert [[block.target.path for block in group.blocks] for group in product_groups(page)] == [["/p/7", "/p/8"]]
    plain = sample("/", f"<body><ul>{card.format(7)}{card.format(8)}</ul>".replace("data-price", "data-rank"))
    assert product_groups(plain) == []
