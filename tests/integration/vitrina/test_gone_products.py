"""A product that the shop no longer has is not moved to the top of a list: its own page told so, whoever opened it."""

import http.client
import itertools
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.fixtures.gramola import HIP_HOP, Person, Site, gramola, site_config, window
from tests.fixtures.installation import installation
from tests.fixtures.processes import wait_until
from tests.fixtures.threaded_server import threaded_server

_HOP = ("connection", "transfer-encoding", "content-length", "date", "server")
_fresh = (f"index.php?language=y{number}" for number in itertools.count())


@pytest.fixture
def gone() -> set[str]:
    """Records whose pages the shop answers with 404."""
    return set()


@pytest.fixture
def site(gone: set[str], tmp_path: Path) -> Iterator[Site]:
    with gramola() as shop:

        class Relay(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                connection = http.client.HTTPConnection("127.0.0.1", shop, timeout=30)
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                is_gone = "product_info.php" in self.path and self.path.rpartition("products_id=")[2] in gone
                self.send_response(404 if is_gone else answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                connection.close()

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Nothing."""

        with threaded_server(Relay) as port, installation(tmp_path, site_config(port)) as running:
            yield Site(running, port)


def test_a_404_of_its_page_takes_a_product_from_the_top(site: Site, gone: set[str]) -> None:
    person, other = site.visitor(), site.visitor()
    for genre in range(1, 7):
        other.open(f"index.php?cPath={genre}")
    site.vitrina.settle()
    own = window(person.open("index.php").body)
    person.look_at(*HIP_HOP)
    site.vitrina.settle()
    wait_until(lambda: shown_to(person)[0] != own[0])
    first = shown_to(person)[0]
    gone.add(first)
    assert other.open(f"product_info.php?products_id={first}").status == 404
    wait_until(lambda: shown_to(person).index(first) >= own.index(first))
    assert int(shown_to(person)[0]) <= 12, "another one of its genre"


def shown_to(person: Person) -> list[str]:
    """The records of the window on a home page this person has not seen yet."""
    return window(person.open(next(_fresh)).body)
