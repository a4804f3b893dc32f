"""What `detect` learns of shops in the manner of software nobody described: lists, pages, and what proves what."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pytest

from clicks.answers import read_answer
from clicks.detecting.sample import Sample, fold, sample
from clicks.detecting.site import Learnt
from clicks.events import Login, Logout, proof, read_events
from clicks.exchange import Exchange
from clicks.forms import submitted_form
from clicks.kinds import page_kind
from clicks.prices import read_price
from clicks.reading import read_facts
from clicks.rules import rules_of
from clicks.targets import parse_target
from config.platforms import load_platform
from tests.fixtures.invented.all_manners import MANNERS
from tests.fixtures.invented.manner import KINDS, Item, Manner
from tests.fixtures.invented.serving import Shop, opened
from tests.fixtures.page_view import SampleView
from vitrina.crawling import Crawl
from vitrina.looking import look_at


@dataclass(frozen=True)
class Seen:
    """A shop, what was learnt of it, and pages: those that were looked at, and others."""

    shop: Shop
    learnt: Learnt
    pages: list[Sample]

    @property
    def manner(self) -> Manner:
        return self.shop.manner


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(manner, id=manner.name, marks=pytest.mark.slow if place % 2 else ())
        for place, manner in enumerate(MANNERS)
    ],
)
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    manner: Manner = request.param
    with opened(manner) as shop:
        crawl = Crawl(f"http://{shop.host}", shop.host, load_platform("generic"), lambda _: None, pause_s=0)
        learnt = crawl.run("/")
        pages = {page.target.text: page for page in crawl.samples if page.status == 200}
        others = [shop.target(manner.category(number)) for number in range(len(KINDS))]
        others += [shop.target(manner.url(item)) for item in shop.stock[5::13]]
        for text in others:
            pages.setdefault(text, sample(text, shop.page(text, None)[1], shop.host))
        yield Seen(shop, learnt, list(pages.values()))


def test_its_blocks_are_found_and_nothing_else(seen: Seen) -> None:
    """Of nine in ten products, 95 in 100 with name and price, all with an id that is theirs alone."""
    shop, platform = seen.shop, seen.learnt.platform
    by_name = {item.name: item for item in shop.stock}
    truth_css, _name_css, _ = seen.manner.truth
    expected = found = right = named = priced = 0
    ids: dict[str, set[str]] = defaultdict(set)
    for page in seen.pages:
        shown = [_item(fold(node.text(deep=True)), by_name) for node in page.tree.css(truth_css)]
        expected += len(shown)
        facts = read_facts(SampleView(page, platform), platform, page.target, {})
        for rule in platform.lists:
            nodes, listed = page.tree.css(rule.items), (facts.lists or {}).get(rule.name, ())
            for node, told in zip(nodes, listed, strict=True):
                found += 1
                item = _item(fold(node.text(deep=True)), by_name)
                if item is None or item not in shown:
                    continue
                right += 1
                named += told.name is not None and (item.name in told.name or told.name[:8] in item.name)
                wanted = None if item.price is None else read_price(_plain(seen.manner.price(item.price)))
                priced += wanted is None or told.price_cents == wanted
                assert told.id is not None
                ids[told.id].add(item.name)
    assert expected >= 90
    assert right >= 0.9 * expected
    assert right >= 0.95 * found
    assert named >= 0.95 * right
    assert priced >= 0.95 * right
    assert all(len(names) == 1 for names in ids.values()), "one id, one product"


def _item(text: str, by_name: dict[str, Item]) -> Item | None:
    """The product a block is about: the longest name that it says (one shop cuts them short)."""
    names = [name for name in by_name if name in text or (len(name) > 11 and name[:11] + "..." in text)]
    return by_name[max(names, key=len)] if names else None


def _plain(price: str) -> str:
    return fold(sample("/", f"<body>{price}").tree.text(deep=True))


def test_pages_are_told_apart(seen: Seen) -> None:
    shop, platform, manner = seen.shop, seen.learnt.platform, seen.manner
    targets = [parse_target(shop.target(manner.category(number)).encode()) for number in range(len(KINDS))]
    told = Counter(page_kind(platform, target) for target in targets)
    assert set(told) <= {"category", "other"}
    assert told["category"] >= 4, "those that were looked at"
    for item in shop.stock[::5]:
        text = shop.target(manner.url(item))
        page = sample(text, shop.page(text, None)[1], shop.host)
        facts = read_facts(SampleView(page, platform), platform, page.target, {})
        assert facts.product is not None
        assert facts.product.name is not None
        assert item.name in facts.product.name
    assert page_kind(platform, parse_target(b"/")) == "home"
    for path in ("/about", "/terms"):
        page = sample(path, shop.page(path, None)[1], shop.host)
        facts = read_facts(SampleView(page, platform), platform, page.target, {})
        assert (facts.kind, facts.product) == ("other", None)


def test_the_greeting_has_one_place_that_scripts_leave_alone(seen: Seen) -> None:
    place = seen.learnt.greeting
    assert place is not None
    assert all(len(page.tree.css(place[0])) == 1 for page in seen.pages)
    if "hydrated" in seen.manner.name:
        assert place == ("body", "start")


def _exchange(seen: Seen, target: str, fields: dict[str, str], *, accepted: bool, location: str = "") -> Exchange:
    """A form as the shop's pages send it, with the shop's answer."""
    platform, account = seen.learnt.platform, seen.manner.account
    is_json = account.answer == "json"
    body = json.dumps(fields).encode() if is_json else urlencode(fields).encode()
    media_type = "application/json" if is_json else "application/x-www-form-urlencoded"
    parsed = parse_target(target.encode())
    answer, status = None, 302 if location else 200
    if is_json:
        answer = read_answer(b'{"data":{"sid":"x"},"success":true}' if accepted else b'{"error":{"status":401}}')
        status = 200 if accepted else 401
    return Exchange(
        "POST",
        parsed,
        status,
        kind=page_kind(platform, parsed),
        location=None if is_json else location or None,
        form=submitted_form(platform, "POST", parsed, media_type, body),
        is_html=not is_json,
        answer=answer,
        product="the page's",
        host=seen.shop.host,
    )


def test_only_what_was_accepted_is_proof(seen: Seen) -> None:
    account, platform = seen.manner.account, seen.learnt.platform
    typed = {account.email: "jose@example.org", account.password: "x"}
    refusal = account.login_page if account.refused == "redirect" else ""
    assert proof(_exchange(seen, account.login_post, typed, accepted=False, location=refusal), platform) is None
    login = proof(_exchange(seen, account.login_post, typed, accepted=True, location=account.home), platform)
    assert login == Login("jose@example.org")
    typed = {account.first: "José", account.last: "García", account.register_email: "jose@example.org"}
    typed[account.register_password] = "x"
    new = proof(_exchange(seen, account.register_post, typed, accepted=True, location=account.home), platform)
    assert isinstance(new, Login)
    assert (new.email, new.first_name, new.registered) == ("jose@example.org", "José", True)
    left = Exchange("GET", parse_target(account.logout.encode()), 302, location="/")
    assert proof(left, platform) == Logout()
    assert account.cookie in platform.session_cookies


def test_what_goes_into_the_cart_has_the_id_of_its_page(seen: Seen) -> None:
    shop, cart, platform = seen.shop, seen.manner.cart, seen.learnt.platform
    item = shop.stock[14]
    page = shop.target(seen.manner.url(item))
    target = cart.add.replace("{id}", str(item.number))
    if page.endswith(target) or page.startswith(target):
        target = page  # product pages send it to themselves
    fields = {cart.product_field: str(item.number), cart.quantity_field: "2"}
    location = cart.page if cart.answer == "redirect" else ""
    exchange = _exchange(seen, target, fields, accepted=True, location=location)
    if cart.answer == "json" and not exchange.answer:
        exchange = Exchange(**{**_members(exchange), "answer": read_answer(b'{"success":true}')})
    told = [event.data["product"] for event in read_events(exchange, platform) if event.name == "add_to_cart"]
    facts = read_facts(
        SampleView(sample(page, shop.page(page, None)[1], shop.host), platform),
        platform,
        parse_target(page.encode()),
        {},
    )
    assert facts.product is not None
    assert told in ([facts.product.id], ["the page's"], [])
    assert told or seen.manner.name in _UNTOLD


_UNTOLD = (
    "utility class names, hydrated",
    "all in data attributes, Dutch",
    "definition lists, amounts without a sign",
    "cells with adverts among them, roubles, windows-1251",
)
"""Where the page does not say where its scripts put things into the cart, and the address is not a usual one; where
a page is all that comes of it, which only a whole visit shows (`test_invented_shops.py`)."""


def _members(exchange: Exchange) -> dict[str, object]:
    return {name: getattr(exchange, name) for name in exchange.__slots__}


def test_an_order_is_told_where_the_checkout_leads_to_it(seen: Seen) -> None:
    cart, platform = seen.manner.cart, seen.learnt.platform
    placed, checkout = parse_target(cart.placed.encode()), parse_target(cart.checkout.encode())
    number = rules_of(platform).order_of(placed.text)
    page = Exchange("GET", placed, 200, kind=page_kind(platform, placed), is_html=True, host=seen.shop.host)
    from_checkout = replace(page, referrer=seen.shop.host + checkout.path)
    from_history = replace(page, referrer=f"{seen.shop.host}/account/orders")
    told = [event.data for event in read_events(from_checkout, platform) if event.name == "purchase"]
    assert told == ([] if seen.manner.name in _NO_ORDERS else [{"id": number} if number else {}])
    assert "purchase" not in [event.name for event in read_events(from_history, platform)]
    form = submitted_form(platform, "POST", checkout, "application/x-www-form-urlencoded", b"street=1")
    sent = Exchange("POST", checkout, 302, location=cart.placed, form=form, host=seen.shop.host)
    by_call = [event.data for event in read_events(sent, platform) if event.name == "purchase"]
    assert by_call == ([{"id": number}] if number else [])
    refused = replace(sent, location=cart.checkout)
    assert "purchase" not in [event.name for event in read_events(refused, platform)]


_NO_ORDERS = ("one script, table rows", "cells with numbers in class names")
"""Where the checkout's address is told by its query, which only a whole visit keeps (`test_invented_shops.py`)."""


def test_ids_are_read_from_addresses_or_pages_alike(seen: Seen) -> None:
    platform = seen.learnt.platform
    if not platform.id_on_page:
        for item in seen.shop.stock[::7]:
            assert rules_of(platform).product_of(seen.shop.target(seen.manner.url(item))) is not None


def test_a_shop_of_known_software_with_pages_of_its_own_is_described() -> None:
    manner = next(manner for manner in MANNERS if manner.account.cookie == "osCsid")
    said: list[str] = []
    with opened(manner) as shop:
        looked = look_at(f"http://{shop.host}", "/", said.append, pause_s=0)
    assert looked.known is None
    assert looked.has_lists
    assert any("its marks are phoenix's" in line for line in said)
