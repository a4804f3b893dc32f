"""From a located element to its byte ranges: explicit and implied ends, void elements, the end of body.

The rules are HTML's optional tags (13.1.2.4) read backwards: an element without an end tag ends where its next sibling
element starts, or where its parent ends. Whatever cannot be told for sure is NOWHERE, and edits of it are refused.
"""

import re
import sys

from turbohtml import Element, Namespace, Node

from transforms.page.anatomy import NO_ATTRIBUTES, NOWHERE, VOID, Span, Unit

_BODY_END = re.compile(r"</body[\t\n\f\r />]", re.IGNORECASE)
_HTML_END = re.compile(r"</html[\t\n\f\r />]", re.IGNORECASE)
# Possessive, as each piece can be read in one way only: blanks at the end of a page must not be tried in all groupings.
_NOTHING_LATE = re.compile(r"(?:</(?:body|html)[^>]*+>|[\t\n\f\r ]++|<!--(?:[^-]|-(?!->))*+-->)*+\Z", re.IGNORECASE)
_WINDOW = 65536


def body_end(view: str, end_tag: int = NOWHERE) -> int:
    """Where content at the end of body goes: before its end tag, or at the very end when content follows that.

    Without a located end tag the last in the source is taken; the gate proves whichever it is.
    """
    for pattern in (_BODY_END, _HTML_END):
        if end_tag == NOWHERE:
            for match in pattern.finditer(view, max(0, len(view) - _WINDOW)):
                end_tag = match.start()
    if end_tag == NOWHERE or _NOTHING_LATE.match(view, end_tag) is None:
        return len(view)
    return end_tag


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


def unit_of(element: Element, view: str, parent: int, *, with_attributes: bool) -> Unit:
    """The extent of `element` on `view`."""
    location = element.source_location
    tag = element.tag
    is_html = element.namespace is Namespace.HTML
    if tag == "body" and is_html:
        if location is None:
            return Unit(tag, NOWHERE, NOWHERE, body_end(view), NOWHERE, False, False, parent, NO_ATTRIBUTES)
        end = body_end(view, NOWHERE if location.end_tag is None else location.end_tag[2])
        attributes = {name: (span[2], span[5]) for name, span in location.attrs.items()}
        content_start = location.start_tag[5]
        return Unit(tag, location.start_tag[2], content_start, end, NOWHERE, False, False, parent, attributes)
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
    end = implied_end(element, view)
    if end < content_start:
        end = NOWHERE
    return Unit(tag, start, content_start, end, end, False, False, parent, attributes)


def implied_end(element: Element, view: str) -> int:
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
            return body_end(view)
        location = node.source_location
        if location is not None and location.end_tag is not None:
            return location.end_tag[2]
    return NOWHERE
