"""Rows of a body of which no template is kept: most values are the tree's, so that their places need not be found.

Invariant: these are the rows that `rows_of` reads at the places, but for content that a parser moves (out of tables, or
of `<a>` in `<a>`), where the tree has what visitors see. It is built on the latin-1 view: what is ASCII there means the
same in every encoding that is let through; all else is read from the bytes.
"""

from types import MappingProxyType

from turbohtml import Element

from transforms.page.anatomy import NOWHERE
from transforms.page.charset import Encoding
from transforms.page.facts import fold, read
from transforms.page.locate import Located, Rows, from_tree, rows_by
from transforms.page.query import Field, Query, Row


def tree_rows(located: Located, encoding: Encoding) -> Rows:
    """The facts of a located body."""
    has_templates = located.document.select_one("template") is not None
    values: dict[tuple[Element, str], str | None] = {}

    def value(target: Element, taken: Field) -> str | None:
        key = target, taken.take
        if key not in values:
            values[key] = _value(target, taken, located, encoding)
        return values[key]

    def row(query: Query, _: int, element: Element) -> Row:
        found: dict[str, str | None] = {}
        for taken in query.fields:
            target = element.select_one(taken.css) if taken.css else element
            if target is not None and has_templates and taken.css and target.closest("template") is not None:
                target = None
            found[taken.name] = None if target is None else value(target, taken)
        return MappingProxyType(found)

    return rows_by(located, row)


def _value(target: Element, taken: Field, located: Located, encoding: Encoding) -> str | None:
    value = target.text if taken.take == "text" else target.attr(taken.take)
    if value is None or value.isascii():
        return None if value is None else fold(value)
    place = located.place(target, taken)
    if place is None:
        return None
    if place.start == NOWHERE:
        return from_tree(target, taken, encoding)
    return read(located.body[place.start : place.end], place.kind, encoding)
