"""When the first click behind a place of a spool was made: a reader that follows the place, and reads nothing twice."""

from storage.blanking import first_time
from storage.spool_reader import Chunk, SpoolReader


class Trail:
    """Follows a place that only goes forward; for one that went back, make another."""

    __slots__ = ("_chunk", "_reader", "first")

    def __init__(self, reader: SpoolReader) -> None:
        self.first = reader.position + 1
        """The earliest sequence it can tell of."""
        self._reader = reader
        self._chunk: Chunk | None = None

    def first_behind(self, position: int) -> float | None:
        """Unix time of the first click behind `position`, or of one in the chunk it is in; None: there is none."""
        chunk = self._chunk
        while chunk is None or chunk.last <= position:
            if not (chunks := self._reader.read(1)):
                return None
            chunk = self._chunk = chunks[0]
            self.first = chunk.first
        return first_time(chunk.packed)

    def close(self) -> None:
        """Let go of its segment."""
        self._reader.close()
