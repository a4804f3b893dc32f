"""`try` as a stranger meets it: which shop is tried, what is said, and whose configuration is kept."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.fixtures.installation import ROOT, started
from tests.fixtures.page_browser import Browser
from tests.fixtures.threaded_server import threaded_server
from tests.integration.trial.followed import naming
from tests.integration.trial.replay import SHOPS, recordings, replaying

FREE = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
PAGE = b'<!DOCTYPE html><html><title>Shop</title><a href="http://HOST/x">x</a></html>'


@contextmanager
def shop(*, status: int = 200, location: str = "") -> Iterator[int]:
    """A shop of one page, or one that sends everybody elsewhere; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = PAGE.replace(b"HOST", self.headers["Host"].encode())
            self.send_response(301 if location else status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """No line per request."""

    with threaded_server(Handler) as port:
        yield port


def said(folder: Path, *arguments: str) -> tuple[int, str]:
    """What `try` that cannot serve says, and its exit code."""
    command = [sys.executable, "-m", "vitrina", "try", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_shop_that_sends_visitors_elsewhere_is_tried_there(tmp_path: Path) -> None:
    with shop() as port, shop(location=f"http://localhost:{port}/") as first:
        folder = tmp_path / "try-localhost"
        command = ("try", f"http://127.0.0.1:{first}", *FREE)
        with started(tmp_path, folder / "site.toml", folder / "data", *command) as running:
            shown = Browser(running.url).open("/")
            assert f'href="{running.url}/x"' in shown.text
        assert f'origin = "http://localhost:{port}"' in (folder / "site.toml").read_text()
        assert not (tmp_path / "try-127.0.0.1").exists()


def test_what_is_said(tmp_path: Path) -> None:
    with shop() as port:
        # The address is taken by the shop itself: all that comes before serving is said.
        code, text = said(tmp_path, f"http://127.0.0.1:{port}/", "--listen", f"127.0.0.1:{port}")
    assert code == 3
    assert f"http://127.0.0.1:{port} runs on no platform known here" in text
    assert "wrote try-127.0.0.1/site.toml" in text
    assert f"Open http://localhost:{port}/ once it serves" in text
    assert "docs/how-to/write-a-platform.md" in text
    assert f"address 127.0.0.1:{port} is in use" in text


def test_another_shop_on_the_same_host_gets_its_own_folder(tmp_path: Path) -> None:
    with shop() as one, shop(status=403) as other:
        for port in (one, other):
            said(tmp_path, f"http://127.0.0.1:{port}", "--listen", f"127.0.0.1:{port}")
        _, text = said(tmp_path, f"http://127.0.0.1:{one}", "--listen", f"127.0.0.1:{one}")
    assert "try-127.0.0.1/site.toml: kept as it is" in text
    assert f'"http://127.0.0.1:{one}"' in (tmp_path / "try-127.0.0.1/site.toml").read_text()
    assert f'"http://127.0.0.1:{other}"' in (tmp_path / f"try-127.0.0.1-{other}/site.toml").read_text()


@pytest.mark.parametrize(
    ("url", "code", "text"),
    [
        ("your.shop", 2, "did you mean https://your.shop?"),
        ("ftp://your.shop", 2, "expected a URL such as https://your.shop"),
        ("http://169.254.169.254/", 2, "is a cloud metadata service"),
        ("http://127.0.0.1:1", 4, "http://127.0.0.1:1/: "),
    ],
)
def test_what_cannot_be_tried(url: str, code: int, text: str, tmp_path: Path) -> None:
    status, told = said(tmp_path, url)
    assert status == code
    assert text in told
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_shop_that_redirects_to_a_metadata_service_is_not_followed(tmp_path: Path) -> None:
    with shop(location="http://169.254.169.254/latest/") as port:
        code, text = said(tmp_path, f"http://127.0.0.1:{port}")
    assert code == 2
    assert "redirects to http://169.254.169.254" in text


@pytest.mark.skipif(not SHOPS.is_dir(), reason="no recorded shops here")
@pytest.mark.parametrize(
    ("name", "platform", "mode"),
    [
        ("opencart", "opencart", "live"),
        pytest.param("oscar", "oscar", "live", marks=pytest.mark.slow),
        pytest.param("phoenix", "phoenix", "live", marks=pytest.mark.slow),
        ("woo", "woocommerce", "live"),
    ],
)
def test_real_shops(name: str, platform: str, mode: str, tmp_path: Path) -> None:
    with replaying() as origin:
        for chain in recordings(name, origin.host).values():
            for each in chain:
                if each.method == "GET":
                    origin.pages.setdefault(each.target, each)
        folder = tmp_path / "try-localhost"
        command = ("try", f"http://{origin.host}/", *FREE)
        with started(tmp_path, folder / "site.toml", folder / "data", *command) as running:
            shown = Browser(running.url).open("/")
            assert (shown.status, naming(shown.body, origin.host)) == (200, [])
        text = (folder / "site.toml").read_text()
        assert f'platform = "{platform}"\nmode = "{mode}"' in text
        assert origin.refused == []
