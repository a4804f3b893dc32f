"""The origin's certificate is verified, by the system's authorities or the operator's own, for the name in its URL."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proxy.dataplane import DataPlane
from tests.fixtures.certificates import Authority

Start = Callable[..., Any]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"
GET = b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


CASES = [
    ("localhost", ("localhost",), {}, "own", 200, ""),
    ("127.0.0.1", ("127.0.0.1",), {}, "own", 200, ""),
    ("localhost", ("localhost",), {}, "system", 502, "unable to get local issuer certificate"),
    ("localhost", ("localhost",), {}, "another", 502, "unable to get local issuer certificate"),
    ("127.0.0.1", ("localhost",), {}, "own", 502, "IP address mismatch, certificate is not valid for '127.0.0.1'."),
    ("localhost", ("shop.test",), {}, "own", 502, "Hostname mismatch, certificate is not valid for 'localhost'."),
    ("localhost", ("localhost",), {"starts": -2 * DAY, "ends": -DAY}, "own", 502, "certificate has expired"),
    ("localhost", ("localhost",), {"starts": DAY}, "own", 502, "certificate is not yet valid"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "hosts", "valid", "trusts", "status", "why"), CASES)
async def test_certificate_is_verified(
    shop: Start,
    authority: Authority,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    hosts: tuple[str, ...],
    valid: dict[str, timedelta],
    trusts: str,
    status: int,
    why: str,
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    pair = authority.issue("origin", *hosts, **valid)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.cert, pair.key)
    asked_for: list[str | None] = []
    context.sni_callback = lambda _, server_name, __: asked_for.append(server_name)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    trusted = {"own": str(authority.ca), "another": str(Authority(tmp_path).ca), "system": None}[trusts]
    async with server, shop(ANSWER, site={"origin": f"https://{name}:{port}", "origin_ca": trusted}) as s:
        assert isinstance(s.plane, DataPlane)
        head, body = await s.ask(GET)
        assert int(head.split(b" ")[1]) == status
        assert (body == b"secret") is (status == 200)
        assert (await s.click()).outcome == ("" if status == 200 else "origin_tls")
    assert set(asked_for) == {name if name == "localhost" else None}, "SNI carries names, never addresses"
    if why:
        assert f"origin {name}:{port}: TLS failed: certificate verify failed: {why}" in caplog.messages


async def test_an_origin_that_speaks_no_tls(shop: Start, caplog: pytest.LogCaptureFixture) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, shop(ANSWER, site={"origin": f"https://127.0.0.1:{port}"}) as s:
        head, _ = await s.ask(GET)
        assert head.startswith(b"HTTP/1.1 502")
    assert f"origin 127.0.0.1:{port}: TLS failed: wrong version number" in caplog.messages
