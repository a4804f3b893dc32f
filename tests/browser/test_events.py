"""Events of a person's journey in a real browser: what happened, all of it, and nothing that did not.

Two shops, the demo's and a live django-oscar. The order of events is the order of clicks: one worker, one spool.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser.conftest import TIMEOUT_MS, USER_AGENT
from tests.fixtures.gramola import clicks_in, gramola
from tests.fixtures.installation import Installation, installation
from tests.integration.oscar.conftest import OscarShop, shop

__all__ = ["shop"]

CONFIG = """
workers = 1
[site]
origin = "http://127.0.0.1:PORT"
platform = "PLATFORM"
mode = "live"
holdout = 0
[consent]
required = false
"""
DJANGO = find_spec("django")
JQUERY = (
    Path(DJANGO.origin if DJANGO and DJANGO.origin else "").parent
    / "contrib/admin/static/admin/js/vendor/jquery/jquery.min.js"
)
"""Oscar's pages get theirs from another host, which a test must not need."""
IDS = "links => links.map(link => link.href.match(/(\\d+)\\/?$/)[1])"
"""Ids of the products that links lead to."""
EMAIL, PASSWORD = "eva@example.org", "correct horse 77"

SELECTED = "select_item"
Told = tuple[str, dict[str, object]]


@dataclass(slots=True)
class Journey:
    """A tab of a browser nobody has used yet, on a shop through Vitrina that nobody else visits."""

    page: Page
    vitrina: Installation

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.vitrina.url + path)

    def press(self, what: str) -> None:
        """Press a link or a button, and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.click(f"{what} >> nth=0")

    def fill(self, form: str, **typed: str) -> None:
        """Type into a form's fields, and send it."""
        for name, value in typed.items():
            self.page.fill(f"{form} [name={name.replace('__', '-')}]", value)
        self.press(f"{form} [type=submit]")

    def told(self) -> list[Told]:
        """The events so far that exchanges prove; of an address it is told only that it was sealed.

        `select_item` is none of them: it follows from what the profile says was shown, which a quick visitor outruns.
        """
        events = [event for click in clicks_in(self.vitrina.data) for event in click.events if event.name != SELECTED]
        return [(event.name, {name: _plain(name, value) for name, value in event.data.items()}) for event in events]


def _plain(name: str, value: object) -> object:
    return "sealed" if name == "email" and str(value).startswith("s1.") else value


@contextmanager
def _journey(chromium: Browser, folder: Path, platform: str, port: int) -> Iterator[Journey]:
    config = CONFIG.replace("PORT", str(port)).replace("PLATFORM", platform)
    with installation(folder, config) as running:
        context = chromium.new_context(user_agent=USER_AGENT, viewport={"width": 1200, "height": 900}, locale="es-ES")
        context.set_default_timeout(TIMEOUT_MS)
        context.route("**://ajax.googleapis.com/**/jquery.min.js", lambda route: route.fulfill(path=JQUERY))
        try:
            yield Journey(context.new_page(), running)
        finally:
            context.close()


def is_call(answer: Response) -> bool:
    """A script's POST."""
    return answer.request.resource_type in ("xhr", "fetch") and answer.request.method == "POST"


def viewed(kind: str) -> Told:
    """A page was opened."""
    return "page_view", {"kind": kind}


@pytest.fixture
def demo_shop(chromium: Browser, tmp_path: Path) -> Iterator[Journey]:
    with gramola() as port, _journey(chromium, tmp_path, "phoenix", port) as journey:
        yield journey


@pytest.fixture
def oscar_shop(chromium: Browser, shop: OscarShop, tmp_path: Path) -> Iterator[Journey]:
    with _journey(chromium, tmp_path, "oscar", shop.port) as journey:
        yield journey


def test_on_the_demo_shop(demo_shop: Journey) -> None:
    tab, page = demo_shop, demo_shop.page
    november = {"product": "5", "name": "Noviembre en el bloque", "price_cents": 1695, "categories": ("Hip hop",)}
    perfume = {
        "product": "53",
        "name": "Perfume de gardenia triste",
        "price_cents": 1895,
        "categories": ("Bolero y salsa",),
    }
    tab.open("/index.php")
    tab.press("ul.menu a:has-text('Hip hop')")
    listed = tuple(page.eval_on_selector_all("td.productListing-data a:has(i)", IDS))
    tab.press("td.productListing-data a[href*='products_id=5']:has(i)")
    with page.expect_response("**/clips/5.wav"):
        page.click("a.listen")
    tab.fill("form[name=quick_find]", keywords="malecón")
    found = page.eval_on_selector_all("td.productListing-data a:has(i)", IDS)
    tab.press("td.productListing-data a[href*='products_id=53']:has(i)")
    tab.fill("form[name=cart_quantity]", cart_quantity="2")
    tab.open("/product_info.php?products_id=5")
    tab.press("form[name=cart_quantity] [type=submit]")
    page.check("input[name='cart_delete[]'][value='5']")
    tab.press("form[name=cart_quantity] [type=submit]")
    assert tab.told() == [
        viewed("home"),
        viewed("category"),
        ("list_view", {"category": "Hip hop", "list": "listing", "products": listed}),
        viewed("product"),
        ("product_view", november),
        ("media_play", {"path": "/clips/5.wav", "product": "5"}),
        viewed("search"),
        ("search", {"term": "malecón", "hits": len(found)}),
        viewed("product"),
        ("product_view", perfume),
        ("add_to_cart", {"product": "53", "quantity": 2}),
        viewed("cart"),
        viewed("product"),
        ("product_view", november),
        ("add_to_cart", {"product": "5", "quantity": 1}),
        viewed("cart"),
        ("remove_from_cart", {"product": "5", "quantity": 0}),
        viewed("cart"),
    ]
    before = len(tab.told())

    tab.press("a:has-text('Regístrese')")
    registered = {"firstname": "Eva", "lastname": "García", "email_address": EMAIL}
    tab.fill("form[name=create_account]", **registered, password=PASSWORD, confirmation=PASSWORD)
    tab.press("a:has-text('Salir')")
    tab.press("a:has-text('Mi cuenta')")
    for password in ("not " + PASSWORD, PASSWORD):
        tab.fill("form[name=login]", email_address=EMAIL, password=password)
    tab.open("/product_info.php?products_id=53")  # with its session the shop forgot the cart
    tab.press("form[name=cart_quantity] [type=submit]")
    tab.press("a:has-text('Realizar pedido')")
    tab.fill("form[name=checkout_address]", street_address="Calle Mayor 1", postcode="28013", city="Madrid")
    page.check("form[name=checkout_payment] input[value=cod]")
    tab.press("form[name=checkout_payment] [type=submit]")
    tab.press("form[name=checkout_confirmation] [type=submit]")
    order = page.inner_text("#orderNumber")
    page.reload()
    tab.open("/product_info.php?products_id=999")
    tab.open("/index.php")
    tab.fill("form[name=newsletter]", email_address="nobody")
    tab.fill("form[name=newsletter]", email_address=EMAIL)
    assert tab.told()[before:] == [
        viewed("login"),
        ("register", {"email": "sealed", "first_name": "Eva", "last_name": "García"}),
        viewed("account"),
        viewed("login"),
        ("logout", {}),
        viewed("login"),
        ("login", {"email": "sealed"}),
        viewed("home"),
        viewed("product"),
        ("product_view", perfume),
        ("add_to_cart", {"product": "53", "quantity": 1}),
        viewed("cart"),
        viewed("checkout"),
        ("begin_checkout", {}),
        ("begin_checkout", {"first_name": "Eva", "last_name": "García"}),
        viewed("order"),
        ("purchase", {"id": order, "value_cents": 2290, "currency": "EUR"}),  # this page has titles, but no ids
        viewed("order"),
        ("not_found", {"path": "/product_info.php"}),
        viewed("home"),
        ("newsletter", {}),
        viewed("other"),
    ]


def test_on_a_live_oscar(oscar_shop: Journey) -> None:
    tab, page = oscar_shop, oscar_shop.page
    bread = {
        "product": "9",
        "name": "Masa madre, hardback",
        "price_cents": 2125,
        "categories": ("Cooking", "Bread"),
    }
    poem = {"product": "3", "name": "Campos de Castilla, hardback", "price_cents": 1975, "categories": ("Poetry",)}
    tab.open("/catalogue/")
    tab.press("a[href*='/category/cooking/bread_']")
    listed = tuple(page.eval_on_selector_all("article.product_pod h3 a", IDS))
    tab.press("article.product_pod h3 a[href*='masa-madre-hardback_9']")
    tab.fill("header form[action*=search]", q="campos")
    tab.press("article.product_pod h3 a[href$='_3/']")
    tab.press("#add_to_basket_form [type=submit]")
    tab.open("/catalogue/masa-madre-hardback_9/")
    tab.press("#add_to_basket_form [type=submit]")
    tab.open("/basket/")
    with page.expect_response(is_call):
        page.fill("input[name=form-0-quantity]", "2")
        page.click("#basket_formset [type=submit] >> nth=0")
    page.wait_for_selector("input[name=form-0-quantity][value='2']")
    with page.expect_response(is_call):
        page.click("a[data-behaviours~=remove] >> nth=1")
    page.wait_for_function("document.querySelectorAll('#basket_formset .basket-items').length == 1")
    assert tab.told() == [
        viewed("home"),
        viewed("category"),
        ("list_view", {"category": "Bread", "list": "products", "products": listed}),
        viewed("product"),
        ("product_view", bread),
        viewed("search"),
        ("search", {"term": "campos", "hits": 2}),
        viewed("product"),
        ("product_view", poem),
        ("add_to_cart", {"product": "3", "quantity": 1}),
        viewed("product"),
        ("product_view", poem),
        viewed("product"),
        ("product_view", bread),
        ("add_to_cart", {"product": "9", "quantity": 1}),
        viewed("product"),
        ("product_view", bread),
        viewed("cart"),
        ("remove_from_cart", {}),
    ]
    before = len(tab.told())

    tab.open("/accounts/login/")
    tab.fill(
        "#register_form", registration__email=EMAIL, registration__password1=PASSWORD, registration__password2=PASSWORD
    )
    tab.press("a[href*='/accounts/logout/']")
    tab.open("/accounts/login/")
    for password in ("not " + PASSWORD, PASSWORD):
        tab.fill("#login_form", login__username=EMAIL, login__password=password)
    tab.open("/basket/")
    tab.press("a:has-text('Proceed to checkout')")
    page.select_option("#id_country", "ES")
    person = {"first_name": "Eva", "last_name": "García"}
    tab.fill("#new_shipping_address", **person, line1="Calle Mayor 1", line4="Madrid", postcode="28013")
    tab.open("/checkout/preview/")
    tab.press("#place_order_form [type=submit]")
    order = page.inner_text(".page_inner p.lead strong")
    page.reload()
    tab.open("/catalogue/none_999/")
    assert tab.told()[before:] == [
        viewed("login"),
        ("register", {"email": "sealed"}),
        viewed("account"),
        ("logout", {}),
        viewed("home"),
        viewed("login"),
        ("login", {"email": "sealed"}),
        viewed("account"),
        viewed("cart"),
        viewed("checkout"),
        ("begin_checkout", {}),
        ("begin_checkout", person),
        viewed("order"),
        ("purchase", {"id": order, "value_cents": 3950, "currency": "GBP", "items": ("3",)}),
        viewed("order"),
        ("not_found", {"path": "/catalogue/none_999/"}),
    ]
