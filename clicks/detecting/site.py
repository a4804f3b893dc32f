"""All samples together: the shop as a `Platform`, and how sure we are of each part.

Invariant: what is below `SURE` is said, but is not in the platform: nothing is done on a guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from clicks.detecting.addresses import arranging, path_rule, product_rule
from clicks.detecting.blocks import product_groups
from clicks.detecting.consent_banners import Banner, banner_on
from clicks.detecting.findings import Part, findings
from clicks.detecting.form_rules import CART_COOKIES, cart_rule, form_rule, removal_rule
from clicks.detecting.forms import forms_of
from clicks.detecting.greeting import greeting_place
from clicks.detecting.lists import (
    LearntList,
    leading_to_products,
    learn_lists,
    listed_products,
    site_wide,
    with_agreeing_cart,
    with_own_numbers,
    without_strangers,
)
from clicks.detecting.page_kinds import (
    NOT_A_LIST,
    ORDER_NUMBERS,
    ORDER_PLACES,
    SEARCH_NAMES,
    category_pages,
    home_places,
    kind_rules,
    kinds_of,
)
from clicks.detecting.places import logout_places, search_fields, search_places
from clicks.detecting.product_page import learn_product_pages
from clicks.detecting.sample import Sample
from clicks.detecting.session_cookies import learnt_sessions
from clicks.detecting.signature import all_blocks, signatures
from config.platform import FormRule, PathRule, Platform

SURE: Final = 0.7

_BREADCRUMB_SKIP: Final = (
    "Home", "Home page", "Top", "Catalog", "Catalogue", "Shop", "Store", "Inicio", "Catálogo", "Tienda", "Portada",
    "Startseite", "Katalog", "Accueil", "Boutique", "Negozio", "Catalogo", "Start", "Strona główna", "All products",
    "Início", "Página inicial", "Inici", "Hem", "Startsida", "Hjem", "Forside", "Etusivu", "Domů", "Úvod", "Főoldal",
    "Acasă", "Anasayfa", "Ana Sayfa", "Αρχική", "Главная", "Головна", "Начало", "ホーム", "首页", "홈",
)  # fmt: skip


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
    kinds_of_blocks = leading_to_products(pages, kinds_of_blocks, blocks)
    kinds_of_blocks = without_strangers(kinds_of_blocks, blocks)
    blocks = {signature.css: blocks[signature.css] for signature in kinds_of_blocks}
    products = [block for found in blocks.values() for _, block in found]
    listed = listed_products(products)
    address = product_rule(
        [block.target for block in products],
        [link.target for page in pages for link in page.links if not link.is_action],
    )
    kinds = kinds_of(pages, address, kinds_of_blocks, listed, site_wide(pages, blocks))
    product_pages = [page for page, kind in zip(pages, kinds, strict=True) if kind == "product"]
    others = [page for page, kind in zip(pages, kinds, strict=True) if kind != "product"]
    in_lists = frozenset(block.node.mem_id for block in products)
    of_product = learn_product_pages(product_pages, others, listed, in_lists) if product_pages else None
    seen = [form for page in samples if page.body is not None for form in forms_of(page)]
    lists = tuple(learn_lists(kinds_of_blocks, blocks, kinds, address, pages))
    of_categories = category_pages(pages, kinds)
    rules = kind_rules(
        address, of_categories, home_places(pages, kinds), seen, samples, [block.target for block in products]
    )
    forms = {kind: form_rule(seen, kind) for kind in ("login", "register", "newsletter")}
    targets = [link.target for page in pages for link in page.links]
    arranged = arranging(targets)
    _, search_names = search_places(seen)
    search_names = search_names or search_fields(pages)
    sure_lists = [found for found in lists if found.confidence >= SURE]
    platform = Platform(
        name=name,
        session_cookies=tuple(dict.fromkeys((*learnt_sessions(samples), *ground.session_cookies))),
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
        logout=logout_places(samples),
        add_to_cart=cart_rule(seen, address),
        remove_from_cart=removal_rule(rules.get("cart", ())),
        cart_cookies=CART_COOKIES,
        newsletter=forms["newsletter"],
        order_call=FormRule(rules["checkout"], "redirect"),
        order_placed=tuple(map(path_rule, ORDER_PLACES)),
        order_id_url=ORDER_NUMBERS,
        as_shown=True,
        never_touch=ground.never_touch,
        never_read=ground.never_read,
    )
    platform = with_own_numbers(platform, product_pages, blocks)
    platform = with_agreeing_cart(platform, product_pages)
    greeting = greeting_place(pages)
    banner = banner_on(samples)
    parts = tuple(findings(address, of_product, lists, platform, greeting, banner, listed))
    counted = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    return Learnt(platform, parts, lists, greeting, banner, counted, of_categories.is_general)


def _kept(
    rules: Mapping[str, Sequence[PathRule]], arranged: Mapping[str, Sequence[str]], search: Sequence[str]
) -> tuple[str, ...]:
    """Query parameters that mean a page, and so may be kept in clicks."""
    meant = [name for kind, found in rules.items() if kind != "search" for rule in found for name in rule.query]
    return tuple(dict.fromkeys([*meant, *arranged["sort"], *arranged["page"], *arranged["filter"], *search]))
