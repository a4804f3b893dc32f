"""The shop's pages over real sockets: bytes, links, listings, files."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.integration.demo.shop_browser import Browser

SID_LINK = re.compile(r"osCsid=([0-9a-f]{32})")


async def test_the_page_is_what_such_shops_sent(browser: Browser) -> None:
    home = await browser.get("")
    assert home.headers["Content-Type"] == "text/html; charset=iso-8859-1"
    assert home.body.startswith(b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"')
    assert b'content="text/html; charset=iso-8859-1"' in home.body
    assert "Los Niños del Patio".encode("latin-1") in home.body
    assert b"14,95 &euro;" in home.body
    assert b"\r\n" in home.body
    assert home.body.count(b"\n") == home.body.count(b"\r\n")
    assert f'<base href="{browser.site}" />'.encode() in home.body
    assert home.body.count(b"<li") > home.body.count(b"</li>")


async def test_the_base_follows_the_host_header(browser: Browser) -> None:
    home = await browser.get("", Host="gramola.example:81")
    assert b'<base href="http://gramola.example:81/" />' in home.body


async def test_links_carry_the_session_until_the_cookie_comes_back(browser: Browser, stranger: Browser) -> None:
    first = await browser.get("index.php")
    session_id = first.headers["Set-Cookie"].split(";")[0].removeprefix("osCsid=")
    assert set(SID_LINK.findall(first.text)) == {session_id}
    internal = re.findall(r'<a href="([^"]*\.php[^"]*)"', first.text)
    assert all(session_id in address for address in internal)
    second = await browser.get("index.php")
    assert "osCsid" not in second.text
    assert "Set-Cookie" not in second.headers
    carried = await stranger.get(f"index.php?osCsid={session_id}")
    assert set(SID_LINK.findall(carried.text)) == {session_id}
    unknown = await stranger.get(f"index.php?osCsid={'0' * 32}")
    assert "0" * 32 not in unknown.text


async def test_the_home_blocks_are_siblings_with_positional_classes(browser: Browser) -> None:
    tree = LexborHTMLParser((await browser.get("")).text)
    blocks = tree.css("#newProducts > div.record")
    assert len(blocks) == 12
    assert blocks[0].attributes["class"] == "record first odd"
    assert blocks[11].attributes["class"] == "record last even"
    assert all(len(block.css("form input[name=formid]")) == 1 for block in blocks)
    links = [{link.attributes["href"] for link in block.css("a")} for block in blocks]
    assert all(len(addresses) == 1 for addresses in links)
    assert len(tree.css("ol#ranking > li")) == 10
    assert tree.css_first("td.headerWelcome#welcome").text() == "Bienvenido a La Gramola"


async def test_a_category_lists_ten_a_page(browser: Browser) -> None:
    await browser.get("")
    first = LexborHTMLParser((await browser.get("index.php?cPath=1")).text)
    rows = first.css("table.productListing > tbody > tr[class^=productListing-]")
    assert [row.attributes["class"] for row in rows[:2]] == ["productListing-odd", "productListing-even"]
    assert len(rows) == 10
    trail = [(step.text(), step.attributes["href"]) for step in first.css("div.breadcrumb a")]
    assert trail == [("Inicio", "index.php"), ("Hip hop", "index.php?cPath=1")]
    second = LexborHTMLParser((await browser.get("index.php?cPath=1&page=2")).text)
    assert len(second.css("tr[class^=productListing-]")) == 2
    beyond = LexborHTMLParser((await browser.get("index.php?cPath=1&page=99")).text)
    assert len(beyond.css("tr[class^=productListing-]")) == 2


async def test_sorting_by_price(browser: Browser) -> None:
    answer = await browser.get("products_new.php?sort=4a&page=1")
    page = LexborHTMLParser(answer.text)
    shown = [
        price.text()
        for price in page.css(".productListing-data .productPrice, .productListing-data .productSpecialPrice")
    ]
    assert shown == sorted(shown, key=lambda price: float(price.split()[0].replace(",", ".")))
    assert len(shown) == 10
    assert "sort=4d" in answer.text


@pytest.mark.parametrize("keywords", ["pe%F1a", "pe%C3%B1a", "PENA"])
async def test_search_in_either_charset(browser: Browser, keywords: str) -> None:
    found = await browser.get(f"advanced_search_result.php?keywords={keywords}")
    assert "Maestra Peña" in found.text


async def test_a_search_without_hits_and_one_that_is_markup(browser: Browser) -> None:
    none = await browser.get("advanced_search_result.php?keywords=zzz")
    assert "No hay discos" in none.text
    markup = await browser.get("advanced_search_result.php?keywords=%3Cscript%3E%22")
    assert "&lt;script&gt;&quot;" in markup.text
    assert "<script>&quot;" not in markup.text


async def test_a_product_page(browser: Browser) -> None:
    page = LexborHTMLParser((await browser.get("product_info.php?products_id=2")).text)
    assert page.css_first("h1.productName").text() == "Ritmo & Rabia"
    assert [step.text() for step in page.css("div.breadcrumb a")] == ["Inicio", "Hip hop", "Ritmo & Rabia"]
    assert page.css_first(".productPriceBig s").text() == "15,95 €"
    assert len(page.css("#alsoPurchased > div.record")) == 6
    sold_out = await browser.get("product_info.php?products_id=4")
    assert "Agotado" in sold_out.text


@pytest.mark.parametrize(
    "target",
    [
        "nada.php",
        "product_info.php?products_id=999",
        "index.php?cPath=77",
        "images/covers/61.svg",
        "clips/02.wav",
        "x/y",
    ],
)
async def test_what_is_not_there_is_404(browser: Browser, target: str) -> None:
    answer = await browser.get(target)
    assert answer.status == 404
    assert "la aguja ha saltado" in answer.text


@pytest.mark.parametrize(
    ("target", "content_type"),
    [
        ("stylesheet.css", "text/css"),
        ("robots.txt", "text/plain"),
        ("images/pixel_trans.gif", "image/gif"),
        ("images/wood.png", "image/png"),
        ("images/logo.svg", "image/svg+xml"),
        ("images/genres/jazz.svg", "image/svg+xml"),
        ("images/covers/17.svg", "image/svg+xml"),
        ("clips/17.wav", "audio/x-wav"),
    ],
)
async def test_files(browser: Browser, target: str, content_type: str) -> None:
    answer = await browser.get(target)
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, content_type)
    again = await browser.get(target, If_None_Match=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


async def test_every_picture_and_link_of_the_home_page_exists(browser: Browser) -> None:
    await browser.get("")
    home = await browser.get("")
    targets = set(re.findall(r'(?:src|href)="(?:http://[^/"]+/)?([^":]+)"', home.text))
    style = (await browser.get("stylesheet.css")).text
    targets |= set(re.findall(r"url\(([^)]+)\)", style))
    assert len(targets) > 60
    for target in sorted(targets):
        answer = await browser.get(target.replace("&amp;", "&"))
        assert answer.status in (200, 302), target


async def test_a_clip_in_ranges(browser: Browser) -> None:
    whole = await browser.get("clips/3.wav")
    part = await browser.get("clips/3.wav", Range="bytes=100-199")
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.body)}"
    tail = await browser.get("clips/3.wav", Range="bytes=-10")
    assert tail.body == whole.body[-10:]
    stale = await browser.get("clips/3.wav", Range="bytes=0-9", If_Range='"other"')
    assert stale.status == 200
    outside = await browser.get("clips/3.wav", Range=f"bytes={len(whole.body)}-")
    assert outside.status == 416
    assert outside.headers["Content-Range"] == f"bytes */{len(whole.body)}"
