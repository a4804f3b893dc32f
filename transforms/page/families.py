"""What the engines of one shop have learnt, by page: bounded together, and what was not asked for longest leaves first.

Invariant: there are never more templates, nor more bytes of them, than the limits say, whichever engine learnt them.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from transforms.page.family import Family
from transforms.page.limits import PageLimits, TemplateKey
from transforms.page.readings import Readings

Key = tuple[int, TemplateKey]
"""An engine's number, and the key of its page."""


class Families:
    """Families by page and engine. Tell it of every change of a family's size with `keep`."""

    __slots__ = ("_engines", "_families", "_limits", "readings", "size", "templates")

    def __init__(self, limits: PageLimits) -> None:
        self._limits = limits
        self._families: OrderedDict[Key, Family] = OrderedDict()
        self._engines = 0
        self.readings = Readings()
        """Rows of blocks of pages that are never alike."""
        self.templates = 0
        """How many there are."""
        self.size = 0
        """Their bytes, but for small objects."""

    def join(self) -> int:
        """The number of a further engine."""
        self._engines += 1
        return self._engines

    def get(self, key: Key) -> Family | None:
        """What is known of a page; asking does not count as use."""
        return self._families.get(key)

    def used(self, key: Key) -> None:
        """The page was asked for."""
        self._families.move_to_end(key)

    def keep(self, key: Key, family: Family, before: tuple[int, int]) -> None:
        """Account for what `family` learnt since it had `before` (templates, bytes), and make room."""
        if key in self._families:
            self.templates -= before[0]
            self.size -= before[1]
        self._families[key] = family
        self.templates += len(family.templates)
        self.size += family.size
        limits = self._limits
        while len(self._families) > 1 and (
            self.templates > limits.max_templates
            or self.size > limits.max_template_bytes
            or len(self._families) > limits.max_templates
        ):
            _, dropped = self._families.popitem(last=False)
            self.templates -= len(dropped.templates)
            self.size -= dropped.size

    def pages(self) -> Sequence[Key]:
        """The pages that something is known of, the one asked for last at the end."""
        return tuple(self._families)

    def __iter__(self) -> Iterator[Family]:
        """What is known of them, in the same order."""
        return iter(self._families.values())
