"""The address of a client, as the shop is told it."""

import asyncio

_MAPPED = "::ffff:"
"""An IPv4 client on an IPv6 socket (RFC 4291 section 2.5.5.2), as systemd opens them: the shop knows it as IPv4."""


def address_of(transport: asyncio.BaseTransport) -> bytes:
    """Empty on a Unix socket."""
    peername = transport.get_extra_info("peername")
    return str(peername[0]).removeprefix(_MAPPED).encode("ascii", "replace") if isinstance(peername, tuple) else b""
