"""The listening sockets: bound here, passed in by the service manager, or kept across a restart.

Those bound here listen once the first child serves on them.
Invariant: a listener that is there already is used and never closed for another, so nobody who knocks is refused.
"""

import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from config.settings import Settings
from config.values import NO_LISTENER
from vitrina.addresses import Address, bind, parse_address

_FIRST_PASSED = 3
"""SD_LISTEN_FDS_START of sd_listen_fds(3)."""
HTTP, HTTPS, ADMIN = "http", "https", "admin"
_HINTS = {
    HTTP: "; choose another with --listen",
    HTTPS: "; choose another tls.listen",
    ADMIN: "; choose another with --admin",
}


@dataclass(slots=True)
class Listeners:
    """What is listened on, by name: "http", "https" (where configured) and "admin"."""

    sockets: dict[str, socket.socket] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    """Addresses that the service manager passed and nothing in the configuration asks for."""

    def open(self, settings: Settings, given: "Iterable[tuple[str, socket.socket]]" = ()) -> None:
        """Take what was given and bind the rest. Failure when an address cannot be bound; `close` then."""
        left = list(given)
        for name, text in wanted(settings).items():
            address = parse_address(text)
            found = next((pair for pair in left if pair[0] == name or _is_at(pair[1], address)), None)
            if found is None:
                self.sockets[name] = bind(address, _HINTS[name])
            else:
                left.remove(found)
                found[1].setblocking(False)
                self.sockets[name] = found[1]
        for _, listener in left:
            self.unused.append(shown(listener))
            listener.close()

    def descriptor(self, name: str) -> int | None:
        """To be inherited by a child; None where there is no such listener."""
        found = self.sockets.get(name)
        return None if found is None else found.fileno()

    def close(self) -> None:
        """Listen no more."""
        for listener in self.sockets.values():
            listener.close()
        self.sockets.clear()


def wanted(settings: Settings) -> dict[str, str]:
    """Name and address of each listener that the configuration asks for, the shop's first."""
    addresses = {} if settings.listen == NO_LISTENER else {HTTP: settings.listen}
    if settings.tls is not None:
        addresses[HTTPS] = settings.tls.listen
    return addresses | {ADMIN: settings.admin}


def passed_by_the_service_manager(environment: Mapping[str, str], pid: int) -> list[tuple[str, socket.socket]]:
    """Sockets of socket activation (sd_listen_fds(3)), with their names; [] when they are not meant for us."""
    count = environment.get("LISTEN_FDS", "")
    if environment.get("LISTEN_PID") != str(pid) or not count.isdecimal():
        return []
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    found = []
    for place in range(int(count)):
        listener = socket.socket(fileno=_FIRST_PASSED + place)
        os.set_inheritable(listener.fileno(), False)
        found.append((names[place] if place < len(names) else "", listener))
    return found


def shown(listener: socket.socket) -> str:
    """Its address, for people."""
    name = listener.getsockname()
    return str(Address(name[0], name[1])) if isinstance(name, tuple) else str(name)


def _is_at(listener: socket.socket, address: Address) -> bool:
    """The very port, on the very address or on every one."""
    name = listener.getsockname()
    if not isinstance(name, tuple) or name[1] != address.port:
        return False
    every = ("0.0.0.0", "::", "")  # noqa: S104 - compared, not bound
    return name[0] == address.host or (name[0] in every and address.host in every)
