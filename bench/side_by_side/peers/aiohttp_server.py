"""The server of `aiohttp_selectolax`: `python -m bench.side_by_side.peers.aiohttp_server PORT ORIGIN REDIS GENRES`."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import redis.asyncio
import uvloop
from aiohttp import web
from multidict import CIMultiDict
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bench.pages.record_shop import CHARSET

_OFFER = '<p class="offer">Por volver: 10 % de descuento con el código <a href="/shopping_cart.php">VUELVE10</a></p>'


class Proxy:
    """One request: profile and click in one pipeline, the origin's page, parsed, changed and written anew."""

    def __init__(self, origin: int, path: str, genres: dict[str, str]) -> None:
        self._origin = f"http://127.0.0.1:{origin}"
        self._redis = redis.asyncio.Redis(unix_socket_path=path)
        self._genres = genres
        self._session: aiohttp.ClientSession | None = None

    async def handle(self, request: web.Request) -> web.Response:
        """Any request."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=128)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        cookie = request.cookies.get("vitrina", "")
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.get(f"profile:{cookie}")
            pipeline.xadd("clicks", {"v": cookie, "u": request.path_qs, "r": request.headers.get("Referer", "")})
            profile = (await pipeline.execute())[0]
        headers = CIMultiDict(request.headers)
        headers["Accept-Encoding"] = "identity"
        async with self._session.get(self._origin + request.path_qs, headers=headers) as answer:
            body = await answer.read()
            kind = answer.headers.get("Content-Type", "")
            if kind.startswith("text/html"):
                body = self._personalised(body, profile)
            return web.Response(
                status=answer.status, body=body, headers={"Content-Type": kind, "Cache-Control": "private, no-store"}
            )

    def _personalised(self, body: bytes, profile: bytes | None) -> bytes:
        page = LexborHTMLParser(body.decode(CHARSET))
        lines = profile.decode().split("\n") if profile else ["de nuevo"]
        welcome = page.css_first(".welcome")
        welcome.inner_html = f"Hola, {lines[0]}, ¡bienvenido!"
        if profile:
            welcome.insert_after(LexborHTMLParser(_OFFER, is_fragment=True).root)
            pairs = (line.partition("=") for line in lines[1:])
            self._reorder(page, {genre: float(score) for genre, _, score in pairs})
        return (page.html or "").encode(CHARSET, "xmlcharrefreplace")

    def _reorder(self, page: LexborHTMLParser, scores: dict[str, float]) -> None:
        records = page.css("#novedades > .record")
        if not records:
            return
        sides = [record.attributes["class"] for record in records]

        def score(record: LexborNode) -> float:
            link = record.css_first("a").attributes["href"] or ""
            return scores.get(self._genres[link.partition("products_id=")[2]], 0)

        order = [records[0], *sorted(records[1:], key=score, reverse=True)]
        parts = []
        for record, side in zip(order, sides, strict=True):
            record.attrs["class"] = side
            parts.append(record.html or "")
        parent = page.css_first("#novedades")
        parent.inner_html = "\n" + "\n".join(parts) + "\n"


async def serve(port: int, proxy: Proxy) -> None:
    """Until killed."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", proxy.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    _lines = Path(sys.argv[4]).read_text("utf-8").splitlines()
    _genres = dict(line.split(" ", 1) for line in _lines)
    uvloop.run(serve(int(sys.argv[1]), Proxy(int(sys.argv[2]), sys.argv[3], _genres)))
