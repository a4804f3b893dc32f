"""Grids: blocks of one list that do not stand side by side, each in a cell of its own or in rows of some.

`<ol><li><article>…` and `<tr><td>…<td>…<tr>…` are as common as plain siblings. Invariant: what lies between the blocks
and their common ancestor is alike everywhere and holds nothing but blocks, so two lists with a heading each are never
taken for one.
"""

from collections.abc import Sequence
from typing import Final

from turbohtml import Element, Node, Text

MAX_LEVELS: Final = 6
"""The common ancestor is at most this far above the blocks."""


def is_one_grid(blocks: Sequence[Element]) -> bool:
    """Whether blocks with different parents are cells of one list and may change places."""
    inside: set[Node] = set(blocks)
    level = _parents(blocks)
    for _ in range(MAX_LEVELS):
        if len(level) == 1:
            return True
        if not all(isinstance(cell, Element) and _holds_only(cell, inside) for cell in level):
            return False
        cells = [cell for cell in level if isinstance(cell, Element)]
        if len({cell.tag for cell in cells}) > 1 or not inside.isdisjoint(level):
            return False
        inside = set(cells)
        level = _parents(cells)
    return len(level) == 1


def _parents(elements: Sequence[Element]) -> list[Node | None]:
    return list(dict.fromkeys(element.parent for element in elements))


def _holds_only(cell: Element, inside: set[Node]) -> bool:
    """Only blocks, white space, comments, and empty cells that fill a last row up."""
    for child in cell.children:
        if isinstance(child, Element):
            if child not in inside and (child.text.strip() or any(isinstance(x, Element) for x in child.children)):
                return False
        elif isinstance(child, Text) and child.text.strip():
            return False
    return True


def levels_below(blocks: Sequence[Element], containers: set[Element]) -> tuple[str, ...] | None:
    """The tags between `blocks` and one of `containers`, cells in cells; None when they are not cells of one list."""
    inside: set[Node] = set(blocks)
    level = _parents(blocks)
    tags: list[str] = []
    for _ in range(MAX_LEVELS - 1):
        if len(level) == 1 and level[0] in containers:
            return tuple(tags)
        if not all(isinstance(cell, Element) and _holds_only(cell, inside) for cell in level):
            return None
        cells = [cell for cell in level if isinstance(cell, Element)]
        if len({cell.tag for cell in cells}) > 1 or not inside.isdisjoint(level):
            return None
        tags.append(cells[0].tag)
        inside = set(cells)
        level = _parents(cells)
    return None
