"""What a visitor likes of a list, as ranking strategies read it.

Interests compare as the profile has them, at any moment; only what is too little to count depends on the moment.
"""

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
    interests, groups_of = profile.categories, candidates.groups_of
    by_group = [0.0] * candidates.groups
    # The least first: sums depend on the order of what is added, and equal interests shall make equal scores.
    for category in sorted(interests.keys() & groups_of.keys(), key=interests.__getitem__):
        interest = interests[category]
        if interest >= dust:
            for group in groups_of[category]:
                by_group[group] += interest
    scores = list(candidates.by_position(by_group))
    if candidates.ungrouped and (topics := profile.topics):
        for position in candidates.ungrouped:
            seen_under = topics.get(candidates.ids[position] or "", ())
            told = sorted([interests.get(category, 0.0) for category in seen_under])
            scores[position] = sum([interest for interest in told if interest >= dust])
    return scores
