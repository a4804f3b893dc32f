"""The three that are compared: Debian's nginx and HAProxy as they come, and a whole Vitrina; each before one origin.

nginx and HAProxy have the timeouts, buffers and numbers of connections of Debian's own configuration files; added is
only what makes each a reverse proxy with kept connections. Leaving a `with` block leaves no process.
"""

import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.servers import PROXY_CORE, await_port, free_port, program, resident_mb

ROOT = Path(__file__).parents[2]
START_S = 120.0
"""On a machine that others use as well."""
_NGINX = """
user root;
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  gzip on;
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  keepalive_requests 10000000;  # a thousand are a fraction of a second here, and the crowd keeps its connections
  upstream shop {{ server 127.0.0.1:{origin}; keepalive 64; keepalive_requests 10000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://shop;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
    }}
  }}
}}
"""
_HAPROXY = """
global
  log /dev/log local0
  daemon
defaults
  mode http
  option dontlognull
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend shop
  bind 127.0.0.1:{port}
  default_backend origin
backend origin
  server one 127.0.0.1:{origin}
"""
VITRINA = """
version = 1
listen = "127.0.0.1:{port}"
admin = "127.0.0.1:{admin}"
data = "{folder}/data"
workers = 1
[site]
origin = "http://127.0.0.1:{origin}"
platform = "oscar"
mode = "live"
holdout = 0
[consent]
required = false
[placement.greeting]
on = "*"
at = "#hello"
[[experience]]
id = "hola"
at = "greeting"
text = "Hola {{first_name|visitor}}"
"""
"""Every page with `#hello` is personalised, for everybody."""


@dataclass(frozen=True, slots=True)
class Front:
    """A running front: its port, and the processes that are its own."""

    name: str
    version: str
    port: int
    admin: int
    """The operator's listener; 0 for those that have none."""
    root_pid: int
    folder: Path
    relay: int = 0
    """Port of a plain relay to the same origin, on the same core; 0 where there is none."""

    def pids(self) -> tuple[int, ...]:
        """All its processes, the first among them."""
        found, waiting = [], [self.root_pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for path in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting += map(int, path.read_text("ascii").split())
        return tuple(found)

    def resident_mb(self) -> float:
        """Memory of all of them."""
        total = 0.0
        for pid in self.pids():
            try:
                total += resident_mb(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue
        return total


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[int]:
    log = folder / "log"
    environment = {**os.environ, "NO_COLOR": "1", "VITRINA_KEYS": f"1:{secrets.token_hex(32)}"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [program("taskset", "util-linux"), "-c", str(PROXY_CORE), *command],
            stdout=out,
            stderr=out,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        try:
            await_port(port, process, log, START_S)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_answer(port: int) -> None:
    """Its listener is there before its worker is: wait until it answers for us, since the origin may be in this very
    process, which waits here."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), START_S) as client:
                client.sendall(b"GET /_vitrina/health HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n")
                if client.recv(12) == b"HTTP/1.1 200":
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError("it does not answer")


def _version(*command: str) -> str:
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+(?:\.\d+)?", said.stdout + said.stderr)
    return found[0] if found else "?"


@contextmanager
def nginx(folder: Path, origin: int, more: str = "") -> Iterator[Front]:
    """One worker. `more` is for others."""
    folder.mkdir()
    port, command = free_port(), program("nginx", "nginx-light")
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port, origin=origin), "ascii")
    arguments = [command, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with _running(arguments, folder, port) as pid:
        yield Front("nginx", _version(command, "-v"), port, 0, pid, folder)


@contextmanager
def haproxy(folder: Path, origin: int, more: str = "") -> Iterator[Front]:
    """One thread. `more` is for others."""
    folder.mkdir()
    port, command = free_port(), program("haproxy", "haproxy")
    (folder / "haproxy.cfg").write_text(_HAPROXY.format(port=port, origin=origin), "ascii")
    with _running([command, "-db", "-f", str(folder / "haproxy.cfg")], folder, port) as pid:
        yield Front("HAProxy", _version(command, "-v"), port, 0, pid, folder)


@contextmanager
def vitrina(folder: Path, origin: int, more: str = "") -> Iterator[Front]:
    """One worker, personalising; `more` is added to its configuration."""
    folder.mkdir()
    port, admin = free_port(), free_port()
    text = VITRINA.format(folder=folder, port=port, admin=admin, origin=origin) + more
    (folder / "site.toml").write_text(text, "utf-8")
    command = [sys.executable, "-m", "vitrina", "serve", "--config", str(folder / "site.toml")]
    with _running(command, folder, port) as pid:
        _await_answer(port)
        yield Front("Vitrina", "this commit", port, admin, pid, folder)


FRONTS: dict[str, Callable[[Path, int, str], AbstractContextManager[Front]]] = {
    "nginx": nginx,
    "haproxy": haproxy,
    "vitrina": vitrina,
}
