"""New for you: products of liked categories that the visitor has not opened yet."""

from collections.abc import Sequence

from decisions.candidates import Candidates
from decisions.taste import Taste


def new_for_you(candidates: Candidates, taste: Taste) -> Sequence[float | None]:
    """Interest in the product's categories; nothing for what was seen, which so keeps the shop's order behind."""
    scores: list[float | None] = [*taste.of_groups(candidates)]
    for position in candidates.unknown:
        scores[position] = None
    profile = taste.profile
    for seen in (profile.products, profile.bought, profile.cart):
        for product_id in seen:
            for position in candidates.positions.get(product_id, ()):
                scores[position] = 0.0
    return scores
