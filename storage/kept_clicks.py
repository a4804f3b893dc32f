"""The clicks that are still at hand, for looking at: those in the spools of this machine and those in the stream.

Invariant: nothing is changed, claimed or acknowledged by reading. The same click may come from both; its id, spool and
sequence, tells.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from clicks.click import Click
from clicks.wire import decode_click
from storage import keys
from storage.connecting import Client
from storage.records import Record, read_records, unpack_records
from storage.spool import SEGMENT_SUFFIX

_ENTRIES: Final = 256
"""Stream entries asked for at a time: up to 64 clicks each."""

Numbered = tuple[Click, str, int]


def spooled_bytes(root: Path) -> int:
    """How much `spooled` has to read."""
    return sum(path.stat().st_size for path in _segments(root, 0.0))


def spooled(root: Path, since: float) -> Iterator[tuple[list[Numbered], int]]:
    """Clicks of the spools from `since` (Unix seconds) on, a segment at a time, and how many bytes that was."""
    for path in _segments(root, since):
        try:
            records, size = read_records(path)
        except FileNotFoundError:
            continue  # the shipper deleted it meanwhile
        yield _clicks(path.parent.name, records, since), size


async def streamed(client: Client, since: float) -> AsyncIterator[list[Numbered]]:
    """Clicks of the stream from `since` on, some at a time."""
    last = "-"
    while True:
        entries = await client.execute_command("XRANGE", keys.STREAM, last, "+", "COUNT", _ENTRIES)
        if not entries:
            return
        for entry_id, fields in entries:
            last = f"({bytes(entry_id).decode()}"
            if fields:
                spool = fields.get(b"s", b"").decode("ascii", "replace")
                yield _clicks(spool, tuple(unpack_records(fields.get(b"b", b""))), since)


def _segments(root: Path, since: float) -> list[Path]:
    """Segments that may hold a click of that time or later: one is written to until its last."""
    found = []
    for path in sorted(root.glob(f"*/*{SEGMENT_SUFFIX}")):
        try:
            if path.stat().st_mtime >= since:
                found.append(path)
        except FileNotFoundError:
            continue
    return found


def _clicks(spool: str, records: tuple[Record, ...], since: float) -> list[Numbered]:
    """A click that this version cannot read is passed over."""
    found = []
    for record in records:
        try:
            click = decode_click(record.payload)
        except ValueError:
            continue
        if click.time >= since:
            found.append((click, spool, record.sequence))
    return found
