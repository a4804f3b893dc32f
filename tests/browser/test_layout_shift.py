"""Layout shift, as Chromium's Layout Instability API counts it: personalised pages shift nothing.

Both shops by themselves shift nothing either. The demo's pages come in many pieces, each painted before the next comes;
how often a page of a fast shop is painted before it is whole is chance.
"""

import http.server
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import TIMEOUT_MS, USER_AGENT, Arrive
from tests.browser.pieces import Pieces, in_pieces
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


@pytest.fixture(scope="module")
def relay() -> Iterator[Pieces]:
    with in_pieces() as running:
        yield running


def test_what_shifts_as_a_page_comes_is_counted(tab: Tab, relay: Pieces, tmp_path: Path) -> None:
    late = f"<!DOCTYPE html><table><tr><td>a<td>b<p><!--{'-' * 2000}--></p><tr><td>{'c' * 50}<td></table>"
    (tmp_path / "index.html").write_text(late)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = tab()
        assert relay.open(page, "127.0.0.1", server.server_port, "/") >= 2
        assert page.evaluate(_SHIFTS) != []
        server.shutdown()


Shifts = Callable[[Visitor, int, str], list[str]]


@pytest.fixture
def in_many_paints(relay: Pieces) -> Shifts:
    """All layout shifts of a page of the server at a port, while and after it comes to a visitor."""

    def shifting(visitor: Visitor, port: int, path: str) -> list[str]:
        assert relay.open(visitor.page, visitor.name, port, path) >= 5
        found: list[str] = visitor.page.evaluate(_SHIFTS)
        return found

    return shifting


@pytest.mark.parametrize("path", DEMO.values(), ids=DEMO)
def test_for_a_stranger_nothing_shifts(path: str, arrive: Arrive, in_many_paints: Shifts) -> None:
    stranger = arrive("stranger")
    stranger.open("/index.php")
    stranger.consent()
    stranger.open_record(5)
    stranger.home()
    assert in_many_paints(stranger, stranger.demo.port, path) == []


@pytest.mark.parametrize("path", DEMO.values(), ids=DEMO)
def test_for_jose_nothing_shifts(path: str, arrive: Arrive, in_many_paints: Shifts) -> None:
    jose = arrive("jose")
    jose.enter()
    assert in_many_paints(jose, jose.demo.port, path) == []
    assert "José" in jose.welcome
    window = jose.window()
    assert in_many_paints(jose, jose.demo.port + 1, path) == []
    assert "José" not in jose.welcome
    assert path != DEMO["home"] or window != jose.window()


def test_for_ana_an_offer_shifts_nothing(arrive: Arrive, in_many_paints: Shifts) -> None:
    ana = arrive("ana")
    ana.enter()
    assert in_many_paints(ana, ana.demo.port, DEMO["home"]) == []
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
