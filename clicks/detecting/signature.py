"""From groups on several pages to the selectors that find the same blocks on every page of the shop.

Invariant: a selector is kept only when, on every sample, almost everything it finds is a block (and the rest is like
one); what cannot be told apart from other elements is no list.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.blocks import Block, Group, class_names, is_numbered, read_block, stable_classes
from clicks.detecting.plain_markup import laid_out, leading
from clicks.detecting.sample import Sample, elements
from clicks.detecting.told_prices import with_told_prices

_IDENT = re.compile(r"^-?[A-Za-z_][\w-]*$")
MIN_PRECISION: Final = 0.9
MAX_CLIMB: Final = 4
MAX_CLASSES: Final = 3
MAX_VARIANTS: Final = 4
MIN_SHARED: Final = 4
MAX_TRIED: Final = 32


@dataclass(frozen=True, slots=True)
class Signature:
    """A kind of product block: `css` finds its blocks; `counts` says how many on which sample (by its place)."""

    css: str
    counts: dict[int, int]
    blocks: tuple[Block, ...]

    @property
    def total(self) -> int:
        """Blocks on all samples."""
        return sum(self.counts.values())


def compound(node: LexborNode, classes: Iterable[str] | None = None) -> str:
    """`tag.class.class` of an element, of class names that can be written plainly."""
    names = stable_classes(node) if classes is None else classes
    return (node.tag or "*") + "".join(f".{name}" for name in names if _IDENT.match(name))


def plain_id(node: LexborNode) -> str | None:
    """The element's id when it is a word and not a number that was counted up."""
    value = node.attributes.get("id") or ""
    return value if _IDENT.match(value) and not re.search(r"\d", value) else None


def signatures(samples: Sequence[Sample], found: Sequence[Sequence[Group]]) -> tuple[Signature, ...]:
    """The kinds of blocks of a shop, the most frequent first; `found` are the groups of each sample."""
    kinds: dict[str, list[tuple[int, Group]]] = defaultdict(list)
    for place, groups in enumerate(found):
        for group in groups:
            kinds[_kind(group.blocks)].append((place, group))
    holders = frozenset(
        (place, node.mem_id)
        for place, groups in enumerate(found)
        for group in groups
        for node in _with_all_around(group)
    )
    made = [
        signature
        for members in kinds.values()
        for part in _by_container(members)
        if (signature := _signature(samples, part, _others(members, part) | holders)) is not None
    ]
    # Of two selectors for the same blocks the one that finds more of them, then the shorter.
    made.sort(key=lambda signature: (-signature.total, len(signature.css)))
    return tuple(_without_doubles(samples, made))


def _with_all_around(group: Group) -> Iterable[LexborNode]:
    """What the group stands in: none of it is a block."""
    node: LexborNode | None = group.parent
    while node is not None:
        yield node
        node = node.parent


def _by_container(members: Sequence[tuple[int, Group]]) -> Iterable[Sequence[tuple[int, Group]]]:
    """Blocks of one kind in a page's main list and in a box beside it are two lists: each has an order of its own."""
    on_page: dict[int, set[str]] = defaultdict(set)
    parts: dict[str, list[tuple[int, Group]]] = defaultdict(list)
    for place, group in members:
        around = compound(group.parent)
        on_page[place].add(around)
        parts[around].append((place, group))
    is_told = all("." in around for around in parts)
    return parts.values() if is_told and any(len(found) > 1 for found in on_page.values()) else (members,)


def _others(members: Sequence[tuple[int, Group]], part: Sequence[tuple[int, Group]]) -> frozenset[tuple[int, int]]:
    """Blocks of the same kind in other lists, each with the place of its sample."""
    own = {id(group) for _, group in part}
    return frozenset(
        (place, block.node.mem_id) for place, group in members if id(group) not in own for block in group.blocks
    )


def _kind(blocks: Sequence[Block]) -> str:
    first = blocks[0].node
    common = _common_classes(block.node for block in blocks)
    if common:
        return compound(first, common)
    child = first.child
    while child is not None and not child.is_element_node:
        child = child.next
    return f"{compound(first, ())} > {compound(child)}" if child is not None else compound(first, ())


def _common_classes(nodes: Iterable[LexborNode]) -> tuple[str, ...]:
    # What many share is no number of one, however it is written: class names made by a compiler have digits.
    common: dict[str, None] | None = None
    count = 0
    for node in nodes:
        count += 1
        names = dict.fromkeys(class_names(node))
        common = names if common is None else {name: None for name in common if name in names}
    numbered = count < MIN_SHARED
    return tuple(name for name in common or () if not (numbered and is_numbered(name)))


def _signature(
    samples: Sequence[Sample], members: Sequence[tuple[int, Group]], others: frozenset[tuple[int, int]]
) -> Signature | None:
    places: dict[int, set[int]] = defaultdict(set)
    for place, group in members:
        places[place].update(block.node.mem_id for block in group.blocks)
    blocks = [block for _, group in members for block in group.blocks]
    best: tuple[int, Signature] | None = None
    for css, descend in islice(_candidates(members), MAX_TRIED):
        wanted = {place: {_inside(node, descend) for node in _nodes(members, place)} for place in places}
        matches = {place: page.tree.css(css) for place, page in enumerate(samples)}
        right = sum(node.mem_id in wanted.get(place, ()) for place, nodes in matches.items() for node in nodes)
        if right < 0.9 * sum(map(len, wanted.values())):
            continue
        inner = _shared_inside([node for place in wanted for node in matches[place] if node.mem_id in wanted[place]])
        total = sum(map(len, matches.values()))
        likely = sum(
            node.mem_id in wanted.get(place, ()) or ((place, node.mem_id) not in others and _is_like(node, inner))
            for place, nodes in matches.items()
            for node in nodes
        )
        if likely >= MIN_PRECISION * total and (best is None or total - likely < best[0]):
            counts = {place: len(nodes) for place, nodes in matches.items() if nodes}
            best = total - likely, Signature(css, counts, tuple(blocks))
            if likely == total:
                break
    return best[1] if best is not None else None


def _nodes(members: Sequence[tuple[int, Group]], place: int) -> list[LexborNode]:
    return [block.node for at, group in members if at == place for block in group.blocks]


def _inside(node: LexborNode, css: str) -> int:
    """The element that stands for the block: itself, or its one child that `css` names."""
    if not css:
        return node.mem_id
    return next((child.mem_id for child in elements(node) if child.css_matches(css)), node.mem_id)


def _shared_inside(nodes: Sequence[LexborNode]) -> frozenset[str]:
    """What is inside most of these elements: tags with their class names."""
    seen: Counter[str] = Counter()
    for node in nodes:
        seen.update(_parts(node))
    return frozenset(part for part, count in seen.items() if count >= 0.8 * len(nodes))


def _parts(node: LexborNode) -> set[str]:
    return {
        compound(inner) for inner in node.traverse(include_text=False) if inner.is_element_node and inner is not node
    }


def _is_like(node: LexborNode, inner: frozenset[str]) -> bool:
    """A lone block, or one without a price: it is built as the others are."""
    if node.css_first("h1") is not None and not any(part.startswith("h1") for part in inner):
        return False  # what a page is about
    return bool(inner) and len(inner & _parts(node)) >= 0.6 * len(inner) and node.css_first("a[href]") is not None


def _candidates(members: Sequence[tuple[int, Group]]) -> Iterable[tuple[str, str]]:
    """Selectors for the blocks of these groups, the shortest first, then with more and more of what is around them.

    Each with "" when it finds the blocks themselves, or the selector of the one child that stands for a block whose own
    class names are the grid's (`li.col > article.product`).
    """
    nodes = [block.node for _, group in members for block in group.blocks]
    own = _compounds(nodes)
    named = [css for css in own if "." in css or "[" in css]
    yield from ((css, "") for css in named if not _GRID.search(css))
    variants = _variants(nodes) or _taking_turns([group for _, group in members])
    if variants and not all(re.fullmatch(r"\w+\.(?:odd|even|alt|first|last)", css) for css in variants):
        yield ", ".join(variants), ""
    child = _only_child(nodes)
    children = [css for css in _compounds(child) if "." in css or "[" in css] if child else []
    yield from ((css, css) for css in children)
    yield from ((css, "") for css in named if _GRID.search(css))
    around = _ancestors([group.parent for _, group in members])
    path = ""
    for level in around:
        path = f"{level} > {path}" if path else level
        for css in own:
            yield f"{path} > {css}", ""
        if variants:
            yield ", ".join(f"{path} > {css}" for css in variants), ""
    if not named:
        yield from ((css, "") for css in _without_names(members))


def _without_names(members: Sequence[tuple[int, Group]]) -> Iterable[str]:
    """Where the blocks have no class names: how they, and what they stand in, are laid out and where they lead."""
    nodes = [block.node for _, group in members for block in group.blocks]
    own = [css for css in (laid_out(nodes), *leading(nodes)) if css != nodes[0].tag]
    yield from own
    parents: list[LexborNode] = [group.parent for _, group in members]
    path = ""
    for _ in range(MAX_CLIMB):
        if not parents or any(node.tag in ("body", "html") for node in parents) or len({n.tag for n in parents}) > 1:
            return
        path = f"{laid_out(parents)} > {path}" if path else laid_out(parents)
        yield from (f"{path} > {css}" for css in (*own, nodes[0].tag or "*"))
        parents = [node.parent for node in parents if node.parent is not None]


def _compounds(nodes: Sequence[LexborNode]) -> list[str]:
    common = _common_classes(nodes)
    telling = sorted(common, key=lambda name: (not _TELLING.search(name), -len(name)))
    first = [name for name in telling if _TELLING.search(name)][:MAX_CLASSES]
    found = [f"{nodes[0].tag}.{name}" for name in first if _IDENT.match(name)]
    if first:
        found += [compound(nodes[0], telling[:count]) for count in range(2, min(MAX_CLASSES, len(telling)) + 1)]
    found += [f"{nodes[0].tag}.{name}" for name in telling[:MAX_CLASSES] if _IDENT.match(name)]
    found += [compound(nodes[0], telling[:count]) for count in range(2, min(MAX_CLASSES, len(telling)) + 1)]
    if (nodes[0].attributes.get("itemtype") or "").endswith("/Product"):
        found.append(f'{nodes[0].tag}[itemtype$="/Product"]')  # a product's own page says so of itself, too
    return list(dict.fromkeys(found)) or [compound(nodes[0], ())]


def _variants(nodes: Sequence[LexborNode]) -> tuple[str, ...]:
    """`tr.row-odd`, `tr.row-even`: siblings whose only class names are the states of one kind."""
    kinds = {tuple((node.attributes.get("class") or "").split()) for node in nodes}
    if not 1 < len(kinds) <= MAX_VARIANTS or not all(kinds):
        return ()
    first = [names[0] for names in sorted(kinds)]
    stems = {re.sub(r"[-_]?(?:odd|even|alt|first|last|\d+)$", "", name, flags=re.IGNORECASE) for name in first}
    if len(stems) != 1 or not all(_IDENT.match(name) for name in first):
        return ()
    return tuple(dict.fromkeys(f"{nodes[0].tag}.{name}" for name in first))


def _taking_turns(groups: Sequence[Group]) -> tuple[str, ...]:
    """Two class names of which each sibling has the one that the last had not: stripes, whatever they are called."""
    names: set[str] = set()
    longest = 0
    for group in groups:
        own = [class_names(block.node) for block in group.blocks]
        if any(len(each) != 1 for each in own) or any(a == b for a, b in pairwise(own)):
            return ()
        names.update(each[0] for each in own)
        longest = max(longest, len(own))
    if len(names) != 2 or longest < MIN_SHARED or not all(_IDENT.match(name) for name in names):
        return ()
    return tuple(f"{groups[0].blocks[0].node.tag}.{name}" for name in sorted(names))


_GRID = re.compile(
    r"\.(?:col|row|span|grid|cell|columns?|w|h|m[btxyse]?|p[btxyse]?|d|g|gap|flex|text|bg|border|shadow|rounded|align|"
    r"justify|order|position|overflow|float|sm|md|lg|xl)(?:-[\w-]+|\d+)?(?:\.|$)",
    re.IGNORECASE,
)
"""Class names of a layout: any content stands in such an element."""
_TELLING = re.compile(r"prod|item|card|thumb|artic|goods|tile", re.IGNORECASE)


def _only_child(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """The element child of each, when each has just one and all are of a kind."""
    found = []
    for node in nodes:
        inner = list(elements(node))
        if len(inner) != 1:
            return []
        found.append(inner[0])
    return found if len({node.tag for node in found}) == 1 else []


def _ancestors(parents: Sequence[LexborNode]) -> list[str]:
    """Selectors for the parents, then for theirs: an id where all share one, else the class names that all share."""
    levels: list[str] = []
    nodes: list[LexborNode] = list(parents)
    for _ in range(MAX_CLIMB):
        if not nodes or any(node.tag in ("body", "html") for node in nodes):
            break
        tags = {node.tag for node in nodes}
        ids = {plain_id(node) for node in nodes}
        if len(ids) == 1 and (one := next(iter(ids))) is not None:
            levels.append(f"#{one}")
            break
        common = _common_classes(nodes)
        levels.append(compound(nodes[0], common[:MAX_CLASSES]) if len(tags) == 1 else "*")
        nodes = [node.parent for node in nodes if node.parent is not None]
    return levels


def _without_doubles(samples: Sequence[Sample], made: Sequence[Signature]) -> Iterable[Signature]:
    """Signatures whose blocks are not found by one before them (a block may be an element inside the other's)."""
    seen: set[tuple[int, int]] = set()
    for signature in made:
        own = {
            (place, link.mem_id)
            for place in signature.counts
            for node in samples[place].tree.css(signature.css)
            if (link := node if node.tag == "a" else node.css_first("a[href]")) is not None
        }
        if len(own - seen) >= 0.5 * len(own):
            yield signature
        seen |= own


def all_blocks(samples: Sequence[Sample], signature: Signature) -> list[tuple[int, Block]]:
    """Every block that the signature finds, adopted ones included, with the place of its sample."""
    known = {block.node.mem_id: block for block in signature.blocks}
    blocks = []
    for place in signature.counts:
        page = samples[place]
        links = {link.node.mem_id: link for link in page.links}
        for node in page.tree.css(signature.css):
            block = known.get(node.mem_id)
            if block is None:
                anchors = [node, *node.css("a[href]")] if node.tag == "a" else node.css("a[href]")
                target = next(
                    (links[a.mem_id].target for a in anchors if a.mem_id in links and not links[a.mem_id].is_action),
                    None,
                )
                if target is None:
                    continue
                block = read_block(node, target)
            blocks.append((place, block))
    with_told_prices([block for _, block in blocks])
    return blocks
