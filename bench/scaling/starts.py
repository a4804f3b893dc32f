"""How long a start takes on an empty store."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median

from bench.scaling.curves import Curve, Effort, Point
from bench.servers import EVERY_CORE, START_S, free_port, running, static_origin
from bench.side_by_side.peers.vitrina import SITE

STARTS = 5


def points(curve: Curve, effort: Effort) -> Iterator[Point]:
    """The one point: the median of so many starts, each in a folder of its own."""
    print(f"{curve.name}: {STARTS} starts", file=sys.stderr, flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="vitrina-start-") as name,
        static_origin(Path(name) / "shop" / "origin", {"index.html": b"<html>"}) as shop,
    ):
        bytecode = Path(name) / "bytecode"
        _started(Path(name) / "first", shop.port, bytecode)  # compiles
        several = range(max(STARTS, effort.rounds))
        took = sorted(_started(Path(name) / f"{number}", shop.port, bytecode) for number in several)
    also = {"least ms": took[0] * 1e3, "most ms": took[-1] * 1e3}
    yield Point(curve.name, 0, 0.0, median(took) * 1e6, 0.0, 0.0, {}, also)


def _started(folder: Path, origin: int, bytecode: Path) -> float:
    """Seconds from the start of `vitrina serve` until it says that it is ready."""
    folder.mkdir()
    admin, log = free_port(), folder / "log"
    site = SITE.replace("MODE", "live").replace("ORIGIN", f"http://127.0.0.1:{origin}")
    head = f'version = 1\nlisten = "127.0.0.1:{free_port()}"\nadmin = "127.0.0.1:{admin}"\n'
    (folder / "site.toml").write_text(f'{head}data = "{folder / "data"}"\n{site}', "utf-8")
    command = [sys.executable, "-m", "vitrina", "serve", "--config", str(folder / "site.toml")]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(bytecode)}
    began = time.monotonic()
    with running(command, EVERY_CORE, log, stdout=subprocess.DEVNULL, env=environment) as process:
        while not _is_ready(admin):
            if process.poll() is not None or time.monotonic() > began + START_S:
                raise RuntimeError(f"not ready within {START_S:g} s: {log.read_text()}")
            time.sleep(0.005)
        return time.monotonic() - began


def _is_ready(admin: int) -> bool:
    connection = HTTPConnection("127.0.0.1", admin, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
