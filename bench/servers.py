"""The processes of a bench run: nginx as origin and as proxy, an origin that varies, Vitrina; pinned, and all ended.

Invariant: leaving a `with` block leaves no process behind; ports are free ones of the loopback.
"""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.control import ControlPage

LOAD_CORE = 0
"""Where load and origins run."""
PROXY_CORE = 1
"""Where the candidates run, with their Valkey and consumers."""
EVERY_CORE = f"0-{(os.cpu_count() or 1) - 1}"
START_S = 30.0

_SERVES = re.compile(r"on http://127\.0\.0\.1:(\d+)/ .*operator: http://127\.0\.0\.1:(\d+)/", re.DOTALL)
_NGINX = """
worker_processes 1;
daemon off;
master_process on;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type application/octet-stream;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{http}
}}
"""
_ORIGIN = """
  sendfile on;
  tcp_nopush on;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {root};
    etag off;
    location = /products_new.php {{ default_type "text/html; charset=iso-8859-1"; try_files /category.html =404; }}
    location = /product_info.php {{
      default_type "text/html; charset=iso-8859-1"; try_files /product-$arg_products_id.html =404;
    }}
    location /coleccion/ {{ default_type "text/html; charset=iso-8859-1"; types {{}} }}
    location /images/ {{ default_type image/jpeg; }}
  }}
"""


class Missing(Exception):  # noqa: N818 (what is missing is not an error of ours)
    """A program that the bench needs is not there; the message says which package brings it."""


def program(name: str, package: str) -> str:
    """The path of a program; `Missing` with the package that has it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"missing: {name} (apt install {package})")
    return found


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """Time on a CPU of all threads of a process so far (schedstat counts nanoseconds)."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            total += int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text("ascii").split()[0])
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return total / 1e9


def resident_mb(pid: int) -> float:
    """Resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


@dataclass(frozen=True, slots=True)
class Server:
    """Something to send requests to: `path` are the processes in a request's path, `beside` those that work for it."""

    port: int
    path: tuple[int, ...]
    beside: Mapping[str, int]
    control: Path | None = None

    def totals(self) -> dict[str, int]:
        """Vitrina's counters; none for others."""
        if self.control is None:
            return {}
        page = ControlPage.open(self.control)
        try:
            return page.totals()
        finally:
            page.close()

    def requests_of(self, pid: int) -> int:
        """What one of Vitrina's workers was asked so far."""
        if self.control is None:
            return 0
        page = ControlPage.open(self.control)
        try:
            return sum(slot.counts()["requests"] for slot in page.slots() if slot.pid == pid)
        finally:
            page.close()

    def settle(self, timeout_s: float = 60.0) -> None:
        """Wait until all clicks are folded: the next candidate shall have its core for itself."""
        deadline = time.monotonic() + timeout_s
        while self.control is not None and time.monotonic() < deadline:
            totals = self.totals()
            if totals["clicks"] == totals["folded"] and totals["spool_depth"] == 0:
                break
            time.sleep(0.25)


@contextmanager
def running(command: list[str], core: int | str, log: Path, **options: object) -> Iterator["subprocess.Popen[str]"]:
    """A process on one core (or a list of them, as taskset has it), its stderr in `log`; ended by SIGTERM, killed when
    it does not end."""
    taskset = program("taskset", "util-linux")
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [taskset, "-c", str(core), *command],
            stderr=stderr,
            text=True,
            **options,  # type: ignore[call-overload]
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def await_port(port: int | Path, process: "subprocess.Popen[str]", log: Path, within_s: float = START_S) -> None:
    """Wait until a port of the loopback, or a Unix socket, is listened on; `RuntimeError` with the log at its end."""
    deadline = time.monotonic() + within_s
    where = (socket.AF_UNIX, str(port)) if isinstance(port, Path) else (socket.AF_INET, ("127.0.0.1", port))
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(where[0]) as probe:
            if probe.connect_ex(where[1]) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on {port}: {log.read_text()}")


def _children(pid: int) -> tuple[int, ...]:
    texts = [path.read_text("ascii") for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return tuple(int(child) for text in texts for child in text.split())


@contextmanager
def nginx(folder: Path, core: int, http: str, port: int, modules: Sequence[str] = ()) -> Iterator[Server]:
    """nginx with what `http` says, listening on `port`, with dynamic `modules` loaded."""
    folder.mkdir()
    conf = folder / "nginx.conf"
    loaded = "".join(f"load_module {module};\n" for module in modules)
    conf.write_text(loaded + _NGINX.format(folder=folder, http=http), "utf-8")
    with running(
        [program("nginx", "nginx-light"), "-p", str(folder), "-c", str(conf)], core, folder / "log"
    ) as process:
        await_port(port, process, folder / "log")
        yield Server(port, _children(process.pid), {})


@contextmanager
def static_origin(folder: Path, files: Mapping[str, bytes]) -> Iterator[Server]:
    """nginx that serves `files` (names below its root)."""
    root = folder.parent / f"{folder.name}-root"
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    for place in (folder.parent.parent, folder.parent, root, *root.glob("*/")):  # nginx's worker is another user
        if place.is_dir() and place != Path(place.anchor) / "tmp":
            place.chmod(0o755)
    port = free_port()
    with nginx(folder, LOAD_CORE, _ORIGIN.format(port=port, root=root), port) as server:
        yield server


@contextmanager
def varying_origin(
    folder: Path, seed: int, size: int, tokens: int, *, is_reshaped: bool = False, is_packed: bool = False
) -> Iterator[Server]:
    """The origin whose pages differ in every answer."""
    port = free_port()
    log = folder.with_suffix(".log")
    command = [
        sys.executable,
        "-m",
        "bench.side_by_side.origin",
        *map(str, (port, seed, size, tokens, int(is_reshaped), int(is_packed))),
    ]
    with running(command, LOAD_CORE, log) as process:
        await_port(port, process, log)
        yield Server(port, (process.pid,), {})


@contextmanager
def vitrina(folder: Path, config: str, keys: str, origin: int, workers: int = 1) -> Iterator[Server]:
    """`python -m vitrina serve` on `config` (without listen, admin, data, workers and site.origin)."""
    folder.mkdir()
    data = folder / "data"
    head = f'version = 1\nlisten = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\ndata = "{data}"\nworkers = {workers}\n'
    path = folder / "site.toml"
    path.write_text(head + config.replace("ORIGIN", f"http://127.0.0.1:{origin}"), "utf-8")
    environment = {**os.environ, "NO_COLOR": "1", "VITRINA_KEYS": keys}
    command = [sys.executable, "-m", "vitrina", "serve", "--config", str(path)]
    log = folder / "serve.log"
    with running(command, PROXY_CORE, log, stdout=subprocess.PIPE, env=environment) as process:
        port = _serving_port(process, log)
        roles = [(_role(pid), pid) for pid in _children(process.pid)]
        path = tuple(pid for role, pid in roles if role == "dataplane")
        yield Server(port, path, dict(each for each in roles if each[1] not in path), data / "control")


def _role(pid: int) -> str:
    """What a child of the supervisor is."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    named = re.search(rb"vitrina\.processes\0(\w+)", command)
    return "valkey" if named is None else named[1].decode()


def _serving_port(process: "subprocess.Popen[str]", log: Path) -> int:
    stdout = process.stdout
    printed = ""
    deadline = time.monotonic() + START_S
    while stdout is not None and time.monotonic() < deadline:
        if select.select([stdout], [], [], 0.2)[0]:
            line = stdout.readline()
            printed += line
            if found := _SERVES.search(printed):
                return int(found[1])
            if not line:
                break
    raise RuntimeError(f"vitrina did not start: {printed}\n{log.read_text()}")
