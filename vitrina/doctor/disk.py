"""Is there room for clicks, and is the disk fast enough to keep them?"""

import os
import secrets
import shutil
import statistics
import time
from pathlib import Path

from vitrina.doctor.examination import Examination, milliseconds_since
from vitrina.doctor.finding import Finding

WARN_FREE_BYTES = 5 << 30
"""About a day and a half of a shop with 20,000 visitors a day beside an embedded Valkey."""

FAIL_FREE_BYTES = 200 << 20
WARN_SYNC_MS = 40.0
_SYNCS = 15


async def check(examination: Examination) -> list[Finding]:
    """Free bytes and the time of fdatasync where the data folder is, or will be."""
    folder = examination.data.path
    place = next((each for each in (folder, *folder.parents) if each.is_dir()), Path("/"))
    free = shutil.disk_usage(place).free
    findings = []
    if free < WARN_FREE_BYTES:
        findings.append(
            Finding(
                "disk",
                "fail" if free < FAIL_FREE_BYTES else "warn",
                f"{free / (1 << 30):.1f} GB free at {place}",
                "clicks wait there while Redis is away; on a full disk they are lost (pages go on)",
                "give the data folder a disk with 5 GB or more",
            )
        )
    try:
        syncs_ms = _timed_syncs(place)
    except OSError as error:
        return [
            *findings,
            Finding(
                "disk",
                "fail",
                f"{place} cannot be written: {error.strerror}",
                "Vitrina does not start without its data folder",
                "set `data` to a folder that this user may write",
            ),
        ]
    median, slowest = statistics.median(syncs_ms), max(syncs_ms)
    found = f"{free / (1 << 30):.0f} GB free, fdatasync {median:.1f} ms (slowest of {_SYNCS}: {slowest:.0f} ms)"
    if median > WARN_SYNC_MS:
        findings.append(
            Finding(
                "disk",
                "warn",
                found,
                "a power cut may lose more than the last 50 ms of clicks; pages do not wait for it",
                "put the data folder on a local SSD, not on network storage",
            )
        )
    return findings or [Finding("disk", "ok", found)]


def _timed_syncs(place: Path) -> list[float]:
    path = place / f".vitrina-doctor-{secrets.token_hex(4)}"
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        times = []
        for _ in range(_SYNCS):
            os.write(descriptor, b"\0" * 4096)
            started = time.perf_counter()
            os.fdatasync(descriptor)
            times.append(milliseconds_since(started))
        return times
    finally:
        os.close(descriptor)
        path.unlink()
