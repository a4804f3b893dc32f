"""Facts of a served page: product, lists, category, order; read through `PageView`, never from HTML itself.

Invariant: what cannot be told is None; a list has one `Listed` per match of its query, in the same order; no URL in
the facts carries a session id.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from urllib.parse import urljoin

from clicks.detecting.amounts import PRICE
from clicks.facts import Listed, OrderFacts, PageFacts, PageView, ProductFacts, Row
from clicks.kinds import category_id, page_kind, product_id, sorted_by_visitor
from clicks.prices import read_currency, read_price
from clicks.privacy import is_private
from clicks.rules import Rules, rules_of
from clicks.targets import Target, kept_path, kept_query, page_key, parse_target
from config.expressions import Expressions
from config.platform import Platform

MAX_NAME_LENGTH = 200
MAX_CATEGORIES = 8

LONGEST_REMEMBERED = 512
"""Characters; longer links are read anew each time, so that nobody fills the memory with them."""


def read_facts(view: PageView, platform: Platform, target: Target, list_queries: Mapping[str, str]) -> PageFacts:
    """The facts of a page. `list_queries` maps placement names to queries with `list_fields`."""
    rules = rules_of(platform)
    kind = page_kind(platform, target)
    if kind == "other" and platform.product_mark and view.count("kind:product") and rules.product_of(target.text):
        kind = "product"
    lists = {}
    base = _first(view, "page:base", "href")
    around = resolve(base, target) if base else target  # what its relative links are relative to
    known: list[tuple[Sequence[Row], tuple[Listed, ...]]] = []
    """With their rows: a placement's list is mostly one of the platform's."""
    for name, query in list_queries.items():
        if rows := view.rows(query):
            lists[name] = _read_list(rows, platform, rules, around, known)
    for rule in platform.lists:
        if rule.name not in lists and (rows := view.rows(f"list:{rule.name}")):
            lists[rule.name] = _read_list(rows, platform, rules, around, known)
    crumbs = _crumbs(view, rules) if kind in ("product", "category") else ()
    return PageFacts(
        kind=kind,
        product=_product(view, platform, target, crumbs) if kind == "product" else None,
        category=_category(view, crumbs, platform, target, lists) if kind == "category" else None,
        lists=lists or None,
        order=_order(view, platform, rules, target) if kind == "order" else None,
        sorted_by_visitor=sorted_by_visitor(platform, target),
        hydrated=view.count("page:hydrated") > 0,
        hits=_hits(view, platform, target, lists) if kind == "search" else None,
    )


def _hits(view: PageView, platform: Platform, target: Target, lists: Mapping[str, tuple[Listed, ...]]) -> int | None:
    """As the page says ("Showing 1 to 20 of 45 (3 Pages)"); of an only page the length of the main list."""
    if told := _first(view, "search:hits", "text"):
        numbers = [int(_MARKS.sub("", number)) for number in _NUMBER.findall(told) if len(number) < 12]
        if numbers:
            return max(numbers)
    own = next((rule.name for rule in platform.lists if rule.of_category), None)
    if own is None or sorted_by_visitor(platform, target):
        return None
    found = len(lists.get(own, ()))
    return found if found == 0 or not platform.hits_css else None


_NUMBER = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+|\d+")
_MARKS = re.compile(r"[.,' ]")


def _read_list(
    rows: Sequence[Row],
    platform: Platform,
    rules: Rules,
    page: Target,
    known: list[tuple[Sequence[Row], tuple[Listed, ...]]],
) -> tuple[Listed, ...]:
    for others, listed in known:
        if others == rows:
            return listed
    found = []
    for row in rows:
        # Rows that other pages have, too, keep what was read of them: it depends on where links lead from here.
        kept = getattr(row, "derived", None)
        if kept is not None and kept[0] is platform and kept[1] == page.path:
            found.append(kept[2])
            continue
        one = _listed(row, platform, rules, page)
        found.append(one)
        if hasattr(row, "derived"):
            row.derived = platform, page.path, one
    whole = tuple(found)
    known.append((rows, whole))
    return whole


def _listed(row: Row, platform: Platform, rules: Rules, page: Target) -> Listed:
    link = row.get("own_link") or row.get("link")
    linked, url = _linked(link, page.path, platform) if link else (None, None)
    found = _given_id(row, rules) if platform.id_on_page else None
    if found is None:
        found = linked
    if found is None and not platform.id_on_page:
        found = _given_id(row, rules)
    if found is None and (action := row.get("action")):
        found, _ = _linked(action, page.path, platform)
    name = next((text for key in ("name", "heading", "title", "alt") if (text := _name(row.get(key)))), None)
    return Listed(
        id=found if found and not is_private(found) else None,
        name=name,
        price_cents=listed_price(row),
        url=url if found else None,
        image=_image(row.get("own_image") or row.get("image")),
    )


def _linked(link: str, path: str, platform: Platform) -> tuple[str | None, str]:
    """The product that a link on the page at `path` leads to, and its address as it is kept."""
    return _told(link, path, platform) if len(link) <= LONGEST_REMEMBERED else _told.__wrapped__(link, path, platform)


@lru_cache(maxsize=4096)
def _told(link: str, path: str, platform: Platform) -> tuple[str | None, str]:
    url = resolve(link, Target(path))
    return rules_of(platform).product_of(url.text), _kept_url(url, platform)


def listed_price(row: Row) -> int | None:
    """From the element with the price, else the amount with a currency among the block's words; of two the smaller."""
    if (told := read_price(row.get("price"))) is not None:
        return told
    words = row.get("words") or ""
    amounts = [amount for found in PRICE.findall(words) if (amount := read_price(found)) is not None]
    return min(amounts[:2], default=None)


def _given_id(row: Row, rules: Rules) -> str | None:
    for key, pattern in rules.list_ids:
        if found := _picked(row.get(key), pattern):
            return found
    for key in ("own_id", "id", "form_id"):
        value = (row.get(key) or "").strip()
        if value and len(value) <= 64:
            return value
    return None


def _picked(value: str | None, pattern: Expressions | None) -> str | None:
    """The id in an attribute: all of it, or what the pattern's group says."""
    if value and pattern is not None:
        value = pattern.first(value)
    value = (value or "").strip()
    return value if value and len(value) <= 64 else None


def resolve(link: str, page: Target) -> Target:
    """A link of a page as a target; the host is left out, a relative one is read against the page's folder."""
    link = link.strip()
    scheme, separator, rest = link.partition("://")
    if separator and scheme.isalpha():
        slash = min((place for mark in "/?#" if (place := rest.find(mark)) >= 0), default=len(rest))
        link = rest[slash:] or "/"
    elif link.startswith("//"):
        link = "/" + link[2:].partition("/")[2]
    if not link.startswith("/"):
        try:
            link = urljoin(page.path.partition("?")[0] or "/", link)
        except ValueError:
            link = "/"
    return parse_target(link.encode("utf-8", "surrogateescape"))


def _kept_url(target: Target, platform: Platform) -> str:
    # How a list was arranged rides on its links; the product is the same.
    arranged = (*platform.sort_params, *platform.page_params, *platform.filter_params, *platform.search_params)
    fields = {name: value for name, value in kept_query(target, platform).items() if name not in arranged}
    path = kept_path(target, platform)
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in fields.items())}" if fields else path


def _image(source: str | None) -> str | None:
    # Inline images are pages long and say nothing; session ids sometimes ride on an image's query.
    if not source or source.startswith("data:"):
        return None
    return intern(source.strip().partition("?")[0][:500]) or None


def _name(text: str | None) -> str | None:
    folded = " ".join((text or "").split())
    return intern(folded[:MAX_NAME_LENGTH]) or None


@dataclass(frozen=True, slots=True)
class _Crumb:
    text: str
    url: Target | None


def _crumbs(view: PageView, rules: Rules) -> tuple[_Crumb, ...]:
    """The breadcrumb's steps without the ones that are no category (Home, Catalog)."""
    crumbs = []
    for row in view.rows("breadcrumb"):
        text = _name(_BREADCRUMB_MARKS.sub("", row.get("text") or ""))
        link = row.get("href") or row.get("link")
        if text and text.casefold() not in rules.breadcrumb_skip:
            crumbs.append(_Crumb(text, resolve(link, Target("/")) if link else None))
    return tuple(crumbs)


_BREADCRUMB_MARKS = re.compile(r"^[\s»›>/|]+|[\s»›>/|]+$")


def _product(view: PageView, platform: Platform, target: Target, crumbs: tuple[_Crumb, ...]) -> ProductFacts | None:
    found = _picked(_first(view, "product:id", "id"), rules_of(platform).page_id) or product_id(platform, target)
    if found is None or is_private(found):
        return None
    name = _first(view, "product:name", "text")
    if name is None and platform.product is not None:
        # "Product not found" is often answered with 200.
        return None
    image = _image(_first(view, "product:image", "src"))
    return ProductFacts(
        id=found,
        name=_name(name),
        price_cents=read_price(_first(view, "product:price", "text")),
        categories=_categories(crumbs, platform, name),
        image=image,
        sold_out=view.count("product:sold_out") > 0,
    )


def _categories(crumbs: tuple[_Crumb, ...], platform: Platform, product_name: str | None) -> tuple[str, ...]:
    """Steps between home and the product: by their links where the platform tells categories, else by their place."""
    if platform.category_id:
        texts = [
            crumb.text
            for crumb in crumbs
            if crumb.url is not None and category_id(platform, crumb.url) and product_id(platform, crumb.url) is None
        ]
    else:
        last = crumbs[-1] if crumbs else None
        is_product = last is not None and (last.url is None or last.text == _name(product_name))
        texts = [crumb.text for crumb in (crumbs[:-1] if is_product else crumbs)]
    return tuple(dict.fromkeys(texts))[:MAX_CATEGORIES]


def _category(
    view: PageView,
    crumbs: tuple[_Crumb, ...],
    platform: Platform,
    target: Target,
    lists: Mapping[str, tuple[Listed, ...]],
) -> str | None:
    """The last step's text; without a breadcrumb the id in the URL of a page that lists something.

    Novelties and special offers are lists of every category: where the platform tells categories by their URLs, a
    page without such a URL has none.
    """
    found = category_id(platform, target)
    if platform.category_id and found is None:
        return None
    if heading := _name(_first(view, "category:name", "text")):
        return heading
    if crumbs:
        return crumbs[-1].text
    return found if found and lists and not is_private(found) else None


def _order(view: PageView, platform: Platform, rules: Rules, target: Target) -> OrderFacts | None:
    number = _first(view, "order:id", "text")
    items, links = [], []
    for row in view.rows("order:item"):
        link = row.get("href") or row.get("link")
        url = resolve(link, Target("/")) if link else None
        found = rules.product_of(url.text) if url else row.get("value")
        if found and len(found) <= 64:
            items.append(found)
        elif url is not None:
            links.append(page_key("", url, platform))
    match = _ORDER_NUMBER.search(number or "")
    if match is None and not items and not links:
        return None  # anybody may open an address with a number in it
    order = rules.order_of(target.text) or (match[0] if match else "")
    total = _last(view, "order:total", "text")
    return OrderFacts(
        id=order,
        value_cents=read_price(total),
        items=tuple(dict.fromkeys(items)),
        currency=read_currency(total) or platform.currency or None,
        links=tuple(dict.fromkeys(links)),
    )


_ORDER_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9_-]*\d[A-Z0-9_-]*|\d+", re.IGNORECASE)


def _first(view: PageView, query: str, field: str) -> str | None:
    return next((value for row in view.rows(query) if (value := row.get(field))), None)


def _last(view: PageView, query: str, field: str) -> str | None:
    return next((value for row in reversed(view.rows(query)) if (value := row.get(field))), None)
