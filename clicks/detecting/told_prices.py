"""Prices that stand in `data-` attributes only, for scripts to show: `<li data-price="12.50">`.

Invariant: they count only where no block of a kind shows a price. Every block tells one, under one name; they differ,
and half of them have cents: whole numbers may be counted in cents, or count something else.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.blocks import Block
from clicks.detecting.price_places import is_inside
from clicks.prices import read_price

PRICE_ATTRIBUTE: Final = re.compile(
    r"^data-(?:(?:product|item|final|current|sale)[-_]?)?(?:price|amount)(?:[-_](?:amount|value|final|current))?$"
)
_PLAIN: Final = re.compile(r"^\d{1,7}(?:[.,](?:\d{1,2}|\d{2}00))?$")
"""An amount as programs write it; one with three decimals may as well be in thousands."""
MIN_TOLD: Final = 0.95
"""Share of blocks that tell a price so; a few are not for sale."""
MIN_CENTS: Final = 0.5


def with_told_prices(blocks: Sequence[Block]) -> None:
    """Let blocks of one kind, none of which shows a price, have those that they tell."""
    if not blocks or any(block.price for block in blocks):
        return
    told = [dict(_told_in(block.node)) for block in blocks]
    for name in sorted({name for each in told for name in each}):
        found = [(block, *each[name]) for block, each in zip(blocks, told, strict=True) if name in each]
        values = [value for _, _, value in found]
        if len(found) >= MIN_TOLD * len(blocks) and are_prices(values):
            for block, element, value in found:
                block.price_node, block.price, block.price_attribute = element, value, name
            return


def are_prices(values: Sequence[str]) -> bool:
    """They differ, and enough of them have cents."""
    with_cents = sum("." in value or "," in value for value in values)
    return len(set(values)) > 1 and with_cents >= MIN_CENTS * len(values)


def told_on(page: LexborNode, price: str, without: frozenset[int]) -> tuple[LexborNode, str] | None:
    """The element, and its attribute, that tells this very price outside of `without`."""
    wanted = read_price(price)
    for element, name, value in _attributes(page):
        if wanted is not None and read_price(value) == wanted and not is_inside(element, without):
            return element, name
    return None


def _told_in(node: LexborNode) -> Iterator[tuple[str, tuple[LexborNode, str]]]:
    """What a block tells by the attribute's name, where it tells one price under that name."""
    told: dict[str, list[tuple[LexborNode, str]]] = {}
    for element, name, value in _attributes(node):
        told.setdefault(name, []).append((element, value))
    for name, places in told.items():
        if len({value for _, value in places}) == 1:
            yield name, places[0]


def _attributes(node: LexborNode) -> Iterator[tuple[LexborNode, str, str]]:
    for element in node.traverse(include_text=False):
        if element.is_element_node:
            for name, value in element.attributes.items():
                if value and PRICE_ATTRIBUTE.match(name) and _PLAIN.match(value):
                    yield element, name, value
