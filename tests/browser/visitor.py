"""A person at a browser: what the tests of the demo do and read."""

import re

from playwright.sync_api import Page, Response

from tests.fixtures.running_demo import RunningDemo

_VOLATILE = (
    (re.compile(r"<!-- \d\d/\d\d/\d{4} [\d:.]+ nodo"), "<!-- nodo"),
    (re.compile(r"generada en [\d.]+ ms"), "generada"),
    (re.compile(r"osCsid=[0-9a-f]{32}"), "osCsid="),
    (re.compile(r'(name="(?:formid|osCsid)" value=")[0-9a-f]{32}'), r"\1"),
)


class Visitor:
    """`page` is the tab; `site` the shop through Vitrina, `shop` the shop itself, both under the host `name`."""

    def __init__(self, page: Page, demo: RunningDemo, name: str) -> None:
        self.page = page
        self.demo = demo
        self.name = name if name == "localhost" else f"{name}.localhost"
        self.site = f"http://{self.name}:{demo.port}"
        self.shop = f"http://{self.name}:{demo.port + 1}"

    def open(self, path: str, *, of_shop: bool = False) -> Response:
        """Type an address; the answer."""
        answer = self.page.goto((self.shop if of_shop else self.site) + path)
        if answer is None:
            raise RuntimeError(f"{path}: no answer")
        return answer

    def enter(self) -> None:
        """Follow the persona's link of the demo's table, until the shop's own page has come."""
        self.open("/_vitrina/demo/enter")
        self.page.wait_for_url("**/index.php")
        self.page.wait_for_load_state()

    def consent(self) -> None:
        """Press `Aceptar`."""
        self.page.click("#cookieBar button:has-text('Aceptar')")

    def home(self) -> list[int]:
        """Go to the home page by its link, once all clicks so far are known; the records of the window."""
        self.demo.settle()
        self.page.click("ul.tabs a:has-text('Inicio')")
        self.page.wait_for_load_state()
        return self.window()

    def window(self) -> list[int]:
        """Ids of the records in the home page's window, in the order they stand there."""
        links = self.page.eval_on_selector_all(
            "#newProducts > .record a.name", "links => links.map(link => link.getAttribute('href'))"
        )
        return [int(found[1]) for link in links if (found := re.search(r"products_id=(\d+)", link))]

    def open_record(self, number: int) -> None:
        """Open a record from the page it is listed on."""
        self.page.click(f"a[href*='products_id={number}']:not([href*='products_id={number}0']) >> nth=0")
        self.page.wait_for_url(f"**products_id={number}*")
        self.page.wait_for_load_state()

    @property
    def welcome(self) -> str:
        """The line where a name may stand."""
        return self.page.inner_text("#welcome").strip()

    @property
    def cookie(self) -> dict[str, object] | None:
        """Vitrina's cookie as the browser holds it."""
        return next(
            (dict(each) for each in self.page.context.cookies(self.site) if each.get("name") == "vitrina"), None
        )

    def dom(self) -> str:
        """The tab's DOM, without what differs from one answer of the shop to the next."""
        text = self.page.evaluate("document.documentElement.outerHTML")
        for pattern, instead in _VOLATILE:
            text = pattern.sub(instead, text)
        return text.replace(f":{self.demo.port + 1}/", "/").replace(f":{self.demo.port}/", "/")
