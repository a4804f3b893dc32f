"""What a JSON answer shows of a cart, on shops of which nobody said what their calls answer.

Invariant: only lists that are called a cart's are looked at, and pieces of HTML. As in `shown_cart`, what is shown
proves nothing by itself.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from clicks.answers import Answer, members
from clicks.detecting.sample import Sample
from clicks.reading import resolve
from clicks.shown_cart import ProductAt, ShownCart, read_cart
from clicks.targets import Target

MAX_DEPTH: Final = 5
MAX_MEMBERS: Final = 2_000
"""Of all objects together."""

_LISTS: Final = frozenset((
    "items", "lineitems", "cartitems", "basketitems", "orderitems", "lines", "cartlines", "orderlines", "positions",
    "products", "entries",
))  # fmt: skip
_NO_CART: Final = re.compile(
    r"recommend|related|suggest|wish|compar|up-?_?sell|cross-?_?sell|viewed|removed|deleted|unavailable", re.IGNORECASE
)
_PRODUCT: Final = (
    "product_id", "productId", "id_product", "idProduct", "product", "product.id", "product.slug", "sku", "handle",
    "slug",
)  # fmt: skip
_ADDRESS: Final = ("url", "product_url", "productUrl", "product.url", "link", "href", "permalink")
_ROW: Final = ("id", "item_id", "itemId", "variant_id", "variantId")
"""Taken for a product's where nothing else tells: of some shops it is the row's own."""


def read_answered_cart(answer: Answer, at: Target, host: str, product_at: ProductAt) -> ShownCart | None:
    """The cart after a call to `at`; None where the answer shows none."""
    told: set[str] = set()
    pieces: list[str] = []
    is_listed = False
    for name, value in _members(answer.members):
        if isinstance(value, list) and _plain(name) in _LISTS and all(isinstance(row, dict) for row in value):
            is_listed = True
            for row in value:
                told |= _products(row, at, product_at)
        elif isinstance(value, str) and "<" in value:
            pieces.append(value)
    page = read_cart(Sample(at, "\n".join(pieces), host), product_at) if pieces else ShownCart()
    linked = page.linked | told
    if not (is_listed or linked or page.is_empty):
        return None
    return ShownCart(page.rows, linked, is_empty=not linked and (is_listed or page.is_empty))


def _products(row: Mapping[str, object], at: Target, product_at: ProductAt) -> set[str]:
    """What one row of a cart may call its product."""
    inner = Answer(row)
    told = {value for path in _PRODUCT for value in members(inner, path)}
    addresses = (address for path in _ADDRESS for address in _texts(inner, path))
    told |= {product for address in addresses if (product := product_at(resolve(address, at))) is not None}
    return told or {value for path in _ROW for value in members(inner, path)}


def _texts(row: Answer, path: str) -> Iterator[str]:
    name, _, inner = path.partition(".")
    value = row.members.get(name)
    if inner:
        value = value.get(inner) if isinstance(value, dict) else None
    if isinstance(value, str) and 0 < len(value) <= 2048:
        yield value


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _members(members: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Every member of the objects in it, but for what is called something else than the cart; the nearest first."""
    level: list[Mapping[str, object]] = [members]
    left = MAX_MEMBERS
    for _ in range(MAX_DEPTH):
        deeper: list[Mapping[str, object]] = []
        for inner in level:
            for name, value in inner.items():
                left -= 1
                if left < 0:
                    return
                if _NO_CART.search(name):
                    continue
                yield name, value
                if isinstance(value, dict):
                    deeper.append(value)
        level = deeper
