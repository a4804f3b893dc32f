"""The embedded server: start, adopt, refuse, survive kill -9."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from storage.connecting import connect
from storage.embedded import EmbeddedValkey, EmbeddedValkeyError
from tests.fixtures.processes import wait_until


async def test_what_was_written_survives_kill_9(own_valkey: EmbeddedValkey) -> None:
    client = connect(own_valkey.url)
    await client.execute_command("SET", "a", "b")
    await client.aclose()
    assert own_valkey.pid is not None
    os.kill(own_valkey.pid, signal.SIGKILL)
    while own_valkey.is_alive():
        pass
    own_valkey.start()
    client = connect(own_valkey.url)
    assert await client.execute_command("GET", "a") == b"b"
    await client.aclose()


def test_an_orphan_is_adopted_and_stopped(own_valkey: EmbeddedValkey) -> None:
    other = EmbeddedValkey(own_valkey.folder.parent)
    other.start()
    assert other.pid == own_valkey.pid
    assert other.is_alive()
    other.stop()
    assert not other.is_alive()
    wait_until(lambda: not own_valkey.is_alive())  # our child: it ends a moment before it can be waited for


def test_starting_twice_is_starting_once(own_valkey: EmbeddedValkey) -> None:
    before = own_valkey.pid
    own_valkey.start()
    assert own_valkey.pid == before


def test_a_server_that_nobody_noted_is_not_touched(own_valkey: EmbeddedValkey) -> None:
    (own_valkey.folder / "pid").write_text("1\n")
    other = EmbeddedValkey(own_valkey.folder.parent)
    with pytest.raises(EmbeddedValkeyError, match=f"process {own_valkey.pid} answers there, but .* names 1"):
        other.start()
    assert own_valkey.is_alive()


def test_a_pid_file_of_a_dead_process_is_no_obstacle(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    server.folder.mkdir()
    child = subprocess.Popen(["true"])
    child.wait()
    (server.folder / "pid").write_text(f"{child.pid}\n")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(server.socket_path))
    server.start()
    assert server.is_alive()
    server.stop()
    assert not (server.folder / "pid").exists()


def test_a_deep_data_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 90) / "data"
    server = EmbeddedValkey(deep)
    assert len(os.fsencode(server.socket_path)) < 108
    server.start()
    other = EmbeddedValkey(deep)
    other.start()
    assert other.pid == server.pid
    server.stop()
    server.socket_path.parent.rmdir()


def test_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    (server.folder / "appendonlydir").mkdir(parents=True)
    (server.folder / "appendonlydir" / "appendonly.aof.manifest").write_text("no manifest\n")
    with pytest.raises(EmbeddedValkeyError) as caught:
        server.start()
    assert "at once" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not server.is_alive()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedValkeyError, match="Not a directory"):
        EmbeddedValkey(tmp_path / "file").start()
