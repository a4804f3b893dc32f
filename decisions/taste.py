"""What a visitor likes now: the profile's interests, faded to this moment, read by ranking strategies."""

from clicks.catalogue import Product
from visitors.affinity import score_now
from visitors.profile import Profile

DUST = 0.01
"""A faded interest below this is no interest: it must not move what the shop arranged."""


class Taste:
    """The profile's interests as of one moment; each is computed once, when first asked for."""

    __slots__ = ("_categories", "_now", "profile")

    def __init__(self, profile: Profile | None, now: float) -> None:
        self.profile = profile
        self._now = now
        self._categories: dict[str, float] = {}

    @property
    def is_empty(self) -> bool:
        """Nothing is liked yet."""
        return self.profile is None or not (self.profile.products or self.profile.categories)

    def categories_of(self, product_id: str, product: Product | None) -> tuple[str, ...]:
        """A product's categories by the catalogue, else as the visitor saw them; () when they are not known."""
        if product is not None and product.categories:
            return product.categories
        return () if self.profile is None else self.profile.topics.get(product_id, ())

    def of_categories(self, product_id: str, product: Product | None) -> float:
        """Interest in the product's categories, summed: a category that all of a list share changes no order."""
        if self.profile is None:
            return 0.0
        total = 0.0
        for category in self.categories_of(product_id, product):
            score = self._categories.get(category)
            if score is None:
                known = self.profile.categories.get(category)
                score = 0.0 if known is None else self._settled(score_now(known, self._now))
                self._categories[category] = score
            total += score
        return total

    def of_product(self, product_id: str) -> float:
        """Interest in the very product."""
        known = None if self.profile is None else self.profile.products.get(product_id)
        return 0.0 if known is None else self._settled(score_now(known, self._now))

    def has_seen(self, product_id: str) -> bool:
        """The visitor opened, bought or carries it."""
        profile = self.profile
        return profile is not None and (
            product_id in profile.products or product_id in profile.bought or product_id in profile.cart
        )

    def has_bought(self, product_id: str) -> bool:
        """The visitor owns it."""
        return self.profile is not None and product_id in self.profile.bought

    @staticmethod
    def _settled(score: float) -> float:
        return score if score >= DUST else 0.0
