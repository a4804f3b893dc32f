"""Calls answered in JSON, on real sockets: what they prove, our cookie on a proven login, bytes that never change."""

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from clicks.click import Click
from config.lines import read_lines
from config.platform import NamedForm
from config.platforms import load_platform, read_own_forms
from config.settings import Consent
from config.tables import ProblemLog, Table
from tests.integration.proxy.conftest import Request, ok

OPENCART = load_platform("opencart")
WOO = load_platform("woocommerce")
HASH = "$2y$10$JilgueroVerdeJilgueroVerdeJilgueroVerde"
JSON = b"application/json"
NOBODY_ASKS: Mapping[str, Any] = {"consent": Consent(required=False)}


def posted(target: str, body: bytes, *fields: str, media_type: str = "application/x-www-form-urlencoded") -> bytes:
    lines = [
        f"POST {target} HTTP/1.1",
        "Host: shop.test",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0",
        "Accept: */*",
        "Sec-Fetch-Dest: empty",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        *fields,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def names(click: Click) -> list[str]:
    return [event.name for event in click.events]


LOGIN = "/index.php?route=account/login.login&language=en-gb&login_token=68127ae2a118829e5f8f3c6084"
CREDENTIALS = b"email=ada%40example.com&password=Secret123%21"
YES = b'{"redirect":"http://shop.test/index.php?route=account/account"}'


@pytest.mark.parametrize(
    ("answer", "proven"),
    [
        (YES, True),
        (b'{"error":{"warning":"No match for E-Mail"}}', False),
        (b'{"redirect":"","error":"locked"}', False),
        (b'{"redirect":"x","error":"locked"}', False),
        (b"<html>the form again</html>", False),
        (b'["redirect"]', False),
        (b'{"redirect":"' + b"x" * 70_000 + b'"}', False),
    ],
    ids=["yes", "no", "empty", "both", "page", "list", "too long"],
)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("media_type", [JSON, b"text/html; charset=utf-8"], ids=["json", "html"])
async def test_a_login_by_script_has_our_cookie_on_that_very_answer(
    shop: Callable[..., Any], answer: bytes, proven: bool, coding: str, media_type: bytes
) -> None:
    packed = gzip.compress(answer) if coding == "gzip" else answer
    fields = [b"Set-Cookie: OCSESSID=abcdef; path=/"] + ([b"Content-Encoding: gzip"] if coding == "gzip" else [])
    whole = ok(packed, *fields, content_type=media_type)
    async with shop(whole, platform=OPENCART, **NOBODY_ASKS) as running:
        head, body = await running.ask(posted(LOGIN, CREDENTIALS, "Accept-Encoding: gzip"))
        click = await running.click()
    assert body == packed
    assert (b"vitrina=" in head.lower() or b"__host-vitrina" in head.lower() or b"_vitrina" in head.lower()) is proven
    assert ("login" in names(click)) is proven
    if proven:
        assert b"private" in head.lower()
        assert click.customer


async def test_an_answer_in_pieces_is_read_whole(shop: Callable[..., Any]) -> None:
    async def slowly(request: Request, reader: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n")
        writer.write(b"Set-Cookie: OCSESSID=abcdef; path=/\r\n\r\n")
        for byte in YES:
            writer.write(b"1\r\n" + bytes([byte]) + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    async with shop(slowly, platform=OPENCART, **NOBODY_ASKS) as running:
        head, body = await running.ask(posted(LOGIN, CREDENTIALS))
        click = await running.click()
    assert body == YES
    assert names(click) == ["login"]
    assert head.lower().count(b"set-cookie") == 2


ADDED = json.dumps({"fragments": {"div": "<ul></ul>"}, "cart_hash": "436bca4f"}).encode()
STORE = json.dumps({"items": [{"id": 16, "quantity": 2}], "totals": {"total_price": "3600"}}).encode()


@pytest.mark.parametrize(
    ("target", "body", "media_type", "answer", "expected"),
    [
        (
            "/?wc-ajax=add_to_cart",
            b"product_id=16&quantity=2",
            "",
            ok(ADDED, content_type=JSON),
            [("add_to_cart", "16", 2)],
        ),
        (
            "/?wc-ajax=add_to_cart",
            b"product_id=16",
            "",
            ok(b'{"error":true,"product_url":"/product/x/"}', content_type=JSON),
            [],
        ),
        (
            "/wp-json/wc/store/v1/cart/add-item",
            b'{"id": 33, "quantity": 3}',
            "application/json",
            ok(STORE, status=b"201 Created", content_type=JSON),
            [("add_to_cart", "33", 3)],
        ),
        (
            "/wp-json/wc/store/v1/cart/add-item",
            b'{"id": 33}',
            "application/json",
            ok(b'{"code":"out_of_stock","data":{"status":400}}', status=b"400 Bad Request", content_type=JSON),
            [],
        ),
        (
            "/product/beanie/",
            b"quantity=1&add-to-cart=16",
            "",
            ok(b"<html>added", b"Set-Cookie: woocommerce_cart_hash=3a8e; path=/", content_type=b"text/html"),
            [("add_to_cart", "16", 1)],
        ),
        (
            "/product/beanie/",
            b"quantity=1&add-to-cart=16",
            "",
            ok(b"<html>out of stock", content_type=b"text/html"),
            [],
        ),
    ],
    ids=["ajax", "ajax refused", "store", "store refused", "form", "form refused"],
)
async def test_carts_of_woocommerce(
    shop: Callable[..., Any], target: str, body: bytes, media_type: str, answer: bytes, expected: list[tuple[Any, ...]]
) -> None:
    asked = posted(target, body, media_type=media_type or "application/x-www-form-urlencoded")
    async with shop(answer, platform=WOO, **NOBODY_ASKS) as running:
        _, got = await running.ask(asked)
        click = await running.click()
    assert answer.endswith(got)
    assert [(e.name, e.data["product"], e.data["quantity"]) for e in click.events] == expected


async def test_an_order_is_told_once_and_completed_by_its_page(shop: Callable[..., Any]) -> None:
    placed = json.dumps(
        {
            "order_id": 56,
            "status": "processing",
            "billing_address": {"email": "guest@example.com"},
            "payment_result": {"payment_status": "success", "redirect_url": "/checkout/order-received/56/?key=k"},
        }
    ).encode()
    page = b"""<!doctype html><html><body><ul><li class="woocommerce-order-overview__order"><strong>56</strong></li>
<li class="woocommerce-order-overview__total"><strong>54,00 \xe2\x82\xac</strong></li></ul></body></html>"""

    async def answer(request: Request, reader: Any, writer: Any) -> bytes:
        is_page = b"order-received" in request.path
        return ok(page, content_type=b"text/html; charset=utf-8") if is_page else ok(placed, content_type=JSON)

    seen = b"GET /checkout/order-received/56/?key=k HTTP/1.1\r\nHost: shop.test\r\nAccept: text/html\r\n"
    seen += b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0\r\n\r\n"
    async with shop(answer, platform=WOO, **NOBODY_ASKS) as running:
        body = (
            b'{"billing_address": {"email": "guest@example.com"}, "payment_data": [{"key": "card", "value": "4111"}]}'
        )
        await running.ask(posted("/wp-json/wc/store/v1/checkout", body, media_type="application/json"))
        for _ in range(3):
            await running.ask(seen)
        await running.click(4)
        told = [event.data for click in running.clicks.all for event in click.events if event.name == "purchase"]
    assert told == [{"id": "56"}, {"id": "56", "value_cents": 5400, "currency": "EUR", "completes": True}]


async def test_nothing_of_an_answer_but_what_a_rule_names_leaves_the_exchange(shop: Callable[..., Any]) -> None:
    """A real shop answers a registration with the password's hash."""
    said = {"redirect": "/index.php?route=account/success", "customer": {"password": HASH, "token": "tok-canary-1"}}
    async with shop(ok(json.dumps(said).encode(), content_type=JSON), platform=OPENCART, **NOBODY_ASKS) as running:
        body = b"firstname=Ada&lastname=Lovelace&email=ada%40example.com&password=Jilguero-93&card=4111111111111111"
        target = "/index.php?route=account/register.register&register_token=tok-canary-2"
        await running.ask(posted(target, body))
        click = await running.click()
    assert names(click) == ["register"]
    assert click.events[0].data["first_name"] == "Ada"
    for secret in (HASH, "Jilguero", "4111111111111111", "tok-canary", "ada@example"):
        assert secret not in repr(click)


async def test_never_read_holds_nothing(shop: Callable[..., Any]) -> None:
    target = "/index.php?route=extension/opencart/payment/card.send"
    async with shop(ok(YES, content_type=JSON), platform=OPENCART, **NOBODY_ASKS) as running:
        head, body = await running.ask(posted(target, b"cc_number=4111111111111111"))
        click = await running.click()
    assert body == YES
    assert b"set-cookie" not in head.lower()
    assert (click.events, click.query, click.profile) == ((), None, None)


def survey() -> tuple[NamedForm, ...]:
    text = {
        "name": "taste",
        "at": ["/survey.php"],
        "fields": ["genre", "age", "mail"],
        "requires": ["genre"],
        "traits": {"favourite": "genre"},
    }
    log = ProblemLog("site.toml", read_lines(""))
    forms = read_own_forms(Table({"form": [text]}, (), log))
    assert log.problems == []
    return forms


async def test_a_survey_tells_its_allowed_fields_when_it_was_accepted(shop: Callable[..., Any]) -> None:
    async def answer(request: Request, reader: Any, writer: Any) -> bytes:
        is_empty = b"genre=&" in request.body
        return ok(b"again") if is_empty else ok(b"", b"Location: /thanks.php", status=b"302 Found")

    async with shop(answer, platform=OPENCART, forms=survey(), **NOBODY_ASKS) as running:
        typed = b"genre=Jazz+%26+Swing&age=30&mail=a%40b.example&password=Jilguero&comment=secret"
        await running.ask(posted("/survey.php", typed))
        await running.ask(posted("/survey.php", b"genre=&age=30"))
        await running.click(2)
        first, second = running.clicks.all
    fields = {"genre": "Jazz & Swing", "age": "30"}
    assert [dict(event.data) for event in first.events] == [
        {"form": "taste", "fields": fields, "traits": {"favourite": "Jazz & Swing"}}
    ]
    assert second.events == ()


async def test_a_clip_belongs_to_the_product_whose_page_asked_for_it(shop: Callable[..., Any]) -> None:
    page = b"""<!doctype html><html><body class="single-product postid-16"><div>
<h1 class="product_title">Beanie</h1></div></body></html>"""

    async def answer(request: Request, reader: Any, writer: Any) -> bytes:
        if request.path.endswith(b".mp3"):
            return ok(b"ID3", content_type=b"audio/mpeg")
        return ok(page, content_type=b"text/html; charset=utf-8")

    agent = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0"
    opened = f"GET /product/beanie/ HTTP/1.1\r\nHost: shop.test\r\nAccept: text/html\r\n{agent}\r\n\r\n".encode()
    referrer = "Referer: http://shop.test/product/beanie/?utm_source=mail"
    clip = f"GET /a/b.mp3 HTTP/1.1\r\nHost: shop.test\r\nAccept: */*\r\n{agent}\r\n{referrer}\r\n\r\n".encode()
    async with shop(answer, platform=WOO, **NOBODY_ASKS) as running:
        await running.ask(opened)
        await running.ask(clip)
        await running.click(2)
        told = [event for click in running.clicks.all for event in click.events]
    assert [(event.name, event.data.get("product")) for event in told] == [
        ("page_view", None),
        ("product_view", "16"),
        ("media_play", "16"),
    ]
