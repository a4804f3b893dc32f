"""Under a service manager: what it is told, the sockets it passes in, and the unit that ships."""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.fixtures.installation import ROOT, START_S, run_command
from tests.fixtures.processes import named, wait_until

SYSTEMD_ANALYZE = shutil.which("systemd-analyze")
DEPLOY = ROOT / "deploy"


class Manager:
    """The service manager's end: collects what it is told."""

    def __init__(self, address: str) -> None:
        self.told: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)

    def hear(self, wanted: str, timeout_s: float = START_S) -> str:
        """The next message that has a line `wanted`; those before it are noted too."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if select.select([self._socket], [], [], 0.2)[0]:
                message = self._socket.recv(4096).decode()
                self.told.append(message)
                if wanted in message.splitlines():
                    return message
        raise TimeoutError(f"{wanted} was not said: {self.told}")

    def close(self) -> None:
        self._socket.close()


@contextmanager
def service(
    folder: Path, listener: socket.socket, manager: str, *, watchdog_s: float = 1.0
) -> Iterator["subprocess.Popen[bytes]"]:
    """`serve` as systemd starts it: the listener as descriptor 3, LISTEN_PID its own."""

    def arrange() -> None:
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)

    environment = {
        **os.environ,
        "NOTIFY_SOCKET": manager,
        "WATCHDOG_USEC": str(int(watchdog_s * 1_000_000)),
        "LISTEN_FDS": "1",
        "LISTEN_FDNAMES": "vitrina.socket",
        "PYTHONPATH": str(ROOT),
    }
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            ["sh", "-c", 'LISTEN_PID=$$ exec "$0" -m vitrina serve --config site.toml', sys.executable],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=arrange,
            pass_fds=(3,),
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(40)


def answer(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(b"GET /_vitrina/health HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n")
        said = b""
        while more := client.recv(4096):
            said += more
        return said


def test_ready_reloading_alive_stopping(shop_port: int, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with closing(Manager(address)) as manager, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        (tmp_path / "site.toml").write_text(
            f'version = 1\nlisten = "127.0.0.1:{port}"\nadmin = "127.0.0.1:0"\ndata = "{tmp_path}/data"\n'
            f'[site]\norigin = "http://127.0.0.1:{shop_port}"\n'
        )
        with (
            socket.create_connection(("127.0.0.1", port), 30) as early,
            service(tmp_path, listener, address) as process,
        ):
            early.sendall(b"GET /_vitrina/health HTTP/1.1\r\nHost: shop.test\r\n\r\n")
            ready = manager.hear("READY=1")
            assert f"STATUS=serves http://127.0.0.1:{shop_port}, mode observe" in ready
            assert early.recv(4096).startswith(b"HTTP/1.1 200"), "who knocked before it started is served"
            manager.hear("WATCHDOG=1")
            before = time.monotonic_ns() // 1000
            for number in (signal.SIGHUP, signal.SIGUSR2):
                process.send_signal(number)
                reloading = manager.hear("RELOADING=1")
                found = re.search(r"^MONOTONIC_USEC=(\d+)$", reloading, re.MULTILINE)
                assert found is not None
                assert before <= int(found[1]) <= time.monotonic_ns() // 1000
                manager.hear("READY=1")
                assert answer(port).startswith(b"HTTP/1.1 200")
            manager.hear("WATCHDOG=1")
            (tmp_path / "site.toml").write_text("bad")
            assert "is not TOML" in run_command("reload", "--data", str(tmp_path / "data"), expect=2)
            manager.hear("READY=1")
            process.terminate()
            manager.hear("STOPPING=1")
            assert process.wait(40) == 0
        with socket.create_connection(("127.0.0.1", port), 30):
            pass  # the socket is the service manager's, and stays open


def test_the_watchdog_is_calm_only_while_a_worker_lives(shop_port: int, tmp_path: Path) -> None:
    address = f"@vitrina-test-{os.getpid()}-{tmp_path.name}"  # of Linux's own kind, which leaves no file
    with closing(Manager(address)) as manager, socket.create_server(("127.0.0.1", 0)) as listener:
        (tmp_path / "site.toml").write_text(
            f'version = 1\nlisten = "127.0.0.1:{listener.getsockname()[1]}"\nadmin = "127.0.0.1:0"\n'
            f'data = "{tmp_path}/data"\n[site]\norigin = "http://127.0.0.1:{shop_port}"\n'
        )
        with service(tmp_path, listener, address) as process:
            manager.hear("READY=1")
            manager.hear("WATCHDOG=1")
            [worker] = named(process.pid, "processes dataplane")
            os.kill(worker, signal.SIGSTOP)
            try:

                def is_silent() -> bool:
                    try:
                        manager.hear("WATCHDOG=1", 2.0)
                    except TimeoutError:
                        return True
                    return False

                wait_until(is_silent, 30)
            finally:
                os.kill(worker, signal.SIGCONT)
            manager.hear("WATCHDOG=1")


@pytest.mark.skipif(SYSTEMD_ANALYZE is None, reason="systemd-analyze (Debian's systemd) is not there")
def test_the_unit_is_accepted_by_systemd(tmp_path: Path) -> None:
    assert SYSTEMD_ANALYZE is not None
    for name in ("vitrina.service", "vitrina.socket"):
        text = (DEPLOY / name).read_text().replace("/opt/vitrina/.venv/bin/python", sys.executable)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [SYSTEMD_ANALYZE, "verify", str(tmp_path / "vitrina.service"), str(tmp_path / "vitrina.socket")],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "vitrina" in line]
    assert (done.returncode, ours) == (0, [])
    judged = subprocess.run(
        [SYSTEMD_ANALYZE, "security", "--offline=true", "--threshold=20", str(tmp_path / "vitrina.service")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-300:]


def test_the_unit_says_what_the_program_says() -> None:
    unit = (DEPLOY / "vitrina.service").read_text()
    for line in ("Type=notify", "KillMode=mixed", "StateDirectory=vitrina", "ProtectSystem=strict"):
        assert f"\n{line}\n" in unit
    for command in re.findall(r"-m vitrina (\w+)", unit):
        run_command(command, "--help")
