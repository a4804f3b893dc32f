"""http-tests/cache-tests: every case against its origin, and with Vitrina before it.

We are no cache: what passes without us must pass with us.
"""

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.conformance.records import Record
from bench.conformance.suites import CACHE_TESTS, SITE, CannotRun, from_npm, origin
from bench.servers import free_port, vitrina

PART = "cache-tests"
_LOOPBACK = """import net from 'net'
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, ...rest)
}
"""
"""The suite's server would listen on every address."""


def run(given: Path | None, folder: Path, keys: str) -> Iterator[Record]:
    """A record per case. Raises `CannotRun`."""
    suite = CACHE_TESTS.at(given, folder)
    work = folder / "cache-tests-run"
    work.mkdir()
    for part in ("test-engine", "tests"):
        shutil.copytree(suite / part, work / part)
    from_npm(work, "undici@7")
    (work / "loopback.mjs").write_text(_LOOPBACK, "ascii")
    port = free_port()
    environment = {**os.environ, "npm_config_protocol": "http", "npm_config_port": str(port)}
    environment |= {"npm_config_pidfile": str(work / "pid"), "npm_package_config_id": ""}
    command = ["node", "--import", str(work / "loopback.mjs"), "test-engine/server/server.mjs"]
    with (
        origin(command, port, folder / "cache-tests.log", cwd=work, env=environment),
        vitrina(folder / "cache-tests-vitrina", SITE, keys, port) as server,
    ):
        direct = _asked(work, environment, port)
        through = _asked(work, environment, server.port)
        again: Mapping[str, str] = {}
        if any(_is_worse(direct[name], through[name]) for name in direct):
            again = _asked(work, environment, server.port)  # cases wait for seconds to pass: a busy machine fails some
    if direct.keys() != through.keys():
        raise CannotRun("cache-tests ran other cases the second time")
    for name in sorted(direct):
        is_worse = _is_worse(direct[name], through[name]) and _is_worse(direct[name], again.get(name, ""))
        detail = f"direct: {direct[name]}; through us: {through[name]}"
        if _is_worse(direct[name], through[name]):
            detail += f", again: {again[name]}"
        yield Record(PART, name, not is_worse, detail)
    for side, outcomes in (("direct", direct), ("through us", through)):
        yield Record(PART, f"outcomes {side}", True, "", dict(Counter(outcomes.values())))


def _is_worse(direct: str, through: str) -> bool:
    return direct == "pass" and through != "pass"


def _asked(work: Path, environment: Mapping[str, str], port: int) -> dict[str, str]:
    """Outcome of each case: pass, fail, setup (it needs a cache to be told), error."""
    done = subprocess.run(
        ["node", "--no-warnings", "test-engine/cli.mjs"],
        cwd=work,
        env={**environment, "npm_config_base": f"http://127.0.0.1:{port}"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    try:
        results = json.loads(done.stdout)
    except ValueError:
        raise CannotRun(f"cache-tests ended without a result: {done.stderr[-300:]}") from None
    kinds = {"Assertion": "fail", "Setup": "setup"}
    return {name: "pass" if result is True else kinds.get(result[0], "error") for name, result in results.items()}
