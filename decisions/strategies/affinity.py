"""By affinity: what the visitor looked at and what is of the categories they like; owned records sink a little."""

from clicks.catalogue import Product
from decisions.taste import Taste

OWNED = 0.9
"""Share of the category's pull that an owned product keeps: it stands behind all others of its category."""


def affinity(product_id: str, product: Product | None, taste: Taste) -> float | None:
    """Interest in the product and in its categories; None when nothing is known of either."""
    categories = taste.of_categories(product_id, product)
    if product_id in taste.bought:
        return categories * OWNED
    own = taste.of_product(product_id)
    if product is None and not own and not categories:
        return None
    return categories + own
