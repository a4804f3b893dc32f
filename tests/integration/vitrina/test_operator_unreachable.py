"""The operator's listener cannot be reached through the shop's, however the path, the host or the form is written."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from itertools import product
from pathlib import Path

import pytest

from tests.fixtures.installation import Installation, installation
from tests.fixtures.threaded_server import threaded_server

PAGES = ("metrics", "status", "ready", "live", "")
DOORS = (
    "/{page}",
    "//{page}",
    "/./{page}",
    "/../{page}",
    "/%2e%2e/{page}",
    "/_vitrina/{page}",
    "/_vitrina//{page}",
    "/_vitrina/../{page}",
    "/_vitrina/%2e%2e/{page}",
    "/_vitrina/%2e%2e%2f{page}",
    "/_vitrina/..;/{page}",
    "/_vitrina/..%5c{page}",
    "/_vitrina%2f..%2f{page}",
    "/_vitrina?/../{page}",
    "/_vitrina/health/../../{page}",
    "/_vitrina/health/%2e%2e/%2e%2e/{page}",
    "/_VITRINA/{page}",
    "/%5fvitrina/{page}",
    "/_vitrina/http://127.0.0.1:ADMIN/{page}",
    "http://127.0.0.1:ADMIN/{page}",
    "http://127.0.0.1:ADMIN/_vitrina/{page}",
    "http://shop.test/_vitrina/../{page}",
    "http://shop.test@127.0.0.1:ADMIN/{page}",
)
HOSTS = ("shop.test", "127.0.0.1:ADMIN", "localhost:ADMIN", "operator", "shop.test@127.0.0.1:ADMIN")
TELLS = (b"vitrina_", b"counters", b"data-plane worker", b"ready:", b"degraded")
"""What the operator's pages say, and nothing else does."""


class _Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"not here\n"
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:  # type: ignore[override]
        """Nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Installation]:
    """A Vitrina before a shop that has no page."""
    with (
        threaded_server(_Shop) as port,
        installation(tmp_path, f'[site]\norigin = "http://127.0.0.1:{port}"\n') as running,
    ):
        yield running


def said(port: int, target: str, host: str) -> bytes:
    """All of an answer."""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        client.sendall(request.encode("latin-1"))
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer


def test_no_spelling_reaches_the_operators_pages(served: Installation) -> None:
    assert any(tell in said(served.admin, "/metrics", f"127.0.0.1:{served.admin}") for tell in TELLS)
    assert any(tell in said(served.admin, "/ready", f"127.0.0.1:{served.admin}") for tell in TELLS)
    tried = (*product(PAGES, DOORS, HOSTS[:1]), *product(PAGES[:1], DOORS, HOSTS[1:]))
    for page, door, host in tried:
        target = door.format(page=page).replace("ADMIN", str(served.admin))
        answer = said(served.port, target, host.replace("ADMIN", str(served.admin)))
        told = [tell for tell in TELLS if tell in answer.partition(b"\r\n\r\n")[2]]
        assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")), (target, host, answer[:200])
        assert not told, (target, host, answer[:500])
