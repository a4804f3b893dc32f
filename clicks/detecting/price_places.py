"""Which element of a block or a page says the price that is to be paid.

Shops write several: crossed out and reduced, with and without tax, per unit, to be saved. What is crossed out or called
something else is not it; where nothing tells two apart that stand together, the smaller is paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.amounts import (
    BARE_AMOUNT,
    CALLED_PRICE,
    NOT_TO_PAY,
    PRICE,
    SAID_BEFORE,
    TO_PAY,
    is_sentence,
)
from clicks.detecting.sample import SILENT, elements, fold
from clicks.prices import read_price

MAX_PRICES: Final = 8
MAX_TEXT: Final = 80
"""Characters of a text that is a price; two prices that stand together are in one of at most so many."""
MIN_REDUCED: Final = 0.3
"""A price below this share of the other is no reduction: a part of it (a rate, a tax)."""


@dataclass(frozen=True, slots=True)
class _Price:
    element: LexborNode
    text: str
    has_currency: bool

    @property
    def amount(self) -> int | None:
        return read_price(self.text)


def price_in(node: LexborNode, without: frozenset[int] = frozenset()) -> tuple[LexborNode | None, str]:
    """The smallest element with the price that is to be paid; (None, "") when there is none.

    `without` are elements whose prices are others' (product blocks on a product page).
    """
    prices = _prices(node, without)
    if any(price.has_currency for price in prices):
        prices = [price for price in prices if price.has_currency]
    if not prices:
        return None, ""
    paid = [price for price in prices if not _is_another(price, node)]
    if not paid:
        # All are called something else: what they stand in together says nothing ("price-and-shipping").
        together = _nearest_around([price.element for price in prices], node)
        paid = [price for price in prices if not _is_another(price, together)] or prices[:1]
    chosen = next((price for price in paid if _is_called(price.element, node)), None) or _reduced(paid, node)
    return chosen.element, chosen.text


def _prices(node: LexborNode, without: frozenset[int]) -> list[_Price]:
    """The innermost elements that say a price, the first few."""
    found: list[_Price] = []
    for element in node.traverse(include_text=False):
        if element.tag in SILENT or not element.is_element_node or (without and is_inside(element, without)):
            continue
        text = fold(element.text(deep=True))
        if not text or len(text) > MAX_TEXT or not _says_price(element, text) or _is_hidden(element):
            continue
        if any(_says_price(child, fold(child.text(deep=True))) for child in elements(element)):
            own = fold(element.text(deep=False))
            # "12 € <s>15 €</s>": the first amount is the element's own.
            if not PRICE.search(own) or read_price(own) != read_price(text):
                continue
            text = own
        found.append(_Price(element, text, PRICE.search(text) is not None))
        if len(found) >= MAX_PRICES:
            break
    return found


def _reduced(paid: Sequence[_Price], within: LexborNode) -> _Price:
    """Of two prices of different class names beside each other the smaller, else the first."""
    first = paid[0]
    if len(paid) != 2 or first.element.attributes.get("class") == paid[1].element.attributes.get("class"):
        return first
    amounts = first.amount, paid[1].amount
    together = _nearest_around([price.element for price in paid], within)
    if amounts[0] is None or amounts[1] is None or len(fold(together.text(deep=True))) > MAX_TEXT:
        return first
    return paid[1] if MIN_REDUCED * amounts[0] <= amounts[1] < amounts[0] else first


def _is_another(price: _Price, within: LexborNode) -> bool:
    return SAID_BEFORE.search(price.text) is not None or _is_crossed(price.element, within)


def _is_called(element: LexborNode, within: LexborNode) -> bool:
    """A name says that it is what is left to pay: its own, or that of what it stands in."""
    node: LexborNode | None = element
    while node is not None and node.mem_id != within.mem_id:
        if TO_PAY.search(node.attributes.get("class") or ""):
            return True
        node = node.parent
    return False


def _is_crossed(element: LexborNode, within: LexborNode) -> bool:
    node: LexborNode | None = element
    while node is not None and node.mem_id != within.mem_id:
        attributes = node.attributes
        if node.tag in ("del", "s", "strike") or NOT_TO_PAY.search(attributes.get("class") or ""):
            return True
        if "line-through" in (attributes.get("style") or ""):
            return True
        node = node.parent
    return False


def _is_hidden(element: LexborNode) -> bool:
    return "display:none" in (element.attributes.get("style") or "").replace(" ", "")


def _nearest_around(those: Sequence[LexborNode], within: LexborNode) -> LexborNode:
    """The innermost element that all of them are in."""
    if len(those) < 2:
        return within
    chains = []
    for element in those:
        chain, inner = [], element.parent
        while inner is not None and inner.mem_id != within.mem_id:
            chain.append(inner)
            inner = inner.parent
        chains.append(chain)
    shared = set.intersection(*({inner.mem_id for inner in chain} for chain in chains))
    return next((inner for inner in chains[0] if inner.mem_id in shared), within)


def is_inside(element: LexborNode, those: frozenset[int]) -> bool:
    """The element is one of those, or stands in one."""
    node: LexborNode | None = element
    while node is not None:
        if node.mem_id in those:
            return True
        node = node.parent
    return False


def _says_price(element: LexborNode, text: str) -> bool:
    if PRICE.search(text):
        return not is_sentence(text)
    called = " ".join(filter(None, (element.attributes.get("class"), element.attributes.get("itemprop"))))
    return bool(called and CALLED_PRICE.search(called) and BARE_AMOUNT.match(text))
