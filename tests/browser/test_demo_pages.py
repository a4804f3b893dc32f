"""The demo's own pages: the shop's visitors side by side, and the byte lens, whose figures must be true."""

import re

from demo.shop.catalogue import BY_ID, NOVELTIES
from demo.shop.layout import CHARSET
from tests.browser.conftest import Arrive

WAS_NOW = re.compile(r"([↑↓]) was (\d+)(?:st|nd|rd|th), now (\d+)(?:st|nd|rd|th): (.+?) \d[\d,]* bytes")


def test_four_visitors_side_by_side(arrive: Arrive) -> None:
    page = arrive("localhost").page
    page.goto(
        arrive("localhost").site + "/_vitrina/demo/compare"
    )  # "load" is of the frames, too; "networkidle" is at times never told of them
    frames = [page.frame_locator("iframe").nth(number) for number in range(page.locator("iframe").count())]
    assert [frame.locator("#welcome").inner_text().strip() for frame in frames] == [
        "Bienvenido a La Gramola",
        "Bienvenido a La Gramola",
        "¡Hola, José, bienvenido de nuevo!",
        "¡Cuánto tiempo, Ana!",
    ]
    assert [frame.locator("table.vuelve10").count() for frame in frames] == [0, 0, 0, 1]
    genres = [frame.locator(".record .about").nth(1).inner_text().split(" · ")[0] for frame in frames]
    assert genres[:3] == ["Flamenco", "Flamenco", "Hip hop"]
    assert genres[3] in ("Bolero y salsa", "Flamenco")

    page.goto(page.url + "?show=stranger,jose")
    assert page.locator("iframe").count() == 2
    page.click("nav a:has-text('a category')")
    assert page.frame_locator("iframe").nth(1).locator("h1").inner_text() == "Hip hop"


def test_the_lens_tells_the_truth(arrive: Arrive) -> None:
    jose = arrive("jose")
    jose.enter()
    answer = jose.open("/index.php")
    sent, window = answer.text().encode(CHARSET), jose.window()  # Chromium's own copy of it is UTF-8
    origin = jose.open("/index.php", of_shop=True).text().encode(CHARSET)

    jose.open("/_vitrina/demo/lens")
    figures = jose.page.locator(".figures")
    sentence = figures.inner_text()
    assert sentence.endswith(", everything else identical")
    assert figures.evaluate("line => getComputedStyle(line, '::before').content") == '"✓ "'
    bytes_in, bytes_out, inserted, replaced, moved = (
        int(re.search(pattern, sentence)[1].replace(",", ""))  # type: ignore[index]
        for pattern in (r"([\d,]+) bytes in", r"([\d,]+) out", r"([\d,]+) inserted", r"([\d,]+) replaced", r"(\d+) rec")
    )
    assert bytes_out == len(sent)
    assert bytes_out - bytes_in == inserted - replaced
    assert bytes_in - _clock(sent) == len(origin) - _clock(origin)

    as_it_is = [record.id for record in NOVELTIES]
    rows = [WAS_NOW.fullmatch(row) for row in _rows(jose.page.locator("pre .unit summary").all_inner_texts())]
    told = {(int(row[2]), int(row[3]), row[4]) for row in rows if row}
    assert told == {
        (as_it_is.index(number) + 1, place, f"{BY_ID[number].artist} – {BY_ID[number].title}")
        for place, number in enumerate(window, 1)
        if as_it_is[place - 1] != number
    }
    assert len(told) == moved

    painted = jose.page.frame_locator(".painted iframe")
    assert painted.locator("mark[data-vitrina=new]").inner_text() == "¡Hola, José, bienvenido de nuevo!"
    assert painted.locator("[data-was]").count() == moved


def _clock(body: bytes) -> int:
    """Length of the one figure on the shop's pages whose length varies: how long the page took it."""
    found = re.search(rb"generada en ([\d.]+) ms", body)
    return len(found[1]) if found else 0


def _rows(texts: list[str]) -> list[str]:
    return [re.sub(r" bytes.*", " bytes", " ".join(text.split())) for text in texts]
