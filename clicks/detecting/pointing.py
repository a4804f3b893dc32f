"""A selector for one element a page, the same on every page: the shortest that points at the right one."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from clicks.detecting.blocks import class_names, is_numbered, stable_classes
from clicks.detecting.plain_markup import laid_out
from clicks.detecting.signature import compound, plain_id

MIN_AGREEMENT: Final = 0.9
MAX_CLIMB: Final = 5
MAX_ALTERNATIVES: Final = 3
MALUS: Final = 2
"""Elements that an alternative must point at rightly for each that it points at wrongly."""

Root = LexborHTMLParser | LexborNode
Pointed = Sequence[tuple[Root, LexborNode]]
"""Where to look, a whole page or a block, and the element that is meant."""
Same = Callable[[LexborNode, LexborNode], bool] | None


def pointer(pairs: Pointed, *, unique: bool = False, same: Same = None) -> str | None:
    """A selector whose first match is the given element on (almost) every page; with `unique` the only match.

    `same(found, wanted)` may say that another element is as good (it tells the same price). Where pages differ (a price
    and a reduced price) the selector may have up to three alternatives.
    """
    best: tuple[int, str] | None = None
    # Alternatives that are never wrong come first: one that is spoils every other that stands after it on a page.
    for malus in (len(pairs), MALUS):
        found = _alternatives(pairs, unique, same, malus)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
        if best is not None and best[0] == len(pairs):
            break
    return best[1] if best is not None and best[0] >= MIN_AGREEMENT * len(pairs) else None


def _alternatives(pairs: Pointed, unique: bool, same: Same, malus: int) -> tuple[int, str] | None:
    """(pairs pointed at rightly, selector), chosen step by step; each that it points at wrongly costs `malus`."""
    parts: list[str] = []
    left = list(pairs)
    reached: tuple[int, str] | None = None
    while left and len(parts) < MAX_ALTERNATIVES:
        best: tuple[int, int, str] | None = None
        for css in candidates(left):
            whole = ", ".join([*parts, css])
            right = sum(_points(whole, pair, unique, same) for pair in pairs)
            if right == len(pairs):
                return right, whole
            astray = sum(root.css_first(whole) is not None for root, _ in pairs) - right
            score = right - malus * astray
            if right > len(pairs) - len(left) and (best is None or score > best[0]):
                best = (score, right, css)
        if best is None:
            break
        parts.append(best[2])
        whole = ", ".join(parts)
        reached = best[1], whole
        left = [pair for pair in pairs if not _points(whole, pair, unique, same)]
    return reached


def _points(css: str, pair: tuple[Root, LexborNode], unique: bool, same: Same) -> bool:
    root, node = pair
    matches = root.css(css)
    if not matches or (unique and len(matches) != 1):
        return False
    return matches[0].mem_id == node.mem_id or (same is not None and same(matches[0], node))


def candidates(pairs: Pointed) -> Iterable[str]:
    """Selectors for the first pair's element, the shortest and most telling first."""
    root, node = pairs[0]
    end = root.mem_id if isinstance(root, LexborNode) else None
    own = list(_own(node))
    yield from own
    path = own[-1] if own else compound(node, ())
    parent, climbed = node.parent, 0
    while parent is not None and parent.mem_id != end and parent.tag not in ("body", "html") and climbed < MAX_CLIMB:
        for around in _own(parent):
            if "." in around or "#" in around or "[" in around:
                yield f"{around} {path}"
        if (one := plain_id(parent)) is not None:
            yield f"#{one} {compound(node, ())}"
        path = f"{compound(parent, stable_classes(parent)[:1])} > {path}" if climbed < 2 else path
        if climbed < 2:
            yield path
        parent, climbed = parent.parent, climbed + 1


def _own(node: LexborNode) -> Iterable[str]:
    if (one := plain_id(node)) is not None:
        yield f"#{one}"
    if prop := node.attributes.get("itemprop"):
        yield f'{node.tag}[itemprop="{prop}"]'
    for name in stable_classes(node)[:4]:
        css = compound(node, (name,))
        if "." in css:
            yield css
    yield compound(node, stable_classes(node)[:3])
    for name in class_names(node)[:4]:
        css = compound(node, (name,))
        if "." in css and is_numbered(name):
            yield css
    yield compound(node, ())
    if not stable_classes(node) and "[" in (css := laid_out([node])):
        yield css
    place = f":nth-of-type({_place(node)})"
    yield from (f"{css}{place}" for name in stable_classes(node)[:2] if "." in (css := compound(node, (name,))))
    yield f"{node.tag}{place}"


def _place(node: LexborNode) -> int:
    """Which of its parent's elements with this tag it is, from 1."""
    place, before = 1, node.prev
    while before is not None:
        place += before.tag == node.tag
        before = before.prev
    return place
