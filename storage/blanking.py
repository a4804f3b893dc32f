"""Clicks of erased visitors, blanked where they lie: the record stays, of the same size, and says nothing of anybody.

Invariants: offsets, sequences and checksums hold, so that readers and writers of a spool need not know; a blanked click
keeps time, status and sizes, as one before consent does, and no path, product, event or id.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgpack

from clicks.click import Click
from clicks.wire import decode_click, encode_click
from storage.records import HEADER, frame, next_sound, sequence_at
from storage.spool import SEGMENT_SUFFIX

Refuses = Callable[[str | None, float], bool]
"""(profile id, Unix seconds): whether what this visitor did then is erased."""


def is_erased(click: Click, refuses: Refuses) -> bool:
    """The click is of an erased visitor, or joins one to another."""
    return refuses(click.profile, click.time) or refuses(click.merged_from, click.time)


def blanked(payload: bytes) -> bytes:
    """The click without its visitor, in as many bytes. ValueError when that is no click."""
    click = decode_click(payload)
    bare = Click(
        click.time, "", click.method, "/", click.status, bytes_out=click.bytes_out, kind=click.kind,
        asset=click.asset, aborted=click.aborted, outcome="ERASED",
    )  # fmt: skip
    packed = encode_click(bare)
    marked: bytes = msgpack.packb("ERASED")
    before, _, after = packed.rpartition(marked)
    room = len(payload) - len(before) - len(after)
    if room < len(marked):
        raise ValueError("the click is too short to be blanked")
    if room <= 32:
        head = bytes((0xA0 | (room - 1),))
    elif room <= 257:
        head = bytes((0xD9, room - 2))
    elif room <= 65_538:
        head = b"\xda" + (room - 3).to_bytes(2, "big")
    else:
        head = b"\xdb" + (room - 5).to_bytes(4, "big")
    return before + head + b"ERASED".ljust(room - len(head)) + after


def blanked_records(data: bytes, refuses: Refuses) -> bytes | None:
    """Framed records with those of erased visitors blanked; None when there is none among them."""
    changed = bytearray(data)
    found = False
    for offset, payload in _records(data):
        if _refused(payload, refuses):
            sequence = HEADER.unpack_from(data, offset)[2]
            changed[offset : offset + HEADER.size + len(payload)] = frame(sequence, blanked(payload))
            found = True
    return bytes(changed) if found else None


def first_time(data: bytes) -> float:
    """When the first of these records was clicked, in Unix seconds; 0.0 where that cannot be told."""
    unpacker = msgpack.Unpacker(use_list=False)
    unpacker.feed(data[HEADER.size : HEADER.size + 64])
    try:
        unpacker.read_array_header()
        unpacker.unpack()
        return float(unpacker.unpack())
    except (ValueError, TypeError, msgpack.UnpackException):
        return 0.0


def blank_segment(path: Path, refuses: Refuses, ids: Iterable[bytes] | None = None) -> int:
    """Blank a segment's records in place; how many. With `ids` only records that hold one of them are looked at."""
    data = path.read_bytes()
    if ids is not None and not any(name in data for name in ids):
        return 0
    count = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        for offset, payload in _records(data):
            if ids is not None and not any(name in payload for name in ids):
                continue
            if _refused(payload, refuses):
                sequence = HEADER.unpack_from(data, offset)[2]
                os.pwrite(descriptor, frame(sequence, blanked(payload)), offset)
                count += 1
        if count:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return count


def blank_spools(root: Path, refuses: Refuses, ids: Iterable[bytes] | None = None) -> int:
    """Blank every spool below `root`; how many clicks."""
    names = None if ids is None else tuple(ids)
    count = 0
    for path in sorted(root.glob(f"*/*{SEGMENT_SUFFIX}")):
        try:
            count += blank_segment(path, refuses, names)
        except FileNotFoundError:
            continue  # tidied away meanwhile
    return count


def _records(data: bytes) -> Iterable[tuple[int, bytes]]:
    """Offset and payload of every sound record, past damage."""
    offset: int | None = 0
    while offset is not None and offset < len(data):
        if sequence_at(data, offset) is None:
            offset = next_sound(data, offset)
            continue
        length = HEADER.unpack_from(data, offset)[0]
        start = offset + HEADER.size
        yield offset, data[start : start + length]
        offset = start + length


def _refused(payload: bytes, refuses: Refuses) -> bool:
    try:
        return is_erased(decode_click(payload), refuses)
    except ValueError:
        return False
