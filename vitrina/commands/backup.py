"""`backup` and `restore`: keys, profiles, catalogue and the clicks that wait, in one file."""

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from config.settings import Retention, Settings
from storage import keys
from storage.blanking import blank_spools
from storage.control import ControlPage
from storage.embedded import EmbeddedValkey
from storage.restoring import remember, without_erased
from storage.snapshot import MOST_UNFOLDED, Item, SnapshotError, is_empty, profiles, put_back, site_state, unpacked
from storage.spool import LOCK_NAME, segment_name
from storage.spool_reader import SpoolReader
from storage.tombstones import Tombstones
from vitrina import archive
from vitrina.archive import KEYS, REDIS, Manifest, Writer
from vitrina.attaching import attached
from vitrina.commands.arguments import DEFAULT_DATA, add_config, add_data, config_path, data_path, installation
from vitrina.datafolder import FORMAT, DataFolder
from vitrina.failures import ANSWER_NO, BAD_DATA_FOLDER, Failure
from vitrina.processes.spec import read_settings
from vitrina.terminal import paint
from vitrina.version import VERSION

_BLOCK = 1 << 20
_MOST_UNFOLDED_AT_REST = 1_000_000
_MAY_BE_THERE = {"lock", "format", "spool", "lost+found", "erased"}


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "backup",
        help="keys, profiles, catalogue and waiting clicks into one file",
        description="Write keys, profiles, catalogue and the clicks that wait into one file, while Vitrina serves or "
        "while it does not. The file holds the keys: it is readable by its owner alone; keep it so. The configuration "
        "is not in it.",
    )
    parser.add_argument("file", metavar="FILE", help="to be written; its name ends in .tar.zst or .tar.gz")
    add_config(parser)
    add_data(parser)
    parser.set_defaults(run=backup)
    parser = subparsers.add_parser(
        "restore",
        help="a backup into an empty data folder",
        description="Check a backup from its first to its last byte, then put it into an empty data folder (and an "
        "empty Redis). Profiles are as they were; clicks that were not folded yet are folded when Vitrina starts.",
    )
    parser.add_argument("file", metavar="FILE", help="as written by backup")
    parser.add_argument(
        "--erased", metavar="F", help="`erased` of the data folder before: who was erased since is not brought back"
    )
    add_config(parser)
    add_data(parser)
    parser.set_defaults(run=restore)


def backup(args: argparse.Namespace) -> int:
    """Take a backup."""
    folder, redis_url = installation(args)
    folder.check_format()
    try:
        manifest = asyncio.run(_back_up(folder, redis_url, Path(args.file)))
    except SnapshotError as error:
        raise Failure(str(error), ANSWER_NO) from None
    size = Path(args.file).stat().st_size
    print(f"{paint('ok', 'green')}: {args.file}, {size:,} bytes, {manifest.profiles:,} profiles{_keys_told(manifest)}")
    return 0


def _keys_told(manifest: Manifest) -> str:
    return "" if manifest.has_keys else "; the signing keys come from the environment and are not in it"


async def _back_up(folder: DataFolder, redis_url: str, path: Path) -> Manifest:
    control = ControlPage.open(folder.control) if folder.control.exists() else None
    manifest = Manifest(
        backup=archive.VERSION,
        program=VERSION,
        format=FORMAT,
        created=time.time(),
        is_on=control is None or control.is_on(),
        has_keys=folder.keys.exists(),
        profiles=0,
    )
    with tempfile.TemporaryFile() as staged, archive.written(path, manifest) as writer:
        _progress("reading Redis")
        positions = await _stage_redis(folder, redis_url, manifest, staged)
        staged.seek(0)
        writer.add(REDIS, staged)
        if manifest.has_keys:
            with folder.keys.open("rb") as file:
                writer.add(KEYS, file)
        _progress(f"{manifest.profiles:,} profiles; copying the clicks that wait")
        _add_spools(folder.spool, positions, writer)
    return manifest


async def _stage_redis(folder: DataFolder, redis_url: str, manifest: Manifest, staged: IO[bytes]) -> dict[str, int]:
    """Write what Redis holds; the position of each spool in it. What comes after is in the spools, copied later."""
    most_unfolded = MOST_UNFOLDED if folder.is_claimed() else _MOST_UNFOLDED_AT_REST
    async with attached(folder, redis_url) as client:
        state = await site_state(client, most_unfolded=most_unfolded)
        spools = {path.name.encode() for path in folder.spool.iterdir() if path.is_dir()}
        for item in state.items:
            kept = item
            if item.key == keys.SHIPPED:  # of spools that are gone nobody will ask again
                kept = Item(item.kind, item.key, {name: at for name, at in item.value.items() if name in spools})
            staged.write(kept.packed())
        async for item in profiles(client):
            staged.write(item.packed())
            if item.key.startswith(keys.PROFILE_PREFIX):
                manifest.profiles += 1
                if manifest.profiles % 10_000 == 0:
                    _progress(f"{manifest.profiles:,} profiles")
    return state.positions


def _add_spools(root: Path, positions: dict[str, int], writer: Writer) -> None:
    for folder in sorted(path for path in root.iterdir() if (path / LOCK_NAME).exists()):
        segments = SpoolReader(folder).segments()
        for first, following in zip(segments, [*segments[1:], None], strict=True):
            if following is not None and following <= positions.get(folder.name, -1) + 1:
                continue  # all of it is in Redis
            try:
                file = (folder / segment_name(first)).open("rb")
            except FileNotFoundError:  # sent and kept for long enough just now
                continue
            with file:
                writer.add(f"spool/{folder.name}/{segment_name(first)}", file)


def restore(args: argparse.Namespace) -> int:
    """Put a backup into an empty data folder."""
    path = Path(args.file)
    config = config_path(args) if args.data is None or args.config is not None else None
    settings = read_settings(config, None) if config else None
    folder = DataFolder(Path(data_path(args) or (settings.data if settings else DEFAULT_DATA)))
    _progress("checking the whole file")
    manifest = archive.verified(path)
    if manifest.format > FORMAT:
        raise Failure(
            f"{path}: of data format {manifest.format}, made by Vitrina {manifest.program}; this one ({VERSION}) knows "
            f"up to {FORMAT}: restore it with a newer Vitrina",
            ANSWER_NO,
        )
    _require_empty(folder)
    folder.claim()
    try:
        count = _restored(path, folder, manifest, settings, args.erased)
    finally:
        folder.release()
    made = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(manifest.created))
    print(
        f"{paint('ok', 'green')}: {folder.path} is as of {made}, {count:,} profiles{_keys_told(manifest)}"
        + ("" if manifest.is_on else "; it is switched off, as it was")
    )
    return 0


def _restored(path: Path, folder: DataFolder, manifest: Manifest, settings: Settings | None, erased: str | None) -> int:
    kept_s = (settings.retention if settings else Retention()).profiles_days * 86_400.0
    if erased is not None:
        folder.erased.write_bytes(Path(erased).read_bytes())
        folder.erased.chmod(0o600)
    if not folder.erased.exists():
        _progress("no record of erasures found (--erased): who asked since the backup has to be erased again")
    marks = Tombstones(folder.erased, kept_s)
    marks.look()
    try:
        count = asyncio.run(_put_back(path, folder, settings.redis.url if settings else "embedded", marks))
    except BaseException:
        _undo(folder)
        raise
    page = ControlPage.create(folder.control)
    page.turn(on=manifest.is_on)
    page.close()
    return count


def _require_empty(folder: DataFolder) -> None:
    if not folder.path.exists():
        return
    if folder.is_claimed():
        raise Failure(f"data folder {folder.path} is in use; a backup goes into an empty one", BAD_DATA_FOLDER)
    there = {path.name for path in folder.path.iterdir()} - _MAY_BE_THERE
    if folder.spool.exists():
        there |= {f"spool/{path.name}" for path in folder.spool.iterdir()}
    if there:
        raise Failure(
            f"data folder {folder.path} is not empty ({min(there)}); a backup goes into an empty one: move it "
            "away first, or pass --data",
            BAD_DATA_FOLDER,
        )


async def _put_back(path: Path, folder: DataFolder, redis_url: str, marks: Tombstones) -> int:
    count = 0
    async with attached(folder, redis_url) as client:
        if not await is_empty(client):
            raise Failure(
                "this Redis holds profiles or clicks already; a backup goes into an empty one", BAD_DATA_FOLDER
            )
        for member, content in archive.members(path):
            if member == REDIS:
                _progress("writing Redis")
                count = await put_back(client, without_erased(_items(path, content), marks.refuses))
            elif member == KEYS:
                _write(folder.keys, content)
            elif (spool := archive.spool_of(member)) is not None:
                segment = folder.path / member
                segment.parent.mkdir(mode=0o700, exist_ok=True)
                (folder.spool / spool / LOCK_NAME).touch(0o600)
                _write(segment, content)
        blank_spools(folder.spool, marks.refuses)
        await remember(client, marks)
    return count


def _items(path: Path, content: IO[bytes]) -> Iterable[Item]:
    def blocks() -> Iterator[bytes]:
        while block := content.read(_BLOCK):
            yield block

    try:
        yield from unpacked(blocks())
    except ValueError as error:
        raise Failure(f"{path}: {REDIS}: {error}", ANSWER_NO) from None


def _write(path: Path, content: IO[bytes]) -> None:
    with open(path, "xb", opener=_private) as file:
        shutil.copyfileobj(content, file, _BLOCK)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _undo(folder: DataFolder) -> None:
    """Leave nothing half restored."""
    with contextlib.suppress(Exception):
        EmbeddedValkey(folder.path).stop()
    for path in (folder.path / "valkey", *folder.spool.iterdir()):
        shutil.rmtree(path, ignore_errors=True)
    folder.keys.unlink(missing_ok=True)


def _progress(text: str) -> None:
    """On a terminal, or in a log: what is going on, apart from the result."""
    print(text, "…", file=sys.stderr, flush=True)
