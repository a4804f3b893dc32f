"""A trial under another name in a real browser: a django-oscar shop that answers to its own name only."""

import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser.conftest import TIMEOUT_MS, USER_AGENT
from tests.fixtures.installation import Installation, installation

CONFIG = """
workers = 1
[site]
origin = "http://127.0.0.2:PORT"
host = "origin"
platform = "oscar"
mode = "live"
holdout = 0
budget = { profile_ms = 2000, decide_ms = 2000, rewrite_ms = 2000, added_p95_ms = 60000 }
[consent]
required = false
[placement.greeting]
on = "*"
at = "header.header .h1"
[[experience]]
id = "hola"
at = "greeting"
insert = "end"
who = { logged_in = true }
text = " Hola"
"""
NAME = "libros.localhost"
"""Chromium resolves every name below localhost to this machine."""
ELSEWHERE = "ajax.googleapis.com"
"""Where oscar's pages get jQuery from: out of a test's reach."""
EMAIL, PASSWORD = "eva@example.org", "correct horse 77"


@pytest.fixture(scope="module")
def shop_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The shop on 127.0.0.2: it writes that name into every link, form and redirect, and refuses any other."""
    folder = tmp_path_factory.mktemp("oscar")
    command = [sys.executable, "-m", "tests.fixtures.oscar_shop", str(folder), "--address", "127.0.0.2"]
    process = subprocess.Popen([*command, "--name", "127.0.0.2"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert select.select([process.stdout], [], [], 60)[0], "the shop did not start"
        yield int(process.stdout.readline().split()[-1])
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture(scope="module")
def trial(shop_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Vitrina in front of it."""
    with installation(tmp_path_factory.mktemp("trial"), CONFIG.replace("PORT", str(shop_port))) as running:
        yield running


@dataclass(slots=True)
class Seen:
    """A tab of a browser at the trial, and whom it asked for what."""

    page: Page
    site: str
    hosts: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.site + path)

    def submit(self, form: str) -> None:
        """Press the form's button, and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.click(f"{form} button[type=submit] >> nth=0")


@pytest.fixture
def seen(trial: Installation, chromium: Browser) -> Iterator[Seen]:
    """A browser nobody has used yet."""
    context = chromium.new_context(user_agent=USER_AGENT, viewport={"width": 1200, "height": 900})
    context.set_default_timeout(TIMEOUT_MS)
    found = Seen(context.new_page(), f"http://{NAME}:{trial.port}")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != ELSEWHERE:
            found.hosts.add(parts.netloc)

    found.page.on("request", asked)

    def failed(url: str) -> None:
        parts = urlsplit(url)
        if parts.netloc != ELSEWHERE and not parts.path.startswith("/media/"):  # this shop does not serve its pictures
            found.failed.append(url)

    found.page.on("requestfailed", lambda request: failed(request.url))
    found.page.on("response", lambda answer: failed(answer.url) if answer.status >= 400 else None)
    context.route(f"**://{ELSEWHERE}/**", lambda route: route.abort())
    yield found
    context.close()


def test_a_purchase_under_another_name(seen: Seen, shop_port: int) -> None:
    page = seen.page
    seen.open("/catalogue/")
    assert f"127.0.0.2:{shop_port}" not in page.content()
    page.click("article.product_pod h3 a >> nth=0")
    page.wait_for_load_state()
    assert page.url.startswith(seen.site)
    seen.submit("#add_to_basket_form")
    assert page.url.startswith(seen.site), "the shop's redirect"

    seen.open("/accounts/login/")
    page.fill("#register_form input[type=email]", EMAIL)
    page.fill("#id_registration-password1", PASSWORD)
    page.fill("#id_registration-password2", PASSWORD)
    seen.submit("#register_form")
    assert page.is_visible("text=Thanks for registering")
    seen.open("/catalogue/")
    assert page.inner_text("header.header .h1").endswith("Hola"), "personalised, and under our name"

    page.click("a[href*='/accounts/logout/']")
    page.wait_for_load_state()
    seen.open("/accounts/login/")
    page.fill("#id_login-username", EMAIL)
    page.fill("#id_login-password", PASSWORD)
    seen.submit("#login_form")
    assert page.url.startswith(seen.site)
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies(seen.site)}
    assert {"sessionid", "csrftoken"} <= cookies.keys()
    assert {cookie["domain"] for cookie in cookies.values()} == {NAME}

    seen.open("/basket/")
    assert page.is_visible("#basket_formset")
    page.goto(seen.site + "/checkout/")
    page.fill("#id_first_name", "Eva")
    page.fill("#id_last_name", "García")
    page.fill("#id_line1", "Calle Mayor 1")
    page.fill("#id_line4", "Madrid")
    page.fill("#id_postcode", "28013")
    page.select_option("#id_country", "ES")
    seen.submit("#new_shipping_address")
    assert page.url.startswith(f"{seen.site}/checkout/")
    seen.open("/checkout/preview/")
    seen.submit("#place_order_form")
    assert page.url == f"{seen.site}/checkout/thank-you/"

    assert seen.hosts == {urlsplit(seen.site).netloc}, "no request left the trial"
    assert seen.failed == []
