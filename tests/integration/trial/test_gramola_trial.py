"""The demo's shop under another name: as it came but for the name, and personalised, with every byte accounted for."""

import http.client
import re
from collections.abc import Iterator

import pytest

from demo.shop.genres import GENRES
from tests.fixtures.gramola import HIP_HOP, Person, Site, cookie_header, gramola, greeting, plain, site_config, window
from tests.fixtures.installation import installation
from tests.fixtures.page_browser import USER_AGENT
from tests.integration.trial.followed import naming

PAGES = (
    "index.php",
    "index.php?cPath=1",
    "product_info.php?products_id=5",
    "login.php",
    "create_account.php",
    "shopping_cart.php",
    "advanced_search_result.php?keywords=a",
    "nothing.php",
)
PASSWORD = "una clave 1"
WELCOME = b"Bienvenido a La Gramola"
OFFER = b'<p class="aviso"><a href="specials.php">Vuelva: VUELVE10</a></p>'


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Vitrina on one port, the shop on another: it writes whatever name it is asked under into its pages."""
    with gramola() as port:
        config = site_config(port, head="workers = 1", site='host = "origin"')
        with installation(tmp_path_factory.mktemp("trial"), config) as running:
            site = Site(running, port)
            first = site.visitor()
            for number in range(1, len(GENRES) + 1):
                first.open(f"index.php?cPath={number}")
            running.settle()
            yield site


def shops_own(site: Site, person: Person, target: str) -> bytes:
    """What the shop itself sends to this person under its own name."""
    own = {name: value for name, value in person.cookies.items() if name != "vitrina"}
    connection = http.client.HTTPConnection("127.0.0.1", site.shop_port, timeout=30)
    try:
        headers = {"User-Agent": USER_AGENT, "Cookie": cookie_header(own)}
        connection.request("GET", f"/{target.lstrip('/')}", headers=headers)
        return plain(connection.getresponse().read())
    finally:
        connection.close()


def renamed(site: Site, body: bytes) -> bytes:
    """The shop's page under the trial's name, by plain replacement."""
    name = f"127.0.0.1:{site.shop_port}".encode()
    assert name in body
    return body.replace(name, f"127.0.0.1:{site.vitrina.port}".encode())


def test_a_strangers_pages_differ_by_the_name_alone(trial: Site) -> None:
    person = trial.stranger()
    person.open("index.php")
    for target in PAGES:
        shown = person.open(target)
        own = shops_own(trial, person, target)
        assert plain(shown.body) == renamed(trial, own), target
        assert naming(shown.body, f"127.0.0.1:{trial.shop_port}") == [], target
        assert shown.headers.get("Content-Length") in (None, str(len(shown.body)))


def test_a_customer_logs_in_buys_and_is_greeted(trial: Site) -> None:
    person = trial.visitor()
    assert person.register("ana@example.org", PASSWORD, "Ana").path == "/create_account_success.php"
    person.open("logoff.php")
    assert person.log_in("ana@example.org", PASSWORD).redirects, "the shop accepted it, and sent on under our name"
    person.look_at(*HIP_HOP)
    cart = person.submit("product_info.php?products_id=7&action=add_product")
    assert (cart.path, len(cart.redirects)) == ("/shopping_cart.php", 1)
    trial.vitrina.settle()
    for target in ("index.php", "index.php?cPath=2"):
        shown = person.open(target)
        own = renamed(trial, shops_own(trial, person, shown.path))
        hello = greeting("Ana").encode()
        assert shown.body.count(hello) == 1
        assert shown.headers["Cache-Control"] == "private, no-store"
        body = plain(shown.body.replace(hello, WELCOME).replace(OFFER, b""))
        if target == "index.php":
            assert sorted(window(body)) == sorted(window(own))
            assert window(body) != window(own)
            assert _lines(body) == _lines(own), "moved, and nothing else"
        else:
            assert body == own


def _lines(page: bytes) -> list[bytes]:
    """Its lines in any order; even, odd, first and last belong to the place and not to the record."""
    return sorted(re.sub(rb'class="record[^"]*"', b"", page).splitlines())


def test_the_checkouts_redirects_stay(trial: Site) -> None:
    person = trial.visitor()
    person.register("bea@example.org", PASSWORD, "Bea")
    person.open("product_info.php?products_id=5")
    person.submit("product_info.php?products_id=5&action=add_product")
    person.open("checkout_shipping.php")
    shipping = {"street_address": "Calle Mayor 1", "postcode": "28013", "city": "Madrid"}
    assert person.submit("checkout_shipping.php?action=process", **shipping).path == "/checkout_payment.php"
    card = {"cc_owner": "Bea", "cc_number": "4111111111111111", "cc_expires": "12/30", "cc_cvv": "123"}
    confirmation = person.submit("checkout_payment.php?action=process", payment="cc", **card)
    assert confirmation.path == "/checkout_confirmation.php"
    assert person.submit("checkout_process.php").path == "/checkout_success.php"


def test_switched_off_the_name_is_mapped_still(trial: Site) -> None:
    person = trial.visitor()
    trial.vitrina.command("off", "--data", str(trial.vitrina.data))
    try:
        shown = person.open("index.php")
        assert plain(shown.body) == renamed(trial, shops_own(trial, person, "index.php"))
    finally:
        trial.vitrina.command("on", "--data", str(trial.vitrina.data))
