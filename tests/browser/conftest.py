"""The real demo and a real Chromium; each visitor has a browser profile of its own.

Invariant: no page a test opens may throw, log an error or miss a file, or the test fails.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from tests.browser.visitor import Visitor
from tests.fixtures.running_demo import RunningDemo

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
TIMEOUT_MS = 15_000

Arrive = Callable[[str], Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    running = RunningDemo(tmp_path_factory.mktemp("demo") / "data")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def arrive(demo: RunningDemo, chromium: Browser) -> Iterator[Arrive]:
    """`arrive("jose")`: a browser nobody has used yet, on that persona's host name; "localhost" is nobody's."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def failed(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: complaints.append(f"{page.url}: {message.text}") if message.type == "error" else None,
        )
        page.on("response", failed)

    def arriving(name: str) -> Visitor:
        context = chromium.new_context(user_agent=USER_AGENT, viewport={"width": 1200, "height": 900}, locale="es-ES")
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        context.on("page", watch)
        return Visitor(context.new_page(), demo, name)

    yield arriving
    for context in contexts:
        context.close()
    assert complaints == []
