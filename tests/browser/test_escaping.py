"""10,000 nasty values in every context and seven charsets, in Chromium: no new node, no handler, no script URL."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.fixtures.nasty_values import CHARSETS, STRIDE, nasty_values, page_of
from transforms.page import escape

COUNT = 10_000
LOOK = """([values, stride]) => {
  const elements = [...document.body.querySelectorAll("*")];
  const wrong = [];
  if (elements.length !== values.length * stride) return ["elements: " + elements.length];
  const names = ["P", "I", "TEXTAREA", "A", "A", "SCRIPT"];
  const allowed = ["title", "href", "type"];
  elements.forEach((element, index) => {
    const value = values[Math.floor(index / stride)], kind = index % stride;
    if (element.tagName !== names[kind]) wrong.push(index + ": " + element.tagName);
    for (const attribute of element.attributes)
      if (!allowed.includes(attribute.name)) wrong.push(index + ": attribute " + attribute.name);
    // ":" is what cannot be opened at all, such as a host with spaces in its name.
    if (element.protocol !== undefined && !["http:", "https:", "file:", ":"].includes(element.protocol))
      wrong.push(index + ": " + element.href);
    if (kind === 0 && (element.textContent !== value || element.title !== value)) wrong.push(index + ": text");
    if (kind === 1 && element.title !== value) wrong.push(index + ": title");
    if (kind === 2 && element.value !== value) wrong.push(index + ": area " + JSON.stringify(element.value));
    if (kind === 3 && decodeURIComponent(element.getAttribute("href").slice(4)) !== value.trim())
      wrong.push(index + ": part");
    if (kind === 5 && JSON.parse(element.textContent) !== value) wrong.push(index + ": json");
  });
  if (window.fired) wrong.push("a script ran");
  return wrong.slice(0, 20);
}"""


@pytest.mark.browser
@pytest.mark.parametrize("charset", CHARSETS)
def test_values_stay_values(charset: str, chromium: Browser, tmp_path: Path) -> None:
    values = list(nasty_values(CHARSETS.index(charset), COUNT))
    path = tmp_path / "page.html"
    path.write_bytes(page_of(values, charset))
    page = chromium.new_page()
    page.add_init_script("window.alert = () => { window.fired = true; }")
    page.goto(path.as_uri())
    assert page.evaluate("document.characterSet").lower() == charset
    cleaned = json.loads(json.dumps([escape.clean(value) for value in values]))
    assert page.evaluate(LOOK, [cleaned, STRIDE]) == []
    page.close()
