"""The control page: one mapped file that all processes of one machine share (kill switch and counters).

Invariants: `off` acts on the next request in every process and needs nothing but this file; every counter has exactly
one writer (its slot's process) and is one aligned 8-byte word, so no lock is needed and a reader never sees half of it.
A slot keeps its counts when another process takes it over: totals only ever grow.
"""

import mmap
import os
import struct
import time
from pathlib import Path
from typing import Final

COUNTERS: Final = (
    "requests",
    "html",
    "personalised",
    "holdout",
    "hit",
    "relocated",
    "compiled",
    "refused",
    "fail_open",
    "over_budget",
    "clicks",
    "clicks_lost",
    "origin_errors",
    "origin_retries",
    "shed",
    "bad_requests",
    "profile_fetches",
    "profile_found",
    "profile_timeouts",
    "profile_unavailable",
    "breaker_opened",
    "added_us_total",
    "in_bytes",
    "out_bytes",
    "moved",
    "shipped",
    "ship_errors",
    "folded",
    "fold_errors",
    "malformed_records",
)
"""Names of counters; append only, the order is the layout."""

GAUGES: Final = ("breaker_open", "spool_depth", "spool_bytes", "stream_lag", "connections", "loop_lag_us")
"""Names of values that go up and down; append only."""

SLOTS: Final = 64
_WORDS: Final = 64  # of 8 bytes per slot: pid, heartbeat, 16 gauges, 46 counters
_PID, _HEARTBEAT, _GAUGES, _COUNTERS = 0, 1, 2, 18
_MAGIC: Final = b"VITRINA\0"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sII")
_SWITCH_WORD: Final = 8
_FIRST_SLOT_WORD: Final = 512
SIZE: Final = (_FIRST_SLOT_WORD + SLOTS * _WORDS) * 8

_COUNTER_WORD: Final = {name: _COUNTERS + at for at, name in enumerate(COUNTERS)}
_GAUGE_WORD: Final = {name: _GAUGES + at for at, name in enumerate(GAUGES)}


class Slot:
    """One process's counters: the data plane's `Switch`. Only the process that claimed it may count."""

    __slots__ = ("_base", "_words")

    def __init__(self, words: memoryview, index: int) -> None:
        self._words = words
        self._base = _FIRST_SLOT_WORD + index * _WORDS

    def is_on(self) -> bool:
        """False as soon as the operator said `off`."""
        return self._words[_SWITCH_WORD] == 0

    def count(self, name: str, n: int = 1) -> None:
        """Add to a counter; KeyError when there is no such counter."""
        at = self._base + _COUNTER_WORD[name]
        self._words[at] = (self._words[at] + n) & 0xFFFFFFFFFFFFFFFF

    def put(self, name: str, value: int) -> None:
        """Set a gauge, or a counter whose writer keeps the sum itself; KeyError when there is no such name."""
        at = _GAUGE_WORD[name] if name in _GAUGE_WORD else _COUNTER_WORD[name]
        self._words[self._base + at] = max(0, value)

    def claim(self, pid: int | None = None) -> None:
        """This process writes here from now on: gauges start at zero, counters go on."""
        for at in range(self._base + _GAUGES, self._base + _COUNTERS):
            self._words[at] = 0
        self._words[self._base + _PID] = os.getpid() if pid is None else pid
        self.beat()

    def release(self) -> None:
        """The process is done; its counters stay."""
        for at in range(self._base, self._base + _COUNTERS):
            self._words[at] = 0

    def beat(self) -> None:
        """Say that the process is alive."""
        self._words[self._base + _HEARTBEAT] = int(time.time() * 1000)

    @property
    def pid(self) -> int:
        """Process that claimed the slot; 0 when none did."""
        return self._words[self._base + _PID]

    @property
    def heartbeat(self) -> float:
        """Unix seconds of the last beat."""
        return self._words[self._base + _HEARTBEAT] / 1000

    def counts(self) -> dict[str, int]:
        """Counters of this slot by name."""
        return {name: self._words[self._base + at] for name, at in _COUNTER_WORD.items()}

    def gauges(self) -> dict[str, int]:
        """Gauges of this slot by name."""
        return {name: self._words[self._base + at] for name, at in _GAUGE_WORD.items()}


class ControlPage:
    """The mapped page. `create` for whoever may make it, `open` for those who need it to be there."""

    __slots__ = ("_map", "_words", "path")

    def __init__(self, path: Path, mapped: mmap.mmap) -> None:
        self.path = path
        self._map = mapped
        self._words = memoryview(mapped).cast("Q")

    @classmethod
    def create(cls, path: Path) -> "ControlPage":
        """Open the page, or make it when it is missing or of another layout; the switch survives a restart."""
        try:
            return cls.open(path)
        except (FileNotFoundError, ValueError):
            pass
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_bytes(_HEADER.pack(_MAGIC, _VERSION, SLOTS).ljust(SIZE, b"\0"))
        fresh.replace(path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> "ControlPage":
        """FileNotFoundError when there is none, ValueError when it is not a control page of this version."""
        with path.open("r+b") as file:
            head = file.read(_HEADER.size)
            if len(head) < _HEADER.size or _HEADER.unpack(head) != (_MAGIC, _VERSION, SLOTS):
                raise ValueError(f"{path}: not a control page of this version")
            if os.fstat(file.fileno()).st_size != SIZE:
                raise ValueError(f"{path}: a control page has {SIZE} bytes")
            return cls(path, mmap.mmap(file.fileno(), SIZE))

    def close(self) -> None:
        """Unmap; slots handed out must not be used any more."""
        self._words.release()
        self._map.close()

    def is_on(self) -> bool:
        """False as soon as the operator said `off`."""
        return self._words[_SWITCH_WORD] == 0

    def turn(self, on: bool) -> None:
        """Throw the kill switch for all processes of this machine."""
        self._words[_SWITCH_WORD] = 0 if on else 1

    def slot(self, index: int) -> Slot:
        """The counters of one process; IndexError outside 0 … SLOTS-1."""
        if not 0 <= index < SLOTS:
            raise IndexError(f"slot {index}: there are {SLOTS}")
        return Slot(self._words, index)

    def slots(self) -> tuple[Slot, ...]:
        """All slots, used or not."""
        return tuple(Slot(self._words, index) for index in range(SLOTS))

    def totals(self) -> dict[str, int]:
        """Counters and gauges summed over all slots."""
        sums: dict[str, int] = dict.fromkeys(COUNTERS + GAUGES, 0)
        for slot in self.slots():
            for name, value in (slot.counts() | slot.gauges()).items():
                sums[name] += value
        return sums
