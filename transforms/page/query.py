"""What the engine looks for on a page: selectors with the fields read from each match.

A query serves two ends at once: its matches are the targets of edits, and its fields are facts for decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Row = Mapping[str, str | None]
"""One match of a query: field name to value (text is white-space folded and decoded), None where absent."""


class Told(dict[str, str | None]):
    """A row that may be kept and be that of other pages, too: what is derived from it lives as long as it does."""

    __slots__ = ("derived",)

    def __init__(self) -> None:
        super().__init__()
        self.derived: object = None
        """Its reader's."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value read from a match: `css` relative to it ("" = the match itself); `take` is "text" or an attribute.

    With an empty `css` and take "text" the whole text of the match is read.
    """

    name: str
    css: str
    take: str


@dataclass(frozen=True, slots=True)
class Query:
    """A named selector. `editable` queries are targets of edits, so both engines must agree on their matches."""

    name: str
    css: str
    fields: tuple[Field, ...] = ()
    editable: bool = True
