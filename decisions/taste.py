"""What a visitor likes now: the profile's interests, faded to this moment, read by ranking strategies."""

from clicks.catalogue import Product
from visitors.affinity import score_now
from visitors.profile import Profile

DUST = 0.01
"""A faded interest below this is no interest: it must not move what the shop arranged."""

_NOTHING_KNOWN = Profile(id="")


class Taste:
    """The profile's interests as of one moment; each is computed once, when first asked for."""

    __slots__ = ("_by_category", "_by_group", "_now", "bought", "profile")

    def __init__(self, profile: Profile | None, now: float) -> None:
        self.profile = profile or _NOTHING_KNOWN
        self.bought = self.profile.bought
        self._now = now
        self._by_category: dict[str, float] = {}
        self._by_group: dict[tuple[str, ...], float] = {(): 0.0}

    @property
    def is_empty(self) -> bool:
        """Nothing is liked yet."""
        return not (self.profile.products or self.profile.categories)

    def of_categories(self, product_id: str, product: Product | None) -> float:
        """Interest in the product's categories, summed: a category that all of a list share changes no order.

        The categories are the catalogue's, else those under which the visitor saw the product.
        """
        group = product.categories if product is not None else ()
        if not group:
            group = self.profile.topics.get(product_id, ())
        score = self._by_group.get(group)
        if score is None:
            score = self._by_group[group] = sum(map(self._of_category, group))
        return score

    def of_product(self, product_id: str) -> float:
        """Interest in the very product."""
        known = self.profile.products.get(product_id)
        return 0.0 if known is None else _settled(score_now(known, self._now))

    def has_seen(self, product_id: str) -> bool:
        """The visitor opened, bought or carries it."""
        profile = self.profile
        return product_id in profile.products or product_id in profile.bought or product_id in profile.cart

    def _of_category(self, category: str) -> float:
        score = self._by_category.get(category)
        if score is None:
            known = self.profile.categories.get(category)
            score = 0.0 if known is None else _settled(score_now(known, self._now))
            self._by_category[category] = score
        return score


def _settled(score: float) -> float:
    return score if score >= DUST else 0.0
