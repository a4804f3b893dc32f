"""Recorded exchanges of real shops, where they are at hand: what each proves, and what its page says.

The recordings are no part of the project; VITRINA_SHARED or ../shared names their place.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from clicks.events import Login, Logout, proof, read_events
from clicks.exchange import Exchange
from clicks.facts import OrderFacts, PageFacts
from clicks.forms import submitted_form
from clicks.kinds import page_kind
from clicks.reading import read_facts
from clicks.recognising import recognise
from clicks.targets import parse_target, referrer
from clicks.wanted import wanted
from config.platforms import load_platform, platforms
from transforms.page.charset import sniff
from transforms.page.engine import Engine, Page, TemplateKey
from transforms.page.query import Field, Query

SHOPS = Path(os.environ.get("VITRINA_SHARED", Path(__file__).parents[4] / "shared")) / "shops"

pytestmark = pytest.mark.skipif(not SHOPS.is_dir(), reason="no recordings here")


@dataclass(frozen=True)
class Recorded:
    """One request of a recording and its answer's head; the last one's page is kept beside it."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    status: int
    answer: dict[str, str]
    cookies: tuple[str, ...]


def recorded(shop: str, name: str) -> list[Recorded]:
    """The exchanges of one file, in their order."""
    text = (SHOPS / shop / f"{name}.http").read_bytes().decode("latin-1")
    found = []
    for block in re.split(r"(?m)^(?=> (?:GET|POST) )", text):
        if not block.startswith("> "):
            continue
        asked = [line[2:] for line in block.split("\n") if line.startswith("> ")]
        told = [line[2:] for line in block.split("\n") if line.startswith("< ")]
        method, target, _ = asked[0].split(" ", 2)
        headers = dict(line.split(": ", 1) for line in asked[1:] if re.match(r"[A-Za-z-]+: ", line))
        body = "".join(line for line in asked[1:] if not re.match(r"[A-Za-z-]+: ", line)).strip()
        answer = [line.split(": ", 1) for line in told[1:] if ": " in line]
        cookies = tuple(value.partition("=")[0] for key, value in answer if key == "Set-Cookie")
        lowered = {key.lower(): value for key, value in headers.items()}
        status = int(told[0].split(" ")[1])
        found.append(Recorded(method, target, lowered, body, status, {k.lower(): v for k, v in answer}, cookies))
    return found


def page_facts(shop: str, name: str, target: str) -> PageFacts:
    """Facts of a recorded page, read through the page engine."""
    platform = load_platform(shop)
    body = (SHOPS / shop / f"{name}.html").read_bytes()
    encoding = sniff(body, b"text/html; charset=utf-8")
    queries = tuple(
        Query(want.name, want.css, tuple(Field(*each) for each in want.fields), editable=False)
        for want in wanted(platform)
    )
    page = Engine(queries).open(body, encoding, TemplateKey("h", target, False, ""), None)  # type: ignore[arg-type]
    assert isinstance(page, Page), page
    return read_facts(page, platform, parse_target(target.encode()), {})


def exchange(shop: str, one: Recorded, facts: PageFacts | None = None) -> Exchange:
    platform = load_platform(shop)
    target = parse_target(one.target.encode())
    content_type = one.headers.get("content-type", "")
    return Exchange(
        one.method,
        target,
        one.status,
        kind=page_kind(platform, target),
        location=one.answer.get("location"),
        form=submitted_form(platform, one.method, target, content_type, one.body.encode()),
        referrer=referrer(one.headers.get("referer", ""), platform),
        facts=facts,
        is_html=one.answer.get("content-type", "").startswith("text/html"),
        content_type=one.answer.get("content-type", ""),
        host=one.headers["host"],
    )


@pytest.mark.parametrize(
    ("shop", "name", "expected"),
    [
        ("phoenix", "x_login", Login("ada@example.com")),
        ("phoenix", "x_register", Login("ada@example.com", "Ada", "Lovelace", registered=True)),
        ("phoenix", "logout", Logout()),
        ("oscar", "x_login", Login("ada@example.com")),
        ("oscar", "x_register", Login("ada@example.com", registered=True)),
        ("oscar", "logout", Logout()),
    ],
)
def test_who_signed_in(shop: str, name: str, expected: Login | Logout) -> None:
    assert proof(exchange(shop, recorded(shop, name)[0]), load_platform(shop)) == expected


@pytest.mark.parametrize("shop", ["phoenix", "oscar"])
def test_no_other_exchange_proves_anything(shop: str) -> None:
    for path in sorted((SHOPS / shop).glob("*.http")):
        if path.stem in ("x_login", "x_register", "logout"):
            continue
        for one in recorded(shop, path.stem):
            assert proof(exchange(shop, one), load_platform(shop)) is None, path.stem


@pytest.mark.parametrize(
    ("shop", "name", "product"), [("phoenix", "x_add", "9"), ("phoenix", "x_add2", "8"), ("oscar", "x_add", "27")]
)
def test_into_the_cart(shop: str, name: str, product: str) -> None:
    events = read_events(exchange(shop, recorded(shop, name)[0]), load_platform(shop))
    assert [(event.name, event.data) for event in events] == [("add_to_cart", {"product": product, "quantity": 1})]


@pytest.mark.parametrize("shop", ["phoenix", "oscar"])
def test_nothing_typed_into_the_shop_is_in_an_event(shop: str) -> None:
    for path in sorted((SHOPS / shop).glob("*.http")):
        for one in recorded(shop, path.stem):
            text = repr(read_events(exchange(shop, one), load_platform(shop)))
            for word in ("Secret123", "Main", "90001", "5551234567", "1980"):
                assert word not in text
            for token in re.findall(r"(?:formid|csrfmiddlewaretoken|ceid|sessionid)=([A-Za-z0-9]{16,})", repr(one)):
                assert token not in text


@pytest.mark.parametrize(
    ("shop", "name", "target", "listed"),
    [
        ("phoenix", "home", "/", {"cards": 4}),
        ("phoenix", "category", "/index.php?cPath=1_4", {"listing": 4}),
        ("phoenix", "new", "/products_new.php", {"listing": 9}),
        ("phoenix", "search2", "/advanced_search_result.php?keywords=r", {"listing": 9}),
        ("phoenix", "search", "/advanced_search_result.php?keywords=mouse", {}),
        ("phoenix", "account", "/account.php", {}),
        ("oscar", "home", "/en-gb/catalogue/", {"products": 20}),
        ("oscar", "category", "/en-gb/catalogue/category/books_2/", {"products": 20}),
        ("oscar", "search", "/en-gb/search/?q=hacking", {"products": 11}),
        ("oscar", "login", "/en-gb/accounts/login/", {}),
    ],
)
def test_lists(shop: str, name: str, target: str, listed: dict[str, int]) -> None:
    lists = page_facts(shop, name, target).lists or {}
    assert {key: len(items) for key, items in lists.items()} == listed
    for items in lists.values():
        assert all(item.id and item.name and item.url for item in items)
        assert len({item.id for item in items}) == len(items)
        assert "ceid" not in repr(items)


@pytest.mark.parametrize(
    ("shop", "name", "target", "expected"),
    [
        ("phoenix", "product", "/product_info.php?products_id=9", ("9", "Lime", 849, ("Fruit", "Citrus Fruit"))),
        (
            "oscar",
            "product",
            "/en-gb/catalogue/tron_27/",
            ("27", "Tron", 2699, ("Books", "Fiction", "Computers in Literature")),
        ),
    ],
)
def test_products(shop: str, name: str, target: str, expected: tuple[object, ...]) -> None:
    product = page_facts(shop, name, target).product
    assert product is not None
    assert (product.id, product.name, product.price_cents, product.categories) == expected
    assert product.image
    assert not product.sold_out


@pytest.mark.parametrize(
    ("shop", "target", "expected"),
    [
        ("phoenix", "/checkout_success.php", OrderFacts("", None, ("8", "9"))),
        ("oscar", "/en-gb/checkout/thank-you/", OrderFacts("100002", 3498, ("27", "13"), "GBP")),
    ],
)
def test_orders(shop: str, target: str, expected: OrderFacts) -> None:
    assert page_facts(shop, "x_order", target).order == expected


@pytest.mark.parametrize(
    ("shop", "platform"),
    [("phoenix", "phoenix"), ("oscar", "oscar"), ("opencart", "opencart"), ("woo", "woocommerce")],
)
def test_recognised_from_any_page_and_never_as_another(shop: str, platform: str) -> None:
    found = set()
    for path in sorted((SHOPS / shop).glob("*.html")):
        one = recorded(shop, path.stem)[-1]
        if b"<html" in path.read_bytes()[:2000].lower():
            found.add(recognise(platforms(), one.cookies, one.answer, one.target, path.read_bytes()))
    assert found <= {platform, None}
    assert platform in found
    home = (SHOPS / shop / "home.html").read_bytes()
    one = recorded(shop, "home")[-1]
    assert recognise(platforms(), one.cookies, one.answer, one.target, home) == platform
    assert recognise(platforms(), (), {}, one.target, home) == platform
