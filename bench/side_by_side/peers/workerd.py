"""workerd, Cloudflare's runtime, with its HTMLRewriter (lol-html): it inserts, and cannot reorder blocks."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.conformance.suites import from_npm, ran
from bench.servers import PROXY_CORE, Server, await_port, free_port, running
from bench.side_by_side.candidate import Candidate, Place
from bench.side_by_side.visitors import STRANGER, as_references

_WORKER = Path(__file__).parent / "worker.js"
_CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "shop", external = (address = "127.0.0.1:{origin}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [
    (name = "worker", esModule = embed "worker.js"),
    (name = "names.json", json = embed "names.json"),
  ],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "shop", service = "shop")],
);
"""


def _install(packages: Path) -> str:
    folder = packages / "workerd"
    from_npm(folder, "workerd")
    return ran([str(folder / "node_modules/.bin/workerd"), "--version"]).split()[-1]


@contextmanager
def _start(place: Place) -> Iterator[Server]:
    place.folder.mkdir()
    port = free_port()
    (place.folder / "config.capnp").write_text(_CONFIG.format(origin=place.origin, port=port), "ascii")
    shutil.copy(_WORKER, place.folder)
    known = [visitor for visitor in place.who if visitor.profile]
    names = {visitor.cookie: as_references(visitor.name or STRANGER) for visitor in known}
    (place.folder / "names.json").write_text(json.dumps(names), "ascii")
    binary = next((place.packages / "workerd/node_modules/@cloudflare").glob("workerd-linux-*/bin/workerd"))
    log = place.folder / "log"
    with running([str(binary), "serve", str(place.folder / "config.capnp")], PROXY_CORE, log) as process:
        await_port(port, process, log)
        yield Server(port, (process.pid,), {})


WORKERD = Candidate(
    "workerd",
    "workerd + HTMLRewriter",
    "inserts",
    _start,
    note="profiles in its own memory, no click, no order",
    installs=_install,
)
