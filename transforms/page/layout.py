"""A layout: where a template's segments lie on one body, and what follows from that for its units."""

from collections.abc import Hashable, Sequence


class Layout:
    """Where each segment starts; bodies of equal layout share it, and with it what was derived from the offsets."""

    __slots__ = ("ends", "memo")

    def __init__(self, ends: Sequence[int]) -> None:
        self.ends = ends
        self.memo: dict[Hashable, object] = {}
        """Derived from offsets and from bytes that do not vary; lives as long as the layout."""
