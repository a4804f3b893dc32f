"""What a page shows of a cart, on shops of which nobody said where their carts stand.

Invariant: a row is what can be taken out and leads to one product; a comparison, a wish list and a list of products are
no cart. What is shown proves nothing by itself: it could have been there before.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.blocks import is_removal
from clicks.detecting.sample import SILENT, Sample, fold
from clicks.reading import resolve
from clicks.targets import Target

MAX_ROWS: Final = 200
MAX_CLIMB: Final = 8
"""Levels between what takes a row out and the row."""

ProductAt = Callable[[Target], str | None]
"""The product whose page a target is, as far as that is known."""

_ELSEWHERE: Final = re.compile(
    r"compar|vergleich|wish|wunsch|favou?rit|merkzettel|coupon|voucher|filter", re.IGNORECASE
)
_COMPLAINS: Final = re.compile(
    r"(?:^|[\s_-])(?:errors?|errormsg|danger|warning|fehler|invalid|messagestackerror)(?:$|[\s_-])",
    re.IGNORECASE,
)
_EMPTY: Final = re.compile(
    r"(?:cart|basket|bag|trolley) (?:is|contains) (?:currently )?(?:empty|no )|"
    r"no (?:items|products) in (?:your|the) |"
    r"warenkorb ist (?:noch |derzeit )?leer|keine (?:artikel|produkte)|(?:carrito|cesta) est[áa] vac|panier est vide|"
    r"carrello è vuoto|koszyk jest pusty|winkel(?:wagen|mand) is leeg|(?:varukorgen|kundvagnen) är tom|"
    r"kurv(?:en)? er tom",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ShownCart:
    """`rows` are products that can be taken out, `linked` all products that the page leads to."""

    rows: tuple[str, ...] = ()
    linked: frozenset[str] = frozenset()
    complains: bool = False
    """Something on it is called an error, and says something."""
    is_empty: bool = False
    """It says so, and has no row."""


def read_cart(page: Sample, product_at: ProductAt) -> ShownCart:
    """What a page, or a piece of one, shows of a cart."""
    found = products_on(page, product_at)
    rows = dict.fromkeys(row for control in _removals(page) if (row := _row(control, found)) is not None)
    body = page.body
    text = said(body) if body is not None else ""
    return ShownCart(
        rows=tuple(rows),
        linked=frozenset(found.values()),
        complains=any(fold(node.text(deep=True)) for node in page.tree.css("[class]") if _is_complaint(node)),
        is_empty=not rows and _EMPTY.search(text) is not None,
    )


def products_on(page: Sample, product_at: ProductAt) -> dict[int, str]:
    """The products that links lead to, by the link's element. As in lists, the host does not matter."""
    found = {}
    for node in page.tree.css("a[href]"):
        href = node.attributes.get("href") or ""
        if href and not href.startswith(("#", "javascript:")):
            product = product_at(resolve(href, page.base))
            if product is not None:
                found[node.mem_id] = product
    return found


_IN_LINE: Final = frozenset({"a", "b", "bdi", "em", "font", "i", "small", "span", "strong", "sup", "u"})


def said(node: LexborNode) -> str:
    """The text as it is read: a blank between blocks and cells, none inside of an amount that is put together."""
    parts: list[str] = []
    last: int | None = None
    for inner in node.traverse(include_text=True):
        if inner.is_element_node or not (text := inner.text(deep=False)):
            if inner.tag == "br":
                parts.append(" ")
            continue
        block = inner.parent
        if block is None or block.tag in SILENT:
            continue
        while block.tag in _IN_LINE and block.parent is not None:
            block = block.parent
        if block.mem_id != last:
            parts.append(" ")
        last = block.mem_id
        parts.append(text)
    return fold("".join(parts))


def _removals(page: Sample) -> Iterator[LexborNode]:
    count = 0
    for node in page.tree.css("a, button, input"):
        if is_removal(node, node.attributes) and not _is_elsewhere(node):
            count += 1
            if count > MAX_ROWS:
                return
            yield node


def _is_elsewhere(node: LexborNode) -> bool:
    """It takes something out of a comparison, a wish list, a filter."""
    inner: LexborNode | None = node
    for _ in range(MAX_CLIMB):
        if inner is None or inner.tag in ("body", "html"):
            return False
        told = (inner.attributes.get(name) for name in ("href", "formaction", "action", "id", "class"))
        if _ELSEWHERE.search(" ".join(filter(None, told))):
            return True
        inner = inner.parent
    return False


def _row(control: LexborNode, products: dict[int, str]) -> str | None:
    """The one product beside this control; None where it takes out all, or nobody knows what."""
    around = control.parent
    for _ in range(MAX_CLIMB):
        if around is None or around.tag in ("body", "html"):
            return None
        own = {products[link.mem_id] for link in around.css("a[href]") if link.mem_id in products}
        if own:
            return own.pop() if len(own) == 1 else None
        around = around.parent
    return None


def _is_complaint(node: LexborNode) -> bool:
    return _COMPLAINS.search(node.attributes.get("class") or "") is not None
