"""`serve` as a process tree: what keeps it from starting, and that nothing is left running however it ends."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from storage.embedded import EmbeddedValkey
from tests.fixtures.gramola import HIP_HOP, Site, site_config, window
from tests.fixtures.installation import Installation, installation, run_command, started
from tests.fixtures.processes import descendants, is_running, named, wait_until

NOWHERE = "redis://127.0.0.1:1"


def serve(
    folder: Path, origin: str, *arguments: str, redis: str = "embedded", data: str = "data"
) -> tuple[int, str, str]:
    """Start `serve`, which is to fail; exit code, stdout and stderr."""
    folder.mkdir(exist_ok=True)
    config = folder / "site.toml"
    config.write_text(
        f'version = 1\nlisten = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\ndata = "{folder / data}"\n'
        f'[site]\norigin = "{origin}"\n[redis]\nurl = "{redis}"\n'
    )
    command = [sys.executable, "-m", "vitrina", "serve", "--config", str(config), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("origin", "redis", "data", "status", "line"),
    [
        ("http://127.0.0.1:1", "embedded", "data", 4, "origin http://127.0.0.1:1: Connection refused; start the shop"),
        ("SHOP", NOWHERE, "data", 4, "redis://127.0.0.1:1: "),
        ("SHOP", "unix:///nowhere/redis.sock", "data", 4, "unix:///nowhere/redis.sock: "),
        ("SHOP", "embedded", "site.toml/data", 5, "/site.toml/data: Not a directory; Vitrina keeps clicks"),
        ("SHOP", "embedded", "/proc/data", 5, "data folder /proc/data: No such file or directory"),
        ("SHOP", "embedded", "/sys/kernel", 5, "data folder /sys/kernel: "),
    ],
)  # fmt: skip
def test_what_keeps_it_from_starting_is_one_line(
    shop_port: int, tmp_path: Path, origin: str, redis: str, data: str, status: int, line: str
) -> None:
    address = origin.replace("SHOP", f"http://127.0.0.1:{shop_port}")
    found, out, err = serve(tmp_path, address, redis=redis, data=data)
    assert (found, out) == (status, "")
    assert err.startswith("vitrina: ")
    assert line in err
    assert err.count("\n") == 1


def test_a_busy_port_is_named(shop_port: int, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for option in ("--listen", "--admin"):
            status, _, err = serve(tmp_path, f"http://127.0.0.1:{shop_port}", option, f"127.0.0.1:{port}")
            assert status == 3
            hint = f"choose another with {option}"
            assert err == f"vitrina: address 127.0.0.1:{port} is in use by another program; {hint}\n"


def test_a_data_folder_has_one_owner(site: Site, tmp_path: Path) -> None:
    arguments = ("--data", str(site.vitrina.data))
    status, _, err = serve(tmp_path, f"http://127.0.0.1:{site.shop_port}", *arguments)
    assert status == 5
    assert f"is in use by another Vitrina (process {site.vitrina.process.pid}); stop it or choose another" in err
    assert err.count("\n") == 1
    assert site.stranger().open("index.php").status == 200


def test_sigterm_ends_everything(shop_port: int, tmp_path: Path) -> None:
    with installation(tmp_path, site_config(shop_port)) as running:
        family = descendants(running.process.pid)
        modules = ("dataplane", "dataplane", "work", "console")
        assert [sum(f"processes {name}" in command for command in family.values()) for name in modules] == [2, 2, 1, 1]
        assert any("valkey-server" in command for command in family.values())
        assert Site(running, shop_port).visitor().open("index.php").status == 200
        assert running.stop() == 0
        assert {pid: command for pid, command in family.items() if is_running(pid)} == {}
        assert_ports_are_free(running)
        said = (tmp_path / "serve.log").read_text()
        assert "Traceback" not in said
        assert "ERROR" not in said


def test_an_interrupt_ends_everything_too(shop_port: int, tmp_path: Path) -> None:
    with installation(tmp_path, site_config(shop_port, head="workers = 1")) as running:
        family = descendants(running.process.pid)
        os.kill(running.process.pid, signal.SIGINT)
        assert running.process.wait(40) == 0
        assert not any(is_running(pid) for pid in family)


def test_a_killed_supervisor_leaves_valkey_which_the_next_one_adopts(shop_port: int, tmp_path: Path) -> None:
    config = site_config(shop_port, head="workers = 1")
    with installation(tmp_path, config) as running:
        site = Site(running, shop_port)
        person = site.visitor()
        person.look_at("5")
        running.settle()
        family = descendants(running.process.pid)
        (valkey,) = named(running.process.pid, "valkey-server")
        children = [pid for pid in family if pid != valkey]
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait(10)
        wait_until(lambda: not any(is_running(pid) for pid in children))
        assert is_running(valkey)
        assert_ports_are_free(running)
    with installation(tmp_path, config) as running:
        assert is_running(valkey)
        assert EmbeddedValkey(running.data).adopt()
        assert named(running.process.pid, "valkey-server") == [], "the one that ran is used"
        site = Site(running, shop_port)
        before = len(site.clicks())
        again = site.stranger()
        again.cookies |= person.cookies
        assert again.open("index.php").status == 200
        running.settle()
        (click,) = site.clicks()[before:]
        assert click.profile is not None
        shown = running.command("profile", "export", click.profile, "--config", str(running.config))
        assert '"page_views": ' in shown
        assert running.stop() == 0
    assert not is_running(valkey)


FREE = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")


def test_without_a_file_it_observes(shop_port: int, tmp_path: Path) -> None:
    origin = f"http://127.0.0.1:{shop_port}"
    with started(tmp_path, tmp_path / "none", tmp_path / "data", "serve", "--origin", origin, *FREE) as running:
        site = Site(running, shop_port)
        person = site.stranger()
        person.open("index.php")
        for path in ("index.php", "product_info.php?products_id=5"):
            assert site.is_sent(person, person.open(path))
        assert set(person.cookies) == {"osCsid"}
        running.settle()
        assert [click.kind for click in site.clicks()] == ["home", "home", "product"]
        assert {click.profile for click in site.clicks()} == {None}
        said = run_command("status", "--data", str(running.data))
        assert "running, personalising is on" in said


def test_trying_a_shop_writes_a_first_configuration_and_serves_it(shop_port: int, tmp_path: Path) -> None:
    folder = tmp_path / "try-127.0.0.1"
    command = ("try", f"http://127.0.0.1:{shop_port}/index.php", *FREE)
    with started(tmp_path, folder / "site.toml", folder / "data", *command) as running:
        assert run_command("check", str(running.config)).startswith(f"ok: http://127.0.0.1:{shop_port}, mode live")
        site = Site(running, shop_port)
        person = site.stranger()
        shops_own = window(person.open("index.php").body)
        person.open("index.php?cPath=1")
        person.look_at(*HIP_HOP)
        running.settle()
        assert window(person.open("index.php").body) != shops_own
    changed = (folder / "site.toml").read_text().replace('mode = "live"', 'mode = "observe"')
    (folder / "site.toml").write_text(changed)
    with started(tmp_path, folder / "site.toml", folder / "data", *command):
        assert (folder / "site.toml").read_text() == changed, "what somebody wrote is kept"


def assert_ports_are_free(running: Installation) -> None:
    """Nobody listens where it did."""
    for port in (running.port, running.admin):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5).close()
