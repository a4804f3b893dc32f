"""A walk through the shop, once, as a stranger with Vitrina in front: categories and prices are learnt from served pages."""

import re

import aiohttp

_CATEGORY_LINK = re.compile(r'href="[^"]*?(index\.php\?cPath=\d+(?:&amp;page=\d+)?)')
_NEXT_PAGE = re.compile(r'href="[^"]*?(index\.php\?cPath=\d+&amp;(?:[^"]*&amp;)?page=\d+)')
MAX_PAGES = 60


async def walk_through(port: int) -> int:
    """Open the home page and every page of every category; returns how many pages were opened."""
    seen: set[str] = set()
    waiting = ["index.php"]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36", "Accept": "text/html"}
        while waiting and len(seen) < MAX_PAGES:
            page = waiting.pop(0)
            if page in seen:
                continue
            seen.add(page)
            async with session.get(f"http://127.0.0.1:{port}/{page}", headers=headers) as answer:
                text = await answer.text("latin-1")
            links = {*_CATEGORY_LINK.findall(text), *_NEXT_PAGE.findall(text)}
            waiting += sorted(link.replace("&amp;", "&") for link in links if link.replace("&amp;", "&") not in seen)
    return len(seen)
