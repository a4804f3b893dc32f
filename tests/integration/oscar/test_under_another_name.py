"""A trial under another name (host = "origin"): a shop that insists on its own address is browsed without leaving."""

from collections.abc import Iterator

import pytest

from tests.fixtures.installation import installation
from tests.fixtures.page_browser import Browser
from tests.integration.oscar.conftest import BREAD, OFFER, PERSONALISED, SESSION_COOKIES, OscarShop, Site, books

MASA_MADRE = "/catalogue/masa-madre-hardback_9/"


@pytest.fixture(scope="module")
def trial(proud_shop: OscarShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Vitrina on 127.0.0.1 in front of a shop that answers to 127.0.0.2 only; its platform is found out."""
    config = f'[site]\norigin = "http://127.0.0.2:{proud_shop.port}"\nhost = "origin"'
    config += PERSONALISED.replace("PLATFORM", "auto")
    with installation(tmp_path_factory.mktemp("trial"), config) as running:
        site = Site(running, proud_shop)
        for path in ("/catalogue/", BREAD):
            site.browser().open(path)
        running.settle()
        yield site


def test_the_shop_by_itself_insists_on_its_name(proud_shop: OscarShop) -> None:
    own = Browser(f"http://127.0.0.2:{proud_shop.port}").open("/catalogue/")
    assert f'href="http://127.0.0.2:{proud_shop.port}/catalogue/"' in own.text
    assert Browser(own.url[: own.url.index("/catalogue")]).fetch("/catalogue/", Host="127.0.0.1:1").status == 400


def test_no_link_leaves_the_trial(trial: Site) -> None:
    origin = f"127.0.0.2:{trial.shop.port}"
    browser = trial.browser()
    for path in ("/", "/catalogue/", BREAD, MASA_MADRE, "/search/?q=pan", "/accounts/login/"):
        shown = browser.open(path)
        assert shown.status == 200
        sent = trial.shop.sent(shown)
        assert origin.encode() in sent
        assert origin not in shown.text, path
        assert shown.body.count(trial.vitrina.url.encode()) == sent.count(b"http://" + origin.encode())
    style = shown.text.split('rel="stylesheet"')[1].split('href="')[1].split('"')[0]
    assert browser.fetch(style).status == 200


def test_a_customer_of_the_trial(trial: Site) -> None:
    browser = trial.browser()
    browser.open(BREAD)
    browser.open(MASA_MADRE)
    assert browser.submit("add_to_basket_form").redirects, "CSRF's Origin and Referer were the shop's own"
    assert trial.register(browser, "trial@example.org", "correct trial 90").redirects
    trial.address(browser, "José")
    browser.open(BREAD)
    trial.vitrina.settle()
    shown = browser.open("/catalogue/")
    assert "Hola, Jos&#233;" in shown.text
    assert OFFER in shown.text
    assert books(shown.body)[:4] == ["9", "10", "11", "12"]
    browser.open("/checkout/preview/")
    assert browser.submit("place_order_form").path == "/checkout/thank-you/"
    gone = browser.open("/accounts/logout/")
    assert "Hola" not in gone.text
    assert browser.secrets
    assert set(browser.cookies) >= {"vitrina", "csrftoken"}
    assert SESSION_COOKIES == ("sessionid",)
