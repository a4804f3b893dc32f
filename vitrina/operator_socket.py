"""How a command talks to the supervisor that runs: one line of JSON each way, on a Unix socket in the data folder.

Invariant: only the folder's owner gets there (0700); one that is busy or gone is told from one that says no.
"""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vitrina.failures import UNREACHABLE, Failure

NAME: Final = "supervisor.sock"
_MOST_BYTES: Final = 1 << 20
Answer = Mapping[str, Any]
Handle = Callable[[str], Awaitable[Answer]]


@dataclass(slots=True)
class OperatorSocket:
    """The supervisor's end."""

    folder: Path
    handle: Handle
    _server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen; what a killed supervisor left there is replaced."""
        (self.folder / NAME).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        with _short(self.folder) as path:
            listener.bind(path)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener, limit=_MOST_BYTES)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            answer = await self.handle(str(asked.get("do")) if isinstance(asked, dict) else "")
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except (ValueError, OSError):
            pass  # whoever asked has left, or does not speak this
        finally:
            writer.close()

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            (self.folder / NAME).unlink(missing_ok=True)


def ask(folder: Path, what: str, timeout_s: float) -> Answer:
    """What the running supervisor answers. Failure (exit code 4) when none does."""
    try:
        with _short(folder) as path, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(path)
            connection.sendall(json.dumps({"do": what}).encode() + b"\n")
            said = b""
            while not said.endswith(b"\n") and (more := connection.recv(65536)):
                said += more
        answer = json.loads(said)
    except TimeoutError:
        raise Failure(f"data folder {folder}: Vitrina did not answer within {timeout_s:.0f} s", UNREACHABLE) from None
    except (OSError, ValueError):
        raise Failure(f"data folder {folder}: no Vitrina runs here", UNREACHABLE) from None
    return answer if isinstance(answer, dict) else {}


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """A path that fits into sun_path (108 bytes, unix(7)), however deep the folder lies."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)
