"""Carts and orders as pages show them: what is in the cart by now, what was taken out, what was ordered."""

from dataclasses import replace

import pytest

from clicks.answered_cart import read_answered_cart
from clicks.answers import Answer
from clicks.click import Event
from clicks.detecting.sample import sample
from clicks.events import read_events
from clicks.exchange import Exchange
from clicks.facts import OrderFacts
from clicks.forms import submitted_form
from clicks.kinds import page_kind
from clicks.shown_cart import ShownCart, read_cart
from clicks.shown_order import read_order
from clicks.targets import Target, parse_target
from config.platform import FormRule, PathRule, Platform

SHOP = Platform(
    "shop",
    kinds={
        "product": (PathRule("/p/*"),),
        "cart": (PathRule("/cart"),),
        "checkout": (PathRule("/checkout"),),
        "order": (PathRule("/thanks"),),
    },
    product_id=(r"^/p/(\d+)",),
    add_to_cart=FormRule((PathRule("/cart/add"),), "accepted", {"product_id": ("id",)}),
    order_call=FormRule((PathRule("/checkout"),), "redirect"),
    order_placed=(PathRule("/thanks"),),
    as_shown=True,
)
ROW = '<tr><td><a href="/p/{0}">Lamp {0}</a></td><td><a href="/cart?gone={0}">Remove</a></td></tr>'


def product_at(target: Target) -> str | None:
    return target.path[3:] if target.path.startswith("/p/") else None


def cart(html: str) -> ShownCart:
    return read_cart(sample("/cart", f"<body>{html}"), product_at)


@pytest.mark.parametrize(
    ("html", "rows", "name"),
    [
        (f"<table>{ROW.format(7)}{ROW.format(8)}</table>", ("7", "8"), "rows that can be taken out"),
        ('<li><a href="/p/7">Lamp</a> <button title="delete">x</button></li>', ("7",), "a button"),
        ('<li><a href="/p/7">Lamp</a></li>', (), "a list of products"),
        ('<div><a href="/p/7">A</a><a href="/p/8">B</a><a href="/clear">Remove all</a></div>', (), "all at once"),
        (f'<div class="compare-list">{ROW.format(7)}</div>', (), "a comparison"),
        (f'<form action="/wishlist/update">{ROW.format(7)}</form>', (), "a wish list"),
    ],
)
def test_rows_of_a_cart(html: str, rows: tuple[str, ...], name: str) -> None:
    assert cart(html).rows == rows, name


def test_a_cart_says_that_it_is_empty_or_complains() -> None:
    assert cart("<p>Ihr Warenkorb ist leer.</p>").is_empty
    assert not cart("<p>Fill your cart!</p>").is_empty
    assert cart('<p class="msg error">Only 2 left</p>').complains
    assert not cart('<p class="error"></p>').complains


def added(answer: ShownCart | None, had: frozenset[str] | None) -> list[Event]:
    target = parse_target(b"/cart/add")
    form = submitted_form(SHOP, "POST", target, "application/x-www-form-urlencoded", b"id=7")
    return list(read_events(Exchange("POST", target, 200, form=form, is_html=True, cart=answer, had=had), SHOP))


@pytest.mark.parametrize(
    ("answer", "had", "is_proof", "name"),
    [
        (ShownCart(("7", "8")), frozenset("8"), True, "it is in the cart now"),
        (ShownCart(("8",), frozenset("78")), frozenset("8"), False, "the product's page, and a cart without it"),
        (ShownCart(("7",)), frozenset("7"), False, "it was in the cart before"),
        (ShownCart(("7",)), None, False, "nobody knows what was in the cart"),
        (ShownCart(("7",), complains=True), frozenset(), False, "the page complains"),
        (None, frozenset(), False, "nothing was shown"),
    ],
)
def test_what_an_answer_shows_in_the_cart(
    answer: ShownCart | None, had: frozenset[str] | None, is_proof: bool, name: str
) -> None:
    told = [Event("add_to_cart", {"product": "7", "quantity": 1})] if is_proof else []
    assert added(answer, had) == told, name


@pytest.mark.parametrize(
    ("shown", "came_from", "left", "name"),
    [
        (ShownCart(("8",), frozenset("8")), "/cart", ("8",), "one went"),
        (ShownCart(is_empty=True), "/cart", (), "all went"),
        (ShownCart(), "/cart", None, "scripts show the cart"),
        (ShownCart(("7", "8"), frozenset("78")), "/cart", None, "nothing went"),
        (ShownCart(("9",), frozenset("9")), "/cart", None, "ids that nobody put in"),
        (ShownCart(is_empty=True), "/thanks", None, "it was bought"),
    ],
)
def test_what_the_cart_shows_no_more(shown: ShownCart, came_from: str, left: tuple[str, ...] | None, name: str) -> None:
    page = Exchange(
        "GET",
        parse_target(b"/cart"),
        200,
        kind="cart",
        is_html=True,
        came_from=parse_target(came_from.encode()),
        cart=shown,
        had=frozenset("78"),
    )
    told = [event.data for event in read_events(page, SHOP) if event.name == "remove_from_cart"]
    assert told == ([] if left is None else [{"left": left}]), name


REMOVAL = replace(SHOP, remove_from_cart=FormRule((PathRule("/cart/**"),), "ok"))


@pytest.mark.parametrize(
    ("answer", "left", "name"),
    [
        ({"cart": {"items": [{"id": 1, "product_id": 8}]}}, ("8",), "one went"),
        ({"lines": [{"url": "/p/8?from=cart", "qty": 2}]}, ("8",), "told by their pages"),
        ({"items": [{"id": 8}], "item_count": 1}, ("8",), "only rows have numbers"),
        ({"cart": {"items": []}}, (), "all went"),
        ({"html": f"<table>{ROW.format(8)}</table>", "success": True}, ("8",), "as a piece of a page"),
        ({"data": {"box": "<p>Your basket is empty.</p>"}}, (), "it says so"),
        ({"success": True}, None, "yes, but not what"),
        ({"cart": {"items": [{"product_id": 7}, {"product_id": 8}]}}, None, "nothing went: another quantity"),
        ({"cart": {"items": [{"id": 90001}]}}, None, "numbers of rows that say nothing"),
        ({"items": [{"product_id": 8}], "errors": ["no such line"]}, None, "it was refused"),
        ({"removed_items": [{"product_id": 8}], "wishlist": {"items": []}}, None, "lists of something else"),
        ({"recommended": {"html": f"<ul>{ROW.format(8)}</ul>"}}, None, "products to buy, too"),
    ],
)
def test_what_a_call_leaves_in_the_cart(answer: dict[str, object], left: tuple[str, ...] | None, name: str) -> None:
    target = parse_target(b"/cart/lines/1")
    exchange = Exchange(
        "DELETE",
        target,
        200,
        form=submitted_form(REMOVAL, "DELETE", target, "", b""),
        answer=Answer(answer),
        cart=read_answered_cart(Answer(answer), target, "", product_at),
        had=frozenset("78"),
    )
    assert [event.data for event in read_events(exchange, REMOVAL)] == ([] if left is None else [{"left": left}]), name


def test_a_part_of_the_cart_is_no_proof_that_the_rest_went() -> None:
    target, answer = parse_target(b"/cart/lines/1"), Answer({"items": [{"product_id": 7}]})
    shown = read_answered_cart(answer, target, "", product_at)
    form = submitted_form(REMOVAL, "PATCH", target, "application/json", b"{}")
    exchange = Exchange("PATCH", target, 200, form=form, answer=answer, cart=shown, had=frozenset("789"))
    assert not read_events(exchange, REMOVAL)


@pytest.mark.parametrize(
    ("text", "number", "cents"),
    [
        ("Thank you! Your order number is <b>100045</b>.", "100045", None),
        ("Thanks. Order #1001<br>Subtotal $9.00<br>Total: <b>$129</b><sup>.90</sup>", "1001", 12990),
        (
            "Vielen Dank!<table><tr><td>Bestellnummer<td>2024-0017<tr><td>Gesamtsumme<td>1.299,00 €</table>",
            "2024-0017",
            129900,
        ),
        ("Gracias. Número de pedido: ABC-123", "ABC-123", None),
        ("Dziękujemy! Numer zamówienia: 8812. Razem 10,00 zł", "8812", 1000),
        ("Thanks! Order no. 5. Total $9.00, total $8.00", "5", None),
        ("Bedankt! Order nr. 6. Totaal: € 122,-", "6", 12200),
        ("Bedankt! Order nr. 6. Verzending € 4,95<br>Totaal € 1.122,02", "6", 112202),
        ("Спасибо! Номер заказа: 7. Итого: 3&nbsp;661 руб.", "7", 366100),
        ("Спасибо! Ваш заказ № 4512 принят", "4512", None),
        ("Vielen Dank! Bestell-Nr.: 2024-17. Zu zahlen: 1.234,50", "2024-17", 123450),
        ("¡Gracias! Pedido n.º 4431", "4431", None),
        ("Merci ! Votre commande n° 5512 est enregistrée", "5512", None),
        ("Grazie! Il numero del tuo ordine è 99", "99", None),
        ("Grazie! Ordine n. 99, totale 1 234,50", "99", 123450),
        ("Bedankt! Uw bestelnummer is 2031", "2031", None),
        ("Děkujeme za objednávku č. 331. Celkem 499 Kč", "331", 49900),
        ("Teşekkür ederiz. Sipariş numaranız: 9912", "9912", None),
        ("ご注文ありがとうございます。ご注文番号：12345", "12345", None),
        ("Thanks. Your order (#8) weighs in total 1.25 kg", "8", None),
        ("Thanks. Order no. 8. Total 3 things until 12.03.2024", "8", None),
        ("Thanks. Orders no older than 30 days", None, None),
        ("Bedankt! Bestelling 12 geannuleerd, bestelnummer 12", None, None),
        ("Thank you for your order of 3 items", None, None),
        ("Your orders, thank you: order number 12, order number 13", None, None),
        ("Thank you. Your order number 55 was declined", None, None),
        ("Order number 55", None, None),
        ("Thanks. Order no. 12.03.2024", None, None),
    ],
)
def test_an_order_in_words(text: str, number: str | None, cents: int | None) -> None:
    order = read_order(sample("/thanks", f'<body><p>{text}</p><a href="/p/7">Lamp</a>'), product_at)
    assert (order.id if order else None) == number
    assert (order.value_cents if order else None) == cents
    assert order is None or order.items == ("7",)


@pytest.mark.parametrize(("before", "is_told"), [("/checkout", True), ("/account/orders", False)])
def test_an_order_is_believed_where_the_checkout_leads_to_it(before: str, is_told: bool) -> None:
    order = read_order(sample("/done", "<body>Thank you! Order number 9. Total 12,00 €"), product_at)
    page = Exchange(
        "GET",
        parse_target(b"/done"),
        200,
        is_html=True,
        came_from=parse_target(before.encode()),
        order=order,
        had=frozenset("7"),
    )
    told = [event.data for event in read_events(page, SHOP) if event.name == "purchase"]
    assert told == ([{"id": "9", "value_cents": 1200, "currency": "EUR"}] if is_told else [])


@pytest.mark.parametrize(
    ("text", "is_thanks", "name"),
    [
        ("Thank you. Your order has been received.", True, "two sentences"),
        ("<h1>Thanks!</h1><p>We have your payment and will write to you</p>", True, "for the payment"),
        ("<h1>Bestellung bestätigt</h1>", True, "German"),
        ("Vielen Dank für Ihren Einkauf", True, "for what was bought"),
        ("¡Gracias por tu compra!", True, "Spanish"),
        ("Merci pour votre commande", True, "French"),
        ("Dziękujemy za zakupy", True, "Polish"),
        ("Спасибо за покупку", True, "Russian"),
        ("ご注文ありがとうございます", True, "Japanese"),
        ("Thank you for visiting us. Order today, pay later", False, "a greeting beside an advert"),
        ("Thank you for subscribing <p>10 % off your next order", False, "a newsletter's"),
        ("Thanks for your message about your order", False, "a contact form's"),
        ("Thank you for creating an account <p>track your order", False, "an account's"),
        ("Orders and payments: how it works", False, "no thanks"),
        ("Thank you for your order. The payment was declined", False, "it was refused"),
        ("Gracias por tu compra. El pago fue rechazado", False, "it was refused, in Spanish"),
    ],
)
def test_thanks_for_an_order_without_its_number(text: str, is_thanks: bool, name: str) -> None:
    page = sample("/thanks", f"<body>{text}")
    order = read_order(page, product_at, may_lack_number=True)
    assert (order is not None) == is_thanks, name
    assert order is None or order.id == ""
    assert read_order(page, product_at) is None, "elsewhere a number is asked for"


@pytest.mark.parametrize(
    ("order", "path", "left_from", "told", "name"),
    [
        (OrderFacts(""), "/thanks", "/checkout", [{}], "thanks, once it was left from the checkout"),
        (OrderFacts("", 1200), "/thanks", "/checkout", [{"value_cents": 1200}], "with its total"),
        (OrderFacts("9"), "/thanks", "/checkout", [{"id": "9"}], "with a number"),
        (OrderFacts("9"), "/done", "/checkout", [{"id": "9"}], "with a number, at any address"),
        (None, "/thanks", "/checkout", [], "nothing thanks: not paid"),
        (OrderFacts(""), "/thanks", "/cart", [], "there was no checkout"),
    ],
)
def test_an_order_paid_for_elsewhere(
    order: OrderFacts | None, path: str, left_from: str, told: list[dict[str, object]], name: str
) -> None:
    target, left = parse_target(path.encode()), parse_target(left_from.encode())
    page = Exchange(
        "GET",
        target,
        200,
        kind=page_kind(SHOP, target),
        is_html=True,
        host="shop.example",
        referrer="pay.example/ready",
        came_from=left,
        came_back=True,
        order=order,
        had=frozenset("7"),
    )
    assert [event.data for event in read_events(page, SHOP) if event.name == "purchase"] == told, name


@pytest.mark.parametrize(
    ("location", "is_placed"),
    [
        ("/thanks?order=77", True),
        ("https://www.shop.example/thanks?order=77", True),
        ("https://pay.example/thanks?order=77", False),
        ("//pay.example/thanks?order=77", False),
        ("https://[/thanks?order=77", False),
    ],
)
def test_a_checkout_that_leads_to_another_site_is_no_order(location: str, is_placed: bool) -> None:
    shop, target = replace(SHOP, order_id_url=(r"order=(\d+)",)), parse_target(b"/checkout")
    form = submitted_form(shop, "POST", target, "application/x-www-form-urlencoded", b"")
    sent = Exchange("POST", target, 302, location=location, form=form, host="shop.example:8080")
    assert [event.data for event in read_events(sent, shop)] == ([{"id": "77"}] if is_placed else [])


def test_an_order_that_the_answer_to_the_checkout_tells() -> None:
    target = parse_target(b"/checkout")
    form = submitted_form(SHOP, "POST", target, "application/x-www-form-urlencoded", b"")
    order = read_order(sample("/checkout", "<body>Merci. Commande n° 4711"), product_at)
    answer = Exchange("POST", target, 200, form=form, is_html=True, order=order)
    assert [event.data for event in read_events(answer, SHOP)] == [{"id": "4711"}]
