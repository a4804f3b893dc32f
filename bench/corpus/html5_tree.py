"""A page as html5lib, the third engine, sees it: a plain tree on which an edit can be made and compared.

Where html5lib 1.1 is known not to follow the standard it is corrected here, each defect by its name. So a dissent of
the third engine is never put aside: it is a fault of ours, or a defect to be named here after reading the standard.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from transforms.page import escape
from transforms.page.edits import Edit, Insert, Payload, Remove, Reorder, Replace, SetAttribute, SetText, Text

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import html5lib
    from html5lib.html5parser import getPhases


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
    """The document's tree."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=True)
    parser.phases.update((name, phase(parser, parser.tree)) for name, phase in _CORRECTED.items())
    return _node(parser.parse(view, scripting=True), None)


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
