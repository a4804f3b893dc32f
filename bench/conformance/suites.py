"""Where suites and their tools come from: a folder that is given, or fetched for the run into a temporary one."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.servers import await_port

FETCH_S = 600.0
SITE = """
[site]
origin = "ORIGIN"
platform = "generic"
mode = "live"
holdout = 0
[placement.top]
on = "*"
at = "body"
[[experience]]
id = "hello"
at = "top"
insert = "start"
text = "Hello"
"""
"""A page may be changed, so nothing is passed on merely because nobody looks."""


class CannotRun(Exception):  # noqa: N818 (a suite that is not there is no error of ours)
    """What is missing, and what was tried."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A published suite, at the commit that results are compared at."""

    name: str
    url: str
    commit: str

    def at(self, given: Path | None, folder: Path) -> Path:
        """Its files: `given`, or a clone below `folder`. Raises `CannotRun`."""
        if given is not None:
            if not given.is_dir():
                raise CannotRun(f"{self.name}: {given} is not a folder")
            return given
        clone = folder / self.name
        ran(["git", "clone", "--quiet", self.url, str(clone)])
        ran(["git", "-C", str(clone), "checkout", "--quiet", self.commit])
        return clone


H1SPEC = Suite("h1spec", "https://github.com/uNetworking/h1spec", "f0a5650a20c575fbea0f7179a3a9cfa50f20ba6e")
CACHE_TESTS = Suite(
    "cache-tests", "https://github.com/http-tests/cache-tests", "b55b8bda3dbb8c927c04e85bd8d496a8caa3e4ba"
)


def ran(command: Sequence[str], *, cwd: Path | None = None) -> str:
    """The stdout of a command that fetches or tells a version. Raises `CannotRun` with what it said."""
    if shutil.which(command[0]) is None:
        raise CannotRun(f"missing: {command[0]}")
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=FETCH_S, check=False)
    except subprocess.TimeoutExpired:
        raise CannotRun(f"{' '.join(command)}: nothing within {FETCH_S:.0f} s") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise CannotRun(f"{' '.join(command)}: {said[-1] if said else f'exit {done.returncode}'}")
    return done.stdout


def from_npm(folder: Path, *packages: str) -> None:
    """Install packages below `folder`/node_modules, which has no others. Raises `CannotRun`."""
    folder.mkdir(parents=True, exist_ok=True)
    quietly = ["--no-save", "--no-audit", "--no-fund", "--silent"]
    ran(["npm", "install", *quietly, "--prefix", str(folder), *packages], cwd=folder)


@contextmanager
def origin(command: Sequence[str], port: int, log: Path, **options: object) -> Iterator[None]:
    """A process that listens on `port`, ended at the end."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, text=True, **options)  # type: ignore[call-overload]
        try:
            await_port(port, process, log)
            yield
        finally:
            process.terminate()
            process.wait(20)
