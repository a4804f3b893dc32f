"""The privacy page in a real browser: on a phone and a desktop, light and dark, in both languages, by keyboard."""

import os
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import USER_AGENT, Arrive
from tests.fixtures.running_demo import RunningDemo

PATH = "/_vitrina/privacy"
WIDTHS = {"phone": (360, 740), "desktop": (1280, 900)}
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
"""axe-core, as its package for Python carries it: all of its rules, best practices among them."""
SMALL = """() => [...document.querySelectorAll('button, .button')].filter(node => {
  const box = node.getBoundingClientRect();
  return box.height < 44 || box.width < 44 }).map(node => node.textContent.trim())"""
"""What is too small for a thumb (WCAG 2.2, 2.5.5)."""


def faults(page: Page) -> list[str]:
    """What axe finds, what is too small, and whether the page is wider than its window."""
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations', 'incomplete'] })")
    assert len(found["passes"]) > 15, "axe has looked at the page"
    told = [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]
    told += [f"small: {text}" for text in page.evaluate(SMALL)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        told.append("wider than the window")
    return told


def shoot(page: Page, name: str) -> None:
    """A picture to look at, where somebody asked for them."""
    if folder := os.environ.get("VITRINA_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"privacy-{name}.png"), full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize(("locale", "lang"), [("es-ES", "es"), ("en-GB", "en")])
def test_good_to_look_at_and_without_faults(
    demo: RunningDemo, chromium: Browser, arrive: Arrive, width: str, scheme: str, locale: str, lang: str
) -> None:
    jose = arrive("jose")
    jose.enter()
    jose.open("/index.php")
    cookies = jose.page.context.cookies()
    wide, high = WIDTHS[width]
    context = chromium.new_context(
        user_agent=USER_AGENT,
        viewport={"width": wide, "height": high},
        locale=locale,
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=True,
    )
    try:
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        broken: list[str] = []
        page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
        page.goto(jose.site + PATH)
        assert page.evaluate("document.documentElement.lang") == lang
        assert "José" in page.locator("main").inner_text()
        assert faults(page) == []
        assert broken == []
        shoot(page, f"{width}-{scheme}-{lang}")
    finally:
        context.close()


def test_by_keyboard_alone_and_without_a_script(demo: RunningDemo, chromium: Browser, arrive: Arrive) -> None:
    site = arrive("localhost").site
    context = chromium.new_context(user_agent=USER_AGENT, locale="es-ES", java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(site + PATH)
        state = page.locator(".purpose .state").first
        before = state.inner_text()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**done=saved")
        assert page.locator("[role=status]").inner_text() == "Se ha guardado tu elección."
        assert page.locator(".purpose .state").first.inner_text() != before
        page.get_by_role("button", name="Borrar todo").click()
        page.wait_for_url("**done=erased")
        shoot(page, "erased")
        # axe is a script; what it is to judge was made without one.
        told = page.content().replace('<link rel="stylesheet" href="/', f'<link rel="stylesheet" href="{site}/')
    finally:
        context.close()
    context = chromium.new_context(user_agent=USER_AGENT, locale="es-ES")
    try:
        page = context.new_page()
        page.goto(site + PATH)
        page.evaluate("told => { document.open(); document.write(told); document.close() }", told)
        assert page.locator("[role=status]").count() == 1
        assert faults(page) == []
    finally:
        context.close()
