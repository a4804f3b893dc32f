"""A shop that tells what it was sent: request fields, bodies as they come, WebSockets, an event stream."""

import asyncio
import threading
from collections import Counter

from aiohttp import WSMsgType, web

PAGE = "<!DOCTYPE html><html><head><title>Shop</title></head><body><p id=hello>Hello</p>" + "<p>record</p>" * 300


class ListeningShop:
    """Runs in a thread of its own. `Shop-Via` of an answer says whether the request came through Vitrina."""

    def __init__(self) -> None:
        self.port = 0
        self.orders: Counter[str] = Counter()
        """POST /order/NUMBER, by number."""
        self.upload_began = threading.Event()
        """The first bytes of an upload are here."""
        self.waiting: Counter[str] = Counter()
        """Requests of /patient/WHOSE that came through Vitrina and wait for `let_go`."""
        self.let_go = threading.Event()
        self.go_on = threading.Event()
        """The event stream sends its second event then."""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="listening shop", daemon=True)

    def __enter__(self) -> "ListeningShop":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        app = web.Application(client_max_size=0)
        app.router.add_get("/seen", self._seen)
        app.router.add_get("/socket", self._socket)
        app.router.add_get("/events", self._events)
        app.router.add_post("/upload", self._upload)
        app.router.add_post("/order/{number}", self._order)
        app.router.add_route("*", "/patient/{whose}", self._patient)
        app.router.add_get("/{tail:.*}", self._page)
        app.on_response_prepare.append(_say_way)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._over.wait()
        await runner.cleanup()

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(
            text=f"{PAGE}</body></html>\n", content_type="text/html", headers={"Shop-Target": request.raw_path}
        )

    async def _seen(self, request: web.Request) -> web.Response:
        return web.json_response([[name, value] for name, value in request.headers.items()])

    async def _order(self, request: web.Request) -> web.Response:
        self.orders[request.match_info["number"]] += 1
        return web.Response(text=f"ordered {await request.text()}")

    async def _patient(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            self.orders[request.match_info["whose"]] += 1
        if "Via" in request.headers:
            self.waiting[request.match_info["whose"]] += 1
            await asyncio.to_thread(self.let_go.wait, 20)
        return await self._page(request)

    async def _upload(self, request: web.Request) -> web.Response:
        size = 0
        async for chunk in request.content.iter_any():
            size += len(chunk)
            self.upload_began.set()
        return web.Response(text=str(size))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: first\n\n")
        await asyncio.to_thread(self.go_on.wait, 20)
        await response.write(b"data: second\n\n")
        return response

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
        return socket


async def _say_way(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Shop-Via"] = "vitrina" if "vitrina" in request.headers.get("Via", "") else "direct"
