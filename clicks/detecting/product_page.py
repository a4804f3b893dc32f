"""Where product pages say what they sell, learnt from several of them and from what lists said of the same products."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.blocks import stable_classes
from clicks.detecting.pointing import Root, pointer
from clicks.detecting.price_places import is_inside, price_in
from clicks.detecting.sample import Sample, elements, fold
from clicks.detecting.signature import compound, plain_id
from clicks.detecting.structured import said_product
from clicks.detecting.told_prices import told_on
from clicks.prices import read_price
from config.platform import ProductRule

MIN_MARKED: Final = 2
"""Pages of each sort that are needed to say what product pages alone have."""
MAX_AROUND: Final = 5
_CHROME: Final = frozenset({"header", "nav", "footer", "aside", "head"})
_OF_A_PART: Final = frozenset({"header", "footer"})
"""Inside of a part of the page they are that part's own."""
_PARTS: Final = frozenset({"main", "article", "section"})
_BREADCRUMBS: Final = (
    '[itemtype$="/BreadcrumbList"] [itemprop="itemListElement"]',
    'nav[aria-label*="readcrumb"] li',
    ".breadcrumb > li",
    ".breadcrumbs > li",
    '[class*="readcrumb"] li',
    'nav[aria-label*="readcrumb"] a',
    '[class*="readcrumb"] a',
    '[id*="readcrumb"] a',
)
_SOLD_OUT: Final = (
    *(
        f"{tag}.{name}"
        for name in ("outofstock", "out-of-stock", "out_of_stock", "sold-out", "soldout", "soldOut", "agotado")
        for tag in ("p", "span", "div")  # blocks of lists (li.outofstock) are other products
    ),
    'link[itemprop="availability"][href$="OutOfStock"]',
    'meta[itemprop="availability"][content$="OutOfStock"]',
)


@dataclass(frozen=True, slots=True)
class ProductPages:
    """What was learnt: `rule`, and the share of pages on which name and price were found and agreed with the lists."""

    rule: ProductRule
    named: float
    priced: float
    pages: int
    mark: str | None
    """A selector that is on every product page and on no other sample, for shops whose addresses do not tell."""


def learn_product_pages(
    pages: Sequence[Sample], others: Sequence[Sample], listed: Mapping[str, tuple[str, str]], blocks: frozenset[int]
) -> ProductPages | None:
    """Learn from product pages; `listed` is (name, price) by path and query, `blocks` are elements of product lists.

    None when no page says a name.
    """
    names: list[tuple[Root, LexborNode]] = []
    prices: list[tuple[Root, LexborNode]] = []
    images: list[tuple[Root, LexborNode]] = []
    told: list[tuple[Root, LexborNode, str]] = []
    agreed = 0
    for page in pages:
        expected_name, expected_price = listed.get(page.target.text, ("", ""))
        said = said_product(page)
        name = _name_on(page, expected_name or (said.name if said else ""), blocks)
        if name is None:
            continue
        names.append((page.tree, name))
        price = _price_near(name, expected_price or (said.price if said else ""), blocks)
        if price is not None:
            prices.append((page.tree, price))
            known = read_price(expected_price)
            agreed += known is None or known == read_price(fold(price.text(deep=True)))
        elif page.body is not None and (by_script := told_on(page.body, expected_price, blocks)) is not None:
            told.append((page.tree, *by_script))
        if (image := _image_near(name, fold(name.text(deep=True)), blocks)) is not None:
            images.append((page.tree, image))
    name_css = pointer(names)
    if name_css is None:  # lists say a part of the name (the artist): the page's only heading says what it is about
        headings = [(page.tree, node) for page in pages if (node := _name_on(page, "", blocks)) is not None]
        name_css = pointer(headings) if len(headings) == len(pages) else None
        names = list(headings)
    if name_css is None:
        return None
    crumbs = next((css for css in _BREADCRUMBS if pages and all(len(page.tree.css(css)) >= 2 for page in pages)), "")
    within = _around(names)
    attributes = {name for _, _, name in told}
    attribute = attributes.pop() if not prices and len(attributes) == 1 else ""
    if attribute:
        agreed = len(told)
    rule = ProductRule(
        name_css=name_css,
        price_css=_told_at(told, attribute) if attribute else pointer(prices, same=_same_amount) or "",
        breadcrumb_css=crumbs,
        sold_out_css=", ".join(f"{within} {css}" for css in _SOLD_OUT) if within else "",
        image_css=pointer(images) or "",
        price_attribute=attribute,
    )
    return ProductPages(
        rule, len(names) / len(pages), agreed / len(pages), len(pages), _mark(pages, others, [*names, *prices])
    )


def _told_at(told: Sequence[tuple[Root, LexborNode, str]], attribute: str) -> str:
    def is_same(found: LexborNode, wanted: LexborNode) -> bool:
        return found.attributes.get(attribute) == wanted.attributes.get(attribute)

    return pointer([(root, node) for root, node, _ in told], same=is_same) or ""


def _same_amount(found: LexborNode, wanted: LexborNode) -> bool:
    amount = read_price(fold(found.text(deep=True)))
    return amount is not None and amount == read_price(fold(wanted.text(deep=True)))


def _in_chrome(node: LexborNode, blocks: frozenset[int]) -> bool:
    inner: LexborNode | None = node
    is_of_a_part = False
    while inner is not None:
        if inner.mem_id in blocks or (inner.tag in _CHROME and inner.tag not in _OF_A_PART):
            return True
        # Asked from the inside: what stands around it decides about a header.
        is_of_a_part = (is_of_a_part or inner.tag in _OF_A_PART) and inner.tag not in _PARTS
        inner = inner.parent
    return is_of_a_part


def _name_on(page: Sample, expected: str, blocks: frozenset[int]) -> LexborNode | None:
    """The element that says the name: the expected one (lists may cut it short), else the page's only heading."""
    headings = [node for node in page.tree.css("h1, h2, h3, [itemprop=name]") if not _in_chrome(node, blocks)]
    wanted = fold(expected).casefold()
    if wanted:
        others = page.tree.css("b, strong, td, div, span, p")
        for nodes in (headings, (node for node in others if not _in_chrome(node, blocks))):
            if (found := next((node for node in nodes if _says(node, wanted)), None)) is not None:
                return found
        start = re.sub(r"\s*(?:\.{3}|…)$", "", wanted)
        for node in headings:
            if start in fold(node.text(deep=True)).casefold():
                return node
        for node in others:  # a number in small print stands in it, too
            if fold(node.text(deep=False)).casefold() == wanted and not _in_chrome(node, blocks):
                return node
    first = [node for node in headings if node.tag == "h1" and fold(node.text(deep=True))]
    return first[0] if len(first) == 1 else None


def _says(node: LexborNode, wanted: str) -> bool:
    """All that stands in it is the text, and no element inside says the same."""
    return fold(node.text(deep=True)).casefold() == wanted and not any(
        fold(child.text(deep=True)).casefold() == wanted for child in elements(node)
    )


def _price_near(name: LexborNode, expected: str, blocks: frozenset[int]) -> LexborNode | None:
    """The price in the smallest surroundings of the name that have one, the expected one if it is there."""
    wanted = read_price(expected)
    around, first = name.parent, None
    while around is not None and around.tag not in ("body", "html"):
        node, text = price_in(around, blocks)
        if node is not None:
            first = first or node
            if wanted is None or read_price(text) == wanted:
                return node
        for inner in around.traverse(include_text=False) if wanted is not None else ():
            text = fold(inner.text(deep=True)) if next(elements(inner), None) is None else ""
            if 0 < len(text) < 40 and read_price(text) == wanted and not is_inside(inner, blocks):
                return inner
        around = around.parent
    return first


def _image_near(name: LexborNode, text: str, blocks: frozenset[int]) -> LexborNode | None:
    around = name.parent
    while around is not None and around.tag != "html":
        for image in around.css("img[src]"):
            if fold(image.attributes.get("alt")).casefold() == text.casefold() and not _in_chrome(image, blocks):
                return image
        around = around.parent
    return None


def _around(names: Sequence[tuple[Root, LexborNode]]) -> str | None:
    """The part of the page about the product: what surrounds the name, two levels up."""
    parents: list[tuple[Root, LexborNode]] = []
    for root, node in names:
        parent = node.parent
        for _ in range(2):
            if parent is not None and parent.parent is not None and parent.parent.tag not in ("body", "html", "main"):
                parent = parent.parent
        if parent is None or parent.tag in ("body", "html"):
            return None
        parents.append((root, parent))
    return pointer(parents, unique=True)


def _mark(pages: Sequence[Sample], others: Sequence[Sample], names: Sequence[tuple[Root, LexborNode]]) -> str | None:
    """Something that product pages have and no other page has; None where too few were seen to say so."""
    if len(pages) < MIN_MARKED or len(others) < MIN_MARKED:
        return None
    usual = (
        'meta[property="og:type"][content="product"]',
        'meta[property="og:type"][content="og:product"]',
        '[itemtype$="schema.org/Product"]',
        'body[class*="product-page"]',
        "body.single-product",
        'meta[property="product:price:amount"]',
    )
    for css in (*usual, *_around_the_form(pages), *_around_the_name(names)):
        if all(page.tree.css_first(css) is not None for page in pages) and not any(
            page.tree.css_first(css) is not None for page in others
        ):
            return css
    return None


def page_number(pages: Sequence[Sample], numbers: Mapping[str, str]) -> tuple[str, str] | None:
    """(element, attribute) where every product page carries the number that lists have for it; None if any does not."""
    known = [page for page in pages if page.target.text in numbers]
    if not known:
        return None
    for css, attribute in (
        ('[name="add-to-cart"]', "value"),
        ('[name="product_id"]', "value"),
        ('[name="products_id"]', "value"),
        ('[name="id_product"]', "value"),
        ('[name="product"]', "value"),
        ('[name="productId"]', "value"),
        ('[name="item_id"]', "value"),
        ("form [data-product-id]", "data-product-id"),
        ("[data-product_id]", "data-product_id"),
        ("[data-product-id]", "data-product-id"),
    ):
        first = [page.tree.css_first(css) for page in known]
        found = [node.attributes.get(attribute) if node is not None else None for node in first]
        if all(value == numbers[page.target.text] for value, page in zip(found, known, strict=True)) and all(
            page.tree.css_first(css) is not None for page in pages
        ):
            return css, attribute
    return None


def _around_the_form(pages: Sequence[Sample]) -> Iterator[str]:
    """The form that puts a product into the cart, and what it stands in."""
    for form in pages[0].tree.css("form") if pages else ():
        action = form.attributes.get("action") or ""
        if re.search(r"(?i)cart|basket|bag|add|buy", action) and '"' not in action:
            yield from _named_around(form, 0)
            yield f'form[action="{action}"]'


def _around_the_name(names: Sequence[tuple[Root, LexborNode]]) -> Iterator[str]:
    for _, node in (*names[:1], *names[-1:]):
        yield from _named_around(node, MAX_AROUND)


def _named_around(node: LexborNode, levels: int) -> Iterator[str]:
    inner: LexborNode | None = node
    for _ in range(levels + 1):
        if inner is None or inner.tag == "html":
            return
        if (one := plain_id(inner)) is not None:
            yield f"{inner.tag}#{one}"
        yield from (css for name in stable_classes(inner) if "." in (css := compound(inner, (name,))))
        inner = inner.parent
