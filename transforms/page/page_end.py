"""The end of a page: where content at the end of body goes, and what must be closed there first.

Invariant: what is put there, after those end tags, is body's last child, and nothing else changes. The gate proves it;
here it is only worked out, in time linear in what is looked at.
"""

import re
from collections import Counter
from collections.abc import Hashable, Set

from turbohtml import Document, Element, Namespace

from transforms.page.anatomy import RAW, RCDATA, VOID

_BLANK = "\t\n\f\r "
_HAS_BLANK = re.compile(rb"[\t\n\f\r ]")
_END_TAG = re.compile(r"</(body|html)(?:[\t\n\f\r /][^<>\"']*)?>", re.IGNORECASE)
FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905
"""Elements that a parser opens anew in what follows while they have no end tag (HTML, 13.2.4.3)."""
_FORMATTING_CSS = ", ".join(sorted(FORMATTING))
_SCOPES = "td, th, caption, applet, marquee, object, template"
"""Elements at whose end a parser forgets the formatting elements left open inside of them."""
_MOST = 64
_ALIKE = 3
"""A parser remembers no more than three formatting elements that are alike."""

Formatting = dict[str, tuple[int, int]]
"""Per formatting element: how many the tree has of it, clones too, and how many end tags of it the source has."""


def body_end(view: str) -> int:
    """Where content at the end of body goes: before `</body>`, else before `</html>`, else at the very end.

    It is the very end, too, when content follows those tags. Read backwards: only blanks, comments and the two end
    tags may follow.
    """
    at = len(view)
    ends: dict[str, int] = {}
    while True:
        at = _without_blanks(view, at)
        if view.endswith("-->", 0, at):
            start = view.rfind("<!--", 0, max(0, at - 3))
        elif view.endswith(">", 0, at):
            start = view.rfind("</", 0, at)
            tag = None if start < 0 else _END_TAG.match(view, start, at)
            if tag is None or tag.end() != at:
                break
            ends[tag[1].lower()] = start
        else:
            break
        if start < 0:
            break
        at = start
    return ends.get("body", ends.get("html", len(view)))


def _without_blanks(view: str, at: int) -> int:
    """`at` before the blanks that stand directly before it."""
    while at > 0:
        chunk = view[max(0, at - 256) : at]
        kept = len(chunk.rstrip(_BLANK))
        at -= len(chunk) - kept
        if kept:
            break
    return at


def formatting(document: Document, source: bytes) -> Formatting:
    """What a page opens and closes of formatting elements; those it does not have are left out."""
    opened = Counter([element.tag for element in document.select(_FORMATTING_CSS)])
    lower = source.lower() if opened else b""
    return {tag: (count, lower.count(b"</%b>" % tag.encode("ascii"))) for tag, count in sorted(opened.items())}


def end_of_body(document: Document, source: bytes, page_end: int, known: Formatting) -> tuple[int, str]:
    """Where an element goes that is put at the end of body, and the end tags that must stand before it.

    These are of all that is still open at `page_end`, innermost first. Those of formatting elements come last, whether
    or not they are open: while one is remembered, it would be opened anew around what is inserted. None when something
    cannot be closed (raw text), or far too much is open.
    """
    body = document.select_one("body")
    if body is None:
        return page_end, ""
    tags: list[str] = []
    open_: set[Element] = {body}
    node = body
    while (children := node.children) and isinstance(last := children[-1], Element):
        node = last
        location = node.source_location
        is_html = node.namespace is Namespace.HTML
        if location is not None and location.end_tag is not None:
            break
        if is_html and (node.tag in VOID or node.tag in RAW or node.tag in RCDATA):
            break
        open_.add(node)
        if location is not None and not (is_html and node.tag in FORMATTING):
            tags.append(f"</{node.tag}>")
    tags.reverse()
    remembered = _remembered(document, known, open_)
    tags += [f"</{element.tag}>" for element in remembered]
    if len(tags) > _MOST:
        return page_end, ""
    if any(element not in open_ for element in remembered) and _HAS_BLANK.search(source, page_end):
        # Blanks after </body> open it anew, which they would not do any more were it closed before them.
        page_end = len(source)
    return page_end, "".join(tags)


def _remembered(document: Document, known: Formatting, open_: Set[Element]) -> list[Element]:
    """The formatting elements without an end tag that a parser would open anew at the end of the source."""
    # Most pages close all they open; only where end tags are missing is each looked at.
    unclosed = [tag for tag, (opened, closed) in known.items() if closed < opened]
    found: list[Element] = []
    alike: Counter[Hashable] = Counter()
    for element in document.select(", ".join(unclosed)) if unclosed else ():
        location = element.source_location
        if location is None or location.end_tag is not None:
            continue
        scope = element.closest(_SCOPES)
        if scope is None or scope in open_:
            key = (element.tag, str(sorted(element.attrs.items())))
            alike[key] += element not in open_
            if element in open_ or alike[key] <= _ALIKE:
                found.append(element)
    return found
