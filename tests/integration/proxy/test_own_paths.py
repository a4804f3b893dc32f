"""What is ours under the shop's name, told by the very bytes of the target."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.integration.proxy.pages import JOSE, PAGE, PERSONAL, cookie, html, opens

Start = Callable[..., Any]


async def test_own_paths_go_to_our_socket_on_the_very_bytes(shop: Start, tmp_path: Any) -> None:
    async def own(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nours")
        writer.close()

    seen: list[bytes] = []
    path = str(tmp_path / "own")
    server = await asyncio.start_unix_server(own, path)
    async with server, shop(html(), own_socket=path, **PERSONAL) as s:
        assert (await s.ask(opens("/_vitrina/privacy", cookie(JOSE))))[1] == b"ours"
        assert b"vitrina=1.k1" in seen[0]
        for target in ("//_vitrina/privacy", "/%5Fvitrina/privacy", "/x/../_vitrina/privacy", "/_vitrinas"):
            assert (await s.ask(opens(target)))[1] == PAGE
        large = (
            opens("/_vitrina/x").replace(b"GET", b"POST", 1).replace(b"\r\n\r\n", b"\r\nContent-Length: 99999\r\n\r\n")
        )
        assert (await s.ask(large))[0].startswith(b"HTTP/1.1 413")
        assert len(seen) == 1


async def test_own_paths_without_a_socket_are_404(shop: Start) -> None:
    async with shop(html(), **PERSONAL) as s:
        head, _ = await s.ask(opens("/_vitrina/health"))
        assert head.startswith(b"HTTP/1.1 404")
        assert s.origin.requests == []
