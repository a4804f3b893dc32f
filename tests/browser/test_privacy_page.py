"""The privacy page in a real browser: on a phone and a desktop, light and dark, in both languages, by keyboard."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import USER_AGENT, Arrive
from tests.fixtures.running_demo import RunningDemo

PATH = "/_vitrina/privacy"
WIDTHS = {"phone": (360, 740), "desktop": (1280, 900)}
CONTRAST = """() => {
  const channel = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4) };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const behind = node => { for (; node; node = node.parentElement) {
    const found = rgb(getComputedStyle(node).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found.slice(0, 3) } return [255, 255, 255] };
  const low = [];
  for (const node of document.querySelectorAll('body *')) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color).slice(0, 3)), light(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push(node.tagName + ': ' + node.textContent.trim().slice(0, 40));
  }
  return low }"""
"""Text of less than 4.5 : 1 against what is behind it (WCAG 2.2, 1.4.3)."""
FAULTS = """() => {
  const faults = [];
  const ids = [...document.querySelectorAll('[id]')].map(node => node.id);
  if (new Set(ids).size !== ids.length) faults.push('an id twice');
  for (const node of document.querySelectorAll('[aria-labelledby]'))
    if (!document.getElementById(node.getAttribute('aria-labelledby'))) faults.push('no label: ' + node.outerHTML);
  for (const node of document.querySelectorAll('button, a, input:not([type=hidden])')) {
    const box = node.getBoundingClientRect();
    if (!(node.getAttribute('aria-label') || node.textContent).trim()) faults.push('no name: ' + node.outerHTML);
    if (node.tagName === 'BUTTON' && (box.height < 44 || box.width < 44)) faults.push('small: ' + node.textContent);
    const shown = node.textContent.trim();
    const label = node.getAttribute('aria-label');
    if (label !== null && !label.includes(shown)) faults.push('label: ' + shown);
  }
  for (const name of ['header', 'main', 'footer', 'h1'])
    if (document.querySelectorAll(name).length !== 1) faults.push(name + ' is not there once');
  let level = 1;
  for (const node of document.querySelectorAll('h1, h2, h3')) {
    if (+node.tagName[1] > level + 1) faults.push('skips a level: ' + node.textContent);
    level = +node.tagName[1];
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push('wider than the window');
  if (!document.title || !document.documentElement.lang) faults.push('title or language');
  return faults }"""


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
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate(FAULTS) == []
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
    finally:
        context.close()
