"""What a visitor likes now: the profile's interests, faded to this moment, read by ranking strategies."""

from collections.abc import Sequence

from decisions.candidates import Candidates
from visitors.affinity import score_now
from visitors.profile import Profile

DUST = 0.01
"""A faded interest below this is no interest: it must not move what the shop arranged."""

_NOTHING_KNOWN = Profile(id="")


class Taste:
    """The profile's interests as of one moment; each is computed once, when first asked for."""

    __slots__ = ("_by_category", "_now", "bought", "profile")

    def __init__(self, profile: Profile | None, now: float) -> None:
        self.profile = profile or _NOTHING_KNOWN
        self.bought = self.profile.bought
        self._now = now
        self._by_category: dict[str, float] = {}

    @property
    def is_empty(self) -> bool:
        """Nothing is liked yet."""
        return not (self.profile.products or self.profile.categories)

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

    def of_product(self, product_id: str) -> float:
        """Interest in the very product."""
        known = self.profile.products.get(product_id)
        return 0.0 if known is None else _settled(score_now(known, self._now))

    def _of_categories(self, categories: tuple[str, ...]) -> float:
        score = 0.0
        for category in categories:
            known = self._by_category.get(category)
            score += self._of_category(category) if known is None else known
        return score

    def _of_category(self, category: str) -> float:
        known = self.profile.categories.get(category)
        score = self._by_category[category] = 0.0 if known is None else _settled(score_now(known, self._now))
        return score


def _settled(score: float) -> float:
    return score if score >= DUST else 0.0
