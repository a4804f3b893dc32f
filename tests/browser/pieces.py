"""A relay in front of a shop that sends its pages piece by piece, each when the browser has painted what came before.

How often a browser paints a page that comes fast is chance, and what moves between two paints is the layout shift.
"""

import http.client
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

_BLOCK_END = re.compile(rb"</(?:table|tr|div|p|ul|h[1-6])>")
_PIECE = 1500
"""Bytes of a piece, at least: 10 to 30 pieces a page, each ending where a block ends."""
_HOP_BY_HOP = ("connection", "content-length", "keep-alive", "transfer-encoding")
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
WAIT_S = 30.0


class Pieces:
    """`port` is the relay's own, of 127.0.0.1; names keep their host, and what is no page goes through as it is."""

    def __init__(self) -> None:
        self.upstream = 0
        self._go = threading.Semaphore(0)
        self._is_done = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port: int = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Free the port."""
        self._server.shutdown()
        self._server.server_close()

    def open(self, page: Page, name: str, upstream: int, path: str) -> int:
        """Load a page of the server at the port `upstream` under the host `name`; how many pieces were painted."""
        self.upstream = upstream
        self._is_done.clear()
        answer = page.goto(f"http://{name}:{self.port}{path}", wait_until="commit")
        assert answer is not None
        assert answer.status == 200
        painted = 0
        while not self._is_done.is_set():
            page.evaluate(_PAINTED)
            painted += 1
            self._go.release()
        page.wait_for_load_state("networkidle")
        return painted

    def _send(self, out: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        self._go = threading.Semaphore(0)
        for piece in pieces(body):
            out.wfile.write(piece)
            out.wfile.flush()
            if not self._go.acquire(timeout=WAIT_S):
                break
        self._is_done.set()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                connection = http.client.HTTPConnection("127.0.0.1", relay.upstream, timeout=WAIT_S)
                asked = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
                connection.request("GET", self.path, headers={**asked, "Accept-Encoding": "identity"})
                answer = connection.getresponse()
                body = answer.read()
                connection.close()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if answer.status == 200 and answer.getheader("Content-Type", "").startswith("text/html"):
                    relay._send(self, body)
                else:
                    self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler


def pieces(body: bytes) -> Iterator[bytes]:
    """`body` cut where blocks end, in pieces of at least `_PIECE` bytes but for the last."""
    start = 0
    for block in _BLOCK_END.finditer(body):
        if block.end() - start >= _PIECE:
            yield body[start : block.end()]
            start = block.end()
    yield body[start:]


@contextmanager
def in_pieces() -> Iterator[Pieces]:
    """A relay that runs."""
    relay = Pieces()
    try:
        yield relay
    finally:
        relay.stop()
