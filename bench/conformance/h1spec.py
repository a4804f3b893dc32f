"""uNetworking/h1spec, run with deno: 33 requests, whole and in part, that a server must answer, refuse or wait for."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.conformance.records import Record
from bench.conformance.suites import H1SPEC, SITE, CannotRun, from_npm, origin, ran
from bench.servers import free_port, vitrina

PART = "h1spec"
_CASE = re.compile(r"^(✅|❌) ([^:]+): (.*)$", re.MULTILINE)
_TOTAL = re.compile(r"^(\d+) out of (\d+) tests passed\.$", re.MULTILINE)


def run(given: Path | None, folder: Path, keys: str) -> Iterator[Record]:
    """A record per case, and one of all. Raises `CannotRun`."""
    suite = H1SPEC.at(given, folder)
    from_npm(folder, "deno")
    port = free_port()
    echo = [sys.executable, "-m", "bench.conformance.echo_origin", str(port)]
    with origin(echo, port, folder / "echo.log"), vitrina(folder / "h1spec-vitrina", SITE, keys, port) as server:
        done = subprocess.run(
            [
                str(folder / "node_modules" / ".bin" / "deno"),
                "run",
                "--no-check",
                "--allow-net=127.0.0.1",
                str(suite / "http_test.ts"),
                "127.0.0.1",
                str(server.port),
            ],
            env={**os.environ, "DENO_DIR": str(folder / "deno"), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    said = done.stdout + done.stderr
    total = _TOTAL.search(said)
    if total is None:
        raise CannotRun(f"h1spec ended without a result: {said[-300:]}")
    for mark, name, detail in _CASE.findall(said):
        yield Record(PART, name, mark == "✅", detail)
    tool = ran([str(folder / "node_modules" / ".bin" / "deno"), "--version"]).splitlines()[0]
    yield Record(PART, "outcomes in all", total[1] == total[2], f"{total[1]} of {total[2]}, {tool}")
