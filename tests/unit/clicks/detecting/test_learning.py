"""Made-up shops in six styles: what was learnt finds the products that the shop really shows, and nothing else."""

import tomllib

import pytest

from clicks.detecting.sample import Sample
from clicks.detecting.site import SURE, Learnt, learn
from clicks.prices import read_price
from clicks.rules import rules_of
from config.lines import read_lines
from config.platform_file import write_platform
from config.platforms import decode_platform, load_platform
from config.tables import ProblemLog, Table
from tests.fixtures.made_shops import STYLES, Item, Style, page, product_page, shop, stock

SEEDS = (1, 2, 3)


@pytest.fixture(
    scope="module", params=[(style, seed) for style in STYLES for seed in SEEDS], ids=lambda p: f"{p[0].name}-{p[1]}"
)
def seen(request: pytest.FixtureRequest) -> tuple[Style, list[Sample], list[Item], Learnt]:
    style, seed = request.param
    pages, items = shop(style, seed)
    return style, pages, items, learn(pages, load_platform("generic"))


def test_every_product_block_is_found_and_nothing_else(seen: tuple[Style, list[Sample], list[Item], Learnt]) -> None:
    style, pages, items, learnt = seen
    assert [found for found in learnt.lists if found.confidence >= SURE]
    by_number = {str(item.number): item for item in items}
    unseen = page(style, "/c/unseen/", items[10:19], "Unseen")
    right = found = named = priced = identified = expected = 0
    more = product_page(style, items[2], items[30:33])
    listing = {sample.target.text: 9 for sample in (*pages[1:5], unseen)}
    items_of = listing | {"/": 8} | {sample.target.text: 3 for sample in (*pages[5:-2], more)}
    for sample in (*pages, unseen, more):
        listed = items_of.get(sample.target.text, 0)
        expected += listed
        for rule in learnt.platform.lists:
            for node in sample.tree.css(rule.items):
                found += 1
                image = node.css_first("img")
                number = (image.attributes.get("src") or "").rpartition("/")[2].partition(".")[0] if image else ""
                item = by_number.get(number)
                if item is None:
                    continue
                right += 1
                name = node.css_first(rule.name_css) if rule.name_css else None
                named += name is not None and item.name in name.text(deep=True)
                price = node.css_first(rule.price_css) if rule.price_css else None
                priced += (item.price is None) or (
                    price is not None and read_price(price.text(deep=True)) == round(item.price * 100)
                )
                link = node if node.tag == "a" else node.css_first("a[href]")
                target = sample.internal(link.attributes.get("href")) if link is not None else None
                identified += target is not None and rules_of(learnt.platform).product_of(target.text) is not None
    assert right >= 0.98 * found
    assert right >= 0.98 * expected
    assert named >= 0.95 * right
    # Where one table cell holds the old price and the new as plain text, the first is read.
    assert priced >= (0.75 if style.name in ("rows", "cells") else 0.95) * right
    assert identified == right


def test_pages_are_told_apart(seen: tuple[Style, list[Sample], list[Item], Learnt]) -> None:
    _, pages, _, learnt = seen
    assert learnt.kinds["home"] == 1
    assert learnt.kinds["category"] == 4
    assert learnt.kinds["product"] == len(pages) - 7
    assert learnt.kinds["login"] == 1


def test_forms_are_known_by_what_they_ask_for(seen: tuple[Style, list[Sample], list[Item], Learnt]) -> None:
    style, platform = seen[0], seen[3].platform
    assert platform.login is not None
    assert platform.login.requires == ("mail", "pw")
    assert platform.login.fields == {"email": ("mail",)}
    assert platform.register is not None
    assert platform.register.fields == {"email": ("mail",), "first_name": ("firstname",), "last_name": ("lastname",)}
    assert platform.add_to_cart is not None
    named = {"product_id": ("product_id",)} if style.name not in ("bare", "wrapped") else {}  # there ids are words
    assert platform.add_to_cart.fields == {**named, "quantity": ("quantity",)}
    assert platform.search_params == ("q",)


def test_what_is_written_is_what_was_learnt(seen: tuple[Style, list[Sample], list[Item], Learnt]) -> None:
    platform = seen[3].platform
    text = "\n".join(write_platform(platform, ""))
    again = decode_platform(text, platform.name)
    for name in platform.__slots__:
        assert getattr(again, name) == getattr(platform, name), name
    table = Table(tomllib.loads("\n".join(write_platform(platform))), (), ProblemLog("", read_lines("")))
    assert "platform" in table


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_nothing_is_learnt_from_pages_without_products(style: Style) -> None:
    pages = [page(style, path, [], "Empty") for path in ("/", "/about", "/terms", "/blog/1")]
    learnt = learn(pages, load_platform("generic"))
    assert not learnt.platform.lists
    assert learnt.platform.product is None


def test_a_cart_is_no_list() -> None:
    style = STYLES[1]
    rows = "".join(
        f'<tr><td><a href="{style.url(item)}">{item.name}</a><td>{style.price(item.price or 1)}'
        f'<td><a href="/basket/remove/{item.number}">remove</a></tr>'
        for item in stock(5, 5)
    )
    learnt = learn([page(style, "/my/things", [], "Things", f"<table>{rows}</table>")], load_platform("generic"))
    assert not learnt.lists


def test_numbered_rankings_are_known() -> None:
    style = STYLES[0]
    items = stock(6, 9)
    ranked = "<ol>" + "".join(
        f'<li><a href="{style.url(item)}">{item.name}</a> {style.price(item.price or 9)}</li>' for item in items
    )
    learnt = learn([page(style, "/", [], "Best", f"{ranked}</ol>")], load_platform("generic"))
    assert [found.is_ranking for found in learnt.lists] == [True]
