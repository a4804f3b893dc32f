"""Events on proof only: the same request with another answer proves nothing."""

from dataclasses import replace

import pytest

from clicks.click import Event
from clicks.events import Login, Logout, proof, read_events
from clicks.exchange import Exchange
from clicks.facts import Listed, OrderFacts, PageFacts, ProductFacts
from clicks.forms import submitted_form
from clicks.kinds import page_kind
from clicks.targets import parse_target
from config.platform import Platform
from config.platforms import load_platform

PHOENIX = load_platform("phoenix")
OSCAR = load_platform("oscar")


def exchange(
    platform: Platform,
    line: str,
    status: int = 200,
    *,
    body: str = "",
    location: str | None = None,
    referrer: str = "",
    facts: PageFacts | None = None,
    content_type: str = "text/html",
) -> Exchange:
    """An exchange as the data plane tells it: "GET /path" or "POST /path" with a urlencoded body."""
    method, _, raw = line.partition(" ")
    target = parse_target(raw.encode())
    return Exchange(
        method,
        target,
        status,
        kind=page_kind(platform, target),
        location=location,
        form=submitted_form(platform, method, target, "application/x-www-form-urlencoded", body.encode()),
        referrer=referrer,
        facts=facts,
        is_html=content_type.startswith("text/html"),
        content_type=content_type,
        host="shop.example",
    )


CREDENTIALS = "formid=f25de4b94c&email_address=ada%40example.com&password=Secret123%21"
NAMES = "firstname=Ada&lastname=Lovelace&"

PROOFS: tuple[tuple[str, Exchange, Platform, Login | Logout | None], ...] = (
    (
        "login accepted",
        exchange(PHOENIX, "POST /login.php?action=process", 302, body=CREDENTIALS, location="http://s/index.php"),
        PHOENIX,
        Login("ada@example.com"),
    ),
    (
        "login refused: the form again",
        exchange(PHOENIX, "POST /login.php?action=process", body=CREDENTIALS),
        PHOENIX,
        None,
    ),
    (
        "login refused: back to the form",
        exchange(PHOENIX, "POST /login.php?action=process", 302, body=CREDENTIALS, location="/login.php?error=1"),
        PHOENIX,
        None,
    ),
    (
        "login refused: cookies needed",
        exchange(PHOENIX, "POST /login.php?action=process", 302, body=CREDENTIALS, location="/cookie_usage.php"),
        PHOENIX,
        None,
    ),
    (
        "login without a password",
        exchange(PHOENIX, "POST /login.php?action=process", 302, body="email_address=a%40b.es", location="/index.php"),
        PHOENIX,
        None,
    ),
    (
        "login by link",
        exchange(PHOENIX, f"GET /login.php?action=process&{CREDENTIALS}", 302, location="/index.php"),
        PHOENIX,
        None,
    ),
    (
        "an admin's login",
        exchange(PHOENIX, "POST /admin/login.php?action=process", 302, body=CREDENTIALS, location="/admin/index.php"),
        PHOENIX,
        None,
    ),
    (
        "registered",
        exchange(
            PHOENIX, "POST /create_account.php", 302, body=NAMES + CREDENTIALS, location="/create_account_success.php"
        ),
        PHOENIX,
        Login("ada@example.com", "Ada", "Lovelace", registered=True),
    ),
    ("not registered", exchange(PHOENIX, "POST /create_account.php", 200, body=NAMES + CREDENTIALS), PHOENIX, None),
    ("signed out", exchange(PHOENIX, "GET /logoff.php"), PHOENIX, Logout()),
    ("signing out failed", exchange(PHOENIX, "GET /logoff.php", 500), PHOENIX, None),
    ("an admin signed out", exchange(PHOENIX, "GET /admin/logoff.php", 302, location="/admin/"), PHOENIX, None),
    (
        "oscar: login accepted",
        exchange(
            OSCAR, "POST /en-gb/accounts/login/", 302, body="login-username=a%40b.es&login-password=x", location="/"
        ),
        OSCAR,
        Login("a@b.es"),
    ),
    (
        "oscar: registered",
        exchange(
            OSCAR,
            "POST /en-gb/accounts/login/",
            302,
            body="registration-email=a%40b.es&registration-password1=x&registration-password2=x",
            location="/",
        ),
        OSCAR,
        Login("a@b.es", registered=True),
    ),
    (
        "oscar: login refused",
        exchange(OSCAR, "POST /en-gb/accounts/login/", 200, body="login-username=a%40b.es&login-password=x"),
        OSCAR,
        None,
    ),
    ("oscar: signed out", exchange(OSCAR, "GET /en-gb/accounts/logout/", 302, location="/"), OSCAR, Logout()),
)


@pytest.mark.parametrize(("given", "platform", "expected"), [case[1:] for case in PROOFS], ids=[c[0] for c in PROOFS])
def test_proof(given: Exchange, platform: Platform, expected: Login | Logout | None) -> None:
    assert proof(given, platform) == expected
    names = {event.name for event in read_events(given, platform)}
    match expected:
        case Login(registered=registered):
            assert ("register" if registered else "login") in names
        case Logout():
            assert "logout" in names
        case None:
            assert not names & {"login", "register", "logout"}


ADD = "POST /product_info.php?products_id=9&action=add_product"
UPDATE = "POST /shopping_cart.php?action=update_product"
PRODUCT = PageFacts("product", product=ProductFacts("9", "Lime", 849, ("Fruit", "Citrus")))
ORDER = PageFacts("order", order=OrderFacts("100002", 3498, ("27", "13")))
UNNAMED_ORDER = PageFacts("order", order=OrderFacts("", None, ("8",)))

EVENTS: tuple[tuple[str, Exchange, Platform, tuple[Event, ...]], ...] = (
    ("a page", exchange(PHOENIX, "GET /"), PHOENIX, (Event("page_view", {"kind": "home"}),)),
    ("the head of a page", exchange(PHOENIX, "HEAD /"), PHOENIX, ()),
    ("a page not changed", exchange(PHOENIX, "GET /", 304), PHOENIX, ()),
    ("a broken page", exchange(PHOENIX, "GET /", 500), PHOENIX, ()),
    ("a picture", exchange(PHOENIX, "GET /a.png", content_type="image/png"), PHOENIX, ()),
    ("no page", exchange(PHOENIX, "GET /x.php", 404), PHOENIX, (Event("not_found", {"path": "/x.php"}),)),
    (
        "a product",
        exchange(PHOENIX, "GET /product_info.php?products_id=9", facts=PRODUCT),
        PHOENIX,
        (
            Event("page_view", {"kind": "product"}),
            Event(
                "product_view",
                {"product": "9", "categories": ("Fruit", "Citrus"), "name": "Lime", "price_cents": 849},
            ),
        ),
    ),
    (
        "a product on a page that was not read",
        exchange(PHOENIX, "GET /product_info.php?products_id=9"),
        PHOENIX,
        (Event("page_view", {"kind": "product"}), Event("product_view", {"product": "9"})),
    ),
    (
        "a product that is not there",
        exchange(PHOENIX, "GET /product_info.php?products_id=9", facts=PageFacts("product")),
        PHOENIX,
        (Event("page_view", {"kind": "product"}),),
    ),
    (
        "a category",
        exchange(
            PHOENIX,
            "GET /index.php?cPath=1",
            facts=PageFacts(
                "category", category="Hip hop", lists={"listing": (Listed("5"), Listed(None), Listed("6"))}
            ),
        ),
        PHOENIX,
        (
            Event("page_view", {"kind": "category"}),
            Event("list_view", {"category": "Hip hop", "list": "listing", "products": ("5", "6")}),
        ),
    ),
    (
        "a search",
        exchange(PHOENIX, "GET /advanced_search_result.php?keywords=hip++hop"),
        PHOENIX,
        (Event("page_view", {"kind": "search"}), Event("search", {"term": "hip hop"})),
    ),
    (
        "an e-mail address searched for",
        exchange(PHOENIX, "GET /advanced_search_result.php?keywords=a%40b.es"),
        PHOENIX,
        (Event("page_view", {"kind": "search"}),),
    ),
    (
        "into the cart",
        exchange(PHOENIX, ADD, 302, body="formid=x&qty=2&products_id=9", location="http://s/shopping_cart.php"),
        PHOENIX,
        (Event("add_to_cart", {"product": "9", "quantity": 2}),),
    ),
    (
        "into the cart, with options",
        exchange(PHOENIX, ADD, 302, body="cart_quantity=1&products_id=9%7B3%7D7", location="/shopping_cart.php"),
        PHOENIX,
        (Event("add_to_cart", {"product": "9", "quantity": 1}),),
    ),
    (
        "not into the cart: sold out",
        exchange(PHOENIX, ADD, 302, body="products_id=9", location="/product_info.php?products_id=9"),
        PHOENIX,
        (),
    ),
    ("not into the cart: an error", exchange(PHOENIX, ADD, 200, body="products_id=9"), PHOENIX, ()),
    (
        "into the cart by a link",
        exchange(PHOENIX, "GET /index.php?action=buy_now&products_id=9", 302, location="/shopping_cart.php"),
        PHOENIX,
        (Event("add_to_cart", {"product": "9", "quantity": 1}),),
    ),
    (
        "oscar: into the cart",
        exchange(OSCAR, "POST /en-gb/basket/add/27/", 302, body="quantity=1", location="/en-gb/catalogue/tron_27/"),
        OSCAR,
        (Event("add_to_cart", {"product": "27", "quantity": 1}),),
    ),
    (
        "out of the cart",
        exchange(
            PHOENIX,
            UPDATE,
            302,
            body="products_id[]=5&cart_quantity[]=1&products_id[]=7&cart_quantity[]=0&cart_delete[]=5",
            location="/shopping_cart.php",
        ),
        PHOENIX,
        (
            Event("remove_from_cart", {"product": "5", "quantity": 0}),
            Event("remove_from_cart", {"product": "7", "quantity": 0}),
        ),
    ),
    (
        "to the checkout",
        exchange(PHOENIX, "GET /checkout_shipping.php"),
        PHOENIX,
        (Event("page_view", {"kind": "checkout"}), Event("begin_checkout", {})),
    ),
    (
        "an address accepted",
        exchange(
            OSCAR,
            "POST /en-gb/checkout/shipping-address/",
            302,
            body="first_name=Ada&last_name=Lovelace&line1=1+Main+St",
            location="/en-gb/checkout/shipping-method/",
        ),
        OSCAR,
        (Event("begin_checkout", {"first_name": "Ada", "last_name": "Lovelace"}),),
    ),
    (
        "an order",
        exchange(OSCAR, "GET /en-gb/checkout/thank-you/", facts=ORDER),
        OSCAR,
        (
            Event("page_view", {"kind": "order"}),
            Event("purchase", {"id": "100002", "value_cents": 3498, "items": ("27", "13")}),
        ),
    ),
    (
        "an order without a number, from the checkout",
        exchange(
            PHOENIX, "GET /checkout_success.php", facts=UNNAMED_ORDER, referrer="shop.example/checkout_confirmation.php"
        ),
        PHOENIX,
        (Event("page_view", {"kind": "order"}), Event("purchase", {"items": ("8",)})),
    ),
    (
        "the page of an order, typed in",
        exchange(PHOENIX, "GET /checkout_success.php"),
        PHOENIX,
        (Event("page_view", {"kind": "order"}),),
    ),
    (
        "the page of an order, from elsewhere",
        exchange(PHOENIX, "GET /checkout_success.php", referrer="evil.example/checkout_confirmation.php"),
        PHOENIX,
        (Event("page_view", {"kind": "order"}),),
    ),
    (
        "the newsletter",
        exchange(
            PHOENIX,
            "POST /newsletter.php?action=process",
            302,
            body="email_address=a%40b.es",
            location="/newsletter.php?action=success",
        ),
        PHOENIX,
        (Event("newsletter", {}),),
    ),
    (
        "a clip",
        exchange(PHOENIX, "GET /clips/5.wav", 206, content_type="audio/x-wav"),
        PHOENIX,
        (Event("media_play", {"path": "/clips/5.wav"}),),
    ),
    (
        "a later part of a clip",
        replace(exchange(PHOENIX, "GET /clips/5.wav", 206, content_type="audio/x-wav"), range=True),
        PHOENIX,
        (),
    ),
    ("a page fetched by a script", replace(exchange(PHOENIX, "GET /"), is_navigation=False), PHOENIX, ()),
)


@pytest.mark.parametrize(("given", "platform", "expected"), [case[1:] for case in EVENTS], ids=[c[0] for c in EVENTS])
def test_read_events(given: Exchange, platform: Platform, expected: tuple[Event, ...]) -> None:
    assert read_events(given, platform) == expected


def test_no_secret_reaches_an_event() -> None:
    for _, given, platform, _ in (*PROOFS, *EVENTS):
        text = repr(read_events(given, platform))
        assert "Secret123" not in text
        assert "f25de4b94c" not in text
