"""Shops in the manner of software that no platform file knows: `detect`, then a customer's visit, without an edit."""

import re
from html import unescape
from pathlib import Path

import aiohttp
import pytest

from clicks.click import Click
from tests.fixtures.gramola import clicks_in
from tests.fixtures.installation import Installation, run_command, started
from tests.fixtures.invented.all_manners import MANNERS
from tests.fixtures.invented.manner import Manner
from tests.fixtures.invented.serving import PASSWORD, Shop, opened

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

    async def open(self, target: str) -> str:
        """Follow a link to a page."""
        headers = {"Accept": "text/html", "Sec-Fetch-Dest": "document", **self._referer()}
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

    def _referer(self) -> dict[str, str]:
        return {"Referer": self._vitrina.url + self._at} if self._at else {}

    async def close(self) -> None:
        await self._session.close()


def names_on(html: str, shop: Shop) -> list[str]:
    """The names of products as they come on a page, each once; one shop cuts them short."""
    names = {short: item.name for item in shop.stock for short in (item.name, f"{item.name[:11]}...")}
    said = (unescape(text).strip() for text in re.findall(r">([^<>]+)<", html))
    return list(dict.fromkeys(names[text] for text in said if text in names))


async def test_a_customer_is_greeted_and_finds_what_they_like_first(manner: Manner, tmp_path: Path) -> None:
    with opened(manner) as shop:
        config = tmp_path / "site.toml"
        run_command("detect", f"http://{shop.host}", "--pause", "0", "--write", str(config))
        run_command("check", str(config))
        # What a test needs and an operator would not: free ports, a folder, nobody held out, any slowness allowed.
        listen = 'listen = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\n'
        listen += "[site.budget]\nadded_p95_ms = 5000\nprofile_ms = 2000\n"
        text = config.read_text().replace('"./data"', f'"{tmp_path}/data"\n{listen}')
        config.write_text(text.replace("holdout = 5 ", "holdout = 0 "))
        with started(tmp_path, config, tmp_path / "data", "serve", "--config", str(config)) as vitrina:
            await _visit(vitrina, shop)
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
        target = cart.add.replace("{id}", str(liked[1].number))
        if manner.url(liked[1]).endswith(target):  # the product's own page takes it
            target = shop.target(manner.url(liked[1]))
        await customer.send(target, {cart.product_field: str(liked[1].number), cart.quantity_field: "2"})
        vitrina.settle()
        shown = await customer.open("/")
        await customer.open(account.logout)
        after = await customer.open("/")
    finally:
        await customer.close()
    assert shown.count("Jos&#233;") == 1
    assert "Jos&#233;" not in after
    assert sorted(names_on(shown, shop)) == sorted(names_on(shop.page("/", None)[1], shop))
    first = names_on(shown, shop)[0]
    assert next(item for item in shop.stock if item.name == first).kind == 1
    _events_are_what_happened(clicks_in(vitrina.data))


def _events_are_what_happened(clicks: list[Click]) -> None:
    events = [(event.name, event.data) for click in clicks for event in click.events]
    told = [name for name, _ in events]
    assert told.count("register") == 1
    assert told.count("login") == 0, "it was refused"
    assert told.count("logout") == 1
    viewed = [data["product"] for name, data in events if name == "product_view"]
    assert len(viewed) == 4
    assert viewed[:2] == viewed[2:]
    added = [data for name, data in events if name == "add_to_cart"]
    assert [data["product"] for data in added] in ([viewed[1]], [])
    assert [data["quantity"] for data in added] in ([2], [1], [])


def _nothing_private_is_kept(vitrina: Installation, shop: Shop) -> None:
    kept = b"".join(path.read_bytes() for path in vitrina.data.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in kept
    assert b"jose@example.org" not in kept
    assert not [sid for sid in shop.sessions if sid.encode() in kept]
