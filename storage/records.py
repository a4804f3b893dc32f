"""How a click lies in a segment: header (length, CRC-32, sequence), then its bytes; little-endian.

Invariant: a record is only ever taken whole and checked; what a crash tore at the end of a file is never read as a
click. The CRC starts from the sequence, so that a record moved to another place does not pass.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

HEADER: Final = struct.Struct("<IIQ")
MAX_RECORD_BYTES: Final = 1 << 20
"""A click is a few hundred bytes; a length above this is damage."""


class Record(NamedTuple):
    """One click as spooled: its id is (spool, sequence)."""

    sequence: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive records of one buffer: data[start:end] holds `count` records from `first` on."""

    start: int
    end: int
    first: int
    count: int

    @property
    def last(self) -> int:
        """Sequence of the last record."""
        return self.first + self.count - 1


def _seed(sequence: int) -> int:
    return (sequence ^ sequence >> 32) & 0xFFFFFFFF


def frame(sequence: int, payload: bytes) -> bytes:
    """The record's bytes."""
    return HEADER.pack(len(payload), crc32(payload, _seed(sequence)), sequence) + payload


def frames(first: int, payloads: Iterable[bytes]) -> list[bytes]:
    """Those of several records, numbered from `first` on."""
    return [
        HEADER.pack(len(payload), crc32(payload, (sequence ^ sequence >> 32) & 0xFFFFFFFF), sequence) + payload
        for sequence, payload in enumerate(payloads, first)  # as `frame`, written out: this runs for every click
    ]


def sequence_at(data: bytes, offset: int) -> int | None:
    """Sequence of a whole, sound record at `offset`; None when there is none."""
    found = _sound_at(data, offset)
    return None if found is None else found[0]


def _sound_at(data: bytes, offset: int) -> tuple[int, int] | None:
    """The same, and the offset behind the record."""
    start = offset + HEADER.size
    if len(data) < start:
        return None
    length, crc, sequence = HEADER.unpack_from(data, offset)
    end = start + length
    if not 0 < length <= MAX_RECORD_BYTES or len(data) < end or crc32(data[start:end], _seed(sequence)) != crc:
        return None
    return sequence, end


def is_damaged(data: bytes, offset: int) -> bool:
    """What is at `offset` can never become a sound record by more bytes arriving behind it."""
    if len(data) - offset < HEADER.size:
        return False
    length = HEADER.unpack_from(data, offset)[0]
    if not 0 < length <= MAX_RECORD_BYTES:
        return True
    return len(data) - offset >= HEADER.size + length and sequence_at(data, offset) is None


def next_sound(data: bytes, offset: int) -> int | None:
    """Offset of the first sound record behind `offset`, past damage."""
    for at in range(offset + 1, len(data) - HEADER.size):
        if sequence_at(data, at) is not None:
            return at
    return None


def find_run(data: bytes, offset: int, limit: int) -> Run | None:
    """Up to `limit` records with consecutive sequences from `offset` on; None when there is no sound one."""
    found = _sound_at(data, offset)
    if found is None:
        return None
    (first, at), count = found, 1
    while count < limit and (found := _sound_at(data, at)) is not None and found[0] == first + count:
        at, count = found[1], count + 1
    return Run(offset, at, first, count)


def unpack_records(data: bytes) -> Iterator[Record]:
    """Every record from the start on; stops at the first that is not sound."""
    offset = 0
    while (found := _sound_at(data, offset)) is not None:
        sequence, end = found
        yield Record(sequence, data[offset + HEADER.size : end])
        offset = end


def read_records(path: Path, offset: int = 0) -> tuple[tuple[Record, ...], int]:
    """The sound records of a segment from `offset` on, and the offset behind them."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    records = tuple(unpack_records(data))
    return records, offset + sum(HEADER.size + len(record.payload) for record in records)
