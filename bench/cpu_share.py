"""Processes that get a fixed share of a core each and no more, by the kernel: few cores play many.

Linux control groups, version 1, as root: `cpu.cfs_quota_us` of every `cpu.cfs_period_us`.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD_US = 10_000
"""Ten times shorter than usual: who has used up his share waits for a few milliseconds, not for most of a tenth."""


class CannotLimit(Exception):  # noqa: N818 (that a machine does not do this is no error of ours)
    """Nothing here limits a process's CPU; the message says what was looked for."""


@contextmanager
def limited(pids: Sequence[int], share: float) -> Iterator[None]:
    """Each process, with all of its threads, has `share` of a core until the end."""
    with ExitStack() as stack:
        for pid in pids:
            stack.enter_context(_limited(pid, share))
        yield


@contextmanager
def _limited(pid: int, share: float) -> Iterator[None]:
    lines = Path(f"/proc/{pid}/cgroup").read_text("ascii").splitlines()
    paths = [path for _, names, path in (line.split(":", 2) for line in lines) if "cpu" in names.split(",")]
    if not paths or not (GROUPS / "cpu.shares").exists():
        raise CannotLimit(f"needs control groups of version 1 at {GROUPS}")
    parent = GROUPS / paths[0].lstrip("/")
    group = parent / f"vitrina-bench-{pid}"
    try:
        group.mkdir()
    except OSError as error:
        raise CannotLimit(f"needs root, to make {group}: {error.strerror}") from None
    try:
        (group / "cpu.cfs_period_us").write_text(f"{PERIOD_US}")
        try:
            (group / "cpu.cfs_quota_us").write_text(f"{round(PERIOD_US * share)}")
        except OSError as error:
            raise CannotLimit(f"{parent} cannot give {share} of a core: {error.strerror}") from None
        (group / "cgroup.procs").write_text(f"{pid}")
        yield
    finally:
        for left in (group / "cgroup.procs").read_text("ascii").split():
            (parent / "cgroup.procs").write_text(left)
        os.rmdir(group)
