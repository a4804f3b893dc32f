"""The demo's own pages under /_vitrina/demo/: the byte lens, the persona's way in, the shop's visitors side by side."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import aiohttp
from aiohttp import web

from demo.lens import lens_document
from demo.lens_record import seen_pages
from demo.lens_rendered import rendered
from demo.personas import PERSONAS, Persona, persona_at

CONSENT_COOKIE = "cookie_policy=prefs=1"
"""What the shop's own banner sets when a visitor agrees."""

_HIDDEN_INPUT = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"', re.IGNORECASE)


def demo_routes(lens_folder: Path) -> Callable[[web.Application], None]:
    """Routes for the public application, when and only when this is the demo."""

    async def lens(request: web.Request) -> web.Response:
        everything = seen_pages(lens_folder)
        here = [page for page in everything if page.host == request.host] if persona_at(request.host) else everything
        wanted = request.query.get("at")
        chosen = next((page for page in everything if repr(page.time) == wanted), None)
        pages = everything if chosen is not None and chosen not in here else here
        chosen = chosen or (pages[0] if pages else None)
        return web.Response(text=lens_document(pages, chosen), content_type="text/html")

    async def painted(request: web.Request) -> web.Response:
        wanted = request.query.get("at")
        page = next((page for page in seen_pages(lens_folder) if repr(page.time) == wanted), None)
        if page is None:
            raise web.HTTPNotFound(text="the lens keeps the latest pages only\n")
        return web.Response(body=rendered(page), headers={"Content-Type": page.content_type or "text/html"})

    async def enter(request: web.Request) -> web.Response:
        persona = persona_at(request.host)
        if persona is None or persona.customer is None:
            raise web.HTTPNotFound(text="nobody with an account lives on this host name\n")
        return web.Response(text=_entrance(persona), content_type="text/html")

    def extend(app: web.Application) -> None:
        fetcher = _Fetcher()
        app.on_cleanup.append(fetcher.close)
        app.router.add_get("/_vitrina/demo/lens", lens)
        app.router.add_get("/_vitrina/demo/lens/page", painted)
        app.router.add_get("/_vitrina/demo/enter", enter)
        app.router.add_get("/_vitrina/demo/compare", compare)
        app.router.add_get("/_vitrina/demo/view", fetcher.view)

    return extend


def _entrance(persona: Persona) -> str:
    """Signs the persona in by filling in the shop's own login form, as the browser's owner would."""
    customer = persona.customer
    if customer is None:
        raise ValueError(persona.key)
    return _ENTRANCE % {
        "name": customer.firstname,
        "consent": json.dumps(f"{CONSENT_COOKIE}; path=/"),
        "email": json.dumps(customer.email_address),
        "password": json.dumps(customer.password),
    }


async def compare(request: web.Request) -> web.Response:
    """The same page side by side: the shop as it is, a stranger, José, Ana; `show` picks some of them by key."""
    page = request.query.get("page", "/index.php")
    if not page.startswith("/") or page.startswith("//"):
        raise web.HTTPBadRequest(text="page: expected a path of the shop, for example /index.php\n")
    columns = {"origin": "the shop as it is"} | {persona.key: persona.title for persona in PERSONAS}
    keys = request.query.get("show", ",".join(columns)).split(",")
    if not set(keys) <= set(columns):
        raise web.HTTPBadRequest(text=f"show: expected some of {', '.join(columns)}, separated by commas\n")
    frames = "".join(
        f'<section><h2>{columns[key]}</h2><div class=frame><iframe title="{columns[key]}" '
        f'src="/_vitrina/demo/view?as={key}&amp;page={quote(page)}"></iframe></div></section>'
        for key in keys
    )
    shown = f"&amp;show={','.join(keys)}" if "show" in request.query else ""
    links = "".join(
        f'<a href="?page={quote(path)}{shown}"{" class=on" if path == page else ""}>{name}</a>'
        for path, name in _COMPARED
    )
    text = _COMPARE.replace("FRAMES", frames).replace("LINKS", links).replace("COLUMNS", str(len(keys)))
    return web.Response(text=text, content_type="text/html")


class _Fetcher:
    """Opens the shop's pages as each persona, each with a browser session of its own that signed in for itself."""

    def __init__(self) -> None:
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def close(self, _app: web.Application) -> None:
        for session in self._sessions.values():
            await session.close()

    async def view(self, request: web.Request) -> web.Response:
        """One page, as the persona named by `as` gets it."""
        page = request.query.get("page", "/index.php")
        if not page.startswith("/") or page.startswith("//"):
            raise web.HTTPBadRequest(text="page: expected a path of the shop\n")
        key = request.query.get("as", "")
        port = request.host.rpartition(":")[2]
        persona = next((persona for persona in PERSONAS if persona.key == key), None)
        if persona is None and key != "origin":
            raise web.HTTPNotFound(text="nobody of that name\n")
        host = f"{persona.host if persona else 'localhost'}:{port}"
        shop_port = int(port) + 1 if persona is None else int(port)
        base = f"http://127.0.0.1:{shop_port}"
        session = self._sessions.get(key)
        if session is None:
            session = self._sessions[key] = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
            if persona is not None and persona.customer is not None:
                await self._sign_in(session, base, host, persona)
        async with session.get(base + page, headers=_as_browser(host)) as answer:
            return web.Response(
                status=answer.status,
                body=await answer.read(),
                headers={"Content-Type": answer.headers.get("Content-Type", "text/html")},
            )

    async def _sign_in(self, session: aiohttp.ClientSession, base: str, host: str, persona: Persona) -> None:
        customer = persona.customer
        if customer is None:
            return
        name, _, value = CONSENT_COOKIE.partition("=")
        session.cookie_jar.update_cookies({name: value})
        headers = _as_browser(host)
        async with session.get(f"{base}/login.php", headers=headers) as form:
            fields = dict(_HIDDEN_INPUT.findall(await form.text("latin-1")))
        fields |= {"email_address": customer.email_address, "password": customer.password}
        url = f"{base}/login.php?action=process"
        async with session.post(url, data=fields, headers=headers, allow_redirects=False) as answer:
            await answer.read()


def _as_browser(host: str) -> dict[str, str]:
    return {
        "Host": host,
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
        "Accept": "text/html,application/xhtml+xml",
        "Sec-Fetch-Dest": "document",
        "Sec-Fetch-Mode": "navigate",
    }


_ENTRANCE = """<!doctype html><html lang="es"><meta charset="utf-8"><title>%(name)s entra en La Gramola</title>
<style>body{font:20px/1.5 Georgia,serif;color:#5a2a1c;background:#faf3e3;display:grid;place-items:center;height:90vh}</style>
<p>%(name)s entra en la tienda con su propia contrase&ntilde;a &hellip;</p>
<script>
(async () => {
  document.cookie = %(consent)s;
  const page = await (await fetch("/login.php", { credentials: "same-origin" })).text();
  const form = new DOMParser().parseFromString(page, "text/html").querySelector("form[action*='login.php']");
  form.action = "/login.php?action=process";
  form.querySelector("[name=email_address]").value = %(email)s;
  form.querySelector("[name=password]").value = %(password)s;
  form.style.display = "none";
  HTMLFormElement.prototype.submit.call(document.body.appendChild(form));
})();
</script></html>"""

_COMPARED = (
    ("/index.php", "home"),
    ("/products_new.php", "new records"),
    ("/index.php?cPath=1", "a category"),
    ("/product_info.php?products_id=17", "a record"),
)
"""The pages that the side-by-side view links to."""

_COMPARE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>One shop, side by side</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>
body { margin:0; font:15px/1.4 system-ui,sans-serif; background:#2b211b; color:#f6ead6; }
nav { padding:9px 16px 0; font-size:13px; color:#b79f83; }
nav a { color:#e9c98a; text-decoration:none; margin-left:14px; } nav a.on { color:#fff; border-bottom:2px solid #e9c98a; }
main { display:grid; grid-template-columns:repeat(COLUMNS,minmax(0,1fr)); gap:12px; padding:8px 12px 12px; }
h2 { font-size:14px; font-weight:600; margin:2px 4px 8px; white-space:nowrap; overflow:hidden; text-overflow:ellipsis; }
.frame { background:#fff; border-radius:6px; overflow:hidden; height:calc(100vh - 86px); }
iframe { border:0; width:1000px; height:calc((100vh - 86px) / var(--scale)); transform:scale(var(--scale));
  transform-origin:0 0; }
@media (max-width:900px) {
  main { grid-template-columns:repeat(COLUMNS,82vw); overflow-x:auto; scroll-snap-type:x mandatory; }
  section { scroll-snap-align:center; }
}
</style><nav>the same page of one shop, now:LINKS</nav><main>FRAMES</main>
<script>
const fit = () => document.documentElement.style.setProperty("--scale", document.querySelector(".frame").clientWidth / 1000);
addEventListener("resize", fit); fit();
</script></html>"""
