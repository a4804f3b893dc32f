"""The disk fills up under load: a small file system under the data folder (tmpfs, as root), or a worker that may write
no more (RLIMIT_FSIZE). Pages come, the loss is counted and told, and it ends with the fault."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.chaos.figures import answered, failures
from bench.chaos.processes import eventually
from bench.chaos.records import Record
from bench.chaos.stage import Stage, Theatre

SIZE_MB = 64
FILES = 600
"""No room for a folder or a file either: some file systems need a block for each."""


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """A record for a disk without room, one for a worker at its limit of bytes."""
    try:
        with _small_disk(theatre.folder / "disk") as disk:
            async with theatre.stage(data=disk / "data") as stage:
                yield await _full(theatre, stage, disk)
    except (OSError, subprocess.CalledProcessError) as error:
        yield Record("disk", "full", None, f"no file system of our own: {error}")
    if not theatre.scale.is_short:
        async with theatre.stage() as stage:
            yield await _limited(stage)


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=700", "none", str(folder)],
        check=True,
        capture_output=True,
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    ballast.mkdir(exist_ok=True)
    with suppress(OSError):
        for number in range(FILES):
            (ballast / f"{number}").touch()
    with (ballast / "0").open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    return ballast


async def _full(theatre: Theatre, stage: Stage, disk: Path) -> Record:
    async with stage.oracle() as oracle:
        async with stage.load("disk") as load:
            await load.some_more(40)
            ballast = _fill(disk)

            async def is_lost() -> bool:
                return stage.vitrina.totals()["clicks_lost"] > 0

            told_s = await eventually(is_lost)
            full = len(load.answers)
            await load.some_more(60)
            roles = stage.vitrina.roles()
            for pid in (*roles["dataplane"], *roles["work"]):  # what dies on a full disk must come back on it
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(theatre.scale.pick(6, 3))
            await load.some_more(60)
            during = load.answers[full:]
            _fill(disk)
            ready = await _ready(stage)
            shutil.rmtree(ballast)
            await asyncio.sleep(2)
            freed = len(load.answers)
            lost = stage.vitrina.totals()["clicks_lost"]
            await load.some_more(60)
            await asyncio.sleep(1)
        later = [answer.path for answer in load.answers[freed + 32 :] if answer.status == 200]
        verdict = await oracle.verdict(later, load.cut)
        after = stage.vitrina.totals()["clicks_lost"] - lost
    bad = [answer for answer in load.answers if answer.status not in (0, 200) or answer.kind == "wrong"]
    half = sum(not (folder / "lock").exists() for folder in (stage.vitrina.data / "spool").iterdir() if folder.is_dir())
    wrong_end = any(line in stage.vitrina.log.read_text() for line in ("SIGBUS", "Traceback"))
    return Record(
        "disk",
        "full, workers and work killed on it, free again",
        not bad
        and not verdict.lost
        and not verdict.doubled
        and not after
        and "cannot be written" in ready
        and not wrong_end,
        "; ".join([*failures(load), *(f"lost {path}" for path in verdict.lost[:5])]),
        {
            **answered(load),
            "told after s": round(told_s, 2),
            "pages on a full disk": sum(answer.status == 200 for answer in during),
            "clicks lost and counted": lost,
            "clicks lost after it": after,
            "kept after it": verdict.completed - len(verdict.lost),
            "half-made spools": half,
            "said": ready,
        },
    )


async def _ready(stage: Stage) -> str:
    """What the operator is told."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.vitrina.admin)
    writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    said = (await reader.read()).decode().partition("\r\n\r\n")[2]
    writer.close()
    return " / ".join(said.split("\n")).strip(" /")


async def _limited(stage: Stage) -> Record:
    async with stage.oracle() as oracle:
        async with stage.load("limit") as load:
            await load.some_more(40)
            await asyncio.sleep(1)
            workers = stage.vitrina.roles()["dataplane"]
            for pid in workers:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            await load.some_more(60)
            lost = stage.vitrina.totals()["clicks_lost"]
            for pid in workers:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            freed = len(load.answers)
            await load.some_more(60)
        later = [answer.path for answer in load.answers[freed + 32 :] if answer.status == 200]
        verdict = await oracle.verdict(later, load.cut)
        survived = workers == stage.vitrina.roles()["dataplane"]
    bad = [answer for answer in load.answers if answer.status != 200 or answer.kind == "wrong"]
    return Record(
        "disk",
        "a worker at its limit of bytes (RLIMIT_FSIZE)",
        not bad and lost > 0 and survived and not verdict.lost and not verdict.doubled,
        "; ".join(failures(load)),
        {**answered(load), "clicks lost and counted": lost, "kept after it": verdict.completed - len(verdict.lost)},
    )
