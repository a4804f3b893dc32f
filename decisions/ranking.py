"""Ranking: from a list as the shop sent it to the order one visitor is shown, as a permutation.

Invariant: `order_by` returns a permutation of the positions; pinned and unknown items stand where they stood, a
sold-out item never stands earlier than it did, and equal scores keep the shop's order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, cast

from clicks.catalogue import Product
from clicks.facts import Listed
from decisions.candidates import Candidates, JoinedLists
from decisions.strategies.affinity import affinity
from decisions.strategies.new_for_you import new_for_you
from decisions.strategies.popular import popular
from decisions.taste import DUST
from visitors.interests import growth
from visitors.profile import Profile

Scores = Callable[[Candidates, Profile, float], Sequence[float | None]]
"""For each position how early its item should stand; None, of `Candidates.unknown` alone, leaves it where it is. Items
without an id always stay. The number: a smaller interest of the profile is none."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to order a list; `personal` strategies change nothing for a visitor of whom nothing is known."""

    scores: Scores
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
    pin: frozenset[int] = frozenset(),
) -> tuple[int, ...]:
    """Position i shows the item that stood at `order[i]`. `pin` holds 1-based positions whose items stay in place."""
    strategy = STRATEGIES[by]
    known = profile or _NOTHING_KNOWN
    if strategy.personal and not (known.products or known.categories):
        return tuple(range(len(items)))
    candidates = _lists.of(items, catalogue, pin)
    scored = strategy.scores(candidates, known, DUST * growth(now))
    slots: Sequence[int] = candidates.free
    if candidates.unknown:
        slots = [at for at in slots if scored[at] is not None]
    scores = cast("Sequence[float]", scored)
    sold_out = candidates.sold_out
    if sold_out and not sold_out.isdisjoint(slots):
        return _placed(len(items), slots, scores, sold_out)
    return _filled(len(items), slots, sorted(slots, key=scores.__getitem__, reverse=True))


_lists = JoinedLists()
_NOTHING_KNOWN: Final = Profile(id="")


def _placed(count: int, slots: Sequence[int], scores: Sequence[float], sold_out: frozenset[int]) -> tuple[int, ...]:
    """Fill the free slots from the top with the best item left; a sold-out one is a candidate from its own slot on."""
    order = list(range(count))
    waiting = [(-scores[at], at) for at in slots if at not in sold_out]
    waiting.sort()  # a sorted list is a heap
    for slot in slots:
        if slot in sold_out:
            heappush(waiting, (-scores[slot], slot))
        order[slot] = heappop(waiting)[1]
    return tuple(order)


def kept_order(
    items: Sequence[Listed], shown: Sequence[str], catalogue: Mapping[str, Product], pin: frozenset[int] = frozenset()
) -> tuple[int, ...]:
    """The order that shows `items` as they were `shown` before: those known from then keep their sequence among each
    other, new ones stand where the shop put them, and pinned positions stay."""
    candidates = _lists.of(items, catalogue, pin)
    places = candidates.places
    if candidates.is_repeated or len(set(shown)) < len(shown):
        # The first of an id that is shown goes where the shop has its first.
        left = {product_id: iter(at) for product_id, at in candidates.positions.items() if product_id in places}
        found = [next((at for at in left.get(product_id, ()) if at + 1 not in pin), None) for product_id in shown]
        sources = [at for at in found if at is not None]
    else:
        sources = [places[product_id] for product_id in shown if product_id in places]
    slots = candidates.free if len(sources) == len(candidates.free) else sorted(sources)
    return _filled(len(items), slots, sources)


def _filled(count: int, slots: Sequence[int], sources: Sequence[int]) -> tuple[int, ...]:
    """The permutation that shows the sources in the slots, which are ascending, and leaves all others."""
    order = list(range(count))
    if slots and slots[-1] - slots[0] == len(slots) - 1:
        order[slots[0] : slots[-1] + 1] = sources
        return tuple(order)
    for slot, source in zip(slots, sources, strict=True):
        order[slot] = source
    return tuple(order)
