"""Layout shift, as Chromium's Layout Instability API counts it: personalised pages shift nothing.

Every page comes in many pieces, each painted before the next comes, and is cut where the shop's own page shifts
nothing: elsewhere it does, since Oscar's price boxes grow upwards and its header's lines are set from the right.
"""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import TIMEOUT_MS, USER_AGENT, Arrive
from tests.browser.pieces import pieces, shifts
from tests.browser.visitor import Visitor
from tests.integration.oscar.conftest import BREAD, OFFER, Site, books, shop, site

__all__ = ["shop", "site"]

SETTLED = "img { display: none !important } .fas::before { content: none !important }"
"""No pictures, which Oscar lacks here, and no icons, of a font that comes late: when these shift a page is a race."""
OSCAR_ENDS = re.compile(r'</(?:header|nav|aside|article|form|h1)>|(?=<div id="messages")')
"""Where whole blocks of Oscar end, the offer's place and each book among them."""
DEMO = {
    "home": "/index.php",
    "category": "/index.php?cPath=1",
    "product": "/product_info.php?products_id=5",
}
AD = OFFER.partition("<a")[0]
OSCAR = {"catalogue": "/catalogue/", "category": BREAD, "product": "/catalogue/rye-and-salt-hardback_10/"}

Tab = Callable[[], Page]


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Tab]:
    """A tab of a browser nobody has used yet."""
    contexts = []

    def opened() -> Page:
        contexts.append(chromium.new_context(user_agent=USER_AGENT, viewport={"width": 1200, "height": 900}))
        contexts[-1].set_default_timeout(TIMEOUT_MS)
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def test_what_shifts_as_a_page_comes_is_counted(tab: Tab) -> None:
    late = ["<!DOCTYPE html><table><tr><td>a<td>b<p></p>", f"<tr><td>{'c' * 50}<td></table>"]
    (shift,) = shifts(tab(), late)
    assert "<td>b" in shift
    assert shifts(tab(), ["".join(late)]) == []


def test_what_a_script_shifts_is_counted(tab: Tab) -> None:
    script = "setTimeout(() => document.getElementById('above').style.height = '200px', 100)"
    late = f"<p id=above>a</p><div style='height:300px;background:silver'>b</div><script>{script}</script>"
    (shift,) = shifts(tab(), [late])
    assert float(shift.partition(":")[0]) > 0.01
    assert "<div" in shift


def shifts_of_demo(visitor: Visitor, path: str, *, of_shop: bool = False) -> list[str]:
    """All layout shifts of a page while and after it comes to a visitor."""
    cut = pieces(visitor.open(path, of_shop=of_shop).text())
    assert len(cut) >= 5
    return shifts(visitor.page, cut)


@pytest.mark.parametrize("path", DEMO.values(), ids=DEMO)
def test_for_a_stranger_nothing_shifts(path: str, arrive: Arrive) -> None:
    stranger = arrive("stranger")
    stranger.open("/index.php")
    stranger.consent()
    stranger.open_record(5)
    stranger.home()
    assert shifts_of_demo(stranger, path) == []


@pytest.mark.parametrize("path", DEMO.values(), ids=DEMO)
def test_for_jose_nothing_shifts(path: str, arrive: Arrive) -> None:
    jose = arrive("jose")
    jose.enter()
    assert shifts_of_demo(jose, path) == []
    assert "José" in jose.welcome
    window = jose.window()
    assert shifts_of_demo(jose, path, of_shop=True) == []
    assert "José" not in jose.welcome
    assert path != DEMO["home"] or window != jose.window()


def test_for_ana_an_offer_shifts_nothing(arrive: Arrive) -> None:
    ana = arrive("ana")
    ana.enter()
    assert shifts_of_demo(ana, DEMO["home"]) == []
    assert ana.page.locator("table.vuelve10").count() == 1


@pytest.fixture
def reader(site: Site, tab: Tab) -> Page:
    """A tab whose visitor reads of bread."""
    page = tab()
    page.context.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())
    for path in (BREAD, BREAD, BREAD, OSCAR["product"]):
        page.goto(f"http://127.0.0.1:{site.vitrina.port}{path}")
    site.vitrina.settle()
    return page


def oscar_page(page: Page, port: int, path: str) -> str:
    """A page of the server at `port` as the visitor gets it."""
    answer = page.goto(f"http://127.0.0.1:{port}{path}")
    assert answer is not None
    assert answer.status == 200
    return answer.text()


@pytest.mark.parametrize("path", OSCAR.values(), ids=OSCAR)
def test_on_an_oscar_shop_nothing_shifts(path: str, site: Site, reader: Page) -> None:
    through, direct = (oscar_page(reader, port, path) for port in (site.vitrina.port, site.shop.port))
    orders = [books(page.encode()) for page in (through, direct)]
    assert sorted(orders[0]) == sorted(orders[1])
    if path == OSCAR["catalogue"]:
        assert orders[0] != orders[1]
    assert path != BREAD or AD in through
    assert AD not in direct
    for page in (through, direct):
        cut = pieces(page, OSCAR_ENDS, 1)
        assert len(cut) >= 8
        assert shifts(reader, cut, SETTLED) == []


def test_on_an_oscar_shop_an_offer_that_came_late_would_shift(site: Site, reader: Page) -> None:
    through = oscar_page(reader, site.vitrina.port, BREAD)
    start = through.index(AD)
    offer = through[start : through.index("</p>", start) + 4]
    script = f"document.querySelector('.page-header').insertAdjacentHTML('afterend', {json.dumps(offer)})"
    late = through.replace(offer, "").replace("</body>", f"<script>setTimeout(() => {script}, 100)</script></body>")
    assert shifts(reader, pieces(late, OSCAR_ENDS, 1), SETTLED) != []
