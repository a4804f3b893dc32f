"""Outlines: the elements of a parsed body by their places in the source, and the slots where its text may vary.

A node is *tidy* when every tag in its source range belongs to an element of its own that is opened and closed there,
nested as in the tree. A parser that has read a tidy node is in the state it was in before: same open elements, same
list of formatting elements, same insertion mode. So tidy children of one parent may come in any number and order
without any change to the tree around them. Invariant: whatever is not fully understood is not tidy and holds no slot.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from turbohtml import Element, Namespace

from transforms.page.anatomy import RAW, RCDATA, VOID
from transforms.page.candidate import Digest
from transforms.page.contexts import is_fixed
from transforms.page.locate import Located, value_span
from transforms.page.slots import is_fit

COMMENT = re.compile(rb"<!--(?!-?>)(?:[^-]|-(?!-!?>))*-->")
_STRING = re.compile(rb"(?<=[\"'])[^<>\"'&\\\n\x00]+(?=[\"'])")
_DOCTYPE = re.compile(rb"<!doctype[^>]*>", re.IGNORECASE)
_BLANK = b" \t\n\r\f"
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905
_IMPLIED = frozenset(["html", "head", "body", "tbody", "colgroup"])
_OUTER = frozenset(["html", "head", "body", "frameset", "frame", "plaintext", "template"])
_ROWS = frozenset(["table", "tbody", "thead", "tfoot", "tr"])
"""Elements whose own text a parser puts elsewhere."""
_NO_REGION = _OUTER | RAW | RCDATA | {"select", "option", "optgroup", "pre", "listing", "colgroup", "a", "button"}
_LISTS = frozenset(["ul", "ol", "menu"])


class Slot(NamedTuple):
    """A place whose content may vary; `kind` as in `transforms.page.slots`."""

    start: int
    end: int
    kind: str


class Node:
    """An element with its source range. `kids` leave out what a parser implies between a table and its rows."""

    __slots__ = (
        "context",
        "element",
        "end",
        "implies",
        "inner",
        "is_closed",
        "is_tidy",
        "kids",
        "number",
        "parent",
        "start",
        "stop",
    )

    def __init__(self, element: Element, parent: "Node | None", start: int, inner: int, stop: int, end: int) -> None:
        self.element = element
        self.parent = parent
        self.start = start
        self.inner = inner
        """Where the content begins; `stop` is where it ends."""
        self.stop = stop
        self.end = end
        self.is_closed = stop >= 0
        """Its end tag is in the source."""
        self.is_tidy = False
        self.implies = False
        """Its kids close one another (`li`), or stand in an implied `tbody`."""
        self.context = 0
        self.number = 0
        """Which kid of its parent it is."""
        self.kids: list[Node] = []


@dataclass(frozen=True, slots=True)
class Outline:
    """The nodes of a body in document order, its slots in order, and a hash of what the nodes of each context hold.

    A context is a hash of the start tags from the root down, without the values that may vary.
    """

    located: Located
    nodes: list[Node]
    slots: list[Slot]
    contents: dict[int, int]
    tables: list[Node]
    may_repeat: bool
    """No formatting element is left open and no frameset is there: regions may be opened."""
    are_forms_tidy: bool
    """Every form is tidy, so a parser is inside of one exactly where the tree is."""
    digest: Digest

    def can_repeat(self, node: Node) -> bool:
        """Whether the content of `node` may be any sequence of its tidy children."""
        if not (self.may_repeat and node.is_tidy and node.is_closed and node.inner < node.stop):
            return False
        if node.element.tag in _NO_REGION:
            return False
        ancestors: list[Node] = []
        above = node.parent
        while above is not None:
            if above.element.tag in _FORMATTING or above.element.tag in ("select", "button"):
                return False
            ancestors.append(above)
            above = above.parent
        # What a parser put before a table stands in the table's source: there its state is not told by the tree.
        return all(
            table in ancestors or node.start < table.start or (table.is_closed and table.end <= node.start)
            for table in self.tables
            if table is not node
        )

    def region_key(self, node: Node) -> int:
        """What blocks of a region are kept under: all that a parser's state depends on where the region begins."""
        return _hash(self.digest, (node.context, node.implies, self.are_forms_tidy))

    @staticmethod
    def holds_text(node: Node) -> bool:
        """Whether text may stand directly in `node` when it is a region."""
        return not node.implies and node.element.tag not in _ROWS and node.element.tag not in _LISTS


def outline(located: Located, protected: frozenset[str], digest: Digest) -> Outline | None:
    """The outline of a body; None when it holds what cannot be told apart by source ranges (clones, templates).

    Outlines made in two processes compare if their `digest` is of one key.
    """
    if located.document.select_one("template, frameset, plaintext") is not None:
        return None
    root = located.document.select_one("html")
    if root is None:
        return None
    nodes: list[Node] = []
    slots: list[Slot] = []
    tags: list[tuple[int, int, Node, bool]] = []
    doctype = _DOCTYPE.search(located.body, 0, 4096)
    seed = digest(b"" if doctype is None else doctype[0].lower())
    known: dict[tuple[int, tuple[object, ...]], int] = {}
    is_even = True
    todo: list[tuple[Element, Node | None]] = [(root, None)]
    while todo:
        element, parent = todo.pop()
        node = _node(located, element, parent, slots, protected, seed, known, digest)
        if node is None:
            return None
        nodes.append(node)
        if node.start >= 0:
            tags.append((node.start, node.inner, node, False))
            if node.is_closed and node.stop < node.end:
                tags.append((node.stop, node.end, node, True))
        if element.tag in _FORMATTING and not node.is_closed:
            is_even = False
        todo += [(child, node) for child in reversed(element.children) if isinstance(child, Element)]
    tags.sort(key=lambda tag: tag[:2])
    if any(left[1] > right[0] for left, right in pairwise(tags)):
        return None
    _text_slots(located.body, tags, slots)
    slots.sort()
    held: dict[int, list[int]] = {}
    for node in reversed(nodes):
        _judge(node, located.body, held, digest)
    tables = [node for node in nodes if node.element.tag == "table"]
    are_forms_tidy = all(node.is_tidy for node in nodes if node.element.tag == "form")
    # Nodes that hold the same count as one: two cards are no other content than one of them.
    contents = {context: all_[0] if len({*all_}) == 1 else _hash(digest, all_) for context, all_ in held.items()}
    may_repeat = is_even and b"<frameset" not in located.body.lower()
    return Outline(located, nodes, slots, contents, tables, may_repeat, are_forms_tidy, digest)


def _node(
    located: Located,
    element: Element,
    parent: Node | None,
    slots: list[Slot],
    protected: frozenset[str],
    seed: int,
    known: dict[tuple[int, tuple[object, ...]], int],
    digest: Digest,
) -> Node | None:
    """The node of an element, its values' slots added; `known` are the contexts worked out before."""
    location = element.source_location
    tag = element.tag
    if location is None:
        if tag not in _IMPLIED:
            return None  # a clone, or a row without a start tag
        node = Node(element, parent, -1, -1, -1, -1)
        label: tuple[object, ...] = (tag,)
    else:
        start_tag, end_tag, spans = location
        is_html = element.namespace is Namespace.HTML
        stop, end = (-1, -1) if end_tag is None else (end_tag[2], end_tag[5])
        if end_tag is None and is_html and tag in VOID:
            stop = end = start_tag[5]
        node = Node(element, parent, start_tag[2], start_tag[5], stop, end)
        named: list[object] = [tag]
        for name, value in element.attrs.items():
            stays = is_fixed(element, name, protected)
            named.append((name, str(value)) if stays else name)
            span = spans.get(name)
            if stays or span is None or not is_html:
                continue
            first, last = value_span(located.view, span[2], span[5])
            quote = located.view[last] if first < last < span[5] else ""
            if quote in ('"', "'") and located.view[first - 1] == quote and is_fit(quote, located.body[first:last]):
                slots.append(Slot(first, last, quote))
        label = tuple(named)
    way = seed if parent is None else parent.context, label
    node.context = known.get(way) or known.setdefault(way, _hash(digest, way))
    if parent is not None and (location is not None or tag != "tbody"):
        holder = parent
        if parent.element.tag == "tbody" and parent.start < 0 and parent.parent is not None:
            holder = parent.parent
            holder.implies = True
        node.number = len(holder.kids)
        holder.kids.append(node)
    return node


def _text_slots(body: bytes, tags: list[tuple[int, int, Node, bool]], slots: list[Slot]) -> None:
    """Text and comments between tags; strings inside of scripts."""
    for (_, start, node, is_end), following in zip(tags, [*tags[1:], None], strict=True):
        end = len(body) if following is None else following[0]
        if start >= end:
            continue
        tag = node.element.tag
        if not is_end and tag in RAW and node.element.namespace is Namespace.HTML:
            if tag == "script" and following is not None and following[2] is node:
                for found in _STRING.finditer(body, start, end):
                    kind = "s" if body[found.end()] == 34 else "S"
                    slots.append(Slot(*found.span(), kind))
            continue
        if node.element.namespace is not Namespace.HTML:
            continue
        at = start
        while at < end:
            mark = body.find(b"<", at, end)
            edge = end if mark < 0 else mark
            if at < edge and following is not None and is_fit("t", body[at:edge]):
                slots.append(Slot(at, edge, "t"))
            comment = None if mark < 0 else COMMENT.match(body, mark, end)
            if comment is None:
                break
            at = comment.end()
            # The white space before the end mark stays: a gap may not touch what ends the comment.
            if body[at - 4 : at - 3].isspace() and is_fit("c", body[mark + 4 : at - 4]):
                slots.append(Slot(mark + 4, at - 4, "c"))


def _judge(node: Node, body: bytes, held: dict[int, list[int]], digest: Digest) -> None:
    """Whether it is tidy, and what its content is made of; its kids were judged before."""
    element = node.element
    if node.start < 0 or element.namespace is not Namespace.HTML or element.tag in _OUTER:
        return
    if not node.is_closed:
        # Without an end tag: a list item ends where the next one begins or where the list ends.
        above = node.parent
        if element.tag != "li" or above is None or above.element.tag not in _LISTS or above.stop < 0:
            return
        after = above.kids[node.number + 1] if node.number + 1 < len(above.kids) else None
        node.stop = node.end = above.stop if after is None else after.start
        above.implies = True
    is_tidy = True
    at = node.inner
    made: list[object] = []
    if element.tag not in RAW and element.tag not in RCDATA:
        for kid in node.kids:
            is_tidy = is_tidy and kid.is_tidy and at <= kid.start and kid.end <= node.stop
            is_tidy = is_tidy and _between(body[at : kid.start], made)
            made.append(kid.context)
            at = kid.end
        is_tidy = is_tidy and _between(body[at : node.stop], made)
    if node.implies:
        only = "li" if element.tag in _LISTS else "tr"
        is_tidy = is_tidy and all(kid.element.tag == only for kid in node.kids)
    node.is_tidy = is_tidy and node.inner <= node.stop
    if node.is_tidy:
        held.setdefault(node.context, []).append(_hash(digest, made))


def _hash(digest: Digest, values: object) -> int:
    """A hash of plain values that is the same in every process with the digest's key."""
    return digest(repr(values).encode("utf-8", "surrogatepass"))


def _between(stretch: bytes, made: list[object]) -> bool:
    """Whether what stands between two children is white space, text and whole comments; noted in `made`."""
    if not stretch.strip(_BLANK):
        made.append(stretch)
        return True
    if b"<" in stretch:
        made.append(b"<!")
        stretch = COMMENT.sub(b"", stretch)
    else:
        made.append(b"t")
    return b"<" not in stretch and b"\0" not in stretch
