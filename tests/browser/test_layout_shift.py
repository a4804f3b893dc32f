"""Layout shift, as Chromium's Layout Instability API counts it: a page shifts no more through Vitrina than by itself.

Measured on pages that are personalised for their visitor, against the same page of the shop in the same browser.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import TIMEOUT_MS, USER_AGENT, Arrive
from tests.browser.visitor import Visitor
from tests.integration.oscar.conftest import BREAD, OFFER, Site, books, shop, site

__all__ = ["shop", "site"]

_SUM = """
() => new Promise(done => {
    let sum = 0;
    const observer = new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value }));
    observer.observe({type: "layout-shift", buffered: true});
    setTimeout(() => { observer.takeRecords().forEach(entry => { sum += entry.value }); done(sum) }, 400);
})
"""
_SETTLED = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("img { display: none !important } .fas::before { content: none !important }");
document.adoptedStyleSheets = [sheet];
"""
"""No pictures, which Oscar lacks here, and no icons, of a font that comes late: when these shift a page is a race."""
DEMO = {
    "home": "/index.php",
    "category": "/index.php?cPath=1",
    "product": "/product_info.php?products_id=5",
}
OSCAR = {"catalogue": "/catalogue/", "category": BREAD, "product": "/catalogue/rye-and-salt-hardback_10/"}

Tab = Callable[[], Page]


def shifted(page: Page, url: str) -> float:
    """Open `url`; the sum of all layout shifts until the page has been quiet."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200
    page.wait_for_load_state("networkidle")
    return float(page.evaluate(_SUM))


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


def test_what_shifts_is_counted(tab: Tab) -> None:
    page = tab()
    page.set_content("<p id=above>a</p><div style='height:300px;background:silver'>b</div>")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(_SUM) == 0
    page.evaluate("document.getElementById('above').style.height = '200px'")
    assert page.evaluate(_SUM) > 0.01


@pytest.mark.parametrize("path", DEMO.values(), ids=DEMO)
def test_for_a_stranger_nothing_shifts_more(path: str, arrive: Arrive) -> None:
    stranger = arrive("stranger")
    stranger.open("/index.php")
    stranger.consent()
    stranger.open_record(5)
    stranger.home()
    assert shifted(stranger.page, stranger.site + path) <= shifted(stranger.page, stranger.shop + path)


@pytest.fixture
def jose(arrive: Arrive) -> Visitor:
    visitor = arrive("jose")
    visitor.enter()
    return visitor


@pytest.mark.parametrize("path", DEMO.values(), ids=DEMO)
def test_for_jose_nothing_shifts_more(path: str, jose: Visitor) -> None:
    through = shifted(jose.page, jose.site + path)
    assert "José" in jose.welcome
    window = jose.window()
    direct = shifted(jose.page, jose.shop + path)
    assert "José" not in jose.welcome
    assert path != DEMO["home"] or window != jose.window()
    assert through <= direct


def test_for_ana_an_offer_shifts_nothing_more(arrive: Arrive) -> None:
    ana = arrive("ana")
    ana.enter()
    through = shifted(ana.page, ana.site + DEMO["home"])
    assert ana.page.locator("table.vuelve10").count() == 1
    assert through <= shifted(ana.page, ana.shop + DEMO["home"])


@pytest.mark.parametrize("path", OSCAR.values(), ids=OSCAR)
def test_on_an_oscar_shop_nothing_shifts_more(path: str, site: Site, tab: Tab) -> None:
    page = tab()
    page.add_init_script(_SETTLED)
    own, alone = f"http://127.0.0.1:{site.vitrina.port}", f"http://127.0.0.1:{site.shop.port}"
    for _ in range(3):
        page.goto(own + BREAD)
    page.goto(own + OSCAR["product"])
    site.vitrina.settle()
    through = shifted(page, own + path)
    orders = [books(page.content().encode())]
    is_offered = OFFER.partition("<a")[0] in page.content()
    direct = shifted(page, alone + path)
    orders.append(books(page.content().encode()))
    assert sorted(orders[0]) == sorted(orders[1])
    if path == OSCAR["catalogue"]:
        assert orders[0] != orders[1]
    assert path != BREAD or is_offered
    assert (through, direct) == (0, 0)
