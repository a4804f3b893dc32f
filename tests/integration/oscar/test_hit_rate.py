"""Templates under live traffic on a shop nobody here wrote: how often a page of changing visitors is not parsed."""

from random import Random

import pytest

from tests.fixtures.page_browser import Browser
from tests.integration.oscar.conftest import BREAD, Site

VISITORS, PAGES = 20, 100
PLACES = ("/", "/catalogue/", "/catalogue/?page=2", "/catalogue/category/poetry_1/", BREAD, "/offers/", "/basket/")
BOOKS = ("masa-madre-hardback_9", "rye-and-salt-hardback_10", "poeta-en-nueva-york-hardback_1")


def step(browser: Browser, random: Random) -> None:
    """Browse; now and then look at a book and put it into the basket."""
    choice = random.random()
    if choice < 0.55:
        browser.open(random.choice(PLACES))
        return
    browser.open(f"/catalogue/{random.choice(BOOKS)}/")
    if choice > 0.985:
        browser.submit("add_to_basket_form")


@pytest.mark.slow
@pytest.mark.timeout(1800)  # most of it is the shop's own CPU
def test_most_pages_of_changing_visitors_hit(site: Site) -> None:
    """Carts, tokens and the list of what was looked at before differ on each page; few of them are parsed."""
    random = Random(11)
    browsers = [site.browser() for _ in range(VISITORS)]
    for number, browser in enumerate(browsers[: VISITORS // 2]):
        site.register(browser, f"hits{number}@example.org", "correct horse 77")
    before = site.vitrina.totals()
    for _ in range(PAGES):
        for browser in browsers:
            step(browser, random)
    after = site.vitrina.totals()
    found = {n: after[n] - before[n] for n in ("hit", "relocated", "compiled", "refused", "over_budget", "fail_open")}
    pages = found["hit"] + found["relocated"] + found["compiled"]
    assert pages >= VISITORS * PAGES * 0.9
    assert found["hit"] >= 0.95 * pages, found
    assert not found["refused"] + found["over_budget"] + found["fail_open"], found
