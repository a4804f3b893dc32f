"""Groups of repeated product blocks on one page, found without knowing the shop.

A block is one of several siblings with the same tag that each lead to one page of their own and carry a price, a cart
control or a product's number. The innermost such siblings are kept; siblings of the same class family without a price
are adopted. Groups whose blocks can be removed (a cart's rows) are no lists.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.addresses import arranges
from clicks.detecting.amounts import BARE_AMOUNT, CALLED_PRICE, PRICE, is_sentence
from clicks.detecting.price_places import price_in
from clicks.detecting.sample import SILENT, Link, Sample, elements, fold
from clicks.targets import Target

MIN_BLOCKS: Final = 2
MAX_BLOCK_TEXT: Final = 2_000
"""Characters of text; a sibling with more is a column of the page."""
MAX_BLOCK_PAGES: Final = 8
"""Pages that one block may lead to, its maker's and its category's included; a menu leads to more."""

MAX_LINKS: Final = 64
"""Links of a subtree that are looked at: what has more of them is no block, and a page is read in linear time."""

_CONTROL = re.compile(
    r"cart|basket|bag|carrito|cesta|warenkorb|panier|carrello|koszyk|buy|comprar|kaufen|acheter", re.IGNORECASE
)
_REMOVAL = re.compile(
    r"(?:^|[\s_/=?&.-])(?:remove|delete|eliminar|quitar|borrar|entfernen|l[oö]schen|supprimer|retirer|rimuovi|usu[nń])",
    re.IGNORECASE,
)
_ID_ATTRIBUTE = re.compile(
    r"^data-(?:[a-z]+[-_])?(?:product|item|article|sku|pid)[-_]?(?:id|sku|code|no)?$|^data-(?:sku|pid|asin)$"
)
_ID_INPUT = re.compile(
    r"^(?:products?[-_]?id|product|item[-_]?id|id[-_]?product|sku|add-to-cart|pid|article)$", re.IGNORECASE
)
MIN_ALIKE: Final = 0.75
"""Share of a group's blocks that tells what its blocks are like."""
MIN_APART: Final = 3
"""Products whose blocks all have one name: that is none."""
MAX_NAME: Final = 120
_EMPHASIS: Final = frozenset({"b", "strong", "dt", "th", "caption", "em", "big", "legend"})
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


@dataclass(slots=True)
class Block:
    """One product block: its element, the page it leads to, and what it says."""

    node: LexborNode
    target: Target
    name: str = ""
    name_node: LexborNode | None = None
    price: str = ""
    price_node: LexborNode | None = None
    price_attribute: str = ""
    """Of `price_node`, where its text does not say the price (`told_prices`)."""
    image: LexborNode | None = None
    numbers: dict[str, str] = field(default_factory=dict)
    """Product numbers by where they stand: "@data-product-id" on the block, "[data-x]" inside, "input:NAME"."""


@dataclass(slots=True)
class Group:
    """Blocks under one parent, in document order."""

    parent: LexborNode
    blocks: list[Block]


@dataclass(slots=True)
class _Found:
    """What a subtree has."""

    links: list[Link]
    has_price: bool
    has_control: bool
    is_called: bool
    """An element with a picture is called a product: that counts where no price and no cart tells more."""
    can_be_removed: bool
    text_length: int
    has_group: bool
    """Product blocks of their own are inside: this is what lists stand in."""


class _Reader:
    """One pass over a page, bottom up."""

    def __init__(self, page: Sample) -> None:
        self.links = {link.node.mem_id: link for link in page.links if not arranges(link.target, page.target)}
        self.own = page.target.text
        self.groups: list[Group] = []

    def read(self, root: LexborNode) -> None:
        # Iterative post-order: legacy pages nest deeper than Python's stack.
        stack: list[tuple[LexborNode, list[tuple[LexborNode, _Found]]]] = [(root, [])]
        pending = [iter(elements(root))]
        while stack:
            node, children = stack[-1]
            child = next(pending[-1], None)
            if child is not None:
                if child.tag not in SILENT:
                    stack.append((child, []))
                    pending.append(iter(elements(child)))
                continue
            stack.pop()
            pending.pop()
            found = self._sum(node, children)
            if stack:
                stack[-1][1].append((node, found))

    def _sum(self, node: LexborNode, children: list[tuple[LexborNode, _Found]]) -> _Found:
        is_parent = self._group(node, [(child, found) for child, found in children if found.links])
        links = [link for _, found in children for link in found.links]
        own = self.links.get(node.mem_id)
        if own is not None and own.target.text != self.own:
            links.append(own)
        del links[MAX_LINKS:]
        attributes = node.attributes
        text_length = sum(found.text_length for _, found in children) + len(fold(node.text(deep=False)))
        has_price = any(found.has_price for _, found in children) or _is_price(node, text_length)
        return _Found(
            links=links,
            has_price=has_price,
            has_control=any(found.has_control for _, found in children) or _is_control(node, attributes),
            is_called=any(found.is_called for _, found in children) or _is_called(node, attributes),
            can_be_removed=any(found.can_be_removed for _, found in children) or is_removal(node, attributes),
            text_length=text_length,
            has_group=is_parent or any(found.has_group for _, found in children),
        )

    def _group(self, parent: LexborNode, children: list[tuple[LexborNode, _Found]]) -> bool:
        is_parent = False
        tags = Counter(child.tag for child, _ in children)
        for tag, count in tags.items():
            if count < MIN_BLOCKS:
                continue
            siblings = [(child, found) for child, found in children if child.tag == tag and not found.has_group]
            if group := _group_of(parent, siblings):
                self.groups.append(group)
                is_parent = True
        return is_parent


def _group_of(parent: LexborNode, siblings: Sequence[tuple[LexborNode, _Found]]) -> Group | None:
    shared = Counter(text for _, found in siblings for text in {link.target.text for link in found.links})
    blocks: list[tuple[LexborNode, Target]] = []
    spare: list[tuple[LexborNode, Target]] = []
    removable = 0
    by_name = not any(found.has_price or found.has_control for _, found in siblings)
    for node, found in siblings:
        target = _leads_to(found.links, shared)
        if target is None or found.text_length > MAX_BLOCK_TEXT:
            continue
        removable += found.can_be_removed
        (blocks if found.has_price or found.has_control or (by_name and found.is_called) else spare).append(
            (node, target)
        )
    if len({target.text for _, target in blocks}) < MIN_BLOCKS or removable * 2 > len(blocks):
        return None
    blocks = _of_one_kind(blocks)
    families = {family(node) for node, _ in blocks}
    adopted = [pair for pair in spare if family(pair[0]) in families and family(pair[0])]
    kept = {node.mem_id for node, _ in (*blocks, *adopted)}
    targets = {node.mem_id: target for node, target in (*blocks, *adopted)}
    ordered = [node for node, _ in siblings if node.mem_id in kept]
    return Group(parent, _named_apart([read_block(node, targets[node.mem_id]) for node in ordered]))


def _of_one_kind(blocks: list[tuple[LexborNode, Target]]) -> list[tuple[LexborNode, Target]]:
    """Without the few that lack a name which the others share, and half of what is inside of them: a banner between."""
    shared = Counter(name for node, _ in blocks for name in stable_classes(node)).most_common(1)
    if not shared or not MIN_ALIKE * len(blocks) <= shared[0][1] < len(blocks):
        return blocks
    alike = [pair for pair in blocks if shared[0][0] in stable_classes(pair[0])]
    inner = Counter(name for node, _ in alike for name in _names_inside(node))
    usual = {name for name, count in inner.items() if count >= MIN_ALIKE * len(alike)}
    return [
        (node, target)
        for node, target in blocks
        if shared[0][0] in stable_classes(node) or 2 * len(usual & _names_inside(node)) >= len(usual)
    ]


def _names_inside(node: LexborNode) -> set[str]:
    return {f"{inner.tag}.{family(inner)}" for inner in node.traverse(include_text=False) if inner.is_element_node}


def _leads_to(links: Sequence[Link], shared: Counter[str]) -> Target | None:
    """The one page that a block leads to; links that its siblings have too, and actions, do not count."""
    real = [link for link in links if not link.is_action]
    texts = list(dict.fromkeys(link.target.text for link in real))
    if len(texts) > MAX_BLOCK_PAGES:
        return None
    if len(texts) > 1:
        texts = [text for text in texts if shared[text] == 1]
    if len(texts) > 1:  # the page itself and things below it: /p/1 and /p/1/reviews
        first = min(texts, key=len)
        texts = [first] if all(text.startswith(first.rstrip("/")) for text in texts) else texts
    if len(texts) > 1:  # the picture and the name lead to the same page; the maker's link does not
        counts = Counter(link.target.text for link in real if link.target.text in texts)
        (best, times), *others = counts.most_common()
        texts = [best] if times > 1 and all(count < times for _, count in others) else texts
    if len(texts) != 1:
        return None
    return next(link.target for link in real if link.target.text == texts[0])


def _is_price(node: LexborNode, text_length: int) -> bool:
    if text_length > 80 or text_length == 0:
        return False
    text = fold(node.text(deep=True))
    if PRICE.search(text):
        return not is_sentence(text)
    called = " ".join(
        filter(None, (node.attributes.get("class"), node.attributes.get("itemprop"), node.attributes.get("id")))
    )
    return bool(CALLED_PRICE.search(called) and BARE_AMOUNT.match(text))


def _is_control(node: LexborNode, attributes: dict[str, str | None]) -> bool:
    if any(_ID_ATTRIBUTE.match(name) and value for name, value in attributes.items()):
        return True
    match node.tag:
        case "form":
            return bool(_CONTROL.search(attributes.get("action") or ""))
        case "input":
            return bool(_ID_INPUT.match(attributes.get("name") or "")) and attributes.get("type") == "hidden"
        case "button":
            return bool(_CONTROL.search(f"{attributes.get('formaction') or ''} {attributes.get('name') or ''}"))
        case "a":
            return bool(re.search(r"(?i)add|buy_now", href := attributes.get("href") or "") and _CONTROL.search(href))
        case _:
            return False


_CALLED_PRODUCT: Final = re.compile(
    r"(?:^|\s)(?:[a-z]+[-_]{1,2})?products?(?:[-_]{1,2}(?:card|item|tile|box|cell|miniature|thumb\w*|block|teaser|grid-item|"
    r"list-item|wrapper|container|info))?(?:\s|$)",
    re.IGNORECASE,
)


def _is_called(node: LexborNode, attributes: dict[str, str | None]) -> bool:
    is_named = "data-price" in attributes or _CALLED_PRODUCT.search(attributes.get("class") or "") is not None
    return is_named and node.css_first("img") is not None


def is_removal(node: LexborNode, attributes: dict[str, str | None]) -> bool:
    if node.tag not in ("a", "button", "input"):
        return False
    said = " ".join(
        filter(None, (attributes.get(key) for key in ("href", "formaction", "name", "title", "aria-label", "class")))
    )
    return bool(_REMOVAL.search(said) or _REMOVAL.search(fold(node.text(deep=True))[:40]))


_STATE = re.compile(
    r"^(?:odd|even|first|last|alt|active|current|sale|onsale|on-sale|new|featured|instock|outofstock|in-stock|out-of-stock|"
    r"clearfix|hidden|visible|show|lazy\w*|loading|selected|hover|has-[\w-]+|no-[\w-]+|is-(?!product)[\w-]+|\d[\w-]*)$",
    re.IGNORECASE,
)


def class_names(node: LexborNode) -> tuple[str, ...]:
    """Class names without those of a state or a position."""
    names = (node.attributes.get("class") or "").split()
    return tuple(dict.fromkeys(name for name in names if not _STATE.match(name)))


def is_numbered(name: str) -> bool:
    """A class name with a number in it: one product's, or made by a compiler."""
    return re.search(r"\d{2,}|[-_]\d+$", name) is not None


def stable_classes(node: LexborNode) -> tuple[str, ...]:
    """Class names that do not tell one sibling from the next: no position, no state, no number."""
    return tuple(name for name in class_names(node) if not is_numbered(name))


def family(node: LexborNode) -> str:
    """What siblings of one kind share: the first of their stable class names."""
    names = stable_classes(node)
    return names[0] if names else ""


def read_block(node: LexborNode, target: Target) -> Block:
    """What a block says of its product."""
    block = Block(node, target)
    block.image = node.css_first("img")
    block.name_node, block.name = _name(node, target)
    block.price_node, block.price = price_in(node)
    block.numbers = _numbers(node)
    return block


def _name(node: LexborNode, target: Target) -> tuple[LexborNode | None, str]:
    for heading in node.css("h1, h2, h3, h4, h5, h6"):
        if text := fold(heading.text(deep=True)):
            return heading, text
    for marked in node.css('[itemprop="name"]'):
        if text := fold(marked.text(deep=True)):
            return marked, text
    best: tuple[LexborNode | None, str] = (None, "")
    for anchor in [node] if node.tag == "a" else node.css("a[href]"):
        if anchor.tag == "a" and anchor is not node and not _same_page(anchor, target):
            continue
        named = _longest_text(anchor)
        if named is not None and len(named[1]) > len(best[1]):
            best = named
    if best[0] is not None:
        return best
    said = [
        fold(element.attributes.get(name))
        for css, name in (("img[alt]", "alt"), ("a[title]", "title"), ("a[aria-label]", "aria-label"))
        for element in node.css(css)
    ]
    text = next(filter(None, said), "")
    written = next((element for element in node.css("*") if text and fold(element.text(deep=False)) == text), None)
    return written, text


def _named_apart(found: list[Block]) -> list[Block]:
    """Where all links say the same ("more …"), the name stands beside them: the first text that is each block's own."""
    products = {block.target.text for block in found}
    if len(products) < MIN_APART or len({block.name for block in found}) > 1:
        return found
    said = Counter(text for block in found for text in {text for _, text in _texts(block.node)})
    for block in found:
        own = [(node, text) for node, text in _texts(block.node) if said[text] * 2 <= len(found)]
        named = next((pair for pair in own if pair[0].tag in _EMPHASIS), next(iter(own), None))
        if named is not None:
            block.name_node, block.name = named
    return found


def _texts(node: LexborNode) -> Iterator[tuple[LexborNode, str]]:
    """Short texts with a word in them that are no price, with the element that each stands in."""
    for inner in node.traverse(include_text=False):
        text = fold(inner.text(deep=False)) if inner.tag not in SILENT else ""
        if 2 < len(text) <= MAX_NAME and _WORD.search(text) and not PRICE.search(text):
            yield inner, text


def _same_page(anchor: LexborNode, target: Target) -> bool:
    href = (anchor.attributes.get("href") or "").partition("#")[0]
    tail = target.path.rstrip("/").rpartition("/")[2]
    return tail in href and all(value in href for _, value in target.query)


def _longest_text(anchor: LexborNode) -> tuple[LexborNode, str] | None:
    """The element inside a link that holds the name: prices and labels beside it are other elements."""
    best: tuple[LexborNode, str] | None = None
    for inner in anchor.traverse(include_text=False):
        own = fold(inner.text(deep=False))
        if inner.tag in SILENT or len(own) < 2 or PRICE.search(own) or BARE_AMOUNT.match(own):
            continue
        if best is None or len(own) > len(best[1]):
            best = (inner, fold(inner.text(deep=True)))
    return best


def _numbers(node: LexborNode) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for element in node.traverse(include_text=False):
        for name, value in element.attributes.items():
            if value and len(value) <= 64 and _ID_ATTRIBUTE.match(name):
                numbers.setdefault(f"@{name}" if element.mem_id == node.mem_id else f"[{name}]", value)
        if element.tag in ("input", "button") and _ID_INPUT.match(element.attributes.get("name") or ""):
            value = element.attributes.get("value")
            if value and len(value) <= 64:
                numbers.setdefault(f"input:{element.attributes['name']}", value)
    return numbers


def product_groups(page: Sample) -> list[Group]:
    """The groups of product blocks of a page, in document order of their ends."""
    if page.body is None:
        return []
    reader = _Reader(page)
    reader.read(page.body)
    return reader.groups
