"""The catalogue's snapshots by number: what was worked out from one is kept with that, and keeps none of them alive."""

from collections.abc import Mapping

from clicks.catalogue import Product


class Snapshots:
    """Counts them. A snapshot is never changed; a catalogue that has learnt is another object."""

    __slots__ = ("_latest", "_number")

    def __init__(self) -> None:
        self._latest: Mapping[str, Product] | None = None
        self._number = 0

    def number(self, snapshot: Mapping[str, Product]) -> int:
        """The same for the very object of the call before, else one that no other had."""
        if snapshot is not self._latest:
            self._latest = snapshot
            self._number += 1
        return self._number
