"""The shop's own way into and out of a preview: `/_vitrina/preview`, by a link that the operator has made.

Invariant: a cookie goes out only for a token that holds for this very name of the shop; a redirect leads to a path of
the shop, never to another site.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape

from aiohttp import web

from visitors.cookie import Keyring
from visitors.preview import PREVIEW_COOKIE, Preview, decode_preview, set_preview_cookie

PATH = "/_vitrina/preview"
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Preview</title>
<body style="font:16px/1.5 system-ui;max-width:34em;margin:4em auto;padding:0 1em">
<h1>Preview</h1><p>{text}</p>{more}</body></html>
"""
_SHOP = '<p><a href="/">To the shop</a></p>'
_LEAVE = '<form method="post" action="{path}/leave"><button>Leave the preview</button></form>\n' + _SHOP


def preview_routes(keyring: Keyring, now: Callable[[], float] = time.time) -> Callable[[web.Application], None]:
    """Adds the routes. `now` gives Unix time."""

    async def enter(request: web.Request) -> web.Response:
        token = request.query.get("token")
        if token is None:
            return _state(
                request, decode_preview(keyring, request.cookies.get(PREVIEW_COOKIE, ""), request.host, now())
            )
        preview = decode_preview(keyring, token, request.host, now())
        if preview is None:
            text = (
                f"This link does not hold for {escape(request.host)}: it is over, made for another name of the shop, "
                "or damaged. Make a new one with <code>python -m vitrina preview</code>."
            )
            return _page(403, text, _SHOP)
        cookie = set_preview_cookie(token, preview.until - int(now()), secure=_is_secure(request))
        return _redirect(_within_shop(request.query.get("to", "/")), cookie)

    async def leave(request: web.Request) -> web.Response:
        cookie = set_preview_cookie("", 0, secure=_is_secure(request))
        return _redirect(_within_shop(request.query.get("to", "/")), cookie)

    def extend(app: web.Application) -> None:
        app.router.add_get(PATH, enter)
        app.router.add_get(f"{PATH}/leave", leave)
        app.router.add_post(f"{PATH}/leave", leave)

    return extend


def _state(request: web.Request, preview: Preview | None) -> web.Response:
    if preview is None:
        return _page(200, f"This browser is not in preview at {escape(request.host)}.", _SHOP)
    whom = {
        "own": "as this browser's own visitor",
        "profile": f"as the profile <code>{escape(preview.name)}</code>",
        "segment": f"as somebody of the segment <code>{escape(preview.name)}</code>",
    }[preview.kind]
    until = datetime.fromtimestamp(preview.until, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return _page(200, f"This browser sees the shop {whom}, until {until}. Nothing it does is counted.", _LEAVE)


def _page(status: int, text: str, more: str) -> web.Response:
    body = _PAGE.format(text=text, more=more.format(path=PATH))
    return web.Response(status=status, text=body, content_type="text/html", headers={"Referrer-Policy": "no-referrer"})


def _redirect(to: str, cookie: str) -> web.Response:
    headers = {"Location": to, "Set-Cookie": cookie, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    return web.Response(status=303, headers=headers)


def _within_shop(to: str) -> str:
    """A path of this very site; browsers read `//x` and `/\\x` as another one, and drop tabs and line ends."""
    is_path = to.startswith("/") and to[1:2] not in ("/", "\\") and to.isascii() and to.isprintable()
    return to if is_path else "/"


def _is_secure(request: web.Request) -> bool:
    """The visitor's own connection is https, as the data plane says."""
    return request.headers.get("X-Forwarded-Proto", "").strip().lower() == "https"
