"""The end of a page: where content at the end of body goes, and what must be closed there first.

Invariant: what is put at `body_end`, after `left_open`, is body's last child, and nothing before it changes. The gate
proves it; here it is only worked out, in time linear in what is looked at.
"""

import re
from collections import Counter

from turbohtml import Document, Element, Namespace

from transforms.page.anatomy import RAW, RCDATA, VOID

_BLANK = "\t\n\f\r "
_END_TAG = re.compile(r"</(body|html)(?:[\t\n\f\r /][^<>\"']*)?>", re.IGNORECASE)
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905
"""Elements that a parser opens anew in what follows while they have no end tag (HTML, 13.2.4.3)."""
_FORMATTING_CSS = ", ".join(sorted(_FORMATTING))
_SCOPES = "td, th, caption, applet, marquee, object, template"
"""Elements at whose end a parser forgets the formatting elements left open inside of them."""
_MOST = 64
_ALIKE = 3
"""A parser remembers no more than three formatting elements that are alike."""


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


def left_open(document: Document) -> str:
    """The end tags of what is still open at the end of the source, innermost first.

    Those of formatting elements come last, whether or not they are open: while one is remembered, it would be opened
    anew around what is inserted. "" when something cannot be closed (raw text), or far too much is open.
    """
    body = document.select_one("body")
    if body is None:
        return ""
    tags: list[str] = []
    open_: set[Element] = {body}
    node = body
    while node.children and isinstance(last := node.children[-1], Element):
        node = last
        location = node.source_location
        is_html = node.namespace is Namespace.HTML
        if location is not None and location.end_tag is not None:
            break
        if is_html and (node.tag in VOID or node.tag in RAW or node.tag in RCDATA):
            break
        open_.add(node)
        if location is not None and not (is_html and node.tag in _FORMATTING):
            tags.append(f"</{node.tag}>")
    tags.reverse()
    remembered: Counter[tuple[str, tuple[tuple[str, object], ...]]] = Counter()
    for element in document.select(_FORMATTING_CSS):
        location = element.source_location
        if location is None or location.end_tag is not None:
            continue
        scope = element.closest(_SCOPES)
        if scope is None or scope in open_:
            remembered[(element.tag, tuple(sorted(element.attrs.items(), key=str)))] += 1
    for (tag, _), count in remembered.items():
        tags += [f"</{tag}>"] * min(count, _ALIKE)
    return "".join(tags) if len(tags) <= _MOST else ""
