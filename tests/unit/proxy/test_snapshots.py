"""Snapshots are told apart by number, and only the latest is kept alive."""

import gc
import weakref
from collections import UserDict

from clicks.catalogue import Product
from proxy.snapshots import Snapshots


class Known(UserDict[str, Product]):
    """A snapshot that says when it is gone."""


def test_each_snapshot_has_a_number_of_its_own() -> None:
    snapshots = Snapshots()
    first, second = Known(), Known()
    numbers = [snapshots.number(each) for each in (first, first, second, second, first)]
    assert numbers == [1, 1, 2, 2, 3]


def test_only_the_latest_is_kept() -> None:
    snapshots = Snapshots()
    first = Known()
    gone = weakref.ref(first)
    snapshots.number(first)
    snapshots.number(Known())
    del first
    gc.collect()
    assert gone() is None
