"""From a located element to its byte ranges: explicit and implied ends, void elements.

The rules are HTML's optional tags (13.1.2.4) read backwards: an element without an end tag ends where its next sibling
element starts, or where its parent ends. Whatever cannot be told for sure is NOWHERE, and edits of it are refused.
"""

import sys

from turbohtml import Element, Namespace, Node

from transforms.page.anatomy import NO_ATTRIBUTES, NOWHERE, VOID, Span, Unit


def within_tables(parent: Node | None) -> list[Span]:
    """The extents of the tables among the children of `parent`: a sibling inside one was foster-parented."""
    spans: list[Span] = []
    for child in parent.children if parent is not None else ():
        if isinstance(child, Element) and child.tag == "table":
            location = child.source_location
            if location is not None:
                end = location.end_tag
                spans.append((location.start_tag[2], sys.maxsize if end is None else end[2]))
    return spans


def nowhere(tag: str, parent: int) -> Unit:
    """The unit of an element that has no place in the source, or not where it is in the tree."""
    return Unit(tag, NOWHERE, NOWHERE, NOWHERE, NOWHERE, False, False, parent, NO_ATTRIBUTES)


def unit_of(element: Element, view: str, page_end: int, parent: int, *, with_attributes: bool) -> Unit:
    """The extent of `element` on `view`, whose body ends at `page_end`."""
    location = element.source_location
    tag = element.tag
    is_html = element.namespace is Namespace.HTML
    if tag == "body" and is_html:
        if location is None:
            return Unit(tag, NOWHERE, NOWHERE, page_end, NOWHERE, False, False, parent, NO_ATTRIBUTES)
        attributes = {name: (span[2], span[5]) for name, span in location.attrs.items()}
        content_start = location.start_tag[5]
        return Unit(tag, location.start_tag[2], content_start, page_end, NOWHERE, False, False, parent, attributes)
    if location is None:
        return nowhere(tag, parent)
    start_tag, end_tag, spans = location
    start, content_start = start_tag[2], start_tag[5]
    if with_attributes and spans:
        attributes = {name: (span[2], span[5]) for name, span in spans.items()}
    else:
        attributes = NO_ATTRIBUTES  # type: ignore[assignment]
    if end_tag is not None:
        return Unit(tag, start, content_start, end_tag[2], end_tag[5], True, False, parent, attributes)
    if (tag in VOID) if is_html else view.endswith("/>", start, content_start):
        return Unit(tag, start, content_start, content_start, content_start, True, True, parent, attributes)
    end = implied_end(element, page_end)
    if end < content_start:
        end = NOWHERE
    return Unit(tag, start, content_start, end, end, False, False, parent, attributes)


def implied_end(element: Element, page_end: int) -> int:
    """Where an element without an end tag ends, or NOWHERE."""
    node: Node | None = element
    while node is not None:
        sibling = node.next_sibling
        if sibling is not None:
            location = sibling.source_location if isinstance(sibling, Element) else None
            return NOWHERE if location is None else location.start_tag[2]
        node = node.parent
        if not isinstance(node, Element) or node.tag in ("html", "head"):
            return NOWHERE
        if node.tag == "body":
            return page_end
        location = node.source_location
        if location is not None and location.end_tag is not None:
            return location.end_tag[2]
    return NOWHERE
