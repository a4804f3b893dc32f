"""The usual way in Python: aiohttp's server and client, selectolax to parse and write the page anew, redis-py."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import PROXY_CORE, Server, await_port, free_port, running
from bench.side_by_side.candidate import Candidate, Place
from bench.side_by_side.peers.nginx_lua import redis

ROOT = Path(__file__).parents[3]


@contextmanager
def _start(place: Place) -> Iterator[Server]:
    place.folder.mkdir()
    port = free_port()
    genres = place.folder / "genres"
    genres.write_text("".join(f"{record.number} {record.genre}\n" for record in place.shop), "utf-8")
    with redis(place.folder / "redis", place.who) as (path, pid):
        command = [sys.executable, "-m", "bench.side_by_side.peers.aiohttp_server"]
        command += [str(port), str(place.origin), str(path), str(genres)]
        log = place.folder / "log"
        with running(command, PROXY_CORE, log, cwd=ROOT) as process:
            await_port(port, process, log)
            yield Server(port, (process.pid,), {"redis": pid})


AIOHTTP = Candidate(
    "aiohttp",
    "aiohttp + selectolax",
    "whole job",
    _start,
    note="the page is written anew; cookie not verified, no consent, no events, the click is lost with Redis",
    is_once=True,
)
