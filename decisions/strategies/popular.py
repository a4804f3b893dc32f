"""Popular: what all visitors want now, by the learnt catalogue; needs no profile."""

from clicks.catalogue import Product
from decisions.taste import Taste


def popular(product_id: str, product: Product | None, taste: Taste) -> float | None:
    """The catalogue's popularity, the same for everyone."""
    return None if product is None else product.popularity
