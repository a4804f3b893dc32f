"""Contexts: where on a parsed body a gap may be, so that no clean content of it can change the structure.

Inside quoted attribute values (but those that the parser, a selector or the page's encoding depends on), text, raw
text and comments that are fully understood; everywhere else, and wherever the source holds tags that the tree does not
know of, nothing may vary.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from turbohtml import Element, Namespace

from transforms.page.anatomy import RAW, RCDATA, Span
from transforms.page.locate import Located, value_span

PROTECTED = frozenset(["class", "id", "type", "encoding", "charset", "http-equiv", "rel", "shadowrootmode", "is"])
"""Attributes whose value the parser, a browser's encoding sniffing or nearly every selector reads."""

_DOCTYPE = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\f\r ]*<![dD][^>\[]*>")
_PIECE = re.compile(rb"[^<]+|</[a-zA-Z][a-zA-Z0-9:-]*[\t\n\f\r ]*>|<!--(?!-?>)(?:[^-]|-(?!-!?>))*-->")


def is_fixed(element: Element, name: str, protected: frozenset[str]) -> bool:
    """Whether the structure may depend on the value of an attribute; `protected` as in `attributes_used`."""
    return (
        name in PROTECTED
        or name in protected
        or f"{element.tag.lower()} {name}" in protected
        or (name == "content" and "http-equiv" in element.attrs)
    )


def may_vary(located: Located, gaps: Sequence[Span], protected: frozenset[str]) -> bool:
    """Whether every one of `gaps` is at a place where clean content cannot change the structure."""
    if not gaps:
        return True
    tags = []
    for element in located.document.select("*"):
        location = element.source_location
        if location is not None:
            tags.append((location.start_tag[2], element, location))
    tags.sort(key=lambda tag: tag[0])
    starts = [tag[0] for tag in tags]
    body = located.body
    for gap in gaps:
        number = bisect_right(starts, gap[0]) - 1
        following = starts[number + 1] if number + 1 < len(starts) else len(body)
        if number < 0:
            if not _in_text(body, 0, following, gap, is_prologue=True):
                return False
            continue
        _, element, location = tags[number]
        content = location.start_tag[5]
        if gap[0] < content:
            if not _in_value(located.view, element, location.attrs, gap, protected):
                return False
        elif (element.tag in RAW or element.tag in RCDATA) and element.namespace is Namespace.HTML:
            if location.end_tag is None:
                return False
            if gap[0] < location.end_tag[2]:
                if not _is_apart(body, gap) or (element.tag == "noscript" and not _is_value_like(body, gap)):
                    return False
            elif not _in_text(body, location.end_tag[2], following, gap):
                return False
        elif not _in_text(body, content, following, gap):
            return False
    return True


def _in_value(
    view: str, element: Element, spans: Mapping[str, tuple[int, ...]], gap: Span, protected: frozenset[str]
) -> bool:
    for name, span in spans.items():
        if span[2] <= gap[0] and gap[1] <= span[5]:
            start, end = value_span(view, span[2], span[5])
            if is_fixed(element, name, protected):
                return False
            return start <= gap[0] and gap[1] <= end < span[5] and view[end] in "\"'"
    return False


def _is_apart(body: bytes, gap: Span) -> bool:
    """No `<` directly before and no `>`, `-` or `!` directly after: nothing can be begun or ended with them."""
    return body[gap[0] - 1 : gap[0]] not in (b"<", b"") and body[gap[1] : gap[1] + 1] not in (b">", b"-", b"!", b"")


def _is_value_like(body: bytes, gap: Span) -> bool:
    """For markup kept as text (noscript): a browser without scripts would see it inside an attribute value."""
    before = body[gap[0] - 1 : gap[0]]
    return before == b"&" or (before in (b'"', b"'") and body[gap[0] - 2 : gap[0] - 1] == b"=")


def _in_text(body: bytes, start: int, end: int, gap: Span, *, is_prologue: bool = False) -> bool:
    """Between two start tags: only text, plain end tags and whole comments there, and the gap in text or comment."""
    # After "&" the gap could spell a white-space reference, and blank text goes elsewhere in a table than other text.
    if not _is_apart(body, gap) or body[gap[0] - 1 : gap[0]] == b"&":
        return False
    at, inside = start, False
    if is_prologue:
        doctype = _DOCTYPE.match(body, start, end)
        at = doctype.end() if doctype is not None else start
        if gap[0] < at:
            return False
    while at < end:
        piece = _PIECE.match(body, at, end)
        if piece is None:
            return False
        if at <= gap[0] < piece.end():
            inside = gap[1] <= piece.end() and (body[at : at + 4] == b"<!--" or body[at : at + 1] != b"<")
        at = piece.end()
    return inside
