"""Where things are on a body, as plain numbers: what is left of a parse when the tree is gone.

Invariant: every offset is a byte offset at the edge of a tag, of a quoted attribute value or of the body, never inside
text that may vary; so offsets stay right when a gap between them grows or shrinks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

NOWHERE = -1
"""The offset of what has no place in the source (implied, cloned or moved elements)."""

Span = tuple[int, int]

VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split()  # noqa: SIM905
)
"""Elements without content or end tag (HTML, 13.1.2)."""

RAW = frozenset(["script", "style", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"])
"""Elements whose content is raw text: nothing is inserted there."""

RCDATA = frozenset(["title", "textarea"])
"""Elements whose content is text with character references: text may be set, markup may not."""


class Unit(NamedTuple):
    """The extent of one matched element; `parent` tells what may change places (siblings, cells of a grid: equal
    numbers) from others.

    `closed` says that the end tag is in the source; `end` of an implied end is the next element's start or the parent's
    end. All offsets are NOWHERE when the element, or its end, has no place in the source.
    """

    tag: str
    start: int
    content_start: int
    content_end: int
    end: int
    closed: bool
    void: bool
    parent: int
    attributes: Mapping[str, Span]
    in_select: bool = False
    """It is a `<select>` or inside one, where browsers of before and after 2025 build different trees."""
    left_open: str = ""
    """Of body: the end tags of what is open at its end, which come first when something is inserted there."""


class Place(NamedTuple):
    """Where a field's value stands: `kind` is "text", "rcdata", "raw" or "attribute"; None of it when absent."""

    name: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Per query: how many matches, their extents (editable queries), and the places of the fields of each."""

    counts: Mapping[str, int]
    units: Mapping[str, tuple[Unit, ...]]
    places: Mapping[str, tuple[tuple[Place, ...], ...]]
    is_opaque: bool
    """A field's value has no place in the source: it cannot be read again from a body of varying text."""


NO_ATTRIBUTES: Mapping[str, Span] = MappingProxyType({})
