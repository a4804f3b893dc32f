"""A page as a third engine sees it, html5lib or justhtml: a plain tree on which an edit can be made and compared.

Where these engines are known not to follow the standard they are corrected here, or not asked, each defect by its name.
So a dissent is never put aside: it is a fault of ours, or a defect to be named here after reading the standard.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from justhtml import JustHTML

from transforms.page import escape
from transforms.page.edits import Edit, Insert, Payload, Remove, Reorder, Replace, SetAttribute, SetText, Text

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import html5lib
    from html5lib.constants import specialElements
    from html5lib.html5parser import getPhases


class KnownDefect(Exception):  # noqa: N818 - no error of ours
    """A page that an engine builds against the standard; the message names the defect."""


def _with_blanks(name: str) -> Any:
    """Defect of html5lib: in table cells, captions and after `</body>` it inserts blanks as they are.

    By the standard (HTML, 13.2.6.4.11, .15 and .19) they are processed by the rules of "in body" there, which open
    formatting elements anew first, and drop the newline that begins a `<pre>`.
    """

    class Phase(getPhases(False)[name]):  # type: ignore[misc]
        __slots__ = ()

        def processSpaceCharacters(self, token: Any) -> Any:  # noqa: N802 - html5lib's name
            return self.parser.phases["inBody"].processSpaceCharacters(token)

    return Phase


SHORT_ADOPTION = "html5lib takes no more than three elements along in the adoption agency"
STRAY_ROW = "justhtml leaves svg and math at a stray part of a table in their HTML"
TEMPLATE_COLUMN = "justhtml opens elements in a column group of a template"
_INNER_LOOPS = 3
_FOREIGN = re.compile(r"<(svg|math)", re.IGNORECASE)
_COLUMN = re.compile(r"<template.*?<col[\s/>]", re.IGNORECASE | re.DOTALL)
_ROW = re.compile(r"<(?:tr|td|th|tbody|thead|tfoot|caption|col)", re.IGNORECASE)


def _watch_adoption(tree: Any) -> None:
    """Raise KnownDefect where html5lib's adoption agency would end too soon.

    By the standard (HTML, 13.2.6.4.7) its inner loop goes on to the formatting element, and forgets formatting elements
    from the fourth on; by the older rules of html5lib it ends after three elements, and leaves the others open.
    """
    find = tree.elementInActiveFormattingElements

    def found(name: str) -> Any:
        element = find(name)
        if element and element in tree.openElements:
            below = tree.openElements[tree.openElements.index(element) + 1 :]
            between = next((n for n, other in enumerate(below) if other.nameTuple in specialElements), 0)
            if between > _INNER_LOOPS:
                raise KnownDefect(SHORT_ADOPTION)
        return element

    tree.elementInActiveFormattingElements = found


_CORRECTED = {name: _with_blanks(name) for name in ("inCell", "inCaption", "afterBody")}


@dataclass(slots=True, eq=False)
class Node:
    """An element, or a comment (tag "!"); children are nodes and texts."""

    tag: str
    attributes: dict[str, str]
    children: "list[Node | str]" = field(default_factory=list)
    parent: "Node | None" = None

    def elements(self) -> "Iterator[Node]":
        """All elements in document order."""
        for child in self.children:
            if isinstance(child, Node) and child.tag != "!":
                yield child
                yield from child.elements()

    def skeleton(self, depth: int = 0) -> "Iterator[tuple[int, str]]":
        """Depth and tag of all elements in document order."""
        for child in self.children:
            if isinstance(child, Node) and child.tag != "!":
                yield depth, child.tag.lower()
                yield from child.skeleton(depth + 1)

    def shown(self, *, is_spaced: bool = True) -> str:
        """The tree as text, adjacent texts as one; without white space when that may move."""
        pieces: list[str] = []
        self._show(pieces)
        whole = "".join(pieces)
        return whole if is_spaced else "".join(whole.split())

    def _show(self, pieces: list[str]) -> None:
        pieces.append(f"\x01{self.tag} {sorted(self.attributes.items())}\x02")
        for child in self.children:
            if isinstance(child, Node):
                child._show(pieces)
            else:
                pieces.append(child)
        pieces.append("\x03")


def parse(view: str) -> Node:
    """The document's tree, as the standard wants html5lib to build it; KnownDefect where it cannot."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=True)
    parser.phases.update((name, phase(parser, parser.tree)) for name, phase in _CORRECTED.items())
    _watch_adoption(parser.tree)
    return _node(parser.parse(view, scripting=True), None)


def parse_justhtml(view: str) -> Node:
    """The document's tree by justhtml, which shows what is in a `<template>` as no element; KnownDefect as above.

    By the standard a stray `<tr>` in HTML inside of svg or math is ignored (13.2.6.4.7, reached by 13.2.6.5's rules for
    integration points); justhtml closes the svg for it. After a `<col>` directly in a template all but columns is
    ignored (13.2.6.4.12); justhtml opens it, a textarea with all that follows.
    """
    if _COLUMN.search(view) is not None:
        raise KnownDefect(TEMPLATE_COLUMN)
    for foreign in _FOREIGN.finditer(view):
        end = view.find(f"</{foreign[1]}", foreign.end())
        if _ROW.search(view, foreign.end(), len(view) if end < 0 else end) is not None:
            raise KnownDefect(STRAY_ROW)
    children = JustHTML(view, sanitize=False, scripting_enabled=True).root.children
    return _justhtml_node(next(child for child in children or () if child.name == "html"), None)


def parse_uncorrected(view: str) -> Node:
    """The document's tree as html5lib builds it by itself."""
    return _node(html5lib.HTMLParser(namespaceHTMLElements=True).parse(view, scripting=True), None)


def make(root: Node, edit: Edit, nodes: dict[str, list[Node]]) -> None:
    """Make an edit on the tree; `nodes` are the matches of each query."""
    match edit:
        case Insert(target, position, payload):
            _insert(nodes[target.query][target.index], position, payload)
        case Replace(target, payload):
            node = nodes[target.query][target.index]
            _insert(node, "before", payload)
            _take_out(node)
        case Remove(target):
            _take_out(nodes[target.query][target.index])
        case SetText(target, text):
            value = escape.clean(text.value)
            nodes[target.query][target.index].children[:] = [value] if value else []
        case SetAttribute(target, name, value):
            nodes[target.query][target.index].attributes[name] = escape.clean(value)
        case Reorder(query, order, _):
            units = nodes[query]
            places = [(unit.parent, _index(unit)) for unit in units]
            for (parent, at), source in zip(places, order, strict=True):
                if parent is not None:
                    parent.children[at] = units[source]


def _node(element: Any, parent: Node | None) -> Node:
    tag = element.tag if isinstance(element.tag, str) else "!"
    made = Node(tag.rpartition("}")[2], {str(name): value for name, value in element.attrib.items()}, [], parent)
    if element.text:
        made.children.append(element.text)
    for child in element:
        made.children.append(_node(child, made))
        if child.tail:
            made.children.append(child.tail)
    return made


def _justhtml_node(element: Any, parent: Node | None) -> Node:
    attributes = {name: value or "" for name, value in (element.attrs or {}).items()}
    made = Node("!" if element.name.startswith("#") else element.name, attributes, [], parent)
    content = getattr(element, "template_content", None)
    for child in (*(element.children or ()), *(() if content is None else (content,))):
        made.children.append(child.data if child.name == "#text" else _justhtml_node(child, made))
    if element.name == "#comment":
        made.children.append(element.data)
    return made


def _index(node: Node) -> int:
    if node.parent is None:
        raise ValueError("the root has no place among others")
    return next(number for number, child in enumerate(node.parent.children) if child is node)


def _take_out(node: Node) -> None:
    if node.parent is not None:
        del node.parent.children[_index(node)]


def _insert(node: Node, position: str, payload: Payload) -> None:
    if position in ("start", "end"):
        parent, at = node, 0 if position == "start" else len(node.children)
    else:
        if node.parent is None:
            raise ValueError("nothing stands beside the root")
        parent, at = node.parent, _index(node) + (position == "after")
    new: list[Node | str]
    if isinstance(payload, Text):
        new = [escape.clean(payload.value)]
    else:
        fragment = html5lib.parseFragment(payload.value, namespaceHTMLElements=True, scripting=True)
        new = _node(fragment, None).children
    for child in new:
        if isinstance(child, Node):
            child.parent = parent
    parent.children[at:at] = new
