"""Huge pages for Python's heap: each request touches objects all over it, and a processor has few addresses at hand.

Python takes memory by mmap(2), an arena of 1 MB each, where the allocator's own setting (`vitrina.children`) does not
reach; asked by madvise(2) with MADV_COLLAPSE (Linux 6.1), the kernel gathers what is there into pages of 2 MB.
Invariant: only what is in use to a half at least is gathered, so it takes little more memory; where the system has huge
pages switched off, or the kernel cannot gather, all stays as it is.
"""

import asyncio
import ctypes
import logging
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from storage.pausing import pause

LOOK_EVERY_S: Final = 5.0
BETWEEN_S: Final = 0.2
"""While one is gathered the kernel gives this process no other memory, for 5 to 8 ms on a small virtual machine
(2 cores, 2026-12-01): so for little of the time, while the heap grows, a request waits that long."""
GROWTH: Final = 2 << 20
"""Bytes that the process has to grow by until it is looked at again."""
LEAST_USED: Final = 0.5
"""Share of a huge page's memory that has to be there already: a thread's stack, say, is hardly used."""

_SETTINGS: Final = Path("/sys/kernel/mm/transparent_hugepage")
_MADV_COLLAPSE: Final = 25
_ANONYMOUS: Final = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0 *(?:\[heap\])?$", re.MULTILINE)
"""Lines of proc_pid_maps(5) of memory that can be written, is this process's alone, and no file's."""
_PRESENT: Final = bytes(range(0x80, 0x100))
"""The last byte of an entry of proc_pid_pagemap(5), bit 63 of which says that the page is in memory."""

_log = logging.getLogger(__name__)


async def gather_heap(stop: asyncio.Event) -> None:
    """Have the heap lie in huge pages until `stop`: as it is now, and whenever it has grown."""
    pages = HugePages.open()
    if pages is None:
        return
    looked_at = 0
    try:
        while not stop.is_set():
            resident = resident_bytes()
            looked_at = min(looked_at, resident)
            if resident >= looked_at + GROWTH:
                looked_at = resident
                for start in pages.due():
                    await asyncio.to_thread(pages.gather, start)
                    await pause(BETWEEN_S, stop)
                    if stop.is_set():
                        break
            await pause(LOOK_EVERY_S, stop)
    except OSError as error:
        _log.info("memory stays in small pages: %s", error)
    finally:
        pages.close()


class HugePages:
    """Memory of this process by huge pages, named by their first address."""

    def __init__(self, size: int, pagemap: int) -> None:
        self.size = size
        """Bytes of a huge page."""
        self._pagemap = pagemap
        self._gathered: set[int] = set()
        self._advise = ctypes.CDLL(None, use_errno=True).madvise
        self._advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)

    @classmethod
    def open(cls, settings: Path = _SETTINGS) -> "HugePages | None":
        """None where the system has none, or its administrator wants none."""
        try:
            if "[never]" in (settings / "enabled").read_text("ascii") or sys.byteorder != "little":
                return None
            size = int((settings / "hpage_pmd_size").read_text("ascii"))
            return cls(size, os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC))
        except (OSError, ValueError):
            return None

    def due(self) -> list[int]:
        """Those that are in use enough, and were not gathered yet."""
        every = set(whole_pages(Path("/proc/self/maps").read_text("utf-8", "replace"), self.size))
        self._gathered &= every
        return [start for start in sorted(every - self._gathered) if self._used(start) >= LEAST_USED]

    def _used(self, start: int) -> float:
        """Share of the memory from `start` on that is there."""
        count = self.size // os.sysconf("SC_PAGESIZE")
        told = os.pread(self._pagemap, 8 * count, start // os.sysconf("SC_PAGESIZE") * 8)
        return present(told) / count

    def gather(self, start: int) -> bool:
        """Make one huge page of what is there; False when the kernel will not, which is no error."""
        self._gathered.add(start)
        return bool(self._advise(start, self.size, _MADV_COLLAPSE) == 0)

    def close(self) -> None:
        """Gather no more."""
        os.close(self._pagemap)


def whole_pages(maps: str, size: int) -> Iterator[int]:
    """Where huge pages of `size` bytes begin that lie in a process's own memory as a whole, by its proc_pid_maps(5)."""
    for found in _ANONYMOUS.finditer(maps):
        first, end = int(found[1], 16), int(found[2], 16)
        yield from range(-(-first // size) * size, end - size + 1, size)


def present(pagemap: bytes) -> int:
    """How many of some entries of proc_pid_pagemap(5) are of pages that are in memory."""
    last = pagemap[7::8]
    return len(last) - len(last.translate(None, _PRESENT))


def resident_bytes() -> int:
    """Memory of this process that is there."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")
