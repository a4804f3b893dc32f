"""A list's items joined with the catalogue: what ranking needs of a page, and no visitor changes.

Invariant: candidates are remembered for as long as the list and the catalogue's snapshot are the very same objects,
never for equal ones; most pages are asked for again before either is read anew.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import cast

from clicks.catalogue import Product
from clicks.facts import Listed

REMEMBERED = 100_000
"""Items of the lists that are kept joined: 50 on each of 2,000 pages."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Positions of a list, 0-based. `free` are those with an id that are not pinned; `ids` and `products` have None
    where unknown."""

    ids: tuple[str | None, ...]
    free: tuple[int, ...]
    products: tuple[Product | None, ...]
    positions: Mapping[str, tuple[int, ...]]
    """Where each id stands."""
    places: Mapping[str, int]
    """The first of `free` at which each id stands."""
    is_repeated: bool
    """An id stands at several of `free`."""
    groups: int
    """How many different sets of categories the catalogue has for them; the first is empty: it knows none."""
    groups_of: Mapping[str, tuple[int, ...]]
    """The sets that a category is in, by number."""
    by_position: Callable[[Sequence[float]], Sequence[float]]
    """A value for each group as one for each position."""
    ungrouped: tuple[int, ...]
    """Positions with an id of which the catalogue knows no categories."""
    unknown: tuple[int, ...]
    """Those that the catalogue does not have at all."""
    sold_out: frozenset[int]


def joined(items: Sequence[Listed], catalogue: Mapping[str, Product], pin: Collection[int] = ()) -> Candidates:
    """The items of a list with what the catalogue has of them; `pin` holds 1-based positions."""
    ids = tuple([item.id for item in items])
    products = tuple([None if product_id is None else catalogue.get(product_id) for product_id in ids])
    positions: dict[str, tuple[int, ...]] = {}
    groups: dict[tuple[str, ...], int] = {(): 0}
    group_of = []
    for position, (product_id, product) in enumerate(zip(ids, products, strict=True)):
        if product_id is not None:
            positions[product_id] = (*positions.get(product_id, ()), position)
        categories = () if product is None else product.categories
        group_of.append(groups.setdefault(categories, len(groups)))
    groups_of: dict[str, tuple[int, ...]] = {}
    for categories, group in groups.items():
        for category in categories:
            groups_of[category] = (*groups_of.get(category, ()), group)
    known = tuple([position for position, product_id in enumerate(ids) if product_id is not None])
    free = tuple([position for position in known if position + 1 not in pin])
    places = {cast("str", ids[position]): position for position in reversed(free)}
    return Candidates(
        ids=ids,
        free=free,
        products=products,
        positions=positions,
        places=places,
        is_repeated=len(places) < len(free),
        groups=len(groups),
        groups_of=groups_of,
        by_position=_picking(group_of),
        ungrouped=tuple([position for position in known if not group_of[position]]),
        unknown=tuple([position for position in known if products[position] is None]),
        sold_out=frozenset(at for at, product in enumerate(products) if product is not None and product.sold_out),
    )


def _picking(places: Sequence[int]) -> Callable[[Sequence[float]], Sequence[float]]:
    """Takes the values at these places."""
    return itemgetter(*places) if len(places) > 1 else lambda values: [values[place] for place in places]


class JoinedLists:
    """Lists joined lately with the catalogue as it is now: one snapshot is kept alive, never the ones before it."""

    __slots__ = ("_catalogue", "_items", "_kept")

    def __init__(self) -> None:
        self._catalogue: Mapping[str, Product] | None = None
        self._kept: dict[tuple[int, frozenset[int]], tuple[Sequence[Listed], Candidates]] = {}
        self._items = 0

    def of(self, items: Sequence[Listed], catalogue: Mapping[str, Product], pin: frozenset[int]) -> Candidates:
        """`joined`, remembered. The catalogue may not be changed afterwards; one that has learnt is a new object."""
        if type(items) is not tuple:  # another list may be in its place at the next look
            return joined(items, catalogue, pin)
        if catalogue is not self._catalogue:
            self._kept.clear()
            self._items = 0
            self._catalogue = catalogue
        key = id(items), pin
        kept = self._kept.get(key)
        if kept is not None:
            return kept[1]
        candidates = joined(items, catalogue, pin)
        # The list is kept beside its candidates: while it lives, no other object has its id.
        self._kept[key] = (items, candidates)
        self._items += len(items)
        while self._items > REMEMBERED:
            oldest, _ = self._kept.pop(next(iter(self._kept)))
            self._items -= len(oldest)
        return candidates
