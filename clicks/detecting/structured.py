"""What pages say of themselves for machines: JSON-LD, microdata and Open Graph (schema.org Product, BreadcrumbList).

Half of all shops say it on product pages, hardly any on lists: it confirms what was found, and tells a product page
where addresses do not.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from clicks.detecting.sample import Sample, fold

MAX_JSON: Final = 200_000


@dataclass(frozen=True, slots=True)
class SaidProduct:
    """A product as the page describes it; `source` is "json-ld", "microdata" or "open graph"."""

    source: str
    name: str = ""
    price: str = ""
    currency: str = ""


def said_product(page: Sample) -> SaidProduct | None:
    """The one product that the page is about; None when it names none, or several."""
    found = [item for item in _json_items(page) if _is(item, "Product")]
    if len(found) == 1:
        return _of_json(found[0])
    scopes = [
        node
        for node in page.tree.css('[itemtype$="schema.org/Product"]')
        if node.parent is not None and not _inside_scope(node)
    ]
    if len(scopes) == 1:
        node = scopes[0]

        def prop(name: str) -> str:
            inner = node.css_first(f'[itemprop="{name}"]')
            if inner is None:
                return ""
            return fold(inner.attributes.get("content") or inner.attributes.get("href") or inner.text(deep=True))

        return SaidProduct("microdata", prop("name"), prop("price"), prop("priceCurrency"))
    kind = _meta(page, "og:type")
    if kind in ("product", "og:product", "product.item"):
        return SaidProduct(
            "open graph",
            _meta(page, "og:title"),
            _meta(page, "product:price:amount") or _meta(page, "og:price:amount"),
            _meta(page, "product:price:currency"),
        )
    return None


def _meta(page: Sample, name: str) -> str:
    node = page.tree.css_first(f'meta[property="{name}"]')
    return fold(node.attributes.get("content")) if node is not None else ""


def _inside_scope(node: Any) -> bool:
    parent = node.parent
    while parent is not None:
        if (parent.attributes.get("itemtype") or "").endswith("schema.org/Product"):
            return True
        parent = parent.parent
    return False


def _json_items(page: Sample) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD that has a type, `@graph` included."""
    for node in page.tree.css('script[type="application/ld+json"]'):
        text = node.text(deep=True)
        if not text or len(text) > MAX_JSON:
            continue
        try:
            document = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        pending = [document]
        while pending:
            item = pending.pop()
            if isinstance(item, list):
                pending.extend(item)
            elif isinstance(item, dict):
                if "@type" in item:
                    yield item
                pending.extend(item.get(key) for key in ("@graph", "mainEntity") if item.get(key) is not None)


def _is(item: dict[str, Any], name: str) -> bool:
    kinds = item.get("@type")
    return any(str(kind).rpartition("/")[2] == name for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _of_json(item: dict[str, Any]) -> SaidProduct:
    offers = item.get("offers")
    offer = next((o for o in offers if isinstance(o, dict)), {}) if isinstance(offers, list) else offers
    offer = offer if isinstance(offer, dict) else {}
    specification = offer.get("priceSpecification")
    first = specification[0] if isinstance(specification, list) and specification else specification
    inner = first if isinstance(first, dict) else {}
    price = offer.get("price", offer.get("lowPrice", inner.get("price", "")))
    return SaidProduct(
        "json-ld",
        fold(str(item.get("name") or "")),
        str(price or ""),
        str(offer.get("priceCurrency", inner.get("priceCurrency", "")) or ""),
    )
