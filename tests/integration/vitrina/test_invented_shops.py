"""Shops in the manner of software that no platform file knows: `detect`, then a customer's visit, without an edit."""

import asyncio
import re
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path

import aiohttp
import pytest

from clicks.click import Click
from tests.fixtures.gramola import clicks_in
from tests.fixtures.installation import PATIENT, PATIENT_BUDGET, Installation, run_command, started
from tests.fixtures.invented.all_manners import MANNERS
from tests.fixtures.invented.manner import Item, Manner
from tests.fixtures.invented.serving import PASSWORD, Shop, opened

PAYS_AT = "https://pay.example/done"
_FAST = ("one script, table rows", "utility class names, hydrated")
"""Those that differ most from each other; the others with `make slow`."""


@pytest.fixture(params=[pytest.param(m, id=m.name, marks=() if m.name in _FAST else pytest.mark.slow) for m in MANNERS])
def manner(request: pytest.FixtureRequest) -> Manner:
    return request.param


class Customer:
    """One browser at the shop behind Vitrina."""

    def __init__(self, vitrina: Installation, shop: Shop) -> None:
        self._vitrina = vitrina
        self._shop = shop
        self._at = ""
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def open(self, target: str, *, via: str | None = None) -> str:
        """Follow a link to a page: the shop's own, or one `via` another site ("": nobody knows which)."""
        referer = self._referer() if via is None else {"Referer": via} if via else {}
        headers = {"Accept": "text/html", "Sec-Fetch-Dest": "document", **referer}
        async with self._session.get(self._vitrina.url + target, headers=headers) as answer:
            self._at = target
            return await answer.text()

    async def send(self, target: str, fields: dict[str, str]) -> int:
        """Send a form, as JSON where the shop's scripts do."""
        is_json = self._shop.manner.account.answer == "json"
        body = {"json": fields} if is_json else {"data": fields}
        url = self._vitrina.url + target
        async with self._session.post(url, headers=self._referer(), allow_redirects=False, **body) as answer:
            await answer.read()
            return answer.status

    async def put_in(self, item: Item) -> None:
        """Two pieces into the cart, from the product's page."""
        cart, page = self._shop.manner.cart, self._shop.target(self._shop.manner.url(item))
        target = cart.add.replace("{id}", str(item.number))
        fields = {cart.product_field: str(item.number), cart.quantity_field: "2"}
        await self.send(page if page.endswith(target) else target, fields)

    async def take_out(self, item: Item) -> None:
        """By a link on the cart's page, or by its script's call."""
        target = self._shop.removal(item.number)
        if self._shop.manner.cart.answer != "json":
            await self.open(target)
            return
        async with self._session.delete(self._vitrina.url + target, headers=self._referer()) as answer:
            assert answer.status == 200

    def _referer(self) -> dict[str, str]:
        return {"Referer": self._vitrina.url + self._at} if self._at else {}

    async def close(self) -> None:
        await self._session.close()


def names_on(html: str, shop: Shop) -> list[str]:
    """The names of products as they come on a page, each once; one shop cuts them short."""
    names = {short: item.name for item in shop.stock for short in (item.name, f"{item.name[:11]}...")}
    said = (unescape(text).strip() for text in re.findall(r">([^<>]+)<", html))
    return list(dict.fromkeys(names[text] for text in said if text in names))


def test_a_customer_is_greeted_and_finds_what_they_like_first(manner: Manner, tmp_path: Path) -> None:
    with opened(manner) as shop:
        config = tmp_path / "site.toml"
        run_command("detect", f"http://{shop.host}", "--pause", "0", "--write", str(config))
        run_command("check", str(config))
        # What a test needs and an operator would not: free ports, a folder, nobody held out, any slowness allowed.
        listen = 'listen = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\n' + PATIENT_BUDGET
        text = config.read_text().replace('"./data"', f'"{tmp_path}/data"\n{listen}')
        config.write_text(text.replace("holdout = 5 ", "holdout = 0 ") + PATIENT)
        with started(tmp_path, config, tmp_path / "data", "serve", "--config", str(config)) as vitrina:
            asyncio.run(_visit(vitrina, shop))
            _nothing_private_is_kept(vitrina, shop)


async def _visit(vitrina: Installation, shop: Shop) -> None:
    manner, account, cart = shop.manner, shop.manner.account, shop.manner.cart
    liked = [item for item in shop.stock if item.kind == 1 and item.price is not None][3:5]
    customer = Customer(vitrina, shop)
    try:
        for kind in (0, 1, 2):
            await customer.open(shop.target(manner.category(kind)))
        vitrina.settle()  # what is of which category is known
        await customer.open(account.login_page)
        refused = {account.email: "ada@example.com", account.password: "wrong"}
        await customer.send(account.login_post, refused)
        assert "Jos" not in await customer.open("/")
        await customer.open(account.register_page)
        fields = {account.first: "José", account.last: "García", account.register_email: "jose@example.org"}
        await customer.send(account.register_post, fields | {account.register_password: PASSWORD})
        for item in (*liked, *liked):
            await customer.open(shop.target(manner.url(item)))
        for item in liked:
            await customer.open(shop.target(manner.url(item)))
            await customer.put_in(item)
            vitrina.settle()
        await customer.open(cart.page)
        await customer.take_out(liked[0])
        vitrina.settle()
        shown = await customer.open("/")
        await customer.open(cart.checkout)
        await customer.send(cart.checkout, {"street": "Calle Mayor"})
        await customer.open(cart.placed)
        await customer.open(cart.placed)  # again, and it is one order
        await _pay_elsewhere(vitrina, customer, shop, liked[1])
        await customer.open(account.logout)
        after = await customer.open("/")
    finally:
        await customer.close()
    assert shown.count("Jos&#233;") == 1
    assert "Jos&#233;" not in after
    assert sorted(names_on(shown, shop)) == sorted(names_on(shop.page("/", None)[1], shop))
    if "hydrated" in manner.name:
        assert names_on(shown, shop) == names_on(shop.page("/", None)[1], shop)
    else:
        first = names_on(shown, shop)[0]
        assert next(item for item in shop.stock if item.name == first).kind == 1
    _events_are_what_happened(shop, clicks_in(vitrina.data))


async def _pay_elsewhere(vitrina: Installation, customer: Customer, shop: Shop, item: Item) -> None:
    """At another site, in vain at first; then paid, and the thanks loaded again."""
    manner, cart = shop.manner, shop.manner.cart
    shop.pays_at, shop.is_paid = PAYS_AT, False
    await customer.open(shop.target(manner.url(item)))
    await customer.put_in(item)
    for shop.is_paid in (False, True):
        await customer.open(cart.checkout)
        await customer.send(cart.checkout, {"street": "Calle Mayor"})
        vitrina.settle()
        await customer.open(shop.placed_next, via=PAYS_AT if shop.is_paid else "")
    vitrina.settle()
    await customer.open(shop.placed_next, via=PAYS_AT)


def _events_are_what_happened(shop: Shop, clicks: list[Click]) -> None:
    events = [(event.name, event.data) for click in clicks for event in click.events]
    told = [name for name, _ in events]
    assert told.count("register") == 1
    assert told.count("login") == 0, "it was refused"
    assert told.count("logout") == 1
    viewed = [str(data["product"]) for name, data in events if name == "product_view"]
    first, second = viewed[:2]
    assert viewed == [*([first, second] * 3), second]
    added = [data for name, data in events if name == "add_to_cart"]
    assert [data["product"] for data in added] == ([] if shop.manner.name in _NO_CARTS else [first, second, second])
    assert [data["quantity"] for data in added] in ([2, 2, 2], [1, 1, 1], [])
    removed = [data for name, data in events if name == "remove_from_cart"]
    assert removed == ([] if shop.manner.name in _NO_REMOVALS else [{"left": (second,)}])
    orders = [data for name, data in events if name == "purchase"]
    number = orders[0]["id"]
    _is_the_order(shop, [data for data in orders if data.get("id") == number], second)
    paid_elsewhere = [data for data in orders if data.get("id") != number]
    assert len(paid_elsewhere) == (0 if shop.manner.name in _NO_CARTS else 1)
    assert all(data.keys() <= {"id"} for data in paid_elsewhere), "the page tells no more"


_NO_CARTS = ("utility class names, hydrated",)
"""Where no page says where scripts put things into the cart, and the address is not a usual one."""
_NO_REMOVALS = (*_NO_CARTS, "articles in columns", "all in data attributes, Dutch")
"""Where no link leads to the cart's page, none is known to be it."""
_ROUNDED: Mapping[str, Callable[[float], int]] = {
    "rows with numbers and parity, Cyrillic": lambda total: round(total * 30) * 100,
    "all in data attributes, Dutch": lambda total: int(total) * 100,
}
"""Cents of a total as pages write it, where they leave the cents out: in whole roubles, in whole euros with a dash."""


def _is_the_order(shop: Shop, told: list[Mapping[str, object]], bought: str) -> None:
    """One order, with all that its page says of it, whether the call or the page told it first."""
    assert len({data["id"] for data in told}) == 1
    assert all("completes" in data for data in told[1:])
    whole = told[-1]
    if shop.manner.name not in _NO_CARTS:
        assert whole["items"] == (bought,)
    written = _ROUNDED.get(shop.manner.name, lambda total: round(total * 100))
    assert whole["value_cents"] == written(shop.total())


def _nothing_private_is_kept(vitrina: Installation, shop: Shop) -> None:
    kept = b"".join(path.read_bytes() for path in vitrina.data.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in kept
    assert b"jose@example.org" not in kept
    assert not [sid for sid in shop.sessions if sid.encode() in kept]
