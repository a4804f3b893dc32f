"""Edits: the only way to change a page. They are values; the engine turns them into byte ranges or refuses them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from transforms.page.stretch import Standing

Position = Literal["before", "after", "start", "end"]

POSITIONAL: Final = ("first", "last", "odd", "even")
"""Class tokens that say where a block stands, unless others are named."""


class Target(Struct, frozen=True):
    """The `index`-th match (document order) of the query named `query`."""

    query: str
    index: int = 0


class Text(Struct, frozen=True):
    """Untrusted text: it is escaped for the place it lands in and can never become markup."""

    value: str


class Markup(Struct, frozen=True):
    """The operator's own HTML, already with escaped values; sent as ASCII with character references."""

    value: str


Payload = Text | Markup


class Insert(Struct, frozen=True):
    """Insert beside ("before", "after") or inside ("start", "end") the target."""

    target: Target
    position: Position
    payload: Payload


class Replace(Struct, frozen=True):
    """Replace the whole target, tags included."""

    target: Target
    payload: Payload


class Remove(Struct, frozen=True):
    """Remove the whole target, tags included."""

    target: Target


class SetText(Struct, frozen=True):
    """Replace the content of the target by text."""

    target: Target
    text: Text


class SetAttribute(Struct, frozen=True):
    """Set an attribute of the target's start tag (added when absent, replaced otherwise)."""

    target: Target
    name: str
    value: str


class Reorder(Struct, frozen=True):
    """Permute the matches of a query, siblings or cells of one grid: position i shows the unit from `order[i]`.

    `order` is a permutation of range(number of matches). Units are moved as their very bytes; the gaps between them
    stay where they were. Class tokens named in `positional` (first, last, odd, even, …) stay with the position.
    """

    query: str
    order: tuple[int, ...]
    positional: tuple[str, ...] = POSITIONAL


Edit = Insert | Replace | Remove | SetText | SetAttribute | Reorder


class Change(NamedTuple):
    """One byte range of the origin's body and what stands there now; an insertion has an empty range.

    For a reorder `moved` holds, per position that changed, the (start, end) of the unit's source bytes: the units that
    stood at `sorted(moved)` are replaced by those at `moved`, one for one, and what lies between stays. `rewrites`
    holds (start, end, bytes) for positional class tokens changed inside the moved units, in source offsets.
    """

    edit: int
    kind: str
    start: int
    end: int
    replacement: bytes
    moved: tuple[tuple[int, int], ...] = ()
    rewrites: tuple[tuple[int, int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that was not made, with its reason (SELECTOR_MISS, GATE_REFUSED, …) and a detail for the operator."""

    edit: int
    reason: str
    detail: str


class Spliced(Struct, frozen=True):
    """The outcome of a splice; without an applied edit `body` is the very object that came in.

    `told` are the changes, or who tells them: most pages are sent without anybody asking. `kept` tells of stretches.
    """

    body: bytes
    told: tuple[Change, ...] | Callable[[], tuple[Change, ...]]
    refused: tuple[Refused, ...]
    kept: Callable[[], Sequence[Standing]] | None = None

    @property
    def stretches(self) -> Sequence[Standing]:
        """Long runs of `body` that are the same on all pages of the template, in turn; worked out at each look."""
        return () if self.kept is None else self.kept()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was changed, in the order of its places; worked out anew at each look."""
        return self.told if isinstance(self.told, tuple) else self.told()
