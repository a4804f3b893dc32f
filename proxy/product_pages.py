"""Which product a page of the shop is about, where its URL does not tell: what this worker saw, and the catalogue.

Invariant: bounded; what is not known is None, never a guess.
"""

from collections.abc import Mapping

from clicks.catalogue import Product
from clicks.targets import Target, page_key
from config.platform import Platform

MOST_PAGES = 4096


class ProductPages:
    """Pages ("path?kept=fields") → product ids."""

    __slots__ = ("_by_url", "_catalogue", "_pages", "_seen")

    def __init__(self) -> None:
        self._seen: dict[bytes, str] = {}
        self._pages: dict[str, str] = {}
        self._catalogue: Mapping[str, Product] | None = None
        self._by_url: dict[str, str] = {}

    def remember(self, target: Target, platform: Platform, product: str) -> None:
        """A page was served, and said what it sells."""
        if self._seen.get(target.raw) == product:
            return
        if len(self._seen) >= MOST_PAGES:
            self._seen.clear()
            self._pages.clear()
        self._seen[target.raw] = product
        self._pages[page_key("", target, platform)] = product

    def at(self, page: str, catalogue: Mapping[str, Product]) -> str | None:
        """The product of a page, or None."""
        found = self._pages.get(page)
        if found is not None:
            return found
        if catalogue is not self._catalogue:
            self._catalogue = catalogue
            self._by_url = {product.url: product.id for product in catalogue.values() if product.url}
        return self._by_url.get(page)
