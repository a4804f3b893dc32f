"""The shop as an aiohttp application: one handler from request to visit, from a page's reply to a response."""

import time
from datetime import datetime
from pathlib import Path

from aiohttp import web

from demo.shop.assets import Asset, Assets
from demo.shop.byte_ranges import Part, Unsatisfiable, read_range
from demo.shop.forms import Fields, read_cookies, read_fields
from demo.shop.layout import CHARSET, encode, render
from demo.shop.ledger import Ledger, open_ledger
from demo.shop.pages.admin import ADMIN_COOKIE
from demo.shop.pages.missing import missing
from demo.shop.pages.routes import ROUTES
from demo.shop.sessions import COOKIE, Sessions
from demo.shop.visit import Document, Html, Redirect, Reply, Visit

_SOFTWARE = {"Server": "Apache/2.2.9 (Debian) PHP/5.2.6", "X-Powered-By": "PHP/5.2.6"}
_NEVER_CACHE = {
    "Expires": "Thu, 19 Nov 1981 08:52:00 GMT",
    "Cache-Control": "no-store, no-cache, must-revalidate, post-check=0, pre-check=0",
    "Pragma": "no-cache",
}
_FORM = "application/x-www-form-urlencoded"
_CONSENT = "cookie_policy"


class Shop:
    """The running shop: its sessions, its ledger, its drawn files."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.sessions = Sessions()
        self.manager_sessions = Sessions()
        self.assets = Assets()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        started = time.perf_counter()
        if request.method not in ("GET", "HEAD", "POST"):
            return web.Response(status=405, headers={**_SOFTWARE, "Allow": "GET, HEAD, POST"})
        target, _, query = request.raw_path.partition("?")
        address = target.lstrip("/")
        if address not in ROUTES:
            asset = await self.assets.find(address)
            if asset is not None:
                return _file(request, asset)
        if address == "admin":
            return web.Response(status=302, headers={**_SOFTWARE, "Location": f"{_site(request)}admin/"})
        form = read_fields(await request.read() if request.content_type == _FORM else b"")
        visit, came_id = self._visit(request, address, read_fields(query), form)
        page = ROUTES.get(address, missing)
        reply = page(visit)
        return self._respond(visit, reply, came_id, started)

    def _visit(self, request: web.Request, page: str, query: Fields, form: Fields) -> tuple[Visit, str | None]:
        """The visit, and the session id that came with the request's cookie."""
        cookies = read_cookies("; ".join(request.headers.getall("Cookie", [])))
        is_admin = page.startswith("admin/")
        sessions = self.manager_sessions if is_admin else self.sessions
        came_id = cookies.get(ADMIN_COOKIE if is_admin else COOKIE)
        wanted = came_id if came_id is not None or is_admin else query.get(COOKIE) or form.get(COOKIE)
        now = time.time()
        session = sessions.find(wanted, now) or sessions.start(now)
        visit = Visit(
            method="GET" if request.method == "HEAD" else request.method,
            page=page or "index.php",
            query=query,
            form=form,
            session=session,
            sessions=sessions,
            ledger=self.ledger,
            site=_site(request),
            cookie_came=came_id is not None or is_admin,
            consent=cookies.get(_CONSENT),
            now=datetime.now().astimezone(),
        )
        return visit, came_id

    def _respond(self, visit: Visit, reply: Reply, came_id: str | None, started: float) -> web.Response:
        match reply:
            case Html():
                body = render(visit, reply, (time.perf_counter() - started) * 1000)
                response = _page(body, reply.status)
            case Document():
                response = _page(encode(reply.markup), reply.status)
            case Redirect():
                response = web.Response(status=302, content_type="text/html", charset=CHARSET)
                response.headers.update(_SOFTWARE | _NEVER_CACHE)
                response.headers["Location"] = visit.location(reply.page, reply.parameters)
                for cookie in reply.set_cookies:
                    response.headers.add("Set-Cookie", cookie)
        if visit.session.id != came_id:
            is_admin = visit.sessions is self.manager_sessions
            name, path = (ADMIN_COOKIE, "/admin") if is_admin else (COOKIE, "/")
            response.headers.add("Set-Cookie", f"{name}={visit.session.id}; path={path}")
        return response


def _site(request: web.Request) -> str:
    scheme = "https" if request.headers.get("X-Forwarded-Proto", "").lower() == "https" else "http"
    return f"{scheme}://{request.host}/"


def _page(body: bytes, status: int) -> web.Response:
    response = web.Response(body=body, status=status, content_type="text/html", charset=CHARSET)
    response.headers.update(_SOFTWARE | _NEVER_CACHE)
    return response


def _file(request: web.Request, asset: Asset) -> web.Response:
    headers = {**_SOFTWARE, "ETag": asset.etag, "Accept-Ranges": "bytes", "Cache-Control": "max-age=86400"}
    if request.headers.get("If-None-Match") in (asset.etag, "*"):
        return web.Response(status=304, headers=headers)
    wanted = request.headers.get("Range") if request.headers.get("If-Range") in (None, asset.etag) else None
    length = len(asset.data)
    match read_range(wanted if request.method == "GET" else None, length):
        case Part(first, last):
            headers["Content-Range"] = f"bytes {first}-{last}/{length}"
            body = asset.data[first : last + 1]
            return web.Response(status=206, headers=headers, body=body, content_type=asset.content_type)
        case Unsatisfiable():
            headers["Content-Range"] = f"bytes */{length}"
            return web.Response(status=416, headers=headers)
        case _:
            return web.Response(headers=headers, body=asset.data, content_type=asset.content_type)


def make_app(data: Path | None = None) -> web.Application:
    """The application; `data` is the folder to keep customers and orders in. Raises OSError when it cannot be used."""
    shop = Shop(open_ledger(data))
    app = web.Application()
    app.router.add_route("*", "/{address:.*}", shop.serve)
    return app
