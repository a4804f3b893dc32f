"""What a visitor likes of a list, as ranking strategies read it.

Interests compare as the profile has them, at any moment; only what is too little to count depends on the moment.
"""

from collections.abc import Collection, Mapping
from typing import Final

from decisions.candidates import Candidates
from visitors.profile import Profile

DUST: Final = 0.01
"""An interest of which a smaller score is left is none: it must not move what the shop arranged."""


def by_categories(candidates: Candidates, profile: Profile, dust: float) -> list[float]:
    """Interest in each candidate's categories, summed: a category that all of a list share changes no order. The list
    is the caller's to go on with; interests below `dust` are none.

    The categories are the catalogue's, else those under which the visitor saw the product.
    """
    interests = profile.categories
    scores = list(candidates.by_position([_summed(interests, group, dust) for group in candidates.groups]))
    if candidates.ungrouped and (topics := profile.topics):
        for position in candidates.ungrouped:
            scores[position] = _summed(interests, topics.get(candidates.ids[position] or "", ()), dust)
    return scores


def _summed(interests: Mapping[str, float], names: Collection[str], dust: float) -> float:
    total = 0.0
    for name in names:
        if name in interests and interests[name] >= dust:
            total += interests[name]
    return total
