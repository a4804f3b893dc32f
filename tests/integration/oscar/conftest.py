"""A real django-oscar shop, filled once per session, and Vitrina in front of it."""

import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fixtures.installation import Installation, installation
from tests.fixtures.page_browser import Browser, Shown

SESSION_COOKIES = ("sessionid",)
BREAD = "/catalogue/category/cooking/bread_4/"
OFFER = '<p class="aviso"><a href="/catalogue/rye-and-salt-hardback_10/">Pan a mitad de precio</a>: PAN50</p>'

PERSONALISED = (
    '''
platform = "PLATFORM"
mode = "live"
holdout = 0
budget = { profile_ms = 2000, decide_ms = 2000, rewrite_ms = 2000, added_p95_ms = 60000 }
[consent]
required = false
[placement.greeting]
on = "*"
at = "header.header .h1"
[placement.books]
on = ["home", "category", "search"]
items = "article.product_pod"
[placement.title]
on = ["home", "category"]
at = ".page-header"
[offer.bread]
html = """'''
    + OFFER.replace("PAN50", "{code}")
    + '''"""
code = "PAN50"
[[experience]]
id = "hola"
at = "greeting"
insert = "end"
who = { logged_in = true, has = ["first_name"] }
text = "Hola, {first_name}"
[[experience]]
id = "order"
at = "books"
reorder = { by = "affinity" }
[[experience]]
id = "bread"
at = "title"
insert = "after"
who = { interests = { contains = "Bread" } }
offer = "bread"
'''
)

_ARTICLE = re.compile(rb'<article class="product_pod">.*?</article>', re.DOTALL)
_BOOK = re.compile(rb'<h3[^>]*>\s*<a href="[^"]*_(\d+)/"')


def books(body: bytes) -> list[str]:
    """The ids of the books on a page, in their order."""
    return [found[1].decode() for block in _ARTICLE.findall(body) if (found := _BOOK.search(block))]


@dataclass(frozen=True, slots=True)
class OscarShop:
    """The shop's process: its port, and the pages as they left it."""

    port: int
    pages: Path

    def sent(self, shown: Shown) -> bytes:
        """The bytes of the very response that a page was made from."""
        return (self.pages / shown.headers["X-Page"]).read_bytes()

    def changes(self, shown: Shown, *inserted: str) -> bool:
        """Check that only `inserted` was added and only whole articles changed places; whether any did."""
        origin, body = self.sent(shown), shown.body
        for text in inserted:
            assert body.count(text.encode("ascii")) == 1, f"{text} at {shown.path}"
            body = body.replace(text.encode("ascii"), b"")
        assert _ARTICLE.split(body) == _ARTICLE.split(origin)
        assert sorted(_ARTICLE.findall(body)) == sorted(_ARTICLE.findall(origin))
        return body != origin


@contextmanager
def _running(folder: Path, *arguments: str) -> Iterator[OscarShop]:
    pages = folder / "pages"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fixtures.oscar_shop", str(folder / "shop"), "--keep", str(pages), *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert select.select([process.stdout], [], [], 110)[0], "the shop did not start"
        said = process.stdout.readline()
        assert said.startswith("listening on "), said
        yield OscarShop(int(said.split()[-1]), pages)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OscarShop]:
    """The shop, at its own address."""
    with _running(tmp_path_factory.mktemp("oscar")) as running:
        yield running


@pytest.fixture(scope="session")
def proud_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OscarShop]:
    """A shop that answers to one name only and writes it into every link."""
    with _running(tmp_path_factory.mktemp("proud"), "--address", "127.0.0.2", "--name", "127.0.0.2") as running:
        yield running


@dataclass(slots=True)
class Site:
    """Vitrina in front of the shop, with what its visitors must not find in our files."""

    vitrina: Installation
    shop: OscarShop
    browsers: list[Browser] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    def browser(self) -> Browser:
        """A new browser, of which nothing is known."""
        self.browsers.append(Browser(self.vitrina.url, SESSION_COOKIES))
        return self.browsers[-1]

    def register(self, browser: Browser, email: str, password: str) -> Shown:
        """Become a customer."""
        self.addresses.add(email)
        self.secrets.add(password)
        browser.open("/accounts/login/")
        return browser.submit(
            "register_form",
            registration__email=email,
            registration__password1=password,
            registration__password2=password,
        )

    def log_in(self, browser: Browser, email: str, password: str) -> Shown:
        """Sign in, or try to."""
        self.addresses.add(email)
        self.secrets.add(password)
        browser.open("/accounts/login/")
        return browser.submit("login_form", login__username=email, login__password=password)

    def address(self, browser: Browser, first_name: str) -> Shown:
        """Say where to send the cart."""
        browser.open("/checkout/shipping-address/")
        return browser.submit(
            "new_shipping_address",
            first_name=first_name,
            last_name="García",
            line1="Calle Mayor 1",
            line4="Madrid",
            postcode="28013",
            country="ES",
            notes="4111 1111 1111 1111",
        )


@pytest.fixture(scope="module")
def site(shop: OscarShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Vitrina in front of the shop under the shop's own name; a first visitor has seen all categories."""
    config = f'[site]\norigin = "http://127.0.0.1:{shop.port}"' + PERSONALISED.replace("PLATFORM", "oscar")
    with installation(tmp_path_factory.mktemp("vitrina"), config) as running:
        site = Site(running, shop)
        first = site.browser()
        for path in ("/catalogue/", "/catalogue/category/poetry_1/", "/catalogue/category/travel_2/", BREAD):
            assert first.open(path).status == 200
        running.settle()
        yield site
