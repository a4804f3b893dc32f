"""By affinity: what the visitor looked at and what is of the categories they like; owned records sink a little."""

from collections.abc import Sequence

from decisions.candidates import Candidates
from decisions.taste import by_categories
from visitors.profile import Profile

OWNED = 0.9
"""Share of the category's pull that an owned product keeps: it stands behind all others of its category."""


def affinity(candidates: Candidates, profile: Profile, dust: float) -> Sequence[float | None]:
    """Interest in each product and in its categories; None when nothing is known of either."""
    scores = by_categories(candidates, profile, dust)
    positions, products, bought = candidates.positions, profile.products, profile.bought
    for product_id in products.keys() & positions.keys():
        own = products[product_id]
        if own >= dust and product_id not in bought:
            for position in positions[product_id]:
                scores[position] += own
    for product_id in bought.keys() & positions.keys():
        for position in positions[product_id]:
            scores[position] *= OWNED
    if not candidates.unknown:
        return scores
    told: list[float | None] = [*scores]
    for position in candidates.unknown:
        if not scores[position] and candidates.ids[position] not in bought:
            told[position] = None
    return told
