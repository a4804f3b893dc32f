"""Locate: one parse with source locations, on a view of the body whose offsets are byte offsets.

Invariant: `view` has exactly one character per byte, so an offset found on it is an offset into the body.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import turbohtml
from turbohtml import Document, Element, Namespace, SourceLocation

from transforms.page.anatomy import NOWHERE, RAW, RCDATA, Anatomy, Place, Span, Unit
from transforms.page.charset import Encoding
from transforms.page.extents import nowhere, unit_of, within_tables
from transforms.page.facts import fold, read
from transforms.page.grid import is_one_grid
from transforms.page.page_end import Formatting, body_end, end_of_body, formatting
from transforms.page.query import Field, Query, Row

Rows = MappingProxyType[str, tuple[Row, ...]]

_NOT_PLAIN = RAW | RCDATA | {"body"}
_NO_OPTION = ":not(option):not(optgroup):not(hr)"
"""In a select, what browsers of before 2025 drop, or end the select for: they do not agree on any place in there."""
_VALUE = re.compile(r"=?[^=\t\n\f\r ]*[\t\n\f\r ]*=[\t\n\f\r ]*([\"'])?")


def view_of(body: bytes) -> str:
    """One character per byte: latin-1, CRLF as space and LF (parsers count it once), a UTF-8 BOM as three spaces."""
    view = body.decode("latin-1")
    if "\r" in view:
        view = view.replace("\r\n", " \n")
    if view.startswith("\xef\xbb\xbf"):
        view = "   " + view[3:]
    return view


@dataclass(frozen=True, slots=True)
class Located:
    """A parsed body: the tree, and per query the matched elements."""

    body: bytes
    view: str
    document: Document
    queries: Sequence[Query]
    elements: dict[str, list[Element]]
    page_end: int
    """Where content at the end of body goes."""
    _units: dict[str, tuple[Unit, ...]] = field(default_factory=dict)
    _places: dict[tuple[Element, str, str], Place | None] = field(default_factory=dict)
    _locations: dict[Element, SourceLocation | None] = field(default_factory=dict)
    memo: dict[object, object] = field(default_factory=dict)
    """What others worked out from the tree, to be worked out once."""

    def location(self, element: Element) -> SourceLocation | None:
        """Where the source has the element: the parser makes it anew at each look, which costs more than a query."""
        try:
            return self._locations[element]
        except KeyError:
            found = self._locations[element] = element.source_location
            return found

    def place(self, target: Element, taken: Field) -> Place | None:
        """Where the value of a field stands whose selector matches `target`. Lists of one page share most of them."""
        if taken.take != "text" and taken.take not in target.attrs:
            return None
        key = target, taken.take, taken.name
        try:
            return self._places[key]
        except KeyError:
            found = self._places[key] = _place_of(target, taken, self)
            return found

    @property
    def formatting(self) -> Formatting:
        """What the page opens and closes of formatting elements, counted once."""
        found = self.memo.get("formatting")
        if not isinstance(found, dict):
            found = self.memo["formatting"] = formatting(self.document, self.body)
        return found

    def units_by_name(self, name: str) -> tuple[Unit, ...]:
        """The extents of the matches of the editable query `name`, worked out once."""
        found = self._units.get(name)
        if found is None:
            query = next((query for query in self.queries if query.name == name), None)
            found = self._units[name] = () if query is None else self.units(query)
        return found

    def units(self, query: Query) -> tuple[Unit, ...]:
        """The extents of the matches of an editable query."""
        if not query.editable:
            return ()
        parents: dict[object, int] = {}
        tables: dict[int, list[Span]] = {}
        selects: dict[Element, bool] = {}
        has_tables = self.document.select_one("table") is not None
        has_selects = self.document.select_one("select") is not None
        found = []
        elements = self.elements[query.name]
        for element in elements:
            parent = parents.setdefault(element.parent, len(parents))
            unit = unit_of(element, self.view, self.page_end, parent, with_attributes=True)
            if unit.tag == "body":
                end, left_open = end_of_body(self.document, self.body, self.page_end, self.formatting)
                unit = unit._replace(content_end=end, left_open=left_open)
            if has_tables:
                if parent not in tables:
                    tables[parent] = within_tables(element.parent)
                if any(start < unit.start < end for start, end in tables[parent]):
                    unit = nowhere(unit.tag, parent)
            if has_selects and (select := element.closest("select")) is not None:
                if select not in selects:
                    selects[select] = select.select_one(_NO_OPTION) is not None
                unit = (nowhere(unit.tag, parent) if selects[select] else unit)._replace(in_select=True)
            found.append(unit)
        if len(parents) > 1 and is_one_grid(elements):
            found = [unit._replace(parent=0) for unit in found]
        return tuple(found)


def locate(body: bytes, queries: Sequence[Query]) -> Located:
    """Parse `body` and match every query; matches inside `<template>` do not count, as in a browser."""
    view = view_of(body)
    document = turbohtml.parse(view, source_locations=True, scripting=True, allow_declarative_shadow_roots=False)
    elements = {query.name: document.select(query.css) for query in queries}
    if document.select_one("template") is not None:
        elements = {name: [e for e in found if not _is_inert(e)] for name, found in elements.items()}
    return Located(body, view, document, queries, elements, body_end(view))


def _is_inert(element: Element) -> bool:
    return element.parent is not None and any(
        isinstance(ancestor, Element) and ancestor.tag == "template" for ancestor in element.ancestors
    )


def anatomy_of(located: Located) -> Anatomy:
    """All places on a located body as numbers."""
    units = {query.name: located.units_by_name(query.name) for query in located.queries}
    places: dict[str, tuple[tuple[Place, ...], ...]] = {}
    has_templates = located.document.select_one("template") is not None
    known: dict[tuple[Element, int], tuple[Place, ...]] = {}
    """By element and the very fields: two queries for the same of the same elements look once."""
    for query in located.queries:
        rows = []
        for element in located.elements[query.name] if query.fields else ():
            key = element, id(query.fields)
            row = known.get(key)
            if row is None:
                found = [_place(element, taken, located, has_templates=has_templates) for taken in query.fields]
                row = known[key] = tuple([place for place in found if place is not None])
            rows.append(row)
        places[query.name] = tuple(rows)
    is_opaque = any(place.start == NOWHERE for row in known.values() for place in row)
    counts = {name: len(found) for name, found in located.elements.items()}
    return Anatomy(counts, units, places, is_opaque)


def _place(element: Element, taken: Field, located: Located, *, has_templates: bool) -> Place | None:
    target = element.select_one(taken.css) if taken.css else element
    if target is None or (has_templates and taken.css and target.closest("template") is not None):
        return None
    return located.place(target, taken)


def _place_of(target: Element, taken: Field, located: Located) -> Place:
    location = located.location(target)
    if taken.take != "text":
        span = None if location is None else location.attrs.get(taken.take)
        if span is None:
            return Place(taken.name, "attribute", NOWHERE, NOWHERE)
        return Place(taken.name, "attribute", *value_span(located.view, span[2], span[5]))
    kind = "text"
    if location is not None and location.end_tag is not None and target.tag not in _NOT_PLAIN:
        return Place(taken.name, kind, location.start_tag[5], location.end_tag[2])
    unit = unit_of(target, located.view, located.page_end, 0, with_attributes=False)
    if target.namespace is Namespace.HTML:
        kind = "raw" if unit.tag in RAW else "rcdata" if unit.tag in RCDATA else "text"
    if NOWHERE in (unit.content_start, unit.content_end):
        return Place(taken.name, kind, NOWHERE, NOWHERE)
    return Place(taken.name, kind, unit.content_start, unit.content_end)


def value_span(view: str, start: int, end: int) -> tuple[int, int]:
    """The value inside `name="value"`, without quotes; empty at the end when there is none."""
    match = _VALUE.match(view, start, end)
    if match is None:
        return end, end
    quote = match[1]
    if quote and view[end - 1] == quote and end - 1 >= match.end():
        return match.end(), end - 1
    return match.end() - (1 if quote else 0), end


def rows_of(located: Located, anatomy: Anatomy, encoding: Encoding) -> Rows:
    """The facts of a located body."""
    values: dict[Place, str] = {}

    def row(query: Query, number: int, element: Element) -> Row:
        places = anatomy.places[query.name][number] if query.fields else ()
        return _row_of(element, query.fields, places, located, encoding, values)

    return rows_by(located, row)


def rows_by(located: Located, row: Callable[[Query, int, Element], Row]) -> Rows:
    """What `row` gives for each match of each query; asked once for the very fields of the same element."""
    facts: dict[str, tuple[Row, ...]] = {}
    known: dict[tuple[Element, int], Row] = {}
    for query in located.queries:
        rows = []
        for number, element in enumerate(located.elements[query.name]):
            key = element, id(query.fields)
            if key not in known:
                known[key] = row(query, number, element)
            rows.append(known[key])
        facts[query.name] = tuple(rows)
    return MappingProxyType(facts)


def _row_of(
    element: Element,
    fields: Sequence[Field],
    places: Sequence[Place],
    located: Located,
    encoding: Encoding,
    values: dict[Place, str],
) -> Row:
    """The row of one match; `values` are those read before."""
    row: dict[str, str | None] = dict.fromkeys(taken.name for taken in fields)
    for place in places:
        if place.start == NOWHERE:
            taken = next(taken for taken in fields if taken.name == place.name)
            target = element.select_one(taken.css) if taken.css else element
            row[place.name] = None if target is None else from_tree(target, taken, encoding)
            continue
        value = values.get(place)
        if value is None:
            value = values[place] = read(located.body[place.start : place.end], place.kind, encoding)
        row[place.name] = value
    return MappingProxyType(row)


def from_tree(target: Element, taken: Field, encoding: Encoding) -> str | None:
    """A value without a place in the source (cloned or implied element): from the tree, as well as can be."""
    value = target.text if taken.take == "text" else target.attr(taken.take)
    if value is None:
        return None
    try:
        return fold(encoding.decode(value.encode("latin-1")))
    except UnicodeEncodeError:
        return fold(value)
