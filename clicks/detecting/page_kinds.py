"""What kind of page each sample is, and the rules by which any other page's address tells the same.

Invariant: a rule for categories means none of the pages that were taken for something else; products come first, then
what must never be reordered (searches, carts, the checkout), then the rest.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from selectolax.lexbor import LexborNode

from clicks.detecting.addresses import MAX_FALSE, AddressRule, path_rule, product_rule
from clicks.detecting.form_rules import form_places
from clicks.detecting.forms import SeenForm, forms_of
from clicks.detecting.places import cart_places, checkout_places, is_cart, search_places
from clicks.detecting.pointing import Root, pointer
from clicks.detecting.sample import Sample, fold
from clicks.detecting.signature import Signature
from clicks.detecting.structured import said_product
from clicks.rules import RequestRules
from clicks.targets import Target
from config.expressions import Expressions
from config.platform import PathRule

MIN_BLOCKS_SURE: Final = 3
MIN_IN_MENU: Final = 3
MAX_EXACT: Final = 20
"""Categories named one by one, where their addresses have nothing in common."""

NOT_A_LIST: Final = re.compile(
    r"/(?:\w+[-_])?(?:cart|basket|checkout|orders?|success|thank|thanks|account|wishlist|compare)(?:[-_][\w-]+)?(?:[/.]|$)"
    r"|(?:cart|checkout|account|order)[-_]",
    re.IGNORECASE,
)
CHECKOUT_PLACES: Final = (
    "/**/checkout/**",
    "/**/checkout*",
    "/**/caja/**",
    "/**/kasse/**",
    "/**/commande/**",
    "/**/kassa/**",
    "/**/onepagecheckout",
    "/**/order",
    "/**/kasse*",
    "/**/kassa*",
    "/**/Kassa*",
    "/**/Checkout*",
    "/**/caisse*",
    "/**/afrekenen*",
    "/**/bezahlen*",
    "/**/tramitar*",
    "/**/finalizar*",
    "/**/oformlen*",
    "/**/zakaz*",
    "/**/zamowienie*",
    "/**/objednavka*",
    "/**/pay",
    "/**?main_page=checkout_shipping",
    "/**?target=checkout",
)
ORDER_PLACES: Final = (
    "/**/checkout/success/**",
    "/**/checkout/onepage/success/**",
    "/**/checkout_success*",
    "/**/order-received/**",
    "/**/order-confirmation*",
    "/**/thank-you/**",
    "/**/thank_you*",
    "/**/thankyou*",
    "/**/gracias*",
    "/**/danke*",
    "/**/merci*",
    "/**/grazie*",
    "/**/bedankt*",
    "/**/tack.*",
    "/**/Tack.*",
    "/**/obrigado*",
    "/**/spasibo*",
    "/**/dziekujemy*",
    "/**/dekujeme*",
    "/**/kiitos*",
    "/**/kasse_fertig*",
    "/**/ordercomplete*",
    "/**/order-complete*",
    "/**/order_complete*",
    "/**/pay/done/**",
    "/**/order/success*",
    "/**/order_success*",
    "/**/checkout/completed/**",
    "/**/checkout/**/complete",
    "/**/checkout/finish",
    "/**/shop/confirmation",
    "/**?main_page=checkout_success",
    "/**?target=checkoutSuccess",
    "/**/orders/*",
)
"""Of the last one only the page that the checkout leads to is a new order; the others are in the customer's history."""
ORDER_NUMBERS: Final = (
    r"/orders?/(?:[a-z-]+/)*([A-Za-z]{0,4}-?\d[\w-]{0,30})(?:[/?]|$)",
    r"/(?:order-received|completed|success|thank-you|thankyou|gracias)/([A-Za-z]{0,4}-?\d[\w-]{0,30})(?:[/?]|$)",
    r"(?i)[?&](?:order|order_?id|id_order|order_?number|order_?no)=([\w-]{1,32})(?:&|$)",
)
"""Where addresses of such pages have the order's number."""
_ACCOUNT: Final = (
    "/**/account/**",
    "/**/account*",
    "/**/my-account/**",
    "/**/customer/**",
    "/**/mi-cuenta/**",
    "/**/konto/**",
)
SEARCH_NAMES: Final = ("q", "s", "query", "search", "keywords", "keyword", "search_query")
"""Parameters with the words of a search, where no form tells."""
_SEARCH: Final = (
    PathRule("/**/search/**"),
    PathRule("/**/search*"),
    PathRule("/**/*search_result*"),
    PathRule("/**/catalogsearch/**"),
    PathRule("/**", {"route": "product/search"}),
    *(PathRule("/**", {name: "*"}) for name in SEARCH_NAMES),
)
_HOME: Final = re.compile(r"^/(?:[a-z]{2}(?:[-_][A-Za-z]{2})?/?|(?:index|home|default)(?:\.\w{2,5})?/?)?$")
_BY_SCRIPT: Final = frozenset({"route", "controller", "main_page", "main"})
"""Parameters that say which page of a shop's only script is meant."""


def kinds_of(
    pages: Sequence[Sample],
    address: AddressRule | None,
    found: Sequence[Signature],
    listed: Mapping[str, tuple[str, str]],
    beside: Mapping[int, int],
) -> list[str]:
    """The kind of each page: by what lists lead to, what pages say of themselves, and what is on them.

    `beside` counts blocks that are on every page, by the page's place.
    """
    expression = Expressions((address.id,)) if address is not None and address.path else None
    kinds = []
    for place, page in enumerate(pages):
        path = page.target.path
        blocks = sum(signature.counts.get(place, 0) for signature in found) - beside.get(place, 0)
        if _HOME.match(path) and not page.target.query:
            kinds.append("home")
        elif NOT_A_LIST.search(path) and page.target.text not in listed:
            kinds.append("other")
        elif (
            page.target.text in listed
            or (expression is not None and expression.first(page.target.text))
            or said_product(page) is not None
        ):
            kinds.append("product")
        elif any(form.kind == "login" for form in forms_of(page)) and blocks == 0:
            kinds.append("login")
        elif any(re.match(r"^(?:q|s|query|search|keywords?)$", name) for name, _ in page.target.query):
            kinds.append("search")
        elif blocks >= MIN_BLOCKS_SURE:
            kinds.append("category")
        else:
            kinds.append("other")
    return kinds


@dataclass(frozen=True, slots=True)
class CategoryPages:
    """What tells categories: `rules`, expressions for the id where all have one, and a selector for their heading."""

    rules: tuple[PathRule, ...]
    ids: tuple[str, ...]
    heading: str
    is_general: bool
    """Categories that nobody looked at are known by the rules, too."""


def category_pages(pages: Sequence[Sample], kinds: Sequence[str]) -> CategoryPages:
    """Learn from the pages that were taken for categories."""
    own = [page for page, kind in zip(pages, kinds, strict=True) if kind == "category"]
    others = [page.target for page, kind in zip(pages, kinds, strict=True) if kind != "category"]
    known = [page.target for page, kind in zip(pages, kinds, strict=True) if kind in ("home", "search", "login")]
    by_query = sorted((page.target for page in own if page.target.query), key=lambda target: target.path)
    by_path = sorted((page.target for page in own if not page.target.query), key=_folder)
    rules: list[PathRule] = []
    ids: list[str] = []
    covered = 0
    for _, group in groupby(by_query, key=lambda target: target.path):
        members = list(group)
        rule = product_rule(members, others)
        if rule is not None and "?" in rule.path and not _means_any(found := path_rule(rule.path), known):
            rules.append(found)
            ids.append(rule.id)
            covered += len(members)
        else:
            rules += _by_route(members)
    for _, group in groupby(by_path, key=_folder):
        members = list(group)
        rule = product_rule(members, others)
        if len(members) > 1 and rule is not None and _is_told(rule, len(others)):
            rules.append(path_rule(rule.path))
            ids.append(rule.id)
            covered += len(members)
    rules += [PathRule(target.path) for target in (*by_path, *_beside(own, others))][:MAX_EXACT]
    is_general = bool(own) and 2 * covered > len(own)
    return CategoryPages(_distinct(rules), tuple(dict.fromkeys(ids)) if is_general else (), _heading(own), is_general)


def _beside(categories: Sequence[Sample], others: Sequence[Target]) -> Iterable[Target]:
    """What stands in one menu with several categories, and nothing else that was looked at: categories, too."""
    known, strange = {page.target.text for page in categories}, {target.text for target in others}
    for page in categories[:1]:
        menus: dict[int, dict[str, Target]] = {}
        for link in page.links:
            entry = link.node.parent
            menu = entry.parent if entry is not None and entry.tag == "li" else entry
            if menu is not None and not link.is_action:
                menus.setdefault(menu.mem_id, {})[link.target.text] = link.target
        for found in menus.values():
            if len(found.keys() & known) >= MIN_IN_MENU and not found.keys() & strange:
                yield from (target for text, target in found.items() if text not in known and not target.query)


def _folder(target: Target) -> str:
    return target.path.rstrip("/").rpartition("/")[0]


def _is_told(rule: AddressRule, others: int) -> bool:
    """The rule tells by more than that there is one segment: by a folder of their own, or a number in each.

    One page that seems to be none may be a category that is empty now.
    """
    is_rare = rule.false * others <= max(1.0, MAX_FALSE * others)
    return bool(rule.path) and is_rare and rule.path not in ("/*", "/*/", "/**", "/*/*", "/*/*/")


def _means_any(rule: PathRule, others: Sequence[Target]) -> bool:
    return any(
        target.path == rule.path
        and all(
            (value := target.get(name)) is not None and wanted in ("*", value) for name, wanted in rule.query.items()
        )
        for target in others
    )


def _distinct(rules: Iterable[PathRule]) -> tuple[PathRule, ...]:
    return tuple({f"{rule.path}?{sorted(rule.query.items())}": rule for rule in rules}.values())


def _heading(pages: Sequence[Sample]) -> str:
    """The heading that is once on every category's page, in words of its own."""
    found: list[tuple[Root, LexborNode]] = []
    for page in pages:
        headings = [node for node in page.tree.css("h1") if fold(node.text(deep=True))]
        if len(headings) != 1:
            return ""
        found.append((page.tree, headings[0]))
    texts = {fold(node.text(deep=True)) for _, node in found}
    return (pointer(found, unique=True) or "") if len(found) > 1 and len(texts) == len(found) else ""


def home_places(pages: Sequence[Sample], kinds: Sequence[str]) -> tuple[PathRule, ...]:
    """The home page, under each of its addresses that was seen."""
    seen = (page.target.path for page, kind in zip(pages, kinds, strict=True) if kind == "home")
    return tuple(PathRule(path) for path in dict.fromkeys(("/", *seen)))


def kind_rules(
    address: AddressRule | None,
    categories: CategoryPages,
    homes: tuple[PathRule, ...],
    seen: Sequence[SeenForm],
    samples: Sequence[Sample],
    products: Sequence[Target],
) -> dict[str, tuple[PathRule, ...]]:
    """The rules of a platform, in the order in which they are tried."""
    buying = {
        "order": tuple(map(path_rule, ORDER_PLACES)),
        "cart": cart_places(samples),
        "checkout": _distinct((*checkout_places(samples), *map(path_rule, CHECKOUT_PLACES))),
    }
    # A word on a link is weaker than an address: a shop's cart may be the first step of its checkout.
    steps = RequestRules(tuple(map(path_rule, CHECKOUT_PLACES)))
    buying["cart"] = tuple(
        rule for rule in buying["cart"] if rule.query or is_cart(rule.path) or not steps.match(Target(rule.path))
    )
    rules: dict[str, tuple[PathRule, ...]] = {}
    # `/shop/checkout` beside `/shop/oak-lamp-12`: it is one of the two, and no product is called so.
    matching = [RequestRules(places) for places in buying.values()]
    if not any(each.match(target) for each in matching for target in products):
        rules |= {kind: places for kind, places in buying.items() if places}
    if address is not None and address.path:
        rules["product"] = (path_rule(address.path),)
    places, _ = search_places(seen)
    rules["search"] = _distinct((*places, *_SEARCH))
    rules |= {kind: places for kind, places in buying.items() if places and kind not in rules}
    logins = form_places(form.page for form in seen if form.kind in ("login", "register"))
    own = tuple(place for place in logins if place.query or place not in homes)
    if own:
        rules["login"] = own
    rules["account"] = tuple(PathRule(path) for path in _ACCOUNT)
    if categories.rules:
        rules["category"] = categories.rules
    rules["home"] = homes
    return rules


def _by_route(targets: Sequence[Target]) -> tuple[PathRule, ...]:
    """Pages of shops that have one script and a route in the query."""
    routes = {(target.path, name, value) for target in targets for name, value in target.query if name in _BY_SCRIPT}
    return tuple(PathRule(path, {name: value}) for path, name, value in sorted(routes))
