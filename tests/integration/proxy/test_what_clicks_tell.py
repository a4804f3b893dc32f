"""What an exchange leaves behind: the click, its events, and what its page teaches of products and of the shop."""

from collections.abc import Callable
from typing import Any

from clicks.catalogue import Product
from config.platforms import load_platform
from tests.integration.proxy.pages import JOSE, NOW, PAGE, PERSONAL, cookie, html, likes, opens
from visitors.profile import Shown

Start = Callable[..., Any]


async def test_assets_are_logged_with_their_visitor(shop: Start) -> None:
    async with shop(html(b"GIF89a"), **PERSONAL) as s:
        await s.ask(opens("/images/a.gif", cookie(JOSE, session="s1"), "Sec-Fetch-Dest: image"))
        await s.ask(opens("/images/b.gif", "agreed=no", "Sec-Fetch-Dest: image"))
        assert [(click.path, click.profile) for click in s.clicks.all] == [
            ("/images/a.gif", JOSE),
            ("/images/b.gif", None),
        ]


async def test_a_clip_is_played_once_however_many_ranges_it_takes(shop: Start) -> None:
    fields = b"Content-Type: audio/wav\r\nContent-Range: bytes %b/90\r\nContent-Length: 9\r\n\r\n"
    part = b"HTTP/1.1 206 Partial Content\r\n" + fields + b"RIFFclip."
    ranges = iter((b"0-8", b"9-17"))

    async def clip(*_: Any) -> bytes:
        return part % next(ranges)

    async with shop(clip, **PERSONAL) as s:
        for _ in range(2):
            await s.ask(opens("/clips/7.wav", cookie(JOSE, session="s1"), "Sec-Fetch-Dest: audio", "Range: bytes=0-"))
        assert [[event.name for event in click.events] for click in s.clicks.all] == [["media_play"], []]


async def test_followed_list_item_is_a_selection(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        shown = {"shop.test/ grid": Shown(NOW - 30, ("3", "1", "2"))}
        s.profiles.stored[JOSE] = likes(JOSE, shown=shown)
        await s.ask(opens("/product.php?id=3", cookie(JOSE), "Referer: http://shop.test/"))
        events = {event.name: event.data for event in (await s.click()).events}
        assert (events["select_item"]["product"], events["select_item"]["position"]) == ("3", 1)


async def test_auto_recognises_the_shop_from_its_traffic(shop: Start) -> None:
    page = PAGE.replace(b"<head>", b'<head><meta name="generator" content="CE Phoenix">')
    site = {"mode": "observe", "platform": "auto"}
    async with shop(
        html(page, b"Set-Cookie: ceid=0123456789abcdef; path=/"), site=site, platform=load_platform("generic")
    ) as s:
        await s.ask(opens("/index.php", cookie(JOSE)))
        await s.ask(opens("/product_info.php?products_id=12", cookie(JOSE)))
        assert (await s.click(2)).product == "12"


async def test_pages_teach_what_the_catalogue_does_not_have(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        s.catalogue.products = {"1": Product("1", name="One", url="/product.php?id=1"), "2": Product("2", name="Old")}
        for _ in range(2):
            await s.ask(opens("/", cookie(JOSE)))
        assert [row[0] for row in (await s.click(1)).catalogue] == ["2", "3"]
        assert [row[0] for row in (await s.click(2)).catalogue] == ["2", "3"]
        words = {"1": "One", "2": "Two", "3": "Three"}
        s.catalogue.products = {
            name: Product(name, name=word, url=f"/product.php?id={name}") for name, word in words.items()
        }
        await s.ask(opens("/", cookie(JOSE)))
        assert (await s.click(3)).catalogue == ()
