"""Two visitors behind a cache that was told to ignore Cache-Control and Set-Cookie."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings import Condition, Experience, Placement, Who
from visitors.cookie import Keyring, VisitorCookie, bind, encode_cookie
from visitors.profile import Profile
from visitors.wire import encode_profile

Start = Callable[..., Any]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
KEYRING = Keyring((("k1", b"0123456789abcdef0123456789abcdef"),))
NOW = 1_800_000_000
PAGE = b'<!DOCTYPE html><html><body><p id="hello">Welcome</p></body></html>'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nVary: Accept-Encoding\r\nContent-Length: %d\r\n\r\n%b" % (
    len(PAGE),
    PAGE,
)
SETTINGS = {
    "site": {"mode": "live"},
    "placements": {"greeting": Placement("greeting", ("*",), at="#hello")},
    "experiences": (
        Experience(
            "hola",
            "greeting",
            who=Who(all=(Condition("logged_in", "eq", True),)),
            settings={"text": "Hola {first_name}"},
        ),
    ),
}
CACHE = """
{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=shop:1m;
  server {{
    listen unix:{folder}/front;
    location / {{
      proxy_pass http://127.0.0.1:{port};
      proxy_set_header Host $host;
      proxy_cache shop; proxy_cache_key $uri; proxy_cache_valid any 1h;
      proxy_ignore_headers Cache-Control Expires Set-Cookie;
    }}
  }}
}}
"""


def opens(profile: str | None) -> bytes:
    cookies = "agreed=yes"
    if profile is not None:
        binding = bind(KEYRING, profile, profile)
        cookies += f"; sid={profile}; vitrina=" + encode_cookie(
            KEYRING, VisitorCookie(profile, True, NOW, NOW, binding)
        )
    fields = ("Host: shop.test", "User-Agent: Mozilla/5.0 Firefox/140.0", "Accept: text/html", f"Cookie: {cookies}")
    return "\r\n".join(("GET / HTTP/1.1", *fields, "Connection: close")).encode() + b"\r\n\r\n"


@pytest.mark.skipif(NGINX is None, reason="needs nginx")
async def test_nobody_gets_anothers_page_or_identity(shop: Start, tmp_path: Path) -> None:
    async with shop(ANSWER, **SETTINGS) as s:
        for name in ("Anna", "Berta"):
            profile = f"{name.lower():0<20}"
            s.profiles.stored[profile] = encode_profile(Profile(profile, first_name=name, customer=True))
        user = "user root;" if os.getuid() == 0 else ""  # else its worker could not enter the test's folder
        (tmp_path / "nginx.conf").write_text(CACHE.format(user=user, folder=tmp_path, port=s.plane.port))
        nginx = await asyncio.create_subprocess_exec(
            str(NGINX), "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)
        )
        try:
            async with asyncio.timeout(30):
                while not (tmp_path / "front").exists():  # noqa: ASYNC110 (another process makes it)
                    await asyncio.sleep(0.01)

            async def through_the_cache(profile: str | None) -> bytes:
                reader, writer = await asyncio.open_unix_connection(str(tmp_path / "front"))
                writer.write(opens(profile))
                answer = await reader.read()
                writer.close()
                await writer.wait_closed()
                return answer

            for _ in range(2):
                assert b"Hola Anna<" in await through_the_cache("anna0000000000000000")
                assert b"Hola Berta<" in await through_the_cache("berta000000000000000")
                cookies = {
                    line
                    for _ in range(2)
                    for line in (await through_the_cache(None)).split(b"\r\n")
                    if line.lower().startswith(b"set-cookie: vitrina=")
                }
                assert len(cookies) == 2
        finally:
            nginx.terminate()
            await nginx.wait()
