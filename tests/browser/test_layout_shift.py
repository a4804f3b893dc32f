"""Layout shift, as Chromium's Layout Instability API counts it: personalised pages shift nothing.

Both shops by themselves shift nothing either. The demo's pages come by a slow line, so that they are painted many times
on the way; how often a page of a fast shop is painted before it is whole is chance.
"""

import http.server
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import TIMEOUT_MS, USER_AGENT, Arrive
from tests.browser.visitor import Visitor
from tests.integration.oscar.conftest import BREAD, OFFER, Site, books, shop, site

__all__ = ["shop", "site"]

_SHIFTS = """
() => new Promise(done => {
    const shifts = [];
    const tell = node => node && (node.outerHTML || node.textContent).slice(0, 60);
    const add = entry => shifts.push(`${entry.value}: ${entry.sources.map(source => tell(source.node)).join(", ")}`);
    const observer = new PerformanceObserver(list => list.getEntries().forEach(add));
    observer.observe({type: "layout-shift", buffered: true});
    setTimeout(() => { observer.takeRecords().forEach(add); done(shifts) }, 400);
})
"""
_SETTLED = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("img { display: none !important } .fas::before { content: none !important }");
document.adoptedStyleSheets = [sheet];
"""
"""No pictures, which Oscar lacks here, and no icons, of a font that comes late: when these shift a page is a race."""
SLOW_LINE = {"offline": False, "latency": 0, "downloadThroughput": 20_000, "uploadThroughput": -1}
"""Bytes per second, as Chromium's developer tools set them: 1 to 3 s a page of the demo."""
DEMO = {
    "home": "/index.php",
    "category": "/index.php?cPath=1",
    "product": "/product_info.php?products_id=5",
}
OSCAR = {"catalogue": "/catalogue/", "category": BREAD, "product": "/catalogue/rye-and-salt-hardback_10/"}

Tab = Callable[[], Page]


def shifts(page: Page, url: str) -> list[str]:
    """Open `url`; all layout shifts until the page has been quiet: how much, and what moved."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200
    page.wait_for_load_state("networkidle")
    shifts: list[str] = page.evaluate(_SHIFTS)
    return shifts


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
    assert page.evaluate(_SHIFTS) == []
    page.evaluate("document.getElementById('above').style.height = '200px'")
    (shift,) = page.evaluate(_SHIFTS)
    assert float(shift.partition(":")[0]) > 0.01
    assert "<div" in shift


def slow_line(page: Page) -> None:
    """From now on what this tab loads comes slowly."""
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_LINE)


_LATE_ROW = b"<!DOCTYPE html><table><tr><td>a<td>b<!-- %s --><tr><td>%s<td></table>" % (b"-" * 60_000, b"c" * 50)


class _LateRow(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(_LATE_ROW)))
        self.end_headers()
        self.wfile.write(_LATE_ROW)

    def log_message(self, *arguments: object) -> None:
        pass


def test_on_a_slow_line_what_shifts_as_a_page_comes_is_counted(tab: Tab) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _LateRow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = tab()
        slow_line(page)
        assert shifts(page, f"http://127.0.0.1:{server.server_port}/") != []
        server.shutdown()


@pytest.mark.parametrize("path", DEMO.values(), ids=DEMO)
def test_for_a_stranger_nothing_shifts(path: str, arrive: Arrive) -> None:
    stranger = arrive("stranger")
    stranger.open("/index.php")
    stranger.consent()
    stranger.open_record(5)
    stranger.home()
    slow_line(stranger.page)
    assert shifts(stranger.page, stranger.site + path) == []


@pytest.fixture
def jose(arrive: Arrive) -> Visitor:
    visitor = arrive("jose")
    visitor.enter()
    slow_line(visitor.page)
    return visitor


@pytest.mark.parametrize("path", DEMO.values(), ids=DEMO)
def test_for_jose_nothing_shifts(path: str, jose: Visitor) -> None:
    assert shifts(jose.page, jose.site + path) == []
    assert "José" in jose.welcome
    window = jose.window()
    assert shifts(jose.page, jose.shop + path) == []
    assert "José" not in jose.welcome
    assert path != DEMO["home"] or window != jose.window()


def test_for_ana_an_offer_shifts_nothing(arrive: Arrive) -> None:
    ana = arrive("ana")
    ana.enter()
    slow_line(ana.page)
    assert shifts(ana.page, ana.site + DEMO["home"]) == []
    assert ana.page.locator("table.vuelve10").count() == 1


@pytest.mark.parametrize("path", OSCAR.values(), ids=OSCAR)
def test_on_an_oscar_shop_nothing_shifts(path: str, site: Site, tab: Tab) -> None:
    page = tab()
    page.add_init_script(_SETTLED)
    own, alone = f"http://127.0.0.1:{site.vitrina.port}", f"http://127.0.0.1:{site.shop.port}"
    for _ in range(3):
        page.goto(own + BREAD)
    page.goto(own + OSCAR["product"])
    site.vitrina.settle()
    through = shifts(page, own + path)
    orders = [books(page.content().encode())]
    is_offered = OFFER.partition("<a")[0] in page.content()
    direct = shifts(page, alone + path)
    orders.append(books(page.content().encode()))
    assert sorted(orders[0]) == sorted(orders[1])
    if path == OSCAR["catalogue"]:
        assert orders[0] != orders[1]
    assert path != BREAD or is_offered
    assert (through, direct) == ([], [])
