"""Runs inside mitmproxy, not here: name and offer for who has a cookie."""

import html
import json
import re
from pathlib import Path

_NAMES = json.loads((Path(__file__).parent / "names.json").read_text("ascii"))
_WELCOME = re.compile(rb'(<p class="welcome">)[^<]*(</p>)')
_COOKIE = re.compile(r"(?:^|; )vitrina=([^;]*)")
_OFFER = (
    b'\n<p class="offer">Por volver: 10 % de descuento con el c&#243;digo <a href="/shopping_cart.php">VUELVE10</a></p>'
)


def response(flow) -> None:  # type: ignore[no-untyped-def]  # mitmproxy's type, of another environment
    """The hook that mitmproxy calls with a whole answer."""
    if not flow.response.headers.get("Content-Type", "").startswith("text/html"):
        return
    found = _COOKIE.search(flow.request.headers.get("Cookie", ""))
    name = _NAMES.get(found[1]) if found else None
    text = html.escape(name or "de nuevo").encode("ascii", "xmlcharrefreplace")
    offer = _OFFER if name else b""
    flow.response.content = _WELCOME.sub(
        lambda match: match[1] + b"Hola, " + text + b", &#161;bienvenido!" + match[2] + offer, flow.response.content, 1
    )
    flow.response.headers["Cache-Control"] = "private, no-store"
