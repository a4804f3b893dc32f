"""What a visitor likes now: the profile's interests, faded to this moment, read by ranking strategies."""

from collections.abc import Sequence

from decisions.candidates import Candidates
from visitors.affinity import faded, packed_affinities
from visitors.profile import Profile

DUST = 0.01
"""A faded interest below this is no interest: it must not move what the shop arranged."""

_NOTHING_KNOWN = Profile(id="")


class Taste:
    """The profile's interests as of one moment; each is computed once, when first asked for."""

    __slots__ = ("_by_category", "_categories", "_now", "_products", "bought", "profile")

    def __init__(self, profile: Profile | None, now: float) -> None:
        self.profile = profile or _NOTHING_KNOWN
        self.bought = self.profile.bought
        self._now = now
        # As they were sent, (score, at): a list asks for dozens of them.
        self._products = packed_affinities(self.profile.products)
        self._categories = packed_affinities(self.profile.categories)
        self._by_category: dict[str, float] = {}

    @property
    def is_empty(self) -> bool:
        """Nothing is liked yet."""
        return not (self._products or self._categories)

    def of_groups(self, candidates: Candidates) -> Sequence[float]:
        """Interest in each candidate's categories, summed: a category that all of a list share changes no order.

        The categories are the catalogue's, else those under which the visitor saw the product.
        """
        by_group = [self._of_categories(group) for group in candidates.groups]
        scores = [by_group[group] for group in candidates.group_of]
        topics = self.profile.topics
        if topics:
            for position in candidates.ungrouped:
                scores[position] = self._of_categories(topics.get(candidates.ids[position] or "", ()))
        return scores

    def of_products(self, candidates: Candidates) -> list[tuple[str, float]]:
        """The candidates that are liked themselves, each id with the interest in it."""
        now, positions = self._now, candidates.positions
        return [
            (product_id, score)
            for product_id, (known, at) in self._products.items()
            if product_id in positions and (score := faded(known, at, now)) >= DUST
        ]

    def _of_categories(self, categories: tuple[str, ...]) -> float:
        score = 0.0
        for category in categories:
            known = self._by_category.get(category)
            score += self._of_category(category) if known is None else known
        return score

    def _of_category(self, category: str) -> float:
        known = self._categories.get(category)
        score = 0.0 if known is None else faded(known[0], known[1], self._now)
        score = self._by_category[category] = score if score >= DUST else 0.0
        return score
