"""nginx, passing through with keep-alive on both sides; and with sub_filter, which inserts the same for everybody."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.pages.record_shop import WELCOME
from bench.servers import PROXY_CORE, Server, free_port, nginx
from bench.side_by_side.candidate import Candidate, Place
from bench.side_by_side.visitors import CODE, STRANGER

PROXY = """
  upstream shop {{ server 127.0.0.1:{origin}; keepalive 128; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://shop;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_buffers 32 8k;
      proxy_busy_buffers_size 64k;
{more}
    }}
  }}
"""
_SUB_FILTER = f"""
      sub_filter '{WELCOME}' '<p class="welcome">Hola, {STRANGER}</p><p class="offer">{CODE}</p>';
      sub_filter '</h2>' '</h2><p>Envío gratis</p>';
"""


@contextmanager
def _passing(place: Place) -> Iterator[Server]:
    port = free_port()
    with nginx(place.folder, PROXY_CORE, PROXY.format(origin=place.origin, port=port, more=""), port) as server:
        yield server


@contextmanager
def _sub_filter(place: Place) -> Iterator[Server]:
    port = free_port()
    with nginx(
        place.folder, PROXY_CORE, PROXY.format(origin=place.origin, port=port, more=_SUB_FILTER), port
    ) as server:
        yield server


PASSTHROUGH = Candidate("nginx", "nginx passthrough", "passes", _passing)
SUB_FILTER = Candidate(
    "nginx-sub-filter",
    "nginx sub_filter",
    "the same insert for all",
    _sub_filter,
    note="two fixed texts, no visitor, no click",
)
