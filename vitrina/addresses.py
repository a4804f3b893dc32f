"""Listen addresses: parsed, bound and reported in one place, so a busy port reads the same everywhere."""

import socket
from dataclasses import dataclass

from vitrina.failures import BAD_CONFIG, BUSY_ADDRESS, Failure


@dataclass(frozen=True, slots=True)
class Address:
    """A TCP address to listen on; host "" means every interface."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """`:8080`, `127.0.0.1:8080`, `[::1]:8080`; Failure otherwise."""
    host, _, port = text.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    if not port.isdecimal() or int(port) > 65535 or (not is_bracketed and set(host) & set("[]:")):
        raise Failure(f"{text!r} is not an address to listen on; expected HOST:PORT, for example :8080", BAD_CONFIG)
    return Address(host.strip("[]"), int(port))


def bind(address: Address, hint: str = "") -> socket.socket:
    """A bound socket, inheritable by the children; Failure when the address cannot be bound.

    It does not listen: the first child that serves makes it. Until then who knocks is refused, and a front goes on to
    the shop at once instead of letting a visitor wait for the start.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
    except OSError as error:
        listener.close()
        reason = "is in use by another program" if error.errno == 98 else f"cannot be bound: {error.strerror}"
        raise Failure(f"address {address} {reason}{hint}", BUSY_ADDRESS) from None
    listener.setblocking(False)
    return listener
