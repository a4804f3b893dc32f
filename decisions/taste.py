"""What a visitor likes now: the profile's interests, faded to this moment, read by ranking strategies."""

from collections.abc import Mapping

from decisions.candidates import Candidates
from visitors.affinity import left_of, packed_affinities
from visitors.profile import Profile

DUST = 0.01
"""A faded interest below this is no interest: it must not move what the shop arranged."""

_NOTHING_KNOWN = Profile(id="")


class Taste:
    """The profile's interests as of one moment; only those that a list has to do with are worked out."""

    __slots__ = ("_categories", "_now", "_products", "bought", "is_empty", "profile")

    def __init__(self, profile: Profile | None, now: float) -> None:
        self.profile = profile or _NOTHING_KNOWN
        self.bought = self.profile.bought
        self._now = now
        # As they were sent, (score, at): a list asks for dozens of them.
        self._products = packed_affinities(self.profile.products)
        self._categories = packed_affinities(self.profile.categories)
        self.is_empty = not (self._products or self._categories)
        """Nothing is liked yet."""

    def of_groups(self, candidates: Candidates) -> list[float]:
        """Interest in each candidate's categories, summed: a category that all of a list share changes no order. The
        list is the caller's to go on with.

        The categories are the catalogue's, else those under which the visitor saw the product.
        """
        interest = left_of(self._categories, candidates.categories, self._now, DUST)
        by_group = []
        for group in candidates.groups:
            liked = 0.0
            for category in group:
                if category in interest:
                    liked += interest[category]
            by_group.append(liked)
        scores = list(candidates.by_position(by_group))
        if candidates.ungrouped and (topics := self.profile.topics):
            for position in candidates.ungrouped:
                seen_under = topics.get(candidates.ids[position] or "", ())
                if seen_under:
                    known = left_of(self._categories, frozenset(seen_under), self._now, DUST)
                    scores[position] = sum([known.get(category, 0.0) for category in seen_under])
        return scores

    def of_products(self, candidates: Candidates) -> Mapping[str, float]:
        """The candidates that are liked themselves, each id with the interest in it."""
        return left_of(self._products, candidates.positions.keys(), self._now, DUST)
