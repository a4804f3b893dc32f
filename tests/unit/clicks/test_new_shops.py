"""OpenCart, WooCommerce and Oscar: kinds, ids, facts, carts and orders, from made-up exchanges in their forms."""

from dataclasses import replace

import pytest

from clicks.answers import read_answer
from clicks.click import Event
from clicks.events import Login, proof, read_events
from clicks.exchange import Exchange
from clicks.facts import OrderFacts, PageFacts, ProductFacts
from clicks.forms import submitted_form
from clicks.kinds import page_kind, product_id
from clicks.reading import read_facts
from clicks.targets import parse_target
from config.platform import Banner, PathRule, Platform
from config.platforms import load_platform
from tests.fixtures.page_view import Page

OPENCART = load_platform("opencart")
WOO = load_platform("woocommerce")
OSCAR = load_platform("oscar")
PHOENIX = load_platform("phoenix")


@pytest.mark.parametrize(
    ("platform", "target", "kind", "product"),
    [
        (OPENCART, "/", "home", None),
        (OPENCART, "/index.php?route=common/home&language=en-gb", "home", None),
        (OPENCART, "/index.php?route=product/product&language=en-gb&product_id=43", "product", "43"),
        (OPENCART, "/shop/index.php?route=product/product&path=20_27&product_id=41", "product", "41"),
        (OPENCART, "/en-gb/product/macbook", "product", None),
        (OPENCART, "/index.php?route=product/category&path=20_27", "category", None),
        (OPENCART, "/index.php?route=product/special", "category", None),
        (OPENCART, "/index.php?route=product/search&search=mac", "search", None),
        (OPENCART, "/index.php?route=checkout/cart", "cart", None),
        (OPENCART, "/index.php?route=checkout/checkout", "checkout", None),
        (OPENCART, "/index.php?route=checkout/success", "order", None),
        (OPENCART, "/index.php?route=account/login", "login", None),
        (OPENCART, "/index.php?route=account/account", "account", None),
        (OPENCART, "/index.php?route=information/contact", "other", None),
        (WOO, "/", "home", None),
        (WOO, "/product/beanie/", "product", None),
        (WOO, "/?product=beanie", "product", None),
        (WOO, "/shop/", "category", None),
        (WOO, "/shop/page/2/", "category", None),
        (WOO, "/product-category/clothing/hoodies/", "category", None),
        (WOO, "/?s=hood&post_type=product", "search", None),
        (WOO, "/cart/", "cart", None),
        (WOO, "/checkout/", "checkout", None),
        (WOO, "/checkout/order-received/56/?key=wc_order_x", "order", None),
        (WOO, "/my-account/orders/", "account", None),
        (WOO, "/?add-to-cart=16", "home", "16"),
        (WOO, "/about/", "other", None),
    ],
)
def test_kinds_and_products(platform: Platform, target: str, kind: str, product: str | None) -> None:
    parsed = parse_target(target.encode())
    assert (page_kind(platform, parsed), product_id(platform, parsed)) == (kind, product)


def exchange(
    platform: Platform,
    method: str,
    raw: str,
    status: int = 200,
    *,
    body: bytes = b"",
    media_type: str = "application/x-www-form-urlencoded",
    answer: bytes | None = None,
    location: str | None = None,
    cart_changed: bool = False,
    facts: PageFacts | None = None,
    referrer: str = "",
    **more: object,
) -> Exchange:
    target = parse_target(raw.encode())
    return Exchange(
        method,
        target,
        status,
        kind=page_kind(platform, target),
        location=location,
        form=submitted_form(platform, method, target, media_type, body) if method == "POST" else None,
        referrer=referrer,
        facts=facts,
        is_html=answer is None,
        content_type="text/html" if answer is None else "application/json",
        host="shop.example",
        answer=None if answer is None else read_answer(answer),
        cart_changed=cart_changed,
        **more,  # type: ignore[arg-type]
    )


OC_LOGIN = "/index.php?route=account/login.login&login_token=ab"
TYPED = b"email=ada%40example.com&password=secret"


@pytest.mark.parametrize(
    ("platform", "target", "status", "answer", "location", "expected"),
    [
        (OPENCART, OC_LOGIN, 200, b'{"redirect":"/index.php?route=account/account"}', None, True),
        (OPENCART, OC_LOGIN, 200, b'{"error":{"warning":"no"}}', None, False),
        (OPENCART, OC_LOGIN, 200, None, None, False),
        (OPENCART, OC_LOGIN, 500, b'{"redirect":"x"}', None, False),
        (OPENCART, "/index.php?route=account/login", 302, None, "/index.php?route=account/account", True),
        (OPENCART, "/index.php?route=account/login", 302, None, "/index.php?route=account/login", False),
        (OPENCART, "/index.php?route=account/login", 200, None, None, False),
    ],
)
def test_logins_of_opencart(
    platform: Platform, target: str, status: int, answer: bytes | None, location: str | None, expected: bool
) -> None:
    one = exchange(platform, "POST", target, status, body=TYPED, answer=answer, location=location)
    assert proof(one, platform) == (Login("ada@example.com") if expected else None)


WOO_LOGIN = b"username=ada%40example.com&password=x&login=Log+in"
WOO_REGISTER = b"email=ada%40example.com&password=x&register=Register"


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (WOO_LOGIN, 302, Login("ada@example.com")),
        (WOO_LOGIN, 200, None),
        (WOO_REGISTER, 302, Login("ada@example.com", registered=True)),
        (WOO_REGISTER, 200, None),
        (b"username=ada&password=x&login=Log+in", 302, None),
    ],
    ids=["login", "login refused", "register", "register refused", "no address"],
)
def test_logins_of_woocommerce(body: bytes, status: int, expected: Login | None) -> None:
    one = exchange(WOO, "POST", "/my-account/", status, body=body, location="/my-account/" if status == 302 else None)
    assert proof(one, WOO) == expected


def add(product: str, quantity: int = 1) -> Event:
    return Event("add_to_cart", {"product": product, "quantity": quantity})


@pytest.mark.parametrize(
    ("one", "platform", "expected"),
    [
        (
            exchange(WOO, "GET", "/shop/?add-to-cart=16&quantity=3", 302, location="/shop/"),
            WOO,
            (add("16", 3),),
        ),
        (
            exchange(WOO, "GET", "/?add-to-cart=16", cart_changed=True),
            WOO,
            (add("16"), Event("page_view", {"kind": "home"})),
        ),
        (exchange(WOO, "GET", "/?add-to-cart=16"), WOO, (Event("page_view", {"kind": "home"}),)),
        (
            exchange(WOO, "POST", "/?wc-ajax=remove_from_cart", body=b"key=c7", answer=b'{"fragments":{"a":"b"}}'),
            WOO,
            (Event("remove_from_cart", {}),),
        ),
        (
            exchange(
                WOO,
                "POST",
                "/wp-json/wc/store/v1/cart/remove-item",
                body=b'{"key":"c7"}',
                media_type="application/json",
                answer=b'{"items":[{"id":16},{"id":33}],"totals":{"total_price":"1"}}',
            ),
            WOO,
            (Event("remove_from_cart", {"left": ("16", "33")}),),
        ),
        (
            exchange(OPENCART, "POST", "/index.php?route=checkout/cart.remove", answer=b'{"error":"no"}'),
            OPENCART,
            (),
        ),
        (
            exchange(
                OPENCART,
                "POST",
                "/index.php?route=extension/opencart/payment/cod.confirm",
                answer=b'{"redirect":"http://shop.example/index.php?route=checkout/success"}',
            ),
            OPENCART,
            (Event("purchase", {}),),
        ),
        (
            exchange(
                OPENCART,
                "POST",
                "/index.php?route=extension/opencart/payment/cod.confirm",
                answer=b'{"redirect":"http://shop.example/index.php?route=checkout/failure"}',
            ),
            OPENCART,
            (),
        ),
        (
            exchange(WOO, "POST", "/?wc-ajax=checkout", answer=b'{"result":"failure","messages":"<ul>no</ul>"}'),
            WOO,
            (),
        ),
        (
            exchange(
                WOO,
                "POST",
                "/?wc-ajax=checkout",
                answer=b'{"result":"success","redirect":"/checkout/order-received/57/?key=k"}',
            ),
            WOO,
            (Event("purchase", {"id": "57"}),),
        ),
        (
            exchange(
                WOO,
                "POST",
                "/?wc-ajax=checkout",
                answer=b'{"result":"success","order_id":57,"redirect":"https://pay.example/57"}',
            ),
            WOO,
            (),
        ),
    ],
    ids=[
        "link", "link without redirect", "link refused", "removed by script", "what is left", "refused", "order",
        "order failed", "checkout failed", "checkout", "to be paid elsewhere",
    ],
)  # fmt: skip
def test_carts_and_orders(one: Exchange, platform: Platform, expected: tuple[Event, ...]) -> None:
    assert read_events(one, platform) == expected


LINES = b"csrfmiddlewaretoken=x&form-TOTAL_FORMS=2&form-0-id=11&form-0-quantity=1&form-1-id=12&form-1-quantity="
BASKET = b'{"content_html":"<p>...</p>","messages":{"warning":["no longer an offer"]}}'


@pytest.mark.parametrize(
    ("body", "answer", "status", "expected"),
    [
        (LINES + b"2&form-1-DELETE=on", BASKET, 200, (Event("remove_from_cart", {}),)),
        (LINES + b"0", BASKET, 200, (Event("remove_from_cart", {}),)),
        (LINES + b"0", None, 302, (Event("remove_from_cart", {}),)),
        (LINES + b"2", BASKET, 200, ()),
        (LINES + b"2&form-1-save_for_later=on", BASKET, 200, ()),
        (LINES + b"0&form-0-DELETE=on", BASKET, 200, (Event("remove_from_cart", {}),)),
        (b"form-0-id=11&form-0-quantity=3&form-0-DELETE=on", BASKET, 200, (Event("remove_from_cart", {"left": ()}),)),
        (b"form-0-id=11&form-0-quantity=0", None, 302, (Event("remove_from_cart", {"left": ()}),)),
        (b"form-0-id=11&form-0-quantity=0", b'{"detail":"no"}', 200, ()),
        (b"form-0-id=11&form-0-quantity=0", None, 200, ()),
        (b"form-0-id=11&form-0-quantity=0", None, 403, ()),
    ],
    ids=[
        "by script", "no pieces by script", "no pieces", "more pieces", "kept for later", "two lines", "the only line",
        "no pieces of the only line", "another answer", "the form again", "refused",
    ],
)  # fmt: skip
def test_lines_of_oscars_basket(body: bytes, answer: bytes | None, status: int, expected: tuple[Event, ...]) -> None:
    location = "/en-gb/basket/" if status == 302 else None
    one = exchange(OSCAR, "POST", "/en-gb/basket/", status, body=body, answer=answer, location=location)
    assert read_events(one, OSCAR) == expected


def test_what_is_sold_out_and_how_many_were_found() -> None:
    gone = PageFacts("product", ProductFacts("16", "Beanie", sold_out=True))
    names = [event.name for event in read_events(exchange(WOO, "GET", "/product/beanie/", facts=gone), WOO)]
    assert names == ["page_view", "product_view", "out_of_stock"]
    found = exchange(WOO, "GET", "/?s=hood&post_type=product", facts=PageFacts("search", hits=3))
    assert read_events(found, WOO)[1] == Event("search", {"term": "hood", "hits": 3})


def test_an_order_whose_page_only_links_to_what_was_bought() -> None:
    order = OrderFacts("56", 5400, ("16",), "USD", ("/product/beanie-with-logo/",))
    one = exchange(WOO, "GET", "/checkout/order-received/56/", facts=PageFacts("order", order=order), bought=("33",))
    data = {"id": "56", "value_cents": 5400, "currency": "USD", "items": ("16", "33")}
    assert read_events(one, WOO)[1] == Event("purchase", data)


BANNERS = replace(
    PHOENIX,
    banners=(Banner("summer", (PathRule("/**", {"from": "summer"}),)), Banner("sale", (PathRule("/specials.php"),))),
)


@pytest.mark.parametrize(
    ("target", "referrer", "status", "names"),
    [
        ("/specials.php?from=summer", "shop.example/", 200, ["summer", "sale"]),
        ("/products_new.php?from=summer", "shop.example/index.php", 200, ["summer"]),
        ("/specials.php", "shop.example/", 302, ["sale"]),
        ("/specials.php", "", 200, []),
        ("/specials.php", "other.example/", 200, []),
        ("/specials.php", "shop.example/", 404, []),
        ("/index.php", "shop.example/", 200, []),
    ],
)
def test_banners_of_the_shop(target: str, referrer: str, status: int, names: list[str]) -> None:
    events = read_events(exchange(BANNERS, "GET", target, status, referrer=referrer, location="/x"), BANNERS)
    assert [event.data["promotion"] for event in events if event.name == "select_promotion"] == names


def test_a_clip_has_the_product_it_was_asked_for_from() -> None:
    clip = exchange(WOO, "GET", "/a.mp3", product="16")
    assert read_events(replace(clip, content_type="audio/mpeg"), WOO) == (
        Event("media_play", {"path": "/a.mp3", "product": "16"}),
    )


def test_an_address_with_a_number_in_it_is_no_order() -> None:
    target = parse_target(b"/checkout/order-received/999/")
    assert read_facts(Page({}), WOO, target, {}).order is None
    facts = PageFacts("order")
    guessed = exchange(WOO, "GET", "/checkout/order-received/999/", facts=facts)
    assert [event.name for event in read_events(guessed, WOO)] == ["page_view"]
    reached = replace(guessed, referrer="shop.example/checkout/")
    assert read_events(reached, WOO)[1] == Event("purchase", {"id": "999"})
