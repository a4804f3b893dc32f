"""The catalogue learnt from served pages: what a product is called, costs and belongs to; popularity beside it."""

from dataclasses import dataclass

from clicks.facts import PageFacts
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


Taught = tuple[str, str | None, int | None, tuple[str, ...], str | None, bool | None, str | None]
"""(id, name, price_cents, categories, image, sold_out, url), a row of `Click.catalogue`."""


def taught(facts: PageFacts, platform: Platform, url: str | None = None) -> tuple[Taught, ...]:
    """What a page teaches about products; `url` is the page's own kept path and query.

    A product page tells its product's categories; a category page tells one for the products of its main list, which
    is how a record that nobody opened yet is known to be of a genre. Other boxes on it tell names and prices only.
    Whether a product is sold out only its own page says; elsewhere that is None.
    """
    rows: dict[str, Taught] = {}
    if product := facts.product:
        rows[product.id] = (
            product.id,
            product.name,
            product.price_cents,
            product.categories,
            product.image,
            product.sold_out,
            url,
        )
    own = {rule.name for rule in platform.lists if rule.of_category}
    lists = sorted((facts.lists or {}).items(), key=lambda item: item[0] not in own)
    for name, items in lists:
        categories = (facts.category,) if facts.category and name in own else ()
        for item in items:
            if item.id is not None and item.id not in rows and len(rows) < MAX_TAUGHT:
                rows[item.id] = (item.id, item.name, item.price_cents, categories, item.image, None, item.url)
    return tuple(rows.values())
