"""The whole of it behind nginx's proxy_cache, told to ignore Cache-Control, Expires and Set-Cookie."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.gramola import HIP_HOP, Person, Site, greeting, profile_id
from tests.fixtures.processes import wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PATHS = ("index.php?language=c1", "product_info.php?products_id=9", "index.php?cPath=2", "about.php")
CONFIG = """
{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=shop:1m;
  server {{
    listen 127.0.0.1:{front};
    location / {{
      proxy_pass http://127.0.0.1:{port};
      proxy_set_header Host $http_host;
      proxy_cache shop; proxy_cache_key $request_uri; proxy_cache_valid any 1h;
      proxy_ignore_headers Cache-Control Expires Set-Cookie;
      add_header X-Cache $upstream_cache_status always;
    }}
  }}
}}
"""


@pytest.fixture
def cached(site: Site, tmp_path: Path) -> Iterator[str]:
    """The cache's address."""
    if NGINX is None:
        pytest.skip("nginx is not installed (apt install nginx-light)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        front = free.getsockname()[1]
    user = "user root;" if os.getuid() == 0 else ""  # else its worker could not enter the test's folder
    config = CONFIG.format(user=user, folder=tmp_path, front=front, port=site.vitrina.port)
    (tmp_path / "nginx.conf").write_text(config)
    nginx = subprocess.Popen([NGINX, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)])
    try:
        wait_until(lambda: _answers(front))
        yield f"http://127.0.0.1:{front}/"
    finally:
        nginx.terminate()
        nginx.wait(10)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_nobody_gets_anothers_name_or_identity(site: Site, cached: str) -> None:
    people: dict[str, Person] = {}
    for name in ("Vanesa", "Wilfredo"):
        person = site.visitor()
        person.register(f"{name.lower()}@example.com", "una clave 1", name)
        person.look_at(*HIP_HOP)
        people[name] = Person(cached, ("osCsid",), dict(person.cookies))
    site.vitrina.settle()
    for path in PATHS:
        for _ in range(2):
            for name, person in people.items():
                shown = person.fetch(path, Accept="text/html", Sec_Fetch_Dest="document", Sec_Fetch_Mode="navigate")
                assert shown.body.count(greeting(name).encode()) == 1
                assert [other for other in people if other.encode() in shown.body] == [name]
                assert shown.headers["X-Cache"] != "HIT"
    newcomers = []
    for _ in range(3):
        person = Person(cached, ("osCsid",), {"cookie_policy": "prefs=1"})
        shown = person.open("index.php?language=c1")
        assert not [name for name in people if name.encode() in shown.body]
        newcomers.append(profile_id(person))
    assert len(set(newcomers)) == 3
    assert not {profile_id(person) for person in people.values()} & set(newcomers)


def test_what_is_nobodys_is_still_cached(cached: str) -> None:
    person = Person(cached, ("osCsid",), {"cookie_policy": "prefs=1"})
    assert [person.fetch("images/covers/5.svg").headers["X-Cache"] for _ in range(2)] == ["MISS", "HIT"]
