"""Reload and restart of a running installation: nobody notices, and what is bad changes nothing."""

import asyncio
import base64
import hashlib
import os
import shutil
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.fixtures.certificates import Authority
from tests.fixtures.installation import ROOT, Installation, installation, run_command
from tests.fixtures.load import Load
from tests.fixtures.processes import descendants, is_running, named, wait_until
from vitrina.operator_socket import ask

PAGE = b"x" * 2000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A shop of one page, and a WebSocket at /live that says nothing."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"\r\nsec-websocket-key: " in head.lower():
                key = head.lower().index(b"sec-websocket-key: ") + 19
                digest = hashlib.sha1(head[key : key + 24] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
                writer.write(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
                )
                await reader.read()
                return
            if b"GET /slow " in head:
                await asyncio.sleep(1.5)
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE
            )
            await writer.drain()
    except (EOFError, ConnectionError):
        pass
    finally:
        writer.close()


@asynccontextmanager
async def running(folder: Path, head: str = "workers = 2", site: str = "") -> AsyncIterator[Installation]:
    """A whole installation in front of that shop."""
    shop = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = shop.sockets[0].getsockname()[1]
    async with shop:
        with installation(folder, f'{head}\n[site]\norigin = "http://127.0.0.1:{port}"\n{site}\n') as vitrina:
            yield vitrina


async def command(vitrina: Installation, *arguments: str, expect: int = 0) -> str:
    """Run a command on the installation without holding up the clients of this loop."""
    return await asyncio.to_thread(run_command, *arguments, "--config", str(vitrina.config), expect=expect)


async def asked(vitrina: Installation, what: str) -> Any:
    """What the supervisor answers, as the commands ask it."""
    return await asyncio.to_thread(ask, vitrina.data, what, 60.0)


async def status(vitrina: Installation) -> Any:
    return await asked(vitrina, "status")


def changed(vitrina: Installation, change: Callable[[str], str]) -> None:
    """Another configuration in the file."""
    vitrina.config.write_text(change(vitrina.config.read_text("utf-8")), "utf-8")


async def until(holds: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, holds)


def workers(vitrina: Installation) -> list[int]:
    return named(vitrina.process.pid, "processes dataplane")


async def closing_code(vitrina: Installation) -> int | None:
    """Hold a WebSocket open until it is closed; the code."""
    async with connect(f"ws://127.0.0.1:{vitrina.port}/live", proxy=None) as live:
        try:
            await live.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
    return None


STEPS = (("reload", 3, 1, 0), ("restart", 1, 0, 1), ("restart", 2, 0, 2), ("restart", 2, 0, 3))
"""What is asked for, with how many workers, and how many of either the program has done after it."""


async def test_reloads_and_restarts_under_load_fail_no_request(tmp_path: Path) -> None:
    async with running(tmp_path) as vitrina:
        pid = vitrina.process.pid
        seen: set[int] = set(workers(vitrina))
        valkey = named(pid, "valkey-server")
        async with Load(vitrina.port) as load:
            for what, count, reloads, restarts in STEPS:
                codes = [asyncio.create_task(closing_code(vitrina)) for _ in range(2)]  # noqa: TID251
                slow = asyncio.create_task(page_of(vitrina, b"/slow"))  # noqa: TID251
                await asyncio.sleep(0.1)
                changed(vitrina, lambda text, count=count: _with_workers(text, count))
                assert f"{what}ed: " in await command(vitrina, what)
                assert await asyncio.gather(*codes) == [1001, 1001]
                assert (await slow).startswith(b"HTTP/1.1 200")
                now = set(workers(vitrina)) - seen
                assert len(now) == count
                seen |= now
                serving = await status(vitrina)
                assert serving["pid"] == pid
                assert [serving[name] for name in ("workers", "reloads", "restarts")] == [count, reloads, restarts]
            asked = load.answered
        assert load.failures == []
        assert asked > 300
        await until(lambda: len(workers(vitrina)) == 2)
        assert named(pid, "valkey-server") == valkey, "the very Valkey"
        await asyncio.to_thread(vitrina.settle)
        totals = vitrina.totals()
        assert totals["clicks"] == totals["folded"] == load.answered + 3 * len(STEPS)
        assert (totals["clicks_lost"], totals["origin_errors"]) == (0, 0)
        family = descendants(pid)
        assert await asyncio.to_thread(vitrina.stop) == 0
        assert not any(is_running(child) for child in family)
        said = (tmp_path / "serve.log").read_text()
        assert "Traceback" not in said
        assert "ERROR" not in said


def _with_workers(text: str, count: int) -> str:
    lines = [line for line in text.splitlines() if not line.startswith("workers = ")]
    return "\n".join([lines[0], f"workers = {count}", *lines[1:]]) + "\n"


async def page_of(vitrina: Installation, path: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", vitrina.port)
    writer.write(b"GET %b HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n" % path)
    try:
        return await reader.read()
    finally:
        writer.close()


BAD = [
    ("unknown key", lambda text: text + "[sit]\n", 'unknown key; did you mean "site"?'),
    ("not TOML", lambda text: text + "[", "is not TOML"),
    ("listen", lambda text: text.replace('listen = "127.0.0.1:0"', 'listen = "127.0.0.1:1"'), "site.toml:2: listen: "),
    ("admin", lambda text: text.replace('admin = "127.0.0.1:0"', 'admin = "127.0.0.1:1"'), "site.toml:3: admin: "),
    ("redis", lambda text: text + '[redis]\nurl = "redis://h"\n', 'redis.url: "embedded" became another server'),
]


async def test_what_is_bad_changes_nothing_and_is_said(tmp_path: Path) -> None:
    async with running(tmp_path, "workers = 1") as vitrina:
        before, good = workers(vitrina), vitrina.config.read_text()
        version = (await status(vitrina))["configuration"]["version"]
        for name, change, message in BAD:
            changed(vitrina, change)
            if name in ("listen", "not TOML"):
                said = await command(vitrina, "reload", expect=2)
            else:
                answer = await asked(vitrina, "reload")
                said = f"{answer['errors']} configuration {answer['configuration']['version']} stays in force"
            assert message in said, name
            vitrina.config.write_text(good)
            if name in ("listen", "admin"):
                assert "takes `python -m vitrina restart`" in said
            if name == "redis":
                assert "takes a stop and a start" in said
            if name != "not TOML":  # that file does not even say which installation is meant
                assert f"configuration {version} stays in force" in said
                assert message in (tmp_path / "serve.log").read_text()
        changed(vitrina, lambda text: text.replace('data = "', 'data = "/nowhere'))
        said = run_command("restart", "--data", str(vitrina.data), expect=2)
        assert "takes a stop and a start" in said
        changed(vitrina, lambda text: "[")
        os.kill(vitrina.process.pid, signal.SIGHUP)
        await until(lambda: "is not TOML" in (tmp_path / "serve.log").read_text())
        # A worker that dies now is started again on what is in force, whatever the file says.
        os.kill(before[0], signal.SIGKILL)
        await until(lambda: len(workers(vitrina)) == 1 and workers(vitrina) != before)
        assert (await page_of(vitrina, b"/page")).startswith(b"HTTP/1.1 200")
        vitrina.config.write_text(good)
        serving = await status(vitrina)
        assert (serving["configuration"]["version"], serving["reloads"], serving["restarts"]) == (version, 0, 0)
        assert "is not TOML" in serving["problems"][0]
        changed(vitrina, lambda text: text + "# changed\n")
        os.kill(vitrina.process.pid, signal.SIGHUP)
        await until(lambda: "is in force" in (tmp_path / "serve.log").read_text())
        serving = await status(vitrina)
        assert serving["configuration"]["version"] != version
        assert (serving["reloads"], serving["problems"]) == (1, [])


async def test_certificates_are_exchanged_by_a_reload(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue("shop", "old.test")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tls = f'[tls]\nlisten = "127.0.0.1:{port}"\ncert = "shop.pem"\nkey = "shop.key"\nredirect = true\n'
    async with running(tmp_path, "workers = 1", tls) as vitrina:
        client = ssl.create_default_context(cafile=str(authority.ca))

        async def served_as(name: str) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
            writer.write(b"GET /page HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % name.encode())
            try:
                return await reader.read()
            finally:
                writer.close()

        assert (await served_as("old.test")).startswith(b"HTTP/1.1 200")
        assert b"\r\nLocation: https://shop.test:%d/page\r\n" % port in await page_of(vitrina, b"/page")
        authority.issue("other", "other.test").key.rename(tmp_path / "shop.key")
        assert "is not the private key of" in (await asked(vitrina, "reload"))["errors"][0]
        assert (await served_as("old.test")).startswith(b"HTTP/1.1 200")
        authority.issue("shop", "new.test")
        assert (await asked(vitrina, "reload"))["ok"]
        assert (await served_as("new.test")).startswith(b"HTTP/1.1 200")
        with pytest.raises(ssl.SSLCertVerificationError):
            await served_as("old.test")


def copied_program(folder: Path) -> Path:
    """The program in the folder that `serve` runs from: what is on disk there is what a restart becomes."""
    folder.mkdir(exist_ok=True)
    return Path(shutil.copytree(ROOT / "vitrina", folder / "vitrina", ignore=shutil.ignore_patterns("__pycache__")))


async def test_an_upgrade_and_what_keeps_it_from_happening(tmp_path: Path) -> None:
    program = copied_program(tmp_path)
    dataplane, version = program / "processes" / "dataplane.py", program / "version.py"
    good = dataplane.read_text()
    async with running(tmp_path, "workers = 1") as vitrina:
        before = workers(vitrina)
        async with Load(vitrina.port, keeping=3, fresh=1) as load:
            # Code that does not even compile: nothing happens.
            (program / "source.py").rename(program / "gone.py")
            assert "the program on disk does not run: " in await command(vitrina, "restart", expect=2)
            (program / "gone.py").rename(program / "source.py")
            assert workers(vitrina) == before
            # Code that reads the configuration, and whose workers do not start: those of before go on.
            dataplane.write_text("raise SystemExit('no')\n")
            said = await command(vitrina, "restart", expect=2)
            assert "worker 1 did not start; its own messages are above" in said
            assert workers(vitrina) == before
            assert (await status(vitrina))["restarts"] == 1
            dataplane.write_text(good)
            version.write_text('"""The version."""\n\nVERSION = "9.9.9"\n')
            assert "restarted: Vitrina 9.9.9, " in await command(vitrina, "restart")
            assert (await status(vitrina))["program"] == "9.9.9"
            # And back.
            version.write_text('"""The version."""\n\nVERSION = "0.0.9"\n')
            assert "restarted: Vitrina 0.0.9, " in await command(vitrina, "restart")
        assert load.failures == []
        assert load.answered > 100
        await until(lambda: len(workers(vitrina)) == 1)
        assert workers(vitrina) != before
        await asyncio.to_thread(vitrina.settle)
        assert vitrina.totals()["folded"] == load.answered
        assert await asyncio.to_thread(vitrina.stop) == 0


async def test_a_restart_can_move_the_listeners(tmp_path: Path) -> None:
    async with running(tmp_path, "workers = 1") as vitrina:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        async with Load(vitrina.port, keeping=2, fresh=0) as load:
            changed(vitrina, lambda text: text.replace('admin = "127.0.0.1:0"', f'admin = "127.0.0.1:{port}"'))
            await command(vitrina, "restart")
        assert load.failures == []
        with socket.create_connection(("127.0.0.1", port), 30):
            pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", vitrina.admin), 30)


@pytest.mark.parametrize("what", [signal.SIGHUP, signal.SIGUSR2], ids=["reload", "restart"])
async def test_a_stop_in_the_middle_of_a_change_is_a_good_end(tmp_path: Path, what: signal.Signals) -> None:
    async with running(tmp_path, "workers = 1") as vitrina:
        family = descendants(vitrina.process.pid)
        os.kill(vitrina.process.pid, what)
        slow = asyncio.create_task(page_of(vitrina, b"/slow"))  # noqa: TID251
        # A restart has a moment in which one program is gone and the other one does not listen to signals yet.
        await until(lambda: what is signal.SIGHUP or b"VITRINA_HANDOVER" in environment(vitrina))
        await asyncio.sleep(0.05)
        os.kill(vitrina.process.pid, signal.SIGTERM)
        assert await asyncio.to_thread(vitrina.process.wait, 40) == 0
        assert (await slow).startswith(b"HTTP/1.1 200")
        await until(lambda: not any(is_running(pid) for pid in family))
        assert "Traceback" not in (tmp_path / "serve.log").read_text()


def environment(vitrina: Installation) -> bytes:
    """That of the program which the process runs now."""
    return Path(f"/proc/{vitrina.process.pid}/environ").read_bytes()
