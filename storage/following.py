"""Follow the clicks of this machine as they are written, straight from the spools: it works with Redis gone."""

from pathlib import Path

from clicks.click import Click
from clicks.wire import decode_click
from storage.records import read_records
from storage.spool import SEGMENT_SUFFIX


class SpoolFollower:
    """Reads every spool under `root`; `poll` returns what has come since the last call, in time's order.

    With `from_start` the clicks still on disk come first (shipped segments stay for an hour).
    """

    def __init__(self, root: Path, *, from_start: bool = False) -> None:
        self._root = root
        self._offsets: dict[Path, int] = {}
        if not from_start:
            self._offsets = {path: path.stat().st_size for path in self._segments()}

    def poll(self) -> list[Click]:
        """New clicks; a click that this version cannot read is passed over."""
        found: list[Click] = []
        segments = list(self._segments())
        for path in segments:
            offset = self._offsets.get(path, 0)
            try:
                if path.stat().st_size <= offset:
                    continue
                records, self._offsets[path] = read_records(path, offset)
            except FileNotFoundError:
                continue  # the shipper deleted it meanwhile
            for record in records:
                try:
                    found.append(decode_click(record.payload))
                except ValueError:
                    continue
        if len(self._offsets) > len(segments):
            alive = set(segments)
            self._offsets = {path: offset for path, offset in self._offsets.items() if path in alive}
        found.sort(key=lambda click: click.time)
        return found

    def _segments(self) -> list[Path]:
        return sorted(self._root.glob(f"*/*{SEGMENT_SUFFIX}"))
