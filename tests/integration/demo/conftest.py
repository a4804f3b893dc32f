"""A running shop on port 0, and browsers for it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from demo.shop.app import make_app
from tests.integration.demo.shop_browser import Browser


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """The shop's address, with a slash at its end."""
    runner = web.AppRunner(make_app())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.fixture
async def browser(site: str) -> AsyncIterator[Browser]:
    """A browser that keeps cookies."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        yield Browser(client, site)


@pytest.fixture
async def stranger(site: str) -> AsyncIterator[Browser]:
    """A browser that never sends a cookie back."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Browser(client, site)
