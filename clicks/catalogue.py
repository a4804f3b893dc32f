"""The catalogue learnt from served pages: what a product is called, costs and belongs to; popularity beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clicks.facts import Listed, PageFacts
from config.platform import Platform

MAX_TAUGHT = 200
"""Most products that one page teaches."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product as last seen. `categories` are the texts the shop itself shows; `popularity` decays with time."""

    id: str
    name: str | None = None
    price_cents: int | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    url: str | None = None
    sold_out: bool = False
    first_seen: float = 0.0
    last_seen: float = 0.0
    popularity: float = 0.0


NOTHING_KNOWN: Mapping[str, Product] = MappingProxyType({})

Taught = tuple[str, str | None, int | None, tuple[str, ...], str | None, bool | None, str | None]
"""(id, name, price_cents, categories, image, sold_out, url), a row of `Click.catalogue`."""


def taught(
    facts: PageFacts, platform: Platform, url: str | None = None, known: Mapping[str, Product] = NOTHING_KNOWN
) -> tuple[Taught, ...]:
    """What a page teaches about products that is not `known`; `url` is the page's own kept path and query.

    A product page tells its product's categories; a category page tells one for the products of its main list, which
    is how a record that nobody opened yet is known to be of a genre. Other boxes on it tell names and prices only.
    Whether a product is sold out only its own page says; elsewhere that is None.
    """
    rows: list[Taught] = []
    told: set[str] = set()
    if product := facts.product:
        told.add(product.id)
        before = known.get(product.id)
        item = Listed(product.id, product.name, product.price_cents, url, product.image)
        if before is None or _is_news(item, product.categories, before) or product.sold_out != before.sold_out:
            rows.append(_row(item, product.categories, product.sold_out))
    own = {rule.name for rule in platform.lists if rule.of_category}
    lists = sorted((facts.lists or {}).items(), key=lambda item: item[0] not in own)
    for name, items in lists:
        categories = (facts.category,) if facts.category and name in own else ()
        for item in items:
            if item.id is None or item.id in told or len(told) >= MAX_TAUGHT:
                continue
            told.add(item.id)
            before = known.get(item.id)
            if before is None or _is_news(item, categories, before):
                rows.append(_row(item, categories, None))
    return tuple(rows)


def _is_news(item: Listed, categories: tuple[str, ...], before: Product) -> bool:
    return (
        (item.name is not None and item.name != before.name)
        or (item.price_cents is not None and item.price_cents != before.price_cents)
        or (item.image is not None and item.image != before.image)
        or (item.url is not None and item.url != before.url)
        or (bool(categories) and not set(categories) <= set(before.categories))
    )


def _row(item: Listed, categories: tuple[str, ...], sold_out: bool | None) -> Taught:
    return item.id or "", item.name, item.price_cents, categories, item.image, sold_out, item.url
