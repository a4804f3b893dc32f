"""Interests that fade, by forward decay: last month's taste gives way to today's, and nothing is written anew for it.

An interest is one number: the sum of the weights that earned it, each times the `growth` of its moment, which doubles
with every half-life. What was earned later counts for more, instead of earlier things for less; its score at a moment
is that sum divided by the growth of the moment. (Cormode, Shkapenyuk, Srivastava and Xu: "Forward Decay: A Practical
Time Decay Model for Streaming Systems", ICDE 2009.)

Invariant: earning and merging are additions, so their order does not matter (up to rounding); interests compare as they
are, at any moment.
"""

from collections.abc import Mapping
from math import exp2
from typing import Final

from visitors.profile import Profile

HALF_LIFE_S: Final = 30 * 86_400.0
"""An interest counts half after 30 days."""

LANDMARK: Final = 1_577_836_800.0
"""2020-01-01, when growth is 1; Unix seconds. Landmark and half-life belong to the format: others need a version."""

MOST_HALF_LIVES: Final = 960.0
"""Growth stops so far from the landmark, in 1941 and 2098: what a clock says beyond is taken as that end. A double has
1,023 doublings; those that are left are for sums."""

LIKES_SHARE = 1 / 3
"""What is liked: the strongest category, when it holds at least this share of all interest in categories."""
_ROUNDING: Final = 1e-9


def growth(at: float) -> float:
    """What a weight earned at this moment (Unix seconds) is multiplied by; finite and more than 0 for any clock."""
    return exp2(max(-MOST_HALF_LIVES, min(MOST_HALF_LIVES, (at - LANDMARK) / HALF_LIFE_S)))


def point(profile: Profile, now: float) -> float:
    """A score of 1 at `now` as an interest of this profile; a clock behind its last change raises no score."""
    return growth(max(now, profile.updated))


def earn(interests: dict[str, float], name: str, earned: float) -> None:
    """Add to an interest, which moves to the end: the first is the one that has earned nothing for longest."""
    interests[name] = interests.pop(name, 0.0) + earned


def together(earlier: Mapping[str, float], later: Mapping[str, float]) -> dict[str, float]:
    """The interests of two histories in one; `later` is of the one that went on for longer."""
    joined = dict(earlier)
    for name, earned in later.items():
        earn(joined, name, earned)
    return joined


def as_interests(dated: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Interests told as scores, each with the moment at which that was so (Unix seconds)."""
    return {name: score * growth(at) for name, (score, at) in sorted(dated.items(), key=lambda told: told[1][1])}


def with_scores(profile: Profile, at: float) -> Profile:
    """The profile with interests as people read them: their scores at a moment (Unix seconds), in 12 digits."""
    one = point(profile, at)
    products, categories = (
        {name: float(f"{interest / one:.12g}") for name, interest in interests.items()}
        for interests in (profile.products, profile.categories)
    )
    return profile._replace(products=products, categories=categories)


def shares(interests: Mapping[str, float]) -> dict[str, float]:
    """Each positive interest's share of them all, strongest first; ties by name."""
    positive = {name: interest for name, interest in interests.items() if interest > 0}
    total = sum(positive.values())
    return {name: positive[name] / total for name in sorted(positive, key=lambda name: (-positive[name], name))}


def strongest(interests: Mapping[str, float], share: float) -> list[str]:
    """Those that hold at least this share of all, strongest first: exactly that much, too, whichever way sums are
    rounded. A category that every product is in beside one of its own holds exactly a third."""
    return [name for name, held in shares(interests).items() if held >= share - _ROUNDING]


def liked(interests: Mapping[str, float]) -> str | None:
    """The category liked best, when its share is at least `LIKES_SHARE`."""
    return next(iter(strongest(interests, LIKES_SHARE)), None)
