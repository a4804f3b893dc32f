"""New for you: products of liked categories that the visitor has not opened yet."""

from collections.abc import Sequence

from decisions.candidates import Candidates
from decisions.taste import by_categories
from visitors.profile import Profile


def new_for_you(candidates: Candidates, profile: Profile, dust: float) -> Sequence[float | None]:
    """Interest in the product's categories; nothing for what was seen, which so keeps the shop's order behind."""
    scores: list[float | None] = [*by_categories(candidates, profile, dust)]
    for position in candidates.unknown:
        scores[position] = None
    positions = candidates.positions
    for seen in (profile.products, profile.bought, profile.cart):
        for product_id in seen.keys() & positions.keys():
            for position in positions[product_id]:
                scores[position] = 0.0
    return scores
