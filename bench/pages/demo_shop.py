"""Pages of the demo's shop, La Gramola, as it serves them to a stranger: the home page and what it links to."""

import re
import subprocess
import sys
import tempfile
from html import unescape
from http.client import HTTPConnection
from pathlib import Path

from bench.servers import LOAD_CORE, await_port, free_port, running

_LINK = re.compile(rb'href="([^"#:]*\.php[^"#]*)"')


def demo_pages(most: int) -> list[bytes]:
    """At most so many pages, in the order in which they are linked."""
    with tempfile.TemporaryDirectory(prefix="vitrina-demo-") as folder:
        port, log = free_port(), Path(folder) / "log"
        command = [sys.executable, "-m", "demo.shop", "--port", f"{port}"]
        with running(command, LOAD_CORE, log, stdout=subprocess.DEVNULL) as process:
            await_port(port, process, log)
            return _linked(port, most)


def _linked(port: int, most: int) -> list[bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    waiting, seen, pages = ["/index.php"], {"/index.php"}, list[bytes]()
    cookie = ""
    while waiting and len(pages) < most:
        connection.request("GET", waiting.pop(0), headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        page = answer.read()
        cookie = cookie or (answer.headers.get("Set-Cookie") or "").partition(";")[0]
        if answer.status != 200:
            continue
        pages.append(page)
        for link in _LINK.findall(page):
            target = "/" + unescape(link.decode("latin-1")).lstrip("/")
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    connection.close()
    return pages
