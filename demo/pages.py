"""The demo's own pages under /_vitrina/demo/: the byte lens, the persona's way in, the four shops side by side."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import aiohttp
from aiohttp import web

from demo.lens import lens_document
from demo.lens_record import seen_pages
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

    async def enter(request: web.Request) -> web.Response:
        persona = persona_at(request.host)
        if persona is None or persona.customer is None:
            raise web.HTTPNotFound(text="nobody with an account lives on this host name\n")
        return web.Response(text=_entrance(persona), content_type="text/html")

    def extend(app: web.Application) -> None:
        fetcher = _Fetcher()
        app.on_cleanup.append(fetcher.close)
        app.router.add_get("/_vitrina/demo/lens", lens)
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
    """Four frames: the shop as it is, a stranger, José, Ana; all of the same page."""
    page = request.query.get("page", "/index.php")
    if not page.startswith("/") or page.startswith("//"):
        raise web.HTTPBadRequest(text="page: expected a path of the shop, for example /index.php\n")
    shown = [("origin", "the shop as it is"), *((persona.key, persona.title) for persona in PERSONAS)]
    frames = "".join(
        f'<section><h2>{title}</h2><div class=frame><iframe title="{title}" '
        f'src="/_vitrina/demo/view?as={key}&amp;page={quote(page)}"></iframe></div></section>'
        for key, title in shown
    )
    return web.Response(text=_COMPARE.replace("FRAMES", frames), content_type="text/html")


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

_COMPARE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>One shop, four visitors</title>
<style>
body { margin:0; font:15px/1.4 system-ui,sans-serif; background:#2b211b; color:#f6ead6; }
main { display:grid; grid-template-columns:repeat(4,minmax(0,1fr)); gap:12px; padding:12px; }
h2 { font-size:14px; font-weight:600; margin:2px 4px 8px; }
.frame { background:#fff; border-radius:6px; overflow:hidden; height:calc(100vh - 62px); }
iframe { border:0; width:1000px; height:calc((100vh - 62px) / var(--scale)); transform:scale(var(--scale));
  transform-origin:0 0; }
</style><main>FRAMES</main>
<script>
const fit = () => document.documentElement.style.setProperty("--scale", document.querySelector(".frame").clientWidth / 1000);
addEventListener("resize", fit); fit();
</script></html>"""
