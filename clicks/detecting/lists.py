"""The product lists of a shop: which kinds of blocks lead to products, where a block says name, price and number.

Invariant: a kind of block whose links lead to lists (tiles of categories, menus that tell prices) is no product list.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.addresses import AddressRule, product_rule
from clicks.detecting.blocks import Block
from clicks.detecting.forms import to_cart
from clicks.detecting.page_kinds import MIN_BLOCKS_SURE
from clicks.detecting.pointing import candidates, pointer
from clicks.detecting.price_places import is_inside, price_in
from clicks.detecting.product_page import page_number
from clicks.detecting.sample import Sample, fold
from clicks.detecting.signature import Signature
from clicks.detecting.structured import said_product
from clicks.prices import read_price
from clicks.rules import rules_of
from config.expressions import Expressions
from config.platform import ListRule, Platform

MAX_NAMES_TRIED: Final = 8
MIN_OPENED: Final = 2


@dataclass(frozen=True, slots=True)
class LearntList:
    """A product list: `rule` as for a platform, and where it was seen (page kinds, number of blocks)."""

    rule: ListRule
    kinds: tuple[str, ...]
    blocks: int
    confidence: float
    is_ranking: bool
    """Numbered, or called the best: its order says something and is kept."""
    named: float
    priced: float


def leading_to_products(
    pages: Sequence[Sample], found: Sequence[Signature], blocks: Mapping[str, Sequence[tuple[int, Block]]]
) -> tuple[Signature, ...]:
    """Without the kinds of blocks that lead to lists: the entries of a menu that tells prices, tiles of categories."""
    places = {page.target.text: place for place, page in enumerate(pages)}
    inside = frozenset(block.node.mem_id for of_kind in blocks.values() for _, block in of_kind)
    kept = []
    for signature in found:
        prices = {block.target.text: read_price(block.price) for _, block in blocks[signature.css]}
        opened = {places[block.target.text] for _, block in blocks[signature.css] if block.target.text in places}
        to_lists = sum(
            any(other.counts.get(place, 0) >= MIN_BLOCKS_SURE for other in found if other is not signature)
            and not _sells(pages[place], inside, prices.get(pages[place].target.text))
            for place in opened
        )
        if 2 * to_lists <= len(opened):
            kept.append(signature)
    return tuple(kept)


MAX_STRANGE: Final = 0.25
"""Share of all that blocks lead to; kinds of blocks that lead to more are the shop's, wherever they lead."""


def without_strangers(
    found: Sequence[Signature], blocks: Mapping[str, Sequence[tuple[int, Block]]]
) -> tuple[Signature, ...]:
    """Without the kinds of blocks that lead to none of the addresses that all other blocks lead to: news with an amount
    in them."""
    targets = {
        signature.css: {block.target.text: block.target for _, block in blocks[signature.css]} for signature in found
    }
    kept = list(found)
    for signature in sorted(found, key=lambda signature: len(targets[signature.css])):
        own = targets[signature.css]
        others = {
            text: target for other in kept if other is not signature for text, target in targets[other.css].items()
        }
        if len(own) > MAX_STRANGE * len(own.keys() | others.keys()):
            continue
        rule = product_rule(list(others.values()), list(own.values()))
        if rule is not None and rule.path and rule.false == 0 and not own.keys() & others.keys():
            kept.remove(signature)
    return tuple(kept)


def site_wide(pages: Sequence[Sample], blocks: Mapping[str, Sequence[tuple[int, Block]]]) -> Counter[int]:
    """How many blocks of each page are on nearly all pages: a box beside what the page itself is."""
    where: dict[str, set[int]] = {}
    for of_kind in blocks.values():
        for place, block in of_kind:
            where.setdefault(block.target.text, set()).add(place)
    everywhere = {text for text, places in where.items() if len(pages) >= MIN_PAGES and len(places) > 0.7 * len(pages)}
    return Counter(place for of_kind in blocks.values() for place, block in of_kind if block.target.text in everywhere)


MIN_PAGES: Final = 4
"""Fewer do not tell what is on all of them."""


def _sells(page: Sample, blocks: frozenset[int], price: int | None) -> bool:
    """The page is about one product: it says so, tells its price or puts it into the cart outside of all blocks."""
    if said_product(page) is not None:
        return True
    if any(
        to_cart(form) and not is_inside(form, blocks) for form in page.tree.css("form[method=post], form[method=POST]")
    ):
        return True
    told = price_in(page.body, blocks)[1] if page.body is not None and price is not None else ""
    return bool(told) and read_price(told) == price


def listed_products(products: Sequence[Block]) -> dict[str, tuple[str, str]]:
    """Name and price by address; where lists differ, what most say."""
    said: dict[str, list[tuple[str, str]]] = {}
    for block in products:
        said.setdefault(block.target.text, []).append((block.name, block.price))
    return {text: max(set(found), key=found.count) for text, found in said.items()}


def learn_lists(
    found: Sequence[Signature],
    blocks: Mapping[str, Sequence[tuple[int, Block]]],
    kinds: Sequence[str],
    address: AddressRule | None,
    pages: Sequence[Sample],
) -> list[LearntList]:
    lists: list[LearntList] = []
    expression = Expressions((address.id,)) if address is not None else None
    inside = frozenset(block.node.mem_id for of_kind in blocks.values() for _, block in of_kind)
    for signature in found:
        own = [block for _, block in blocks[signature.css]]
        if not own:
            continue
        named = sum(bool(block.name) for block in own) / len(own)
        priced = sum(read_price(block.price) is not None for block in own) / len(own)
        linked = sum(expression is not None and expression.first(block.target.text) is not None for block in own) / len(
            own
        )
        enough = min(1.0, len(own) / (2 * MIN_BLOCKS_SURE))
        told = max(priced, _confirmed(own, pages, inside))
        confidence = enough * named * linked * (0.5 + 0.5 * told)
        where = tuple(dict.fromkeys(kinds[place] for place in signature.counts))
        name = "products" if not lists else f"products{len(lists) + 1}"
        inner_name = pointer(
            [(block.node, block.name_node) for block in own if block.name_node is not None], same=_same_text
        )
        told_price = next((block.price_attribute for block in own if block.price_attribute), "")
        inner_price = _told_price(own, told_price) if told_price else _shown_price(own)
        attribute, within = _number(own)
        rule = ListRule(
            name=name,
            items=signature.css,
            name_css=inner_name or _telling_name(own),
            price_css=inner_price or "",
            id_css=within,
            id_attribute=attribute,
            price_attribute=told_price,
            of_category="category" in where,
        )
        lists.append(LearntList(rule, where, len(own), round(confidence, 3), _is_ranking(own), named, priced))
    return lists


def _shown_price(blocks: Sequence[Block]) -> str | None:
    return pointer(
        [(block.node, block.price_node) for block in blocks if block.price_node is not None], same=_same_price
    )


def _told_price(blocks: Sequence[Block], attribute: str) -> str:
    """The element with the attribute; "" where it is the block itself."""
    is_own = all(block.price_node is None or block.price_node.mem_id == block.node.mem_id for block in blocks)
    return "" if is_own else f"[{attribute}]"


def _confirmed(blocks: Sequence[Block], pages: Sequence[Sample], inside: frozenset[int]) -> float:
    """Where lists tell no prices: the share of pages that blocks lead to which sell something, if some were opened."""
    targets = {block.target.text for block in blocks}
    opened = [page for page in pages if page.target.text in targets]
    sells = sum(_sells(page, inside, None) for page in opened)
    return sells / len(opened) if len(opened) >= MIN_OPENED else 0.0


def _telling_name(blocks: Sequence[Block]) -> str:
    """Where a name is in two parts (artist and title): the part that every block has and that differs most."""
    best: tuple[tuple[int, int], str] | None = None
    for block in blocks[:MAX_NAMES_TRIED]:
        if block.name_node is None:
            continue
        for css in islice(candidates([(block.node, block.name_node)]), MAX_NAMES_TRIED):
            texts = [
                (
                    fold(found.text(deep=True)) if (found := each.node.css_first(css)) is not None else "",
                    each.target.text,
                )
                for each in blocks
            ]
            if sum(bool(text) for text, _ in texts) < 0.95 * len(blocks):
                continue
            score = len({text for text, _ in texts}), sum(len(text) for text, _ in texts)
            if best is None or score[0] > best[0][0]:
                best = score, css
    distinct = len({block.target.text for block in blocks})
    return best[1] if best is not None and best[0][0] >= 0.9 * distinct else ""


_RANKING: Final = re.compile(r"rank|best-?_?sell|top-?_?\d|chart|m[aá]s-?_?vend|meistverkauft|populares", re.IGNORECASE)


def _is_ranking(blocks: Sequence[Block]) -> bool:
    """A numbered list without a class that makes a grid of it, or one that is called a ranking."""
    for block in blocks[:1]:
        parent = block.node.parent
        if parent is None:
            return False
        said = " ".join(filter(None, (parent.attributes.get("id"), parent.attributes.get("class"))))
        return bool(_RANKING.search(said)) or (
            parent.tag == "ol" and not re.search(r"unstyled|row|grid|list-none|product", said, re.IGNORECASE)
        )
    return False


def _same_text(found: LexborNode, wanted: LexborNode) -> bool:
    return fold(found.text(deep=True)) == fold(wanted.text(deep=True))


def _same_price(found: LexborNode, wanted: LexborNode) -> bool:
    amount = read_price(fold(found.text(deep=True)))
    return amount is not None and amount == read_price(fold(wanted.text(deep=True)))


def _number(blocks: Sequence[Block]) -> tuple[str, str]:
    """(attribute, element) that carries a product's number in nearly every block; ("", "") where there is none."""
    keys = {key for block in blocks for key in block.numbers}
    for key in sorted(keys, key=lambda key: (not key.startswith("@"), "sku" in key, key)):
        values = [block.numbers[key] for block in blocks if key in block.numbers]
        products = {block.target.text for block in blocks if key in block.numbers}
        if len(values) < 0.95 * len(blocks) or len(set(values)) < 0.9 * len(products):
            continue
        if key.startswith("@"):
            return key[1:], ""
        if key.startswith("input:"):
            return "value", f'[name="{key[6:]}"]'
        return key[1:-1], key
    return "", ""


def with_own_numbers(
    platform: Platform, pages: Sequence[Sample], blocks: Mapping[str, Sequence[tuple[int, Block]]]
) -> Platform:
    """Where addresses have words and carts have numbers: the numbers, if every list and every product page tells them.

    Otherwise the address alone tells, and what blocks carry is left out, so that lists and pages agree.
    """
    rules = platform.lists
    numbers = {
        block.target.text: value
        for rule in rules
        for _, block in blocks[rule.items]
        if (value := _value(block.node, rule.id_css, rule.id_attribute))
    }
    by_address = [rules_of(platform).product_of(text) for text in numbers]
    is_same = all(found == number for found, number in zip(by_address, numbers.values(), strict=True))
    if rules and all(rule.id_attribute for rule in rules) and platform.product is not None and not is_same:
        place = page_number(pages, numbers)
        if place is not None:
            product = replace(platform.product, id_css=place[0], id_attribute=place[1])
            return replace(platform, product=product, id_on_page=True)
    if platform.product_id and any(rule.id_attribute for rule in rules):
        return replace(platform, lists=tuple(replace(rule, id_css="", id_attribute="") for rule in rules))
    return platform


def _value(node: LexborNode, css: str, attribute: str) -> str | None:
    element = node.css_first(css) if css else node
    return element.attributes.get(attribute) if element is not None and attribute else None


def with_agreeing_cart(platform: Platform, pages: Sequence[Sample]) -> Platform:
    """The form's product is named only where it is the id that pages have; else the page it is sent from tells.

    Shops put variants and rows of their database into carts, while their addresses have words.
    """
    rule = platform.add_to_cart
    if rule is None or "product_id" not in rule.fields:
        return platform
    rules = rules_of(platform)
    same = different = 0
    for page in pages:
        number = _number_of(page, platform) if platform.id_on_page else rules.product_of(page.target.text)
        named = [
            value
            for name in rule.fields["product_id"]
            for node in page.tree.css("[name]")
            if node.attributes.get("name") == name and (value := node.attributes.get("value"))
        ]
        same += bool(named) and number in named
        different += bool(named) and number not in named
    if same >= different:
        return platform
    fields = {name: found for name, found in rule.fields.items() if name != "product_id"}
    return replace(platform, add_to_cart=replace(rule, fields=fields))


def _number_of(page: Sample, platform: Platform) -> str | None:
    product = platform.product
    body = page.body
    return _value(body, product.id_css, product.id_attribute) if product is not None and body is not None else None
