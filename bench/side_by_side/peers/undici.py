"""Node with undici and parse5: parse, change the tree, serialise, for each request."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.conformance.suites import from_npm, ran
from bench.servers import PROXY_CORE, Server, await_port, free_port, program, running
from bench.side_by_side.candidate import Candidate, Place
from bench.side_by_side.visitors import STRANGER

_SERVER = Path(__file__).parent / "server.mjs"


def _install(packages: Path) -> str:
    folder = packages / "undici"
    from_npm(folder, "undici", "parse5")
    versions = [
        json.loads((folder / f"node_modules/{name}/package.json").read_text("utf-8"))["version"]
        for name in ("undici", "parse5")
    ]
    return f"{versions[0]} with parse5 {versions[1]}, node {ran(['node', '--version']).strip()}"


@contextmanager
def _start(place: Place) -> Iterator[Server]:
    place.folder.mkdir()
    port = free_port()
    known = [visitor for visitor in place.who if visitor.profile]
    settings = {
        "port": port,
        "origin": place.origin,
        "names": {visitor.cookie: visitor.name or STRANGER for visitor in known},
        "scores": {visitor.cookie: visitor.scores for visitor in known},
        "genres": {str(record.number): record.genre for record in place.shop},
    }
    (place.folder / "settings.json").write_text(json.dumps(settings), "ascii")
    shutil.copy(_SERVER, place.folder)
    (place.folder / "node_modules").symlink_to(place.packages / "undici/node_modules")
    log = place.folder / "log"
    command = [program("node", "nodejs"), str(place.folder / "server.mjs"), str(place.folder / "settings.json")]
    with running(command, PROXY_CORE, log) as process:
        await_port(port, process, log)
        yield Server(port, (process.pid,), {})


UNDICI = Candidate(
    "undici",
    "Node, undici + parse5",
    "whole job",
    _start,
    note="profiles in its own memory, no click; the page is written anew",
    is_once=True,
    installs=_install,
)
