"""mitmproxy as a reverse proxy, with an addon that inserts name and offer by replacing text of the body."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.conformance.suites import ran
from bench.servers import PROXY_CORE, Server, await_port, free_port, running
from bench.side_by_side.candidate import Candidate, Place
from bench.side_by_side.visitors import STRANGER

_ADDON = Path(__file__).parent / "mitmproxy_addon.py"


def _install(packages: Path) -> str:
    folder = packages / "mitmproxy"
    if not folder.exists():
        ran([sys.executable, "-m", "venv", str(folder)])
        ran([str(folder / "bin/pip"), "install", "--quiet", "mitmproxy"])
    return ran([str(folder / "bin/mitmdump"), "--version"]).splitlines()[0].split()[-1]


@contextmanager
def _start(place: Place) -> Iterator[Server]:
    place.folder.mkdir()
    port = free_port()
    names = {visitor.cookie: visitor.name or STRANGER for visitor in place.who if visitor.profile}
    (place.folder / "names.json").write_text(json.dumps(names), "ascii")
    shutil.copy(_ADDON, place.folder / "addon.py")
    command = [str(place.packages / "mitmproxy/bin/mitmdump"), "--quiet", "--listen-host", "127.0.0.1"]
    command += ["--listen-port", str(port), "--mode", f"reverse:http://127.0.0.1:{place.origin}"]
    command += ["--set", f"confdir={place.folder}", "--scripts", str(place.folder / "addon.py")]
    log = place.folder / "log"
    with running(command, PROXY_CORE, log) as process:
        await_port(port, process, log)
        yield Server(port, (process.pid,), {})


MITMPROXY = Candidate(
    "mitmproxy",
    "mitmproxy",
    "inserts",
    _start,
    note="profiles in its own memory, no click, no order",
    is_once=True,
    installs=_install,
)
