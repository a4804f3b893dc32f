"""Proof on shops of which only the pages are known: one script for all pages, calls of scripts, carts without names."""

import pytest

from clicks.answers import Answer, read_answer
from clicks.click import Event
from clicks.detecting.addresses import AddressRule, path_rule
from clicks.detecting.form_rules import cart_rule
from clicks.detecting.forms import SeenForm
from clicks.events import Login, proof, read_events
from clicks.exchange import Exchange
from clicks.forms import any_number, submitted_form
from clicks.targets import parse_target
from config.platform import FormRule, PathRule, Platform

ONE_SCRIPT = Platform(
    "one",
    login=FormRule(
        (PathRule("/index.php", {"page": "login"}),),
        "accepted",
        {"email": ("mail",)},
        ("mail", "pw"),
        failure=("/index.php?page=login", "/**/login*"),
    ),
)
CALLS = Platform("calls", login=FormRule((PathRule("/api/login"),), "accepted", {"email": ("mail",)}))


def exchange(platform: Platform, target: str, status: int, **members: object) -> Exchange:
    parsed = parse_target(target.encode())
    form = submitted_form(platform, "POST", parsed, "application/x-www-form-urlencoded", b"mail=a%40b.example&pw=x&n=2")
    return Exchange("POST", parsed, status, form=form, **members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("location", "is_proof", "name"),
    [
        ("/index.php?page=account", True, "another page of the only script"),
        ("/index.php?page=login", False, "the form again"),
        ("/index.php?page=login&error=1", False, "the form with a complaint"),
        ("/index.php", False, "nothing tells which page"),
        ("/index.php?sid=1", False, "nothing tells which page"),
        ("/my/login?again=1", False, "a form at another address"),
        ("/account", True, "another path"),
    ],
)
def test_where_a_login_leads(location: str, is_proof: bool, name: str) -> None:
    one = exchange(ONE_SCRIPT, "/index.php?page=login", 302, location=location)
    assert (proof(one, ONE_SCRIPT) == Login("a@b.example")) is is_proof, name


@pytest.mark.parametrize(
    ("answer", "is_proof"),
    [
        (b'{"data":{"sid":"x"}}', True),
        (b'{"token":"x"}', True),
        (b'{"user":{"id":1}}', True),
        (b'{"status":"ok"}', True),
        (b'{"data":{}}', False),
        (b'{"data":{"errors":["no"]}}', False),
        (b'{"user":{"id":1},"errors":[{"message":"no"}]}', False),
        (b'{"success":false,"data":{"left":3}}', False),
        (b'{"success":0,"data":{"left":3}}', False),
        (b'{"message":"Wrong password"}', False),
        (b"{}", False),
    ],
)
def test_what_a_call_answers(answer: bytes, is_proof: bool) -> None:
    one = exchange(CALLS, "/api/login", 200, answer=read_answer(answer))
    assert (proof(one, CALLS) is not None) is is_proof


def cart(*, has_kinds: bool, mark: str = "") -> Platform:
    rule = FormRule((PathRule("/**"),), "accepted", {"quantity": ("n",)})
    kinds = {"product": (PathRule("/p/*"),)} if has_kinds else {}
    return Platform("cart", kinds=kinds, product_id=("([^/]+)$",), product_mark=mark, add_to_cart=rule)


@pytest.mark.parametrize(
    ("platform", "product", "expected", "name"),
    [
        (cart(has_kinds=True), None, "lamp", "the address tells"),
        (cart(has_kinds=True), "other", "lamp", "the address goes before the page it came from"),
        (cart(has_kinds=False), "lamp-2", "lamp-2", "addresses say nothing: the page it came from"),
        (cart(has_kinds=True, mark=".p"), "lamp-2", "lamp-2", "only pages tell: the page it came from"),
        (cart(has_kinds=False), None, None, "nothing tells"),
    ],
)
def test_which_product_goes_into_the_cart(
    platform: Platform, product: str | None, expected: str | None, name: str
) -> None:
    one = exchange(platform, "/p/lamp", 302, location="/cart", product=product)
    events = [Event("add_to_cart", {"product": expected, "quantity": 2})] if expected else []
    assert list(read_events(one, platform)) == events, name


def self_sent(path: str, target: str) -> Platform:
    """A shop whose product pages send the cart's form to themselves, as it is learnt."""
    page = parse_target(target.encode())
    seen = SeenForm("add_to_cart", page, "post", (("n", "text"), ("product_id", "hidden")), page, is_script=False)
    rule = cart_rule([seen], AddressRule(path, r"[/=](\d+)", 1.0, 0.0))
    return Platform("own", kinds={"product": (path_rule(path),)}, product_id=(r"[/=](\d+)",), add_to_cart=rule)


@pytest.mark.parametrize(
    ("status", "members", "is_proof", "name"),
    [
        (302, {"location": "/cart"}, True, "on to the cart"),
        (302, {"location": "BACK"}, False, "back to the product, as who is refused"),
        (302, {"location": "BACK", "cart_changed": True}, True, "back, with another cart"),
        (200, {"is_html": True}, False, "a page, whatever it says"),
        (200, {"is_html": True, "cart_changed": True}, True, "a page with another cart"),
        (200, {"answer": read_answer(b'{"success":true}')}, True, "a call says yes"),
        (200, {"answer": read_answer(b'{"success":true,"redirect":"BACK"}')}, False, "a call leads back"),
        (200, {"answer": read_answer(b'{"message":"sold out"}')}, False, "a call says something"),
        (200, {}, False, "a call says nothing"),
    ],
)
@pytest.mark.parametrize(("path", "target"), [("/p/*", "/p/7"), ("/shop.asp?item=*", "/shop.asp?item=7")])
def test_what_a_product_page_sends_to_itself(
    path: str, target: str, status: int, members: dict[str, object], is_proof: bool, name: str
) -> None:
    platform = self_sent(path, target)
    if members.get("location") == "BACK":
        members = {**members, "location": target}
    answer = members.get("answer")
    if isinstance(answer, Answer) and "redirect" in answer.members:
        members = {**members, "answer": Answer({**answer.members, "redirect": target})}
    one = exchange(platform, target, status, **members)
    told = [event.data["product"] for event in read_events(one, platform) if event.name == "add_to_cart"]
    assert told == (["7"] if is_proof else []), name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("items[14][qty]", "items[*][qty]"),
        ("row-2-delete", "row-*-delete"),
        ("lines[0000001f0000001f0000001f0000001f][id]", "lines[*][id]"),
        ("lines[0f8fad5b-d9cb-469f-a165-70867728950e][id]", "lines[*][id]"),
        ("lines[beef][id]", "lines[beef][id]"),
    ],
)
def test_any_number(name: str, expected: str) -> None:
    assert any_number(name) == expected
