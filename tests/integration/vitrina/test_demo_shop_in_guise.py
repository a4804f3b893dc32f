"""The demo shop under other names and addresses: what `detect` writes greets, reorders and tells the same events."""

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

import pytest

from clicks.click import Click
from demo.shop.catalogue import BY_ID, GENRE_BY_ID, SPECIALS, of_genre, search
from tests.fixtures.gramola import HIP_HOP, clicks_in, gramola
from tests.fixtures.gramola_in_guise import SHAPES, Guise, in_guise
from tests.fixtures.installation import PATIENT, PATIENT_BUDGET, Installation, run_command, started
from tests.fixtures.page_browser import Browser, Shown

EMAIL, PASSWORD = "jose@example.org", "correct horse 9"
FAST = 1
"""The seed that is tried each time; the others with `make slow`."""
Told = tuple[str, dict[str, object]]


@pytest.fixture(scope="module")
def shop() -> Iterator[int]:
    with gramola() as port:
        yield port


class Customer:
    """A browser at the shop in its guise; addresses and fields are given as the shop itself has them."""

    def __init__(self, vitrina: Installation, guise: Guise) -> None:
        self.guise = guise
        self._browser = Browser(vitrina.url + "/", (guise.shape.session,))

    def open(self, address: str) -> Shown:
        return self._browser.open("/" + self.guise.to_here(address))

    def send(self, address: str, **typed: str) -> Shown:
        fields = {self.guise.name(name): value for name, value in typed.items()}
        return self._browser.submit(self.guise.to_here(address), **fields)

    def look_at(self, *products: str) -> None:
        for product in products:
            assert self.open(f"product_info.php?products_id={product}").status == 200


@pytest.mark.parametrize(
    "seed",
    [pytest.param(seed, marks=() if seed == FAST else pytest.mark.slow) for seed in range(1, 1 + 3 * len(SHAPES))],
)
def test_the_same_holds_in_another_guise(shop: int, seed: int, tmp_path: Path) -> None:
    guise = Guise(seed)
    email = f"seed{seed}.{EMAIL}"
    with in_guise(guise, shop) as origin:
        config = tmp_path / "site.toml"
        run_command("detect", f"http://127.0.0.1:{origin}", "--pause", "0", "--write", str(config))
        run_command("check", str(config))
        # What a test needs and an operator would not: free ports, a folder, nobody held out, any slowness allowed.
        own = f'"{tmp_path}/data"\nworkers = 1\nlisten = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\n{PATIENT_BUDGET}'
        text = config.read_text().replace('"./data"', own).replace("holdout = 5 ", "holdout = 0 ")
        config.write_text(text + PATIENT)
        with started(tmp_path, config, tmp_path / "data", "serve", "--config", str(config)) as vitrina:
            _visit(vitrina, Customer(vitrina, guise), email)
            told = [event for click in clicks_in(vitrina.data) for event in _events(click, guise)]
    # Each page of the checkout begins it, as far as its address tells: how many there are is the shop's.
    assert [event for event, _ in groupby(told)] == _happened(guise)


def _visit(vitrina: Installation, customer: Customer, email: str) -> None:
    customer.open("index.php")
    customer.open("index.php")  # links carry the session until its cookie came back
    customer.send("cookie_policy.php?action=process", prefs="1")
    for genre in GENRE_BY_ID:
        customer.open(f"index.php?cPath={genre}")
    vitrina.settle()  # what is of which genre is known
    customer.open("create_account.php")
    person = {"firstname": "José", "lastname": "García", "email_address": email}
    customer.send("create_account.php?action=process", **person, password=PASSWORD, confirmation=PASSWORD)
    assert _greeted(customer) == 1
    customer.open("logoff.php")
    assert _greeted(customer) == 0
    for password in ("not " + PASSWORD, PASSWORD):
        customer.open("login.php")
        customer.send("login.php?action=process", email_address=email, password=password)
    assert _greeted(customer) == 1
    customer.look_at(*HIP_HOP, *HIP_HOP)
    add = f"product_info.php?products_id={HIP_HOP[-1]}&action=add_product"
    if not customer.guise.shape.add:  # to its own page, which who is refused is shown again
        customer.send(add, cart_quantity="2", formid="of another session")
    customer.look_at(HIP_HOP[-1])
    customer.send(add, cart_quantity="2")
    customer.open("specials.php")
    customer.send("advanced_search_result.php", keywords="malecón")
    vitrina.settle()
    _reordered(customer, customer.open("index.php"))
    customer.open("checkout_shipping.php")
    address = {"street_address": "Calle Mayor 1", "postcode": "28013", "city": "Madrid"}
    customer.send("checkout_shipping.php?action=process", **address)
    customer.send("checkout_payment.php?action=process", payment="cod")
    customer.send("checkout_process.php")
    customer.open("product_info.php?products_id=999")
    customer.open("logoff.php")


def _greeted(customer: Customer) -> int:
    return customer.open("index.php").text.count("Jos&#233;")


def _reordered(customer: Customer, home: Shown) -> None:
    """The window has the records it had, those of the genre that was looked at first."""
    guise = customer.guise
    window = guise.word("newProducts")
    part = home.text[home.text.index(f'id="{window}"') :].partition("<h2")[0]
    addresses = {escape(guise.product(number)): number for number in BY_ID}
    hrefs = re.findall('href="([^"]*)"', part)
    shown = list(dict.fromkeys(addresses[href] for href in hrefs if href in addresses))
    assert len(shown) == 12
    liked = [BY_ID[number].genre.id == 1 for number in shown]
    assert any(liked)
    assert liked == sorted(liked, reverse=True)


_COMPARED = {
    "product_view", "list_view", "search", "add_to_cart", "register", "login", "logout", "purchase", "not_found",
    "begin_checkout", "remove_from_cart", "newsletter",
}  # fmt: skip


def _events(click: Click, guise: Guise) -> Iterator[Told]:
    """A click's events in the shop's own terms."""
    numbers = {str(guise.number(number)): number for number in BY_ID}
    for event in click.events:
        if event.name not in _COMPARED:
            continue
        data = {
            name: event.data[name] for name in ("name", "price_cents", "quantity", "term", "hits") if name in event.data
        }
        if "product" in event.data:
            data["product"] = numbers[str(event.data["product"])]
        if "products" in event.data:
            data["products"] = sorted(numbers[str(number)] for number in event.data["products"])
        yield event.name, data


def _happened(guise: Guise) -> list[Told]:
    """What was done, as the shop knows it."""
    firsts = [("list_view", {"products": sorted(r.id for r in of_genre(g)[:10])}) for g in GENRE_BY_ID.values()]
    viewed = []
    for number in (int(text) for text in HIP_HOP):
        record = BY_ID[number]
        data = {"name": guise.said(record.title), "price_cents": record.pays_cents, "product": number}
        viewed.append(("product_view", data))
    return [
        *firsts,
        ("register", {}),
        ("logout", {}),
        ("login", {}),
        *viewed,
        *viewed,  # the last of them again, refused or not: one view after the other is told once here
        ("add_to_cart", {"quantity": 2, "product": int(HIP_HOP[-1])}),
        ("list_view", {"products": sorted(record.id for record in SPECIALS[:10])}),
        ("search", {"term": "malecón", "hits": len(search("malecón"))}),
        ("begin_checkout", {}),
        ("purchase", {}),
        ("not_found", {}),
        ("logout", {}),
    ]


def test_a_guise_hides_the_shop(shop: int) -> None:
    """No name, class or address is left by which the shop's platform would be known."""
    guise = Guise(FAST)
    with in_guise(guise, shop) as origin:
        text = Browser(f"http://127.0.0.1:{origin}/").open("/").text
    for mark in ("productListing", "products_id", "cPath", ".php", "osCsid", 'class="record', "Hip hop"):
        assert mark not in text
