"""Shops that no platform file knows: `detect` writes a configuration that serves, and `auto` learns from traffic."""

import re
from pathlib import Path

import aiohttp
import pytest

from clicks.rules import rules_of
from config.platforms import decode_platform
from storage.samples import SampleFolder
from tests.fixtures.gramola import clicks_in
from tests.fixtures.installation import PATIENT_BUDGET, Installation, installation, run_command, started
from tests.fixtures.made_shops import STYLES, Item, Style, page, served, shop, stock
from tests.fixtures.processes import wait_until

SEED = 4


def pages_of(style: Style) -> tuple[dict[str, str], list[Item]]:
    """Every page of a shop, more than the samples: each product has its own."""
    pages, items = shop(style, SEED)
    html = {sample.target.text: sample.html for sample in pages}
    for item in items:
        url = style.url(item).replace("&amp;", "&")
        html.setdefault(
            url,
            page(style, url, [], item.name, f"<div id=detail>{item.name}: {style.price(item.price or 1)}</div>").html,
        )
    html["/find?q=Lamp"] = page(style, "/find?q=Lamp", items[:4], "Found").html
    return html, items


def order_on(html: str, items: list[Item]) -> list[str]:
    """The names of the shop's products, as they come in its main part."""
    names = {item.name for item in items}
    return [name for name in dict.fromkeys(re.findall(r">([^<>]+)<", html)) if name in names]


class Person:
    """One browser."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def open(self, target: str) -> str:
        headers = {"Accept": "text/html", "Sec-Fetch-Dest": "document"}
        async with self._session.get(self._url + target, headers=headers) as answer:
            return await answer.text()

    async def register(self) -> None:
        fields = {"firstname": "José", "lastname": "García", "mail": "jose@example.org", "pw": "x", "pw2": "x"}
        async with self._session.post(f"{self._url}/register", data=fields, allow_redirects=False) as answer:
            await answer.read()

    async def close(self) -> None:
        await self._session.close()


_FAST = ("rows", "wrapped")
"""The styles that differ most from each other; the others are as far as their unit tests, and with `make slow`."""


@pytest.fixture(params=[pytest.param(s, id=s.name, marks=() if s.name in _FAST else pytest.mark.slow) for s in STYLES])
def style(request: pytest.FixtureRequest) -> Style:
    return request.param


async def test_detect_writes_what_serves(style: Style, tmp_path: Path) -> None:
    html, items = pages_of(style)
    with served(html) as origin:
        config = tmp_path / "site.toml"
        said = run_command("detect", f"http://127.0.0.1:{origin}", "--pause", "0", "--write", str(config))
        assert "list products" in said
        text = config.read_text()
        assert 'platform = "own"' in text
        run_command("check", str(config))
        listen = 'listen = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\n' + PATIENT_BUDGET
        config.write_text(
            text.replace('"./data"', f'"{tmp_path}/data"\n{listen}').replace("holdout = 5 ", "holdout = 0 ")
        )
        with started(tmp_path, config, tmp_path / "data", "serve", "--config", str(config)) as vitrina:
            await _greets_and_reorders(vitrina, style, items, html)


async def _greets_and_reorders(vitrina: Installation, style: Style, items: list[Item], html: dict[str, str]) -> None:
    person = Person(vitrina.url)
    try:
        for category in ("/c/oak/", "/c/walnut/", "/c/linen/"):
            await person.open(category)
        vitrina.settle()  # what is of which category is known
        await person.register()
        liked = items[16:18]  # of the second category
        for item in liked:
            await person.open(style.url(item).replace("&amp;", "&"))
            await person.open(style.url(item).replace("&amp;", "&"))
        vitrina.settle()
        shown = await person.open("/")
    finally:
        await person.close()
    assert "Jos&#233;" in shown
    before, after = order_on(html["/"], items), order_on(shown, items)
    assert sorted(before) == sorted(after)
    assert before != after
    assert set(after[:2]) == {items[10].name, items[15].name}  # the home page's two of the second category


async def test_auto_learns_from_traffic(tmp_path: Path) -> None:
    style = STYLES[0]
    html, items = pages_of(style)
    with served(html) as origin:
        config = f"""
[site]
origin = "http://127.0.0.1:{origin}"
platform = "auto"
mode = "live"
holdout = 0
[consent]
required = false
[placement.grid]
on = "category"
items = "div.product-card"
[[experience]]
id = "order"
at = "grid"
reorder = {{ by = "affinity" }}
"""
        with installation(tmp_path, config) as vitrina:
            async with (
                aiohttp.ClientSession(cookies={"sessionid": "somebody"}) as session,
                session.get(f"{vitrina.url}/c/oak/", headers={"Accept": "text/html"}) as answer,
            ):
                await answer.read()
            assert SampleFolder(vitrina.data / "samples").count() == 0, "what somebody was sent is not kept"
            for target in list(html)[:14]:
                newcomer = Person(vitrina.url)
                assert (await newcomer.open(target)).startswith("<!doctype")
                await newcomer.close()
            wait_until(lambda: (vitrina.data / "learnt.toml").exists())
            log = tmp_path / "serve.log"
            wait_until(lambda: "the shop was learnt" in log.read_text())
            person = Person(vitrina.url)
            liked = items[16:18]
            try:
                for item in liked:
                    await person.open(style.url(item))
                    await person.open(style.url(item))
                vitrina.settle()
            finally:
                await person.close()
            learnt = rules_of(decode_platform((vitrina.data / "learnt.toml").read_text(), "learnt"))
            viewed = [click.product for click in clicks_in(vitrina.data) if click.kind == "product"]
            assert [viewed.count(learnt.product_of(style.url(item))) for item in liked] == [2, 2]


def test_a_shop_without_products_is_said_to_have_none(tmp_path: Path) -> None:
    style = STYLES[0]
    html = {path: page(style, path, [], "Nothing").html for path in ("/", "/about", "/terms")}
    with served(html) as origin:
        said = run_command(
            "detect", f"http://127.0.0.1:{origin}", "--pause", "0", "--write", str(tmp_path / "s.toml"), expect=1
        )
    assert "list" not in said.partition("pages seen")[2].partition("greeting")[0].replace("not seen", "")


def test_usage(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("x")
    said = run_command("detect", "http://127.0.0.1:9", "--write", str(tmp_path / "site.toml"), expect=2)
    assert "--force overwrites it" in said
    assert "expected a URL" in run_command("detect", "shop.example", "--write", "-", expect=2)
    assert stock(1)
