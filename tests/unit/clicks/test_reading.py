"""Facts from the rows of a located page; the rows are what the page engine hands over."""

from collections.abc import Mapping

import pytest

from clicks.facts import Listed, OrderFacts, ProductFacts
from clicks.reading import read_facts, resolve
from clicks.targets import Target, parse_target
from clicks.wanted import LIST_FIELDS, Wanted, list_fields, wanted
from config.platform import ListRule, PathRule, Platform, ProductRule
from config.platforms import load_platform, platforms
from tests.fixtures.page_view import Page, Rows

PHOENIX = load_platform("phoenix")
OSCAR = load_platform("oscar")
OPENCART = load_platform("opencart")
WOO = load_platform("woocommerce")


def crumb(text: str, href: str | None = None) -> dict[str, str | None]:
    return {"text": text, "href": None, "link": href}


def target(raw: str) -> Target:
    return parse_target(raw.encode())


def test_a_product_with_its_categories() -> None:
    page = Page(
        {
            "product:name": [{"text": " Noviembre en\n el bloque "}],
            "product:price": [{"text": "16,95 €"}, {"text": "9,95 €"}],
            "product:image": [{"src": "images/covers/5.svg?osCsid=abc"}],
            "breadcrumb": [
                crumb("Inicio", "index.php?osCsid=abc"),
                crumb("» Hip hop", "index.php?cPath=1&osCsid=abc"),
                crumb("Noviembre en el bloque", "product_info.php?cPath=1&products_id=5"),
            ],
        }
    )
    facts = read_facts(page, PHOENIX, target("/product_info.php?products_id=5"), {})
    assert facts.kind == "product"
    assert facts.product == ProductFacts(
        id="5",
        name="Noviembre en el bloque",
        price_cents=1695,
        categories=("Hip hop",),
        image="images/covers/5.svg",
    )


def test_a_sold_out_product() -> None:
    page = Page({"product:name": [{"text": "x"}], "product:sold_out": [{}]})
    product = read_facts(page, PHOENIX, target("/product_info.php?products_id=5"), {}).product
    assert product is not None
    assert product.sold_out


def test_product_not_found_with_200_is_no_product() -> None:
    assert read_facts(Page(), PHOENIX, target("/product_info.php?products_id=999"), {}).product is None


@pytest.mark.parametrize(
    ("raw", "crumbs", "category"),
    [
        ("/index.php?cPath=1", [crumb("Inicio", "/"), crumb("Hip hop", "index.php?cPath=1")], "Hip hop"),
        ("/index.php?cPath=1_4", [crumb("Home", "/"), crumb("Fruit", "/index.php?cPath=1"), crumb("Citrus")], "Citrus"),
        ("/products_new.php", [crumb("Inicio", "/"), crumb("Novedades", "products_new.php")], None),
        ("/index.php?cPath=999", [], None),
    ],
)
def test_category(raw: str, crumbs: Rows, category: str | None) -> None:
    assert read_facts(Page({"breadcrumb": crumbs}), PHOENIX, target(raw), {}).category == category


ROWS: tuple[tuple[str, Mapping[str, str | None], Listed], ...] = (
    (
        "all of it",
        {
            "link": "http://shop.example/product_info.php?cPath=1&sort=2a&products_id=8&osCsid=h3ll9g7mhdubff83em46v3nmpt",
            "name": "Pomelo",
            "price": "8,99 €",
            "image": "img/p.jpg",
        },
        Listed("8", "Pomelo", 899, "/product_info.php?cPath=1&products_id=8", "img/p.jpg"),
    ),
    (
        "the name from the picture",
        {"link": "product_info.php?products_id=8", "name": "", "alt": "Pomelo"},
        Listed("8", "Pomelo", None, "/product_info.php?products_id=8"),
    ),
    (
        "the item is the link",
        {"own_link": "/product_info.php?products_id=3", "link": None},
        Listed("3", None, None, "/product_info.php?products_id=3"),
    ),
    (
        "the id from an attribute",
        {"link": "/granada", "id": "77", "heading": "Granada"},
        Listed("77", "Granada", None, "/granada"),
    ),
    ("the id from a form", {"form_id": "12"}, Listed("12")),
    ("the id from a form's action", {"action": "product_info.php?products_id=4&action=add_product"}, Listed("4")),
    ("no product", {"link": "/contact_us.php", "name": "Contacto"}, Listed(None, "Contacto")),
    ("nothing at all", {}, Listed(None)),
    (
        "an inline picture",
        {"link": "?products_id=1", "image": "data:image/png;base64,AAAA"},
        Listed("1", None, None, "/?products_id=1"),
    ),
)


@pytest.mark.parametrize(("row", "expected"), [case[1:] for case in ROWS], ids=[case[0] for case in ROWS])
def test_listed(row: Mapping[str, str | None], expected: Listed) -> None:
    facts = read_facts(Page({"grid": [row]}), PHOENIX, target("/"), {"home_grid": "grid"})
    assert facts.lists == {"home_grid": (expected,)}


def test_a_list_has_one_item_per_match_in_order() -> None:
    rows: Rows = [{"link": f"/product_info.php?products_id={n}"} if n % 3 else {} for n in range(9)]
    facts = read_facts(Page({"q": rows, "list:cards": rows[:2]}), PHOENIX, target("/"), {"grid": "q"})
    assert facts.lists is not None
    assert [item.id for item in facts.lists["grid"]] == [str(n) if n % 3 else None for n in range(9)]
    assert len(facts.lists["cards"]) == 2


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            {"order:id": [{"text": "100002"}], "order:total": [{"text": "£0.00"}, {"text": "£34.98"}]},
            OrderFacts("100002", 3498, currency="GBP"),
        ),
        ({"order:id": [{"text": "nº AB-2008/17."}]}, OrderFacts("AB-2008")),
        ({"order:item": [{"value": "8"}, {"value": "9"}, {"value": "8"}]}, OrderFacts("", None, ("8", "9"))),
        ({"order:item": [{"href": "/product_info.php?products_id=8"}]}, OrderFacts("", None, ("8",))),
        ({}, None),
    ],
)
def test_order(rows: Mapping[str, Rows], expected: OrderFacts | None) -> None:
    assert read_facts(Page(rows), PHOENIX, target("/checkout_success.php"), {}).order == expected


def test_categories_by_their_place_where_links_do_not_tell() -> None:
    platform = Platform(
        "plain",
        kinds={"product": (PathRule("/p/*"),)},
        product_id=("/p/([0-9]+)",),
        product=ProductRule("h1", breadcrumb_css=".b a"),
        breadcrumb_skip=("Home",),
    )
    page = Page(
        {
            "product:name": [{"text": "Tron"}],
            "breadcrumb": [crumb("Home", "/"), crumb("Books", "/b"), crumb("Tron", "/p/1")],
        }
    )
    product = read_facts(page, platform, target("/p/1"), {}).product
    assert product is not None
    assert product.categories == ("Books",)


@pytest.mark.parametrize(
    ("link", "page", "expected"),
    [
        ("product_info.php?products_id=1", "/index.php", "/product_info.php?products_id=1"),
        ("../p/1", "/a/b/c", "/a/p/1"),
        ("//host/p/1", "/", "/p/1"),
        ("https://host/p/1?x=2", "/", "/p/1?x=2"),
        ("https://host", "/", "/"),
        ("?x=1", "/a/b", "/a/b?x=1"),
        ("#top", "/a", "/a"),
        ("javascript:void(0)", "/a", "javascript:void(0)"),
        ("http://[bad", "/a", "/"),
    ],
)
def test_resolve(link: str, page: str, expected: str) -> None:
    assert resolve(link, target(page)).text == expected


def test_what_a_platform_knows_is_asked_for() -> None:
    names = [field_[0] for field_ in list_fields(OSCAR)]
    assert len(names) == len(set(names))
    assert ("name", "h3 a", "text") in list_fields(OSCAR)
    assert {query.name for query in wanted(OSCAR)} >= {"list:products", "product:name", "breadcrumb", "order:id"}
    assert [query.name for query in wanted(load_platform("generic"))] == ["page:base", "page:hydrated"]
    assert list_fields(load_platform("generic")) == LIST_FIELDS


def test_a_list_is_read_by_its_own_rule() -> None:
    lists = (ListRule("new", "li", price_css="small"), ListRule("all", "td", price_css="font b"), ListRule("rest", "p"))
    platform = Platform("several", lists=lists)
    asked = {items: {name: css for name, css, _ in list_fields(platform, items)} for items in ("li", "td", "p", "x")}
    assert [asked[items]["price"] for items in ("li", "td")] == ["small", "font b"]
    assert asked["p"]["price"] == asked["x"]["price"] == "small, font b", "where its own rule does not say"


def test_an_attribute_that_carries_the_id() -> None:
    platform = Platform("x", lists=(ListRule("l", ".item", id_css=".buy", id_attribute="data-sku"),))
    assert ("id0", ".buy", "data-sku") in list_fields(platform)
    facts = read_facts(Page({"list:l": [{"id0": "SKU7"}]}), platform, target("/"), {})
    assert facts.lists == {"l": (Listed("SKU7"),)}


def test_an_attribute_that_tells_the_price() -> None:
    lists = (ListRule("l", ".item", price_attribute="data-price"), ListRule("m", ".row", price_css=".p"))
    platform = Platform("x", lists=lists, product=ProductRule("h1", ".buy", price_attribute="data-price"))
    asked = {items: {field[0]: field[1:] for field in list_fields(platform, items)} for items in (".item", ".row")}
    assert asked[".item"]["price"] == ("", "data-price")
    assert asked[".row"]["price"] == (".p", "text")
    assert "words" not in asked[".item"], "nothing is shown that could be one"
    assert Wanted("product:price", ".buy", (("text", "", "data-price"),)) in wanted(platform)
    facts = read_facts(Page({"list:l": [{"id": "7", "price": "12.50"}]}), platform, target("/"), {})
    assert facts.lists == {"l": (Listed("7", price_cents=1250),)}


def test_query_names_are_unique() -> None:
    for platform in platforms():
        names = [query.name for query in wanted(platform)]
        assert len(names) == len(set(names))


def test_the_id_on_the_page_wins() -> None:
    page = Page(
        {
            "product:id": [{"id": "single single-product postid-16 theme"}],
            "product:name": [{"text": "Beanie"}],
            "list:products": [
                {"link": "/product/cap/", "id0": "product type-product post-17 first"},
                {"link": "/product/hoodie/", "id0": "product"},
            ],
        }
    )
    facts = read_facts(page, WOO, parse_target(b"/product/beanie/"), {})
    assert facts.product is not None
    assert facts.product.id == "16"
    assert facts.lists is not None
    assert [item.id for item in facts.lists["products"]] == ["17", None]


@pytest.mark.parametrize(
    ("platform", "target", "rows", "hits"),
    [
        (OPENCART, "/index.php?route=product/search&search=a", [{"text": "Showing 1 to 20 of 1,045 (53 Pages)"}], 1045),
        (WOO, "/?s=a", [{"text": "Showing all 3 results"}], 3),
        (WOO, "/?s=a", [{"text": "Showing the single result"}], None),
        (WOO, "/?s=a", [], None),
        (WOO, "/?s=a&paged=2", [], None),
        (PHOENIX, "/advanced_search_result.php?keywords=a", [{"text": "Displaying 1 to 9 (of 9 products)"}], 9),
        (PHOENIX, "/index.php", [{"text": "of 9"}], None),
    ],
)
def test_hits(platform: Platform, target: str, rows: Rows, hits: int | None) -> None:
    listed = [{"link": "/x", "id0": "post-1"}]
    own = {f"list:{rule.name}": listed for rule in platform.lists}
    page = Page({"search:hits": rows, **own})
    assert read_facts(page, platform, parse_target(target.encode()), {}).hits == hits


def test_no_hits() -> None:
    assert read_facts(Page({}), WOO, parse_target(b"/?s=zzz"), {}).hits == 0
