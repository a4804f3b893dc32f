"""All samples together: the shop as a `Platform`, and how sure we are of each part.

Invariant: what is below `SURE` is said, but is not in the platform: nothing is done on a guess.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.addresses import AddressRule, arranging, product_rule
from clicks.detecting.blocks import Block, is_inside, price_in, product_groups
from clicks.detecting.consent_banners import Banner, banner_on
from clicks.detecting.forms import (
    form_rule,
    forms_of,
    greets,
    logout_places,
    search_fields,
    search_places,
    to_cart,
)
from clicks.detecting.page_kinds import (
    MIN_BLOCKS_SURE,
    NOT_A_LIST,
    ORDER_PLACES,
    SEARCH_NAMES,
    category_pages,
    home_places,
    kind_rules,
    kinds_of,
    path_rule,
)
from clicks.detecting.pointing import Root, candidates, pointer
from clicks.detecting.product_page import ProductPages, learn_product_pages, page_number
from clicks.detecting.sample import Sample, elements, fold
from clicks.detecting.signature import Signature, all_blocks, plain_id, signatures
from clicks.detecting.structured import said_product
from clicks.prices import read_price
from clicks.rules import rules_of
from config.expressions import Expressions
from config.platform import FormRule, ListRule, PathRule, Platform

SURE: Final = 0.7
MAX_NAMES_TRIED: Final = 8

_LOGOUT: Final = ("/**/logoff*", "/**/logout*", "/**/log-out*", "/**/signout*", "/**/sign-out*", "/**/sign_out*")
"""Where a visitor who is not signed in sees no link: the usual places."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that was found (or not: confidence 0), in words for the operator."""

    name: str
    found: str
    confidence: float


@dataclass(frozen=True, slots=True)
class LearntList:
    """A product list: `rule` as for a platform, and where it was seen (page kinds, number of blocks)."""

    rule: ListRule
    kinds: tuple[str, ...]
    blocks: int
    confidence: float
    is_ranking: bool
    """Numbered, or called the best: its order says something and is kept."""
    named: float
    priced: float


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the samples taught. `greeting` is a selector that is once on every page, with where to insert."""

    platform: Platform
    parts: tuple[Part, ...]
    lists: tuple[LearntList, ...]
    greeting: tuple[str, str] | None
    banner: Banner | None
    kinds: Mapping[str, int] = field(default_factory=dict)
    """Samples by the kind they were taken for."""
    tells_categories: bool = False
    """Addresses tell categories that nobody looked at, too."""


def learn(samples: Sequence[Sample], ground: Platform, name: str = "learnt") -> Learnt:
    """Learn a shop from some of its pages.

    `ground` gives what cannot be seen on pages: what is never read, names of session cookies and parameters.
    """
    pages = [page for page in samples if page.status == 200 and page.body is not None]
    groups = [product_groups(page) if not NOT_A_LIST.search(page.target.path) else [] for page in pages]
    kinds_of_blocks = signatures(pages, groups)
    blocks = {signature.css: all_blocks(pages, signature) for signature in kinds_of_blocks}
    kinds_of_blocks = _leading_to_products(pages, kinds_of_blocks, blocks)
    blocks = {signature.css: blocks[signature.css] for signature in kinds_of_blocks}
    products = [block for found in blocks.values() for _, block in found]
    listed = _listed(products)
    address = product_rule(
        [block.target for block in products],
        [link.target for page in pages for link in page.links if not link.is_action],
    )
    kinds = kinds_of(pages, address, kinds_of_blocks, listed)
    product_pages = [page for page, kind in zip(pages, kinds, strict=True) if kind == "product"]
    others = [page for page, kind in zip(pages, kinds, strict=True) if kind != "product"]
    in_lists = frozenset(block.node.mem_id for block in products)
    of_product = learn_product_pages(product_pages, others, listed, in_lists) if product_pages else None
    seen = [form for page in samples if page.body is not None for form in forms_of(page)]
    lists = tuple(_lists(kinds_of_blocks, blocks, kinds, address))
    of_categories = category_pages(pages, kinds)
    rules = kind_rules(address, of_categories, home_places(pages, kinds), seen, samples)
    forms = {
        kind: _placed(form_rule(seen, kind), address) for kind in ("login", "register", "add_to_cart", "newsletter")
    }
    targets = [link.target for page in pages for link in page.links]
    arranged = arranging(targets)
    _, search_names = search_places(seen)
    search_names = search_names or search_fields(pages)
    sure_lists = [found for found in lists if found.confidence >= SURE]
    platform = Platform(
        name=name,
        session_cookies=ground.session_cookies,
        session_params=ground.session_params,
        kinds=rules,
        product_id=(address.id,) if address is not None and products else (),
        category_id=of_categories.ids,
        category_css=of_categories.heading,
        product_mark=(of_product.mark or "") if of_product is not None and "product" not in rules else "",
        product=of_product.rule if of_product is not None and of_product.named >= SURE else None,
        lists=tuple(found.rule for found in sure_lists),
        breadcrumb_skip=_BREADCRUMB_SKIP,
        sort_params=arranged["sort"],
        page_params=arranged["page"],
        filter_params=arranged["filter"],
        search_params=search_names or SEARCH_NAMES,
        query_fields=_kept(rules, arranged, search_names),
        login=forms["login"],
        register=forms["register"],
        logout=logout_places(samples) or tuple(PathRule(path) for path in _LOGOUT),
        add_to_cart=forms["add_to_cart"],
        newsletter=forms["newsletter"],
        order_placed=tuple(PathRule(path) for path in ORDER_PLACES),
        never_touch=ground.never_touch,
        never_read=ground.never_read,
    )
    platform = _with_own_numbers(platform, product_pages, blocks)
    greeting = greeting_place(pages)
    banner = banner_on(samples)
    parts = tuple(_parts(address, of_product, lists, platform, greeting, banner, listed))
    counted = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    return Learnt(platform, parts, lists, greeting, banner, counted, of_categories.is_general)


def _leading_to_products(
    pages: Sequence[Sample], found: Sequence[Signature], blocks: Mapping[str, Sequence[tuple[int, Block]]]
) -> tuple[Signature, ...]:
    """Without the kinds of blocks that lead to lists: the entries of a menu that tells prices, tiles of categories."""
    places = {page.target.text: place for place, page in enumerate(pages)}
    inside = frozenset(block.node.mem_id for of_kind in blocks.values() for _, block in of_kind)
    kept = []
    for signature in found:
        prices = {block.target.text: read_price(block.price) for _, block in blocks[signature.css]}
        opened = {places[block.target.text] for _, block in blocks[signature.css] if block.target.text in places}
        to_lists = sum(
            any(other.counts.get(place, 0) >= MIN_BLOCKS_SURE for other in found if other is not signature)
            and not _sells(pages[place], inside, prices.get(pages[place].target.text))
            for place in opened
        )
        if 2 * to_lists <= len(opened):
            kept.append(signature)
    return tuple(kept)


def _sells(page: Sample, blocks: frozenset[int], price: int | None) -> bool:
    """The page is about one product: it says so, tells its price or puts it into the cart outside of all blocks."""
    if said_product(page) is not None:
        return True
    if any(
        to_cart(form) and not is_inside(form, blocks) for form in page.tree.css("form[method=post], form[method=POST]")
    ):
        return True
    told = price_in(page.body, blocks)[1] if page.body is not None and price is not None else ""
    return bool(told) and read_price(told) == price


_BREADCRUMB_SKIP: Final = (
    "Home", "Home page", "Top", "Catalog", "Catalogue", "Shop", "Store", "Inicio", "Catálogo", "Tienda", "Portada",
    "Startseite", "Katalog", "Accueil", "Boutique", "Negozio", "Catalogo", "Start", "Strona główna", "All products",
)  # fmt: skip


def _listed(products: Sequence[Block]) -> dict[str, tuple[str, str]]:
    """Name and price by address; where lists differ, what most say."""
    said: dict[str, list[tuple[str, str]]] = {}
    for block in products:
        said.setdefault(block.target.text, []).append((block.name, block.price))
    return {text: max(set(found), key=found.count) for text, found in said.items()}


def _lists(
    found: Sequence[Signature],
    blocks: Mapping[str, Sequence[tuple[int, Block]]],
    kinds: Sequence[str],
    address: AddressRule | None,
) -> list[LearntList]:
    lists: list[LearntList] = []
    expression = Expressions((address.id,)) if address is not None else None
    for signature in found:
        own = [block for _, block in blocks[signature.css]]
        if not own:
            continue
        named = sum(bool(block.name) for block in own) / len(own)
        priced = sum(read_price(block.price) is not None for block in own) / len(own)
        linked = sum(expression is not None and expression.first(block.target.text) is not None for block in own) / len(
            own
        )
        enough = min(1.0, len(own) / (2 * MIN_BLOCKS_SURE))
        confidence = enough * named * linked * (0.5 + 0.5 * priced)
        where = tuple(dict.fromkeys(kinds[place] for place in signature.counts))
        name = "products" if not lists else f"products{len(lists) + 1}"
        inner_name = pointer(
            [(block.node, block.name_node) for block in own if block.name_node is not None], same=_same_text
        )
        inner_price = pointer(
            [(block.node, block.price_node) for block in own if block.price_node is not None], same=_same_price
        )
        attribute, within = _number(own)
        rule = ListRule(
            name=name,
            items=signature.css,
            name_css=inner_name or _telling_name(own),
            price_css=inner_price or "",
            id_css=within,
            id_attribute=attribute,
            of_category="category" in where,
        )
        lists.append(LearntList(rule, where, len(own), round(confidence, 3), _is_ranking(own), named, priced))
    return lists


def _telling_name(blocks: Sequence[Block]) -> str:
    """Where a name is in two parts (artist and title): the part that every block has and that differs most."""
    best: tuple[tuple[int, int], str] | None = None
    for block in blocks[:MAX_NAMES_TRIED]:
        if block.name_node is None:
            continue
        for css in islice(candidates([(block.node, block.name_node)]), MAX_NAMES_TRIED):
            texts = [
                (
                    fold(found.text(deep=True)) if (found := each.node.css_first(css)) is not None else "",
                    each.target.text,
                )
                for each in blocks
            ]
            if sum(bool(text) for text, _ in texts) < 0.95 * len(blocks):
                continue
            score = len({text for text, _ in texts}), sum(len(text) for text, _ in texts)
            if best is None or score[0] > best[0][0]:
                best = score, css
    distinct = len({block.target.text for block in blocks})
    return best[1] if best is not None and best[0][0] >= 0.9 * distinct else ""


_RANKING: Final = re.compile(r"rank|best-?_?sell|top-?_?\d|chart|m[aá]s-?_?vend|meistverkauft|populares", re.IGNORECASE)


def _is_ranking(blocks: Sequence[Block]) -> bool:
    """A numbered list without a class that makes a grid of it, or one that is called a ranking."""
    for block in blocks[:1]:
        parent = block.node.parent
        if parent is None:
            return False
        said = " ".join(filter(None, (parent.attributes.get("id"), parent.attributes.get("class"))))
        return bool(_RANKING.search(said)) or (
            parent.tag == "ol" and not re.search(r"unstyled|row|grid|list-none|product", said, re.IGNORECASE)
        )
    return False


def _same_text(found: LexborNode, wanted: LexborNode) -> bool:
    return fold(found.text(deep=True)) == fold(wanted.text(deep=True))


def _same_price(found: LexborNode, wanted: LexborNode) -> bool:
    amount = read_price(fold(found.text(deep=True)))
    return amount is not None and amount == read_price(fold(wanted.text(deep=True)))


def _number(blocks: Sequence[Block]) -> tuple[str, str]:
    """(attribute, element) that carries a product's number in nearly every block; ("", "") where there is none."""
    keys = {key for block in blocks for key in block.numbers}
    for key in sorted(keys, key=lambda key: (not key.startswith("@"), "sku" in key, key)):
        values = [block.numbers[key] for block in blocks if key in block.numbers]
        products = {block.target.text for block in blocks if key in block.numbers}
        if len(values) < 0.95 * len(blocks) or len(set(values)) < 0.9 * len(products):
            continue
        if key.startswith("@"):
            return key[1:], ""
        if key.startswith("input:"):
            return "value", f'[name="{key[6:]}"]'
        return key[1:-1], key
    return "", ""


def _with_own_numbers(
    platform: Platform, pages: Sequence[Sample], blocks: Mapping[str, Sequence[tuple[int, Block]]]
) -> Platform:
    """Where addresses have words and carts have numbers: the numbers, if every list and every product page tells them.

    Otherwise the address alone tells, and what blocks carry is left out, so that lists and pages agree.
    """
    rules = platform.lists
    numbers = {
        block.target.text: value
        for rule in rules
        for _, block in blocks[rule.items]
        if (value := _value(block.node, rule.id_css, rule.id_attribute))
    }
    by_address = [rules_of(platform).product_of(text) for text in numbers]
    is_same = all(found == number for found, number in zip(by_address, numbers.values(), strict=True))
    if rules and all(rule.id_attribute for rule in rules) and platform.product is not None and not is_same:
        place = page_number(pages, numbers)
        if place is not None:
            product = replace(platform.product, id_css=place[0], id_attribute=place[1])
            return replace(platform, product=product, id_on_page=True)
    if platform.product_id and any(rule.id_attribute for rule in rules):
        return replace(platform, lists=tuple(replace(rule, id_css="", id_attribute="") for rule in rules))
    return platform


def _value(node: LexborNode, css: str, attribute: str) -> str | None:
    element = node.css_first(css) if css else node
    return element.attributes.get(attribute) if element is not None and attribute else None


def _placed(rule: FormRule | None, address: AddressRule | None) -> FormRule | None:
    """A form that product pages send to themselves is on all of them."""
    if rule is None or address is None or not address.path or "?" in address.path:
        return rule
    expression = Expressions((address.id,))
    if not any(expression.first(place.path) for place in rule.at):
        return rule
    at = (path_rule(address.path), *(place for place in rule.at if not expression.first(place.path)))
    return FormRule(at, "ok", rule.fields, rule.requires, rule.failure)


def _kept(
    rules: Mapping[str, Sequence[PathRule]], arranged: Mapping[str, Sequence[str]], search: Sequence[str]
) -> tuple[str, ...]:
    """Query parameters that mean a page, and so may be kept in clicks."""
    meant = [name for kind, found in rules.items() if kind != "search" for rule in found for name in rule.query]
    return tuple(dict.fromkeys([*meant, *arranged["sort"], *arranged["page"], *arranged["filter"], *search]))


_REGIONS: Final = (
    "main", "[role=main]", "#content", "#main", "#main-content", "#bodyContent", "#page-content", ".main-content",
    "#wrapper", "#page", "#container", ".container",
)  # fmt: skip


_OVER_THE_PAGE: Final = re.compile(
    r"cookie|consent|gdpr|modal|popup|overlay|toast|hidden|skip|nav|menu|drawer|off-?canvas|banner|search|debug",
    re.IGNORECASE,
)


def greeting_place(pages: Sequence[Sample]) -> tuple[str, str] | None:
    """(selector, where to insert) of a place that is once on every page and is seen by visitors."""
    if not pages:
        return None
    own = [(page.tree, node) for page in pages if (node := greets(page)) is not None]
    if len(own) == len(pages):
        pairs: list[tuple[Root, LexborNode]] = list(own)
        if css := pointer(pairs, unique=True):
            return css, "end"
    for css in _REGIONS:
        if all(len(page.tree.css(css)) == 1 for page in pages):
            return css, "start"
    if (css := _main_part(pages)) is not None:
        return css, "start"
    for page in pages[:1]:
        for node in page.tree.css("body > [id]"):
            if (
                not _OVER_THE_PAGE.search(f"{node.attributes.get('id')} {node.attributes.get('class')}")
                and (one := plain_id(node)) is not None
                and all(len(other.tree.css(f"#{one}")) == 1 for other in pages)
            ):
                return f"#{one}", "start"
    return "body", "start"


def _main_part(pages: Sequence[Sample]) -> str | None:
    """The child of the body that has most of the text, when that is one with the same name on every page."""
    found: list[tuple[Root, LexborNode]] = []
    for page in pages:
        children = [
            node
            for node in (elements(page.body) if page.body is not None else ())
            if node.tag in ("div", "section")
            and not _OVER_THE_PAGE.search(f"{node.attributes.get('id')} {node.attributes.get('class')}")
        ]
        if not children:
            return None
        found.append((page.tree, max(children, key=lambda node: len(node.text(deep=True)))))
    return pointer(found, unique=True)


def _said(place: PathRule) -> str:
    query = "&".join(f"{name}={value}" for name, value in place.query.items())
    return f"{place.path}?{query}" if query else place.path


def _parts(
    address: AddressRule | None,
    of_product: ProductPages | None,
    lists: Sequence[LearntList],
    platform: Platform,
    greeting: tuple[str, str] | None,
    banner: Banner | None,
    listed: Mapping[str, tuple[str, str]],
) -> list[Part]:
    parts = []
    for found in lists:
        words = f"{found.rule.items}: {found.blocks} blocks on {', '.join(found.kinds)} pages"
        parts.append(Part(f"list {found.rule.name}", words, found.confidence))
    if address is not None and listed:
        words = address.path or "by the page itself"
        parts.append(Part("product address", words, round(address.cover * (1 - min(1.0, address.false)), 2)))
    if of_product is not None:
        parts.append(
            Part(
                "product page",
                f"{of_product.rule.name_css}, {of_product.rule.price_css or 'no price'}",
                of_product.priced,
            )
        )
    for name, rule in (
        ("login", platform.login),
        ("register", platform.register),
        ("add to cart", platform.add_to_cart),
        ("newsletter", platform.newsletter),
    ):
        words = ", ".join(map(_said, rule.at)) if rule is not None else "not seen"
        parts.append(Part(name, words, 0.9 if rule is not None else 0.0))
    for name in ("search", "cart", "category"):
        places = [place for place in platform.kinds.get(name, ()) if not place.path.startswith("/**")]
        parts.append(Part(name, ", ".join(map(_said, places)) or "not seen", 0.9 if places else 0.0))
    parts.append(Part("logout", ", ".join(map(_said, platform.logout)) or "not seen", 0.8 if platform.logout else 0.0))
    if greeting is not None:
        parts.append(Part("greeting", f"{greeting[0]} ({greeting[1]})", 0.75 if greeting[0] == "body" else 0.9))
    parts.append(
        Part("consent banner", f"{banner.name} ({banner.cookie})" if banner else "none known", 0.9 if banner else 0.0)
    )
    return parts
