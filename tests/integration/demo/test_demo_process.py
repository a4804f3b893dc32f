"""The demo at a terminal: its links, a line per click, the key `k`, Ctrl-C, and starting again after kill -9."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.running_demo import ROOT, RunningDemo

VISITOR = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "Accept": "text/html",
    "Cookie": "cookie_policy=prefs=1",
}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningDemo]:
    running = RunningDemo(tmp_path / "data")
    try:
        yield running
    finally:
        running.stop()


def page(demo: RunningDemo, path: str) -> str:
    url = f"http://127.0.0.1:{demo.port}{path}"
    with urllib.request.urlopen(urllib.request.Request(url, headers=VISITOR), timeout=10) as answer:
        text: str = answer.read().decode("latin-1")
    return text


def are_free(first: int) -> bool:
    for port in range(first, first + 3):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            return False
    return True


def test_a_visit_valkeys_death_and_the_end(demo: RunningDemo) -> None:
    for link in (
        f"http://localhost:{demo.port + 1}/",
        f"http://stranger.localhost:{demo.port}/index.php",
        f"http://jose.localhost:{demo.port}/_vitrina/demo/enter",
        f"http://ana.localhost:{demo.port}/_vitrina/demo/enter",
        f"http://localhost:{demo.port}/_vitrina/demo/compare",
        f"http://localhost:{demo.port}/_vitrina/demo/lens",
    ):
        assert link in demo.screen
    page(demo, "/product_info.php?products_id=2")
    demo.wait_for(r"A stranger opened “Ritmo & Rabia” → .*, \d+\.\d ms added")

    demo.press("k")
    demo.wait_for(r"Valkey killed\.")
    for number in range(1, 6):
        assert "La Gramola" in page(demo, f"/product_info.php?products_id={number}")
    demo.wait_for(r"5 clicks waiting in the spool")
    assert demo.screen.count("A stranger opened “Ritmo & Rabia” →") == 2

    demo.press("k")
    demo.wait_for(r"Valkey is back\.")
    demo.wait_for(r"caught up: 5 of 5 clicks, none lost")

    assert demo.processes()
    demo.press("\x03")
    assert demo.process.wait(30) == 0
    assert demo.processes() == {}
    assert are_free(demo.port)
    assert "Traceback" not in demo.screen


def test_again_after_kill_9(demo: RunningDemo) -> None:
    busy = subprocess.run(
        [sys.executable, "-m", "vitrina", "demo", "--port", str(demo.port), "--data", str(demo.data) + "-other"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert busy.returncode != 0
    assert re.search(rf"\b{demo.port}\b.*DEMO_PORT=", busy.stderr)
    assert "Traceback" not in busy.stderr

    demo.process.send_signal(signal.SIGKILL)
    demo.process.wait()
    deadline = time.monotonic() + 20
    while not are_free(demo.port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert are_free(demo.port), f"left running: {demo.processes()}"

    again = RunningDemo(demo.data, demo.port)
    try:
        assert "La Gramola" in page(again, "/index.php")
    finally:
        again.press("\x03")
        again.process.wait(30)
        left = again.processes()
        again.stop()
    assert left == {}
