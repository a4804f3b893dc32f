"""New for you: products of liked categories that the visitor has not opened yet."""

from clicks.catalogue import Product
from decisions.taste import Taste


def new_for_you(product_id: str, product: Product | None, taste: Taste) -> float | None:
    """Interest in the product's categories; nothing for what was seen, which so keeps the shop's order behind."""
    if taste.has_seen(product_id):
        return 0.0
    return None if product is None else taste.of_categories(product_id, product)
