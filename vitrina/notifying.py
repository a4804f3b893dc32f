"""What the service manager is told (sd_notify(3)): ready, reloading, stopping, still alive.

Invariant: without a service manager nothing happens, and one that does not listen any more hurts nobody.
"""

import os
import socket
import time
from collections.abc import Mapping

from vitrina.listeners import passed_by_the_service_manager


class ServiceManager:
    """The other end of NOTIFY_SOCKET, if there is one."""

    def __init__(self, environment: Mapping[str, str] = os.environ, pid: int | None = None) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self.watchdog_s = _watchdog_s(environment, os.getpid() if pid is None else pid)
        """It expects to hear `alive` at least that often (seconds); 0: never."""
        self._environment = environment

    def sockets(self) -> list[tuple[str, socket.socket]]:
        """Listening sockets that it passed in (socket activation), with their names."""
        return passed_by_the_service_manager(self._environment, os.getpid())

    def ready(self, status: str) -> None:
        """Everything serves; `status` is one line for people."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """A reload or restart has begun; `ready` ends it."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """The watchdog may be calm."""
        self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        # A leading @ stands for the zero byte of Linux's abstract namespace.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto("\n".join(lines).encode(), address)
        except OSError:
            pass


def _watchdog_s(environment: Mapping[str, str], pid: int) -> float:
    interval = environment.get("WATCHDOG_USEC", "")
    if not interval.isdecimal() or environment.get("WATCHDOG_PID", str(pid)) != str(pid):
        return 0.0
    return int(interval) / 1_000_000
