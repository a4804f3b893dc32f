"""What is asked of a page to read its facts: the queries of a platform, and the fields of any list of products."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from clicks.hydration import MARKS_CSS
from config.platform import Platform


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact query: `fields` are (name, css relative to the match, "text" or an attribute)."""

    name: str
    css: str
    fields: tuple[tuple[str, str, str], ...]


_GENERIC_PRICE = '[class*="price"], [class*="Price"], .amount'

LIST_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("link", "a[href]", "href"),
    ("own_link", "", "href"),
    ("heading", "h1, h2, h3, h4, h5, h6", "text"),
    ("title", "a[title]", "title"),
    ("alt", "img[alt]", "alt"),
    ("price", _GENERIC_PRICE, "text"),
    ("image", "img", "src"),
    ("id", "[data-product-id]", "data-product-id"),
    ("own_id", "", "data-product-id"),
    ("form_id", 'input[name="products_id"], input[name="product_id"], input[name="product"]', "value"),
    ("action", "form[action]", "action"),
)
"""Fields that tell a product in any list block; `list_fields(platform)` adds what the platform knows."""


@lru_cache(maxsize=32)
def list_fields(platform: Platform, items: str = "") -> tuple[tuple[str, str, str], ...]:
    """The fields a query for `items` needs so that its matches can be read as products of this platform.

    What another list's rule names (`small`) may be something else here: it counts where the rule of these items, if
    there is one, does not say.
    """
    fields = list(LIST_FIELDS)
    rules = platform.lists
    own = tuple(rule for rule in rules if rule.items == items) or rules
    if any(not (rule.price_css or rule.price_attribute) for rule in own):
        fields.append(("words", "", "text"))
    if names := _union(rule.name_css for rule in own) or _union(rule.name_css for rule in rules):
        fields.append(("name", names, "text"))
    told = next((rule for rule in own if rule.price_attribute), None)
    if told is not None:
        fields = [field for field in fields if field[0] != "price"]
        fields.append(("price", told.price_css, told.price_attribute))
    elif prices := _union(rule.price_css for rule in own) or _union(rule.price_css for rule in rules):
        fields = [field for field in fields if field[0] != "price"]
        fields.append(("price", prices, "text"))
    if images := _union(rule.image_css for rule in rules if rule.image_css != "img"):
        fields.append(("own_image", images, "src"))
    for place, rule in enumerate(rules):
        if rule.id_attribute:
            fields.append((f"id{place}", rule.id_css, rule.id_attribute))
    return tuple(fields)


def _union(selectors: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(selector for selector in selectors if selector))


@lru_cache(maxsize=32)
def wanted(platform: Platform) -> tuple[Wanted, ...]:
    """The fact queries of a platform: its lists, product, breadcrumb and order, and whether scripts take it over."""
    queries = [Wanted(f"list:{rule.name}", rule.items, list_fields(platform, rule.items)) for rule in platform.lists]
    queries.append(Wanted("page:base", "base[href]", (("href", "", "href"),)))
    queries.append(Wanted("page:hydrated", MARKS_CSS, ()))
    text = (("text", "", "text"),)
    if product := platform.product:
        queries.append(Wanted("product:name", product.name_css, text))
        if product.price_css:
            price = (("text", "", product.price_attribute or "text"),)
            queries.append(Wanted("product:price", product.price_css, price))
        if product.sold_out_css:
            queries.append(Wanted("product:sold_out", product.sold_out_css, ()))
        if product.image_css:
            queries.append(Wanted("product:image", product.image_css, (("src", "", "src"),)))
        if product.id_attribute:
            queries.append(Wanted("product:id", product.id_css, (("id", "", product.id_attribute),)))
        if product.breadcrumb_css:
            crumb = (("text", "", "text"), ("href", "", "href"), ("link", "a[href]", "href"))
            queries.append(Wanted("breadcrumb", product.breadcrumb_css, crumb))
    if platform.order_id_css:
        queries.append(Wanted("order:id", platform.order_id_css, text))
    if platform.order_total_css:
        queries.append(Wanted("order:total", platform.order_total_css, text))
    if platform.order_item_css:
        item = (("href", "", "href"), ("link", "a[href]", "href"), ("value", "", "value"))
        queries.append(Wanted("order:item", platform.order_item_css, item))
    if platform.product_mark:
        queries.append(Wanted("kind:product", platform.product_mark, ()))
    if platform.category_css:
        queries.append(Wanted("category:name", platform.category_css, text))
    if platform.hits_css:
        queries.append(Wanted("search:hits", platform.hits_css, text))
    return tuple(queries)
