"""What unknown shops do that misleads: the lists, names, prices and addresses are the right ones all the same."""

from collections import Counter

import pytest

from clicks.detecting.site import SURE, Learnt, learn
from clicks.kinds import page_kind
from clicks.prices import read_price
from clicks.rules import rules_of
from config.platforms import load_platform
from tests.fixtures.made_shops import HOST, Item
from tests.fixtures.odd_shops import ODD_SHOPS, Odd, odd_page, odd_product, odd_shop

SEEDS = (1, 2)


@pytest.fixture(
    scope="module", params=[(odd, seed) for odd in ODD_SHOPS for seed in SEEDS], ids=lambda p: f"{p[0].name}-{p[1]}"
)
def learnt(request: pytest.FixtureRequest) -> tuple[Odd, list[tuple[object, list[Item]]], list[Item], Learnt]:
    odd, seed = request.param
    pages, items = odd_shop(odd, seed)
    return odd, pages, items, learn([page for page, _ in pages], load_platform("generic"))


def test_its_products_are_found_and_nothing_else(learnt: tuple[Odd, list, list[Item], Learnt]) -> None:
    odd, pages, items, shop = learnt
    assert [found for found in shop.lists if found.confidence >= SURE]
    unseen = items[40:49]
    more = [
        (odd_page(odd, "/k/glass/", unseen, "Glass"), unseen),
        (odd_product(odd, items[45], items[50:53]), items[50:53]),
    ]
    rules = rules_of(shop.platform)
    expected = found = right = named = priced = 0
    ids = Counter()
    for page, listed in (*pages, *more):
        by_name = {item.name: item for item in listed}
        expected += len(listed)
        for rule in shop.platform.lists:
            for node in page.tree.css(rule.items):
                found += 1
                text = " ".join(node.text(deep=True, separator=" ").split())
                item = next((each for name, each in by_name.items() if name in text), None)
                if item is None:
                    continue
                right += 1
                name = node.css_first(rule.name_css) if rule.name_css else None
                named += name is not None and item.name in name.text(deep=True)
                price = node.css_first(rule.price_css) if rule.price_css else None
                wanted = read_price(odd.style.price(item.price or 0))
                told = read_price(price.text(deep=True)) if price is not None else None
                priced += told == (None if odd.name == "no-prices" else wanted)
                target = next(
                    t
                    for link in ([node] if node.tag == "a" else node.css("a[href]"))
                    if (t := page.internal(link.attributes.get("href"))) is not None
                )
                told = rules.product_of(target.text)
                assert told is not None
                ids[item.number, told] += 1
    assert right >= 0.95 * found
    assert right >= 0.9 * expected
    assert named >= 0.95 * right
    assert priced >= 0.95 * right
    assert len(ids) == len({number for number, _ in ids}) == len({told for _, told in ids})


def test_pages_are_known_for_what_they_are(learnt: tuple[Odd, list, list[Item], Learnt]) -> None:
    odd, _, items, shop = learnt
    unseen = odd_page(odd, "/k/glass/", items[40:49], "Glass")
    assert page_kind(shop.platform, unseen.target) == "category"
    product = odd_product(odd, items[45], [])
    kind = page_kind(shop.platform, product.target)
    mark = shop.platform.product_mark
    assert kind == "product" or (kind == "other" and mark and product.tree.css_first(mark) is not None)
    for path in ("/about", "/terms", "/contact", "/blog/post-1/"):
        other = odd_page(odd, path, [], "Other")
        assert page_kind(shop.platform, other.target) == "other"
        assert not mark or other.tree.css_first(mark) is None
    assert page_kind(shop.platform, odd_page(odd, "/search?q=oak", items[:5], "Found").target) == "search"


def test_addresses_of_the_shop_are_of_one_host(learnt: tuple[Odd, list, list[Item], Learnt]) -> None:
    assert HOST not in " ".join(part.found for part in learnt[3].parts)
