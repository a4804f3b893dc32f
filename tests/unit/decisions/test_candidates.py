"""Lists joined with the catalogue: remembered by the very list and snapshot, up to so many items in all."""

from clicks.catalogue import Product
from clicks.facts import Listed
from decisions.candidates import REMEMBERED, JoinedLists

CATALOGUE = {str(n): Product(str(n), f"Disco {n}", 900, ("Discos",)) for n in range(9)}
PINNED: frozenset[int] = frozenset()


def listed(count: int) -> tuple[Listed, ...]:
    return tuple([Listed(str(n % 9)) for n in range(count)])


def test_a_list_is_joined_once_with_a_snapshot() -> None:
    lists, items = JoinedLists(), listed(9)
    first = lists.of(items, CATALOGUE, PINNED)
    assert lists.of(items, CATALOGUE, PINNED) is first
    assert lists.of(items, CATALOGUE, frozenset({1})) is not first
    assert lists.of(listed(9), CATALOGUE, PINNED) is not first
    assert lists.of(items, dict(CATALOGUE), PINNED) is not first


def test_as_many_pages_as_have_templates_are_remembered_and_the_oldest_forgotten() -> None:
    lists = JoinedLists()
    kept = [listed(50) for _ in range(2000)]
    known = [lists.of(items, CATALOGUE, PINNED) for items in kept]
    assert all(lists.of(items, CATALOGUE, PINNED) is one for items, one in zip(kept, known, strict=True))
    lists.of(listed(51), CATALOGUE, PINNED)
    assert lists.of(kept[2], CATALOGUE, PINNED) is known[2]
    assert lists.of(kept[0], CATALOGUE, PINNED) is not known[0]


def test_a_list_longer_than_all_of_them_together_is_not_kept() -> None:
    lists, items = JoinedLists(), listed(REMEMBERED + 1)
    assert lists.of(items, CATALOGUE, PINNED) is not lists.of(items, CATALOGUE, PINNED)
