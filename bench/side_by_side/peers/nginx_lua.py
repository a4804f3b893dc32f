"""nginx with Lua: profile from Redis, click into a stream, name, offer and order; `personalise.lua`, tuned fairly."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.servers import PROXY_CORE, Missing, Server, await_port, free_port, nginx, program, running
from bench.side_by_side.candidate import Candidate, Place
from bench.side_by_side.peers.nginx import PROXY
from bench.side_by_side.visitors import STRANGER, BenchVisitor, as_references

_HERE = Path(__file__).parent
_MODULES = Path("/usr/lib/nginx/modules")
_LUA = """
      access_by_lua_block { require("personalise").access() }
      header_filter_by_lua_block { require("personalise").header_filter() }
      body_filter_by_lua_block { require("personalise").body_filter() }
"""


@contextmanager
def redis(folder: Path, who: Sequence[BenchVisitor]) -> Iterator[tuple[Path, int]]:
    """A Redis of Debian's, with every known visitor's profile as a line of text; its Unix socket and pid."""
    folder.mkdir()
    path = folder / "redis.sock"
    command = [program("redis-server", "redis-server"), "--port", "0", "--unixsocket", str(path), "--save", ""]
    command += ["--unixsocketperm", "777", "--appendonly", "no", "--dir", str(folder)]
    with running(command, PROXY_CORE, folder / "log", stdout=subprocess.DEVNULL) as process:
        await_port(path, process, folder / "log")
        load = [program("redis-cli", "redis-tools"), "-s", str(path), "--pipe"]
        subprocess.run(load, input=b"".join(map(_set, who)), check=True, stdout=subprocess.DEVNULL)
        yield path, process.pid


def _set(visitor: BenchVisitor) -> bytes:
    name = as_references(visitor.name or STRANGER).encode("ascii")
    scores = "\n".join(f"{genre}={score:.4f}" for genre, score in visitor.scores.items())
    parts = (b"SET", b"profile:" + visitor.cookie.encode(), name + b"\n" + scores.encode())
    return b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


@contextmanager
def _start(place: Place) -> Iterator[Server]:
    for module in ("ndk_http_module.so", "ngx_http_lua_module.so"):
        if not (_MODULES / module).exists():
            raise Missing(f"missing: {module} (apt install libnginx-mod-http-lua)")
    place.folder.mkdir()
    for made in (place.folder, place.folder.parent):
        made.chmod(0o755)
    shutil.copy(_HERE / "personalise.lua", place.folder)
    genres = place.folder / "genres"
    genres.write_text("".join(f"{record.number} {record.genre}\n" for record in place.shop), "utf-8")
    port = free_port()
    with redis(place.folder / "redis", place.who) as (path, pid):
        path.parent.chmod(0o755)
        http = f"""
  lua_package_path "{place.folder}/?.lua;;";
  init_by_lua_block {{ require("personalise").init("{path}", "{genres}") }}
""" + PROXY.format(origin=place.origin, port=port, more=_LUA)
        modules = tuple(f"{_MODULES}/{name}.so" for name in ("ndk_http_module", "ngx_http_lua_module"))
        with nginx(place.folder / "nginx", PROXY_CORE, http, port, modules) as server:
            yield Server(server.port, server.path, {"redis": pid})


NGINX_LUA = Candidate(
    "nginx-lua",
    "nginx + Lua",
    "whole job",
    _start,
    note="written for this very page by hand; cookie not verified, no consent, no events, no template check, the click "
    "is lost with Redis",
)
