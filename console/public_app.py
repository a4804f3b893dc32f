"""What Vitrina serves under /_vitrina/ of the shop's own name, reached by the data plane over a Unix socket.

Invariant: nothing here tells a visitor anything about another visitor or about the machine.
"""

from collections.abc import Callable

from aiohttp import web

MAX_BODY_BYTES = 16_384

Extend = Callable[[web.Application], None]


def public_app(extensions: tuple[Extend, ...] = ()) -> web.Application:
    """The public application; each extension adds its own routes (the demo's pages, for example)."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.on_response_prepare.append(_as_ours)
    app.router.add_get("/_vitrina/health", _health)
    for extend in extensions:
        extend(app)
    return app


async def _health(_request: web.Request) -> web.Response:
    """Bare liveness: the data plane and this process answer."""
    return web.Response(text="ok\n")


async def _as_ours(_request: web.Request, response: web.StreamResponse) -> None:
    """Every answer, errors too: kept and indexed by nobody; what software it is, and how old, is nobody's business."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Robots-Tag", "noindex")
    response.headers.popall("Server", None)
