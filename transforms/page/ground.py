"""The ground of edits: a located body, whether by a parse or by a template, as edits see it."""

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from transforms.page.anatomy import Span, Unit
from transforms.page.stretch import Standing


class Ground(Protocol):
    """The located body on which edits are planned."""

    @property
    def body(self) -> bytes:
        """The origin's bytes."""

    @property
    def memo(self) -> dict[tuple[str, ...], object]:
        """What was derived from units whose start tags do not vary; lives as long as the template."""

    @property
    def layout(self) -> Hashable:
        """The same for bodies of one template on which all offsets are the same."""

    @property
    def placed(self) -> dict[Hashable, object]:
        """What was derived from the offsets on this body as well; lives as long as their layout."""

    def units(self, name: str) -> Sequence[Unit] | None:
        """The extents of an editable query's matches; None when there is no such query."""

    @property
    def at(self) -> Callable[[int], int]:
        """Tells the place on this body of an offset of a unit."""

    def extents(self, name: str) -> Sequence[Span]:
        """(start, end) on this body of every unit of `name`."""

    def is_fixed(self, start: int, end: int) -> bool:
        """All between two offsets is kept in clear, and on all bodies of the template."""

    def stretches(self, start: int, end: int) -> Sequence[Standing]:
        """What lies between two offsets, is long, and known of all bodies of the template."""
