"""Selectors for blocks without class names, as pages laid out with tables have them: by what all blocks have in common
beside names, how they are laid out (`td[width="33%"]`) and where links lead (`td:has(> a[href^="item.php?id="])`).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from selectolax.lexbor import LexborNode

_LAYOUT: Final = (
    "width",
    "height",
    "align",
    "valign",
    "bgcolor",
    "cellpadding",
    "cellspacing",
    "border",
    "color",
    "size",
    "style",
)
_PLAIN_VALUE: Final = re.compile(r'^[^"\\\n]{1,60}$')
MIN_PREFIX: Final = 4
MAX_STEPS: Final = 3


def laid_out(nodes: Sequence[LexborNode]) -> str:
    """The tag with all layout attributes that the nodes share; the tag alone where they share none."""
    first = nodes[0]
    shared = [
        f'[{name}="{value}"]'
        for name in _LAYOUT
        if (value := first.attributes.get(name)) is not None
        and _PLAIN_VALUE.match(value)
        and all(node.attributes.get(name) == value for node in nodes)
    ]
    return (first.tag or "*") + "".join(shared)


def leading(nodes: Sequence[LexborNode]) -> Iterator[str]:
    """The tag with a link inside of it that leads where all blocks' links lead: by the beginning of their addresses."""
    ways = [dict(_ways(node)) for node in nodes]
    for steps, href in ways[0].items():
        others = [way.get(steps) for way in ways]
        if any(other is None for other in others):
            continue
        prefix = re.sub(r"\d+$", "", _common_beginning([other or "" for other in others]))
        if len(prefix) >= MIN_PREFIX and href != prefix and _PLAIN_VALUE.match(prefix):
            yield f'{nodes[0].tag}:has(> {steps}[href^="{prefix}"])'


def _common_beginning(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    length = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:length]


def _ways(node: LexborNode) -> Iterator[tuple[str, str]]:
    """The first link at each place below a node, with the tags that lead to it (`td > a`), the nearest first."""
    seen: set[str] = set()
    level = [(node, "")]
    for _ in range(MAX_STEPS):
        deeper: list[tuple[LexborNode, str]] = []
        for outer, steps in level:
            child = outer.child
            while child is not None:
                if child.is_element_node and child.tag:
                    inner = f"{steps} > {child.tag}" if steps else child.tag
                    href = child.attributes.get("href") if child.tag == "a" else None
                    if href and inner not in seen:
                        seen.add(inner)
                        yield inner, href
                    deeper.append((child, inner))
                child = child.next
        level = deeper
