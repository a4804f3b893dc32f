"""The unit under Debian's own systemd, installed as the document says: started, reloaded, restarted, killed, stopped.

It takes namespaces, so only root can; the program runs as its own user there, with the unit's whole sandbox.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fixtures.installation import ROOT

SYSTEMD = Path("/lib/systemd/systemd")
DEBIANS_PYTHON = "/usr/bin/python3"
FILES = ROOT / "tests" / "fixtures" / "systemd"
WITHIN_S = 400.0
UNITS = {
    "walk.target": "[Unit]\nRequires=systemd-journald.socket\nWants=walk.service systemd-journald.service\n",
    "walk.service": "[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/sh /etc/walk.sh\n",
}
CONFIG = """version = 1
listen = "127.0.0.1:80"
[site]
origin = "http://127.0.0.1:8081"
platform = "phoenix"
mode = "preview"
hosts = ["www.your.shop", "127.0.0.1"]
[log]
access = "combined"
"""


def _why_not() -> str | None:
    """Why it cannot run here, or None."""
    if os.getuid() != 0:
        return "needs root"
    if not SYSTEMD.exists() or shutil.which("unshare") is None or shutil.which("adduser") is None:
        return "needs Debian's systemd, util-linux and adduser"
    if not Path("/sys/fs/cgroup/systemd").is_dir():
        return "needs the control groups of systemd, as a hybrid hierarchy"
    version = subprocess.run([DEBIANS_PYTHON, "-V"], capture_output=True, text=True, check=False).stdout
    if not version.startswith(f"Python {sys.version_info.major}.{sys.version_info.minor}."):
        return "the system's Python is another version"
    return None


def _environment(folder: Path) -> Path:
    """An environment outside of anybody's home, on the packages of this one."""
    subprocess.run([DEBIANS_PYTHON, "-m", "venv", "--without-pip", str(folder)], check=True)
    [packages] = folder.glob("lib/python3.*/site-packages")
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "shared.pth").write_text(f"{here}\n")
    # The one package that only older patch versions of Python 3.11 need: redis takes it for asyncio.timeout.
    (packages / "async_timeout.py").write_text("from asyncio import timeout\n\n__all__ = ['timeout']\n")
    return folder


@pytest.mark.slow
@pytest.mark.skipif((why := _why_not()) is not None, reason=str(why))
def test_the_unit_lives_a_whole_life(tmp_path: Path) -> None:
    units = tmp_path / "etc" / "systemd" / "system"
    units.mkdir(parents=True)
    for name, text in UNITS.items():
        (units / name).write_text(text)
    (tmp_path / "etc" / "given.toml").write_text(CONFIG)
    for name in ("walk.sh", "load.py"):
        shutil.copy(FILES / name, tmp_path / "etc" / name)
    said, console = tmp_path / "out.log", tmp_path / "console.log"
    said.touch()
    console.touch()
    environment = _environment(tmp_path / "environment")
    namespaces = ["--pid", "--fork", "--mount", "--net", "--uts", "--ipc", "--cgroup", "--kill-child"]
    command = ["unshare", *namespaces, "sh", str(FILES / "boot.sh"), str(tmp_path), str(ROOT), str(environment)]
    with (tmp_path / "boot.log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + WITHIN_S
            while "\n= over\n" not in said.read_text("utf-8", "replace"):
                assert process.poll() is None, (tmp_path / "boot.log").read_text()
                assert time.monotonic() < deadline, said.read_text("utf-8", "replace")
                time.sleep(0.5)
        finally:
            process.send_signal(signal.SIGKILL)  # process 1 and all below it end with it
            process.wait(10)
    text = said.read_text("utf-8", "replace")
    lines = [line[2:] for line in text.splitlines() if line.startswith("= ")]
    loads = [line for line in lines if line.startswith("loads ")]
    assert [line for line in lines if line not in loads] == [
        "started 0 active 200",
        "user vitrina",
        "reloaded 0",
        "refused 1 200",
        "off 0",
        "on 0",
        "reloaded 0",
        "restarted 0",
        "same process",
        "kept 0",
        "again 1 200",
        "stopped success 0",
        "restored 0",
        "over",
    ], text
    [(outcome, count)] = [each.rsplit(":", 1) for each in loads[0].split(" ")[1:]]
    assert outcome == "200", "no page load failed while it reloaded and restarted"
    assert int(count) > 20
    assert "running, personalising is off" in text
    assert "https://www.your.shop/_vitrina/preview?token=" in text
    assert 'sit: unknown key; did you mean "site"?' in text, "what is wrong is in the journal"
    assert "Traceback" not in text
