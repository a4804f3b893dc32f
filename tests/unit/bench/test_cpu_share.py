"""A share of a core: the kernel's group says so while it lasts, and nothing is left of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cpu_share import GROUPS, CannotLimit, limited

NEEDS = pytest.mark.skipif(
    os.geteuid() != 0 or not (GROUPS / "cpu.shares").exists() or not os.access(GROUPS, os.W_OK),
    reason="needs root and control groups of version 1",
)


def _group(pid: int) -> Path:
    lines = Path(f"/proc/{pid}/cgroup").read_text("ascii").splitlines()
    return GROUPS / next(line for line in lines if "cpu" in line.split(":")[1].split(",")).split(":")[2].lstrip("/")


@NEEDS
def test_a_process_is_limited_for_a_while() -> None:
    with subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE) as process:
        before = _group(process.pid)
        try:
            with limited([process.pid], 0.1):
                group = _group(process.pid)
                assert group.parent == before
                period, quota = (int((group / f"cpu.cfs_{each}_us").read_text()) for each in ("period", "quota"))
                assert quota / period == 0.1
            assert _group(process.pid) == before
            assert not group.exists()
        finally:
            process.kill()


@NEEDS
def test_more_than_there_is_cannot_be_given() -> None:
    with subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE) as process:
        before = _group(process.pid)
        try:
            with limited([process.pid], 0.1):
                within = _group(process.pid)
                with pytest.raises(CannotLimit, match=r"cannot give 0\.25 of a core"), limited([process.pid], 0.25):
                    pass
                assert _group(process.pid) == within
            assert _group(process.pid) == before
        finally:
            process.kill()


def test_who_may_not_limit_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bench.cpu_share.GROUPS", tmp_path)
    with pytest.raises(CannotLimit, match="control groups of version 1"), limited([os.getpid()], 0.5):
        pass
