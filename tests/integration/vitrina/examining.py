"""A small shop that a test makes up, and what the doctor's checks find of it."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from config.decode import decode
from vitrina.datafolder import DataFolder
from vitrina.doctor.checks import CHECKS
from vitrina.doctor.examination import Examination, session_for
from vitrina.doctor.finding import Finding

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HOME = """<!doctype html><html><body><h1 id="title">Shop</h1><ul id="grid"><li class="box">One</li>
<li class="box">Two</li></ul><p class="note">a</p><p class="note">b</p>
<a href="/sale/one?action=buy">buy</a> <a href="/sale/one">sale</a> <a href="http://elsewhere.example/sale/x">x</a>
</body></html>"""


def page(_request: web.Request, **headers: str) -> web.Response:
    return web.Response(text=HOME, content_type="text/html", headers=headers)


async def plain(request: web.Request) -> web.StreamResponse:
    """A shop without a fault."""
    return page(request) if request.path == "/" or request.path.startswith("/sale") else web.Response(status=404)


@asynccontextmanager
async def examining(
    handler: Handler, tmp_path: Path, text: str = "", tls: ssl.SSLContext | None = None, **site: Any
) -> AsyncIterator[Examination]:
    """An examination of a shop that `handler` is; `text` is more of the configuration."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    server = TestServer(app)
    await server.start_server(**({} if tls is None else {"ssl": tls}))
    try:
        origin = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.port}"
        written = f'version = 1\n[site]\norigin = "{origin}"\nplatform = "generic"\n{text}'
        (tmp_path / "site.toml").write_text(written, "utf-8")
        settings = decode(written, "site.toml", tmp_path)
        settings = replace(settings, site=replace(settings.site, **site))
        async with session_for(settings) as session:
            yield Examination(settings, tmp_path / "site.toml", DataFolder(tmp_path / "data"), 2, session)
    finally:
        await server.close()


async def found_by(name: str, examination: Examination) -> Finding:
    """The worst finding of one check, after the crawl."""
    await examination.crawl()
    order = ("ok", "unknown", "warn", "fail")
    return max(await CHECKS[name](examination), key=lambda finding: order.index(finding.status))
