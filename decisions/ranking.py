"""Ranking: from a list as the shop sent it to the order one visitor is shown, as a permutation.

Invariant: `order_by` returns a permutation of the positions; pinned and unknown items stand where they stood, a
sold-out item never stands earlier than it did, and equal scores keep the shop's order.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from clicks.catalogue import Product
from clicks.facts import Listed
from decisions.strategies.affinity import affinity
from decisions.strategies.new_for_you import new_for_you
from decisions.strategies.popular import popular
from decisions.taste import Taste
from visitors.profile import Profile

Score = Callable[[str, Product | None, Taste], float | None]
"""Product id, product if the catalogue has it, taste → how early it should stand; None leaves it where it is."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to order a list; `personal` strategies change nothing for a visitor of whom nothing is known."""

    score: Score
    personal: bool = True


STRATEGIES: Mapping[str, Strategy] = {
    "affinity": Strategy(affinity),
    "new_for_you": Strategy(new_for_you),
    "popular": Strategy(popular, personal=False),
}
"""The values of `by`, in the order of the documentation."""


def order_by(
    by: str,
    items: Sequence[Listed],
    profile: Profile | None,
    catalogue: Mapping[str, Product],
    now: float,
    pin: Collection[int] = (),
) -> tuple[int, ...]:
    """Position i shows the item that stood at `order[i]`. `pin` holds 1-based positions whose items stay in place."""
    strategy = STRATEGIES[by]
    taste = Taste(profile, now)
    if strategy.personal and taste.is_empty:
        return tuple(range(len(items)))
    slots: list[int] = []
    scores: list[float] = []
    sold_out: list[bool] = []
    for position, item in enumerate(items):
        if item.id is None or position + 1 in pin:
            continue
        product = catalogue.get(item.id)
        score = strategy.score(item.id, product, taste)
        if score is None:
            continue
        slots.append(position)
        scores.append(score)
        sold_out.append(product is not None and product.sold_out)
    return _placed(len(items), slots, scores, sold_out)


def _placed(count: int, slots: list[int], scores: list[float], sold_out: list[bool]) -> tuple[int, ...]:
    """Fill the free slots from the top with the best item left; a sold-out one is a candidate from its own slot on."""
    order = list(range(count))
    if not any(sold_out):
        for slot, i in zip(slots, sorted(range(len(slots)), key=scores.__getitem__, reverse=True), strict=True):
            order[slot] = slots[i]
        return tuple(order)
    waiting = [(-score, i) for i, score in enumerate(scores) if not sold_out[i]]
    waiting.sort()  # a sorted list is a heap
    for i, slot in enumerate(slots):
        if sold_out[i]:
            heappush(waiting, (-scores[i], i))
        order[slot] = slots[heappop(waiting)[1]]
    return tuple(order)


def kept_order(items: Sequence[Listed], shown: Sequence[str], pin: Collection[int] = ()) -> tuple[int, ...]:
    """The order that shows `items` as they were `shown` before: those known from then keep their sequence among each
    other, new ones stand where the shop put them, and pinned positions stay."""
    ranks: dict[str, list[int]] = {}
    for rank in range(len(shown) - 1, -1, -1):
        ranks.setdefault(shown[rank], []).append(rank)
    known: list[tuple[int, int]] = []
    for position, item in enumerate(items):
        if item.id is not None and position + 1 not in pin and ranks.get(item.id):
            known.append((ranks[item.id].pop(), position))
    order = list(range(len(items)))
    for (_, slot), (_, source) in zip(known, sorted(known), strict=True):
        order[slot] = source
    return tuple(order)
