"""What a supervisor leaves to the program that its process becomes: `restart` is an exec of the code on disk.

Invariant: the process stays the same one, so its id, its listening sockets, the lock of its data folder and its
children stay too; nobody notices but those who wait for news of the service.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass
from typing import Final, NoReturn

VARIABLE: Final = "VITRINA_HANDOVER"
ENDING: Final = (signal.SIGINT, signal.SIGTERM)
"""Signals that wait while one program becomes the other; who follows unblocks them once it listens."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A child that goes on serving."""

    name: str
    module: str
    slot: int
    pid: int
    grace_s: float


@dataclass(frozen=True, slots=True)
class Handover:
    """Descriptors by number, children by process id. `wanted` is the address that each listener was asked for."""

    lock: int
    listeners: Mapping[str, int]
    wanted: Mapping[str, str]
    children: tuple[Kept, ...]
    restarts: int
    valkey: int | None = None
    """Process id of the embedded Valkey, when it is a child of ours."""

    def become(self) -> NoReturn:
        """Run the program anew in this very process. OSError when it cannot be run; nothing has changed then."""
        descriptor = os.memfd_create("vitrina-handover")
        os.write(descriptor, json.dumps(asdict(self)).encode())
        inherited = (descriptor, self.lock, *self.listeners.values())
        numbers = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
        before = [signal.getsignal(number) for number in numbers]
        try:
            for one in inherited:
                os.set_inheritable(one, True)
            for number in numbers:  # until the new program listens to them, they would end it
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # and these shall end it in good order, a moment later
            sys.stdout.flush()
            sys.stderr.flush()
            arguments = [sys.executable, *sys.orig_argv[1:]]  # a bare "python" would be looked for on the PATH again
            os.execve(sys.executable, arguments, {**os.environ, VARIABLE: str(descriptor)})  # noqa: S606
        except OSError:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)
            for one in inherited:
                os.set_inheritable(one, False)
            os.close(descriptor)
            raise

    def sockets(self, wanted: Mapping[str, str]) -> list[tuple[str, socket.socket]]:
        """The listeners, by name where the same address is `wanted` as before, else to be told by their address."""
        found = []
        for name, descriptor in self.listeners.items():
            os.set_inheritable(descriptor, False)
            is_same = wanted.get(name) == self.wanted.get(name)
            found.append((name if is_same else "", socket.socket(fileno=descriptor)))
        return found


def received(environment: MutableMapping[str, str]) -> Handover | None:
    """What the program before this one left, if there was one."""
    number = environment.pop(VARIABLE, "")
    if not number.isdecimal():
        return None
    with os.fdopen(int(number), "rb") as file:
        file.seek(0)
        fields = json.load(file)
    os.set_inheritable(fields["lock"], False)
    children = tuple(Kept(**child) for child in fields.pop("children"))
    return Handover(**fields, children=children)
