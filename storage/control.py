"""The control page: one mapped file that all processes of one machine share (kill switch and measurements).

Invariants: `off` acts on the next request in every process and needs nothing but this file; every counter has exactly
one writer (its slot's process) and is one aligned 8-byte word, so no lock is needed and a reader never sees half of it.
A slot keeps its counts when another process takes it over: totals only ever grow.
"""

import contextlib
import mmap
import os
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from clicks.click import Reason
from storage.measures import (
    ANSWERS,
    COUNTERS,
    FIRST_BUCKET_BITS,
    GAUGES,
    HISTOGRAM_BUCKETS,
    HISTOGRAMS,
    KINDS,
    OTHER_CLASS,
    OTHER_KIND,
    OTHER_REASON,
    REASONS,
    WAYS,
    Histogram,
    Measured,
)

SLOTS: Final = 192
_WORDS: Final = 1024
"""Of 8 bytes per slot; each region has room to grow, names are appended only."""
_PID, _HEARTBEAT, _CLAIMS, _ACCEPTS = 0, 1, 2, 3
_GAUGES, _COUNTERS, _ANSWERS, _REASONS, _HISTOGRAMS = 8, 32, 128, 224, 256
_HISTOGRAM_WORDS: Final = 32
"""The sum of what was observed, then how often each bucket was hit."""
_MAGIC: Final = b"VITRINA\0"
_VERSION: Final = 2
_HEADER: Final = struct.Struct("<8sII")
_SWITCH_WORD: Final = 8
"""Its place and meaning are the same in every version: who said `off` is obeyed across upgrades."""
_FIRST_SLOT_WORD: Final = 512
SIZE: Final = (_FIRST_SLOT_WORD + SLOTS * _WORDS) * 8

_COUNTER_WORD: Final = {name: _COUNTERS + at for at, name in enumerate(COUNTERS)}
_GAUGE_WORD: Final = {name: _GAUGES + at for at, name in enumerate(GAUGES)}
_ANSWER_WORD: Final = {
    (status_class, kind): _ANSWERS + row * len(KINDS) + at
    for row, status_class in enumerate(ANSWERS)
    for at, kind in enumerate(KINDS)
}
_REASON_WORD: Final = {reason: _REASONS + at for at, reason in enumerate(REASONS)}
_OTHER_REASON_WORD: Final = _REASON_WORD[OTHER_REASON]
_HISTOGRAM_WORD: Final = {name: _HISTOGRAMS + at * _HISTOGRAM_WORDS for at, name in enumerate(HISTOGRAMS)}
_ADDED_WORD: Final = {way: _HISTOGRAM_WORD[f"added:{way}"] for way in WAYS}
_ADDED_US, _OUT_BYTES = _COUNTER_WORD["added_us_total"], _COUNTER_WORD["out_bytes"]
_PERSONALISED, _MOVED = _COUNTER_WORD["personalised"], _COUNTER_WORD["moved"]
# Bit length of whole microseconds → word of the bucket, counted from the histogram's sum.
_BUCKET_WORD: Final = tuple(1 + min(max(bits - FIRST_BUCKET_BITS, 0), HISTOGRAM_BUCKETS - 1) for bits in range(65))


class Slot:
    """One process's measurements: the data plane's `Switch`. Only the process that claimed it may count."""

    __slots__ = ("_base", "_words")

    def __init__(self, words: memoryview, index: int) -> None:
        self._words = words
        self._base = _FIRST_SLOT_WORD + index * _WORDS

    def is_on(self) -> bool:
        """False as soon as the operator said `off`."""
        return self._words[_SWITCH_WORD] == 0

    def count(self, name: str, n: int = 1) -> None:
        """Add to a counter; KeyError when there is no such counter."""
        self._words[self._base + _COUNTER_WORD[name]] += n

    def answered(self, status: int, kind: str, way: str, added_us: int, out_bytes: int) -> None:
        """Count an answer by the class of its status and the kind of page (what is neither known is "other"), our share
        of its time by its way (KeyError when there is no such way), and its bytes."""
        words, base = self._words, self._base
        word = _ANSWER_WORD.get((status // 100, kind))
        if word is None:
            status_class = status // 100 if status // 100 in ANSWERS else OTHER_CLASS
            word = _ANSWER_WORD[status_class, kind if kind in KINDS else OTHER_KIND]
        words[base + word] += 1
        words[base + _OUT_BYTES] += out_bytes
        at = base + _ADDED_WORD[way]
        if added_us > 0:
            words[base + _ADDED_US] += added_us
            words[at] += added_us
        words[at + _BUCKET_WORD[added_us.bit_length()]] += 1

    def looked_at(self, counter: str | None, reasons: Iterable[Reason], moved: int | None) -> None:
        """Count a page: by a counter (KeyError when there is no such counter), by its decisions' reasons (what is not
        known is "other"), and as personalised, with the positions that were `moved`, where it went out changed."""
        words, base = self._words, self._base
        if counter is not None:
            words[base + _COUNTER_WORD[counter]] += 1
        for _, code, _ in reasons:
            words[base + _REASON_WORD.get(code, _OTHER_REASON_WORD)] += 1
        if moved is not None:
            words[base + _PERSONALISED] += 1
            words[base + _MOVED] += moved

    def observe(self, name: str, seconds: float) -> None:
        """Add to a histogram; KeyError when there is no such histogram. Less than nothing counts as nothing."""
        us = int(seconds * 1_000_000)
        at = self._base + _HISTOGRAM_WORD[name]
        words = self._words
        if us > 0:
            words[at] += us
            words[at + _BUCKET_WORD[us.bit_length()]] += 1
        else:
            words[at + 1] += 1

    def put(self, name: str, value: int) -> None:
        """Set a gauge, or a counter whose writer keeps the sum itself; KeyError when there is no such name."""
        at = _GAUGE_WORD[name] if name in _GAUGE_WORD else _COUNTER_WORD[name]
        self._words[self._base + at] = max(0, value)

    def claim(self, pid: int | None = None) -> None:
        """This process writes here from now on: gauges start at zero, counters go on."""
        for at in (_ACCEPTS, *range(_GAUGES, _COUNTERS)):
            self._words[self._base + at] = 0
        self._words[self._base + _PID] = os.getpid() if pid is None else pid
        self._words[self._base + _CLAIMS] += 1
        self.beat()

    def release(self) -> None:
        """The process is done; its counters stay."""
        for at in (_PID, _HEARTBEAT, _ACCEPTS, *range(_GAUGES, _COUNTERS)):
            self._words[self._base + at] = 0

    def beat(self) -> None:
        """Say that the process is alive."""
        self._words[self._base + _HEARTBEAT] = int(time.monotonic() * 1000)

    @property
    def pid(self) -> int:
        """Process that claimed the slot; 0 when none did."""
        return self._words[self._base + _PID]

    def was_heard(self, within_s: float) -> bool:
        """Whether the process said within so many seconds that it is alive: by the monotonic clock, which all of this
        machine share and nobody sets. It starts anew with the machine: a beat of before it lies ahead, or is none."""
        beat = self._words[self._base + _HEARTBEAT]
        return beat > 0 and 0 <= time.monotonic() - beat / 1000 < within_s

    def accept_with(self, connections: int | None) -> None:
        """Say that the process accepts connections and has so many; None: it accepts none."""
        self._words[self._base + _ACCEPTS] = 0 if connections is None else connections + 1

    @property
    def accepts_with(self) -> int | None:
        """How many connections it has; None when it accepts none."""
        word = self._words[self._base + _ACCEPTS]
        return word - 1 if word else None

    @property
    def claims(self) -> int:
        """How many processes have written here so far, one after the other."""
        return self._words[self._base + _CLAIMS]

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
        """Open the page, or make it when it is missing or of another version; the switch survives either.

        It lies on the disk as a whole from the start (OSError when there is no room): a store into a hole of a mapped
        file on a full disk would kill the process that counts with SIGBUS.
        """
        try:
            page = cls.open(path)
        except (FileNotFoundError, ValueError):
            pass
        else:
            with contextlib.suppress(OSError):  # of an earlier version, on a disk that is full by now
                _allocate(path)
            return page
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_bytes(_HEADER.pack(_MAGIC, _VERSION, SLOTS))
        try:
            _allocate(fresh)
        except OSError:
            fresh.unlink()
            raise
        page = cls.open(fresh)
        page.turn(not _is_off(path))
        page.close()
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
        """The measurements of one process; IndexError outside 0 … SLOTS-1."""
        if not 0 <= index < SLOTS:
            raise IndexError(f"slot {index}: there are {SLOTS}")
        return Slot(self._words, index)

    def slots(self) -> tuple[Slot, ...]:
        """All slots, used or not."""
        return tuple(Slot(self._words, index) for index in range(SLOTS))

    def totals(self) -> dict[str, int]:
        """Counters and gauges summed over all slots."""
        words = self._summed()
        return {name: words[at] for name, at in (_COUNTER_WORD | _GAUGE_WORD).items()}

    def measured(self) -> Measured:
        """Everything, summed over all slots."""
        words = self._summed()
        return Measured(
            counters={name: words[at] for name, at in _COUNTER_WORD.items()},
            gauges={name: words[at] for name, at in _GAUGE_WORD.items()},
            answers={label: words[at] for label, at in _ANSWER_WORD.items()},
            reasons={reason: words[at] for reason, at in _REASON_WORD.items()},
            histograms={
                name: Histogram(words[at], tuple(words[at + 1 : at + 1 + HISTOGRAM_BUCKETS]))
                for name, at in _HISTOGRAM_WORD.items()
            },
        )

    def _summed(self) -> list[int]:
        """All slots' words added up; slots that were never used are zeros and skipped."""
        nothing = bytes(_WORDS * 8)
        sums = [0] * _WORDS
        for index in range(SLOTS):
            start = _FIRST_SLOT_WORD + index * _WORDS
            if self._map[start * 8 : (start + _WORDS) * 8] != nothing:
                sums = [a + b for a, b in zip(sums, self._words[start : start + _WORDS].tolist(), strict=True)]
        return sums


def _allocate(path: Path) -> None:
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, SIZE)


def _is_off(path: Path) -> bool:
    """Whether the page of another version says off."""
    try:
        head = path.read_bytes()[: (_SWITCH_WORD + 1) * 8]
    except OSError:
        return False
    return head.startswith(_MAGIC) and len(head) == (_SWITCH_WORD + 1) * 8 and head[-8:] != bytes(8)
