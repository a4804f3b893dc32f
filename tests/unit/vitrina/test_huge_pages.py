"""Huge pages: which memory is gathered into them, on this very process where its kernel can do it."""

import asyncio
import ctypes
import mmap
import re
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from vitrina.background import spawn
from vitrina.processes import huge_pages
from vitrina.processes.huge_pages import HugePages, gather_heap, present, whole_pages

MB = 1 << 20
MAPS = """\
00400000-00a00000 r-xp 00000000 fe:00 338944                     /usr/bin/python3.11
01000000-01900000 rw-p 00000000 00:00 0                          [heap]
7f0000100000-7f0000600000 rw-p 00000000 00:00 0
7f0000800000-7f0000c00000 rw-s 00000000 00:01 5                  /dev/zero (deleted)
7f0001000000-7f0001400000 rw-p 00000000 fe:00 7                  /lib/libc.so.6
7f0002000000-7f0002400000 ---p 00000000 00:00 0
7f0003000000-7f00031ff000 rw-p 00000000 00:00 0
7ffe00000000-7ffe00800000 rw-p 00000000 00:00 0                  [stack]
"""


@pytest.mark.parametrize(
    ("size", "found"),
    [
        (2 * MB, [0x1000000, 0x1200000, 0x1400000, 0x1600000, 0x7F0000200000, 0x7F0000400000]),
        (4 * MB, [0x1000000, 0x1400000]),
        (512 * MB, []),
    ],
)
def test_whole_pages_of_the_processs_own_memory_are_found(size: int, found: list[int]) -> None:
    assert list(whole_pages(MAPS, size)) == found


def test_pages_in_memory_are_told_from_others() -> None:
    entries = array("Q", [0, 1 << 63, 1 << 62, (1 << 63) + 5, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF])
    assert present(entries.tobytes()) == 3
    assert present(b"") == 0


@pytest.mark.parametrize(
    ("files", "is_open"),
    [
        ({"enabled": "always [madvise] never\n", "hpage_pmd_size": "2097152\n"}, True),
        ({"enabled": "[always] madvise never\n", "hpage_pmd_size": "2097152\n"}, True),
        ({"enabled": "always madvise [never]\n", "hpage_pmd_size": "2097152\n"}, False),
        ({"enabled": "always [madvise] never\n"}, False),
        ({"enabled": "always [madvise] never\n", "hpage_pmd_size": "many\n"}, False),
        ({}, False),
    ],
)
def test_the_systems_setting_counts(files: dict[str, str], is_open: bool, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    pages = HugePages.open(tmp_path)
    assert (pages is not None) is is_open
    if pages is not None:
        pages.close()


@pytest.fixture
def pages() -> Iterator[HugePages]:
    found = HugePages.open()
    if found is None:
        pytest.skip("this system has no huge pages, or they are switched off")
    probe = private(3 * found.size)
    probe.write(b"x" * len(probe))
    try:
        if not found.gather(-(-address(probe) // found.size) * found.size):
            pytest.skip("this kernel does not gather pages")
        yield found
    finally:
        found.close()


def address(memory: mmap.mmap) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


def private(size: int) -> mmap.mmap:
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def in_huge_pages() -> int:
    """Bytes, as the kernel counts them."""
    found = re.search(r"AnonHugePages: +(\d+) kB", Path("/proc/self/smaps_rollup").read_text())
    assert found is not None
    return int(found[1]) * 1024


def test_memory_in_use_is_gathered_once_and_keeps_what_it_holds(pages: HugePages) -> None:
    memory = private(8 * pages.size)
    first = -(-address(memory) // pages.size) * pages.size
    content = bytes(range(256)) * (len(memory) // 256)
    memory.write(content)
    before = in_huge_pages()
    due = [start for start in pages.due() if first <= start < address(memory) + len(memory)]
    assert len(due) >= 6
    gathered = [start for start in due if pages.gather(start)]
    assert in_huge_pages() >= before + len(gathered) * pages.size - pages.size
    assert len(gathered) == len(due)
    assert memory[:] == content
    assert not set(due) & set(pages.due())


def test_memory_that_is_hardly_used_is_left_alone(pages: HugePages) -> None:
    memory = private(8 * pages.size)
    for at in range(0, len(memory), 64 * mmap.PAGESIZE):
        memory[at] = 1
    within = range(address(memory), address(memory) + len(memory))
    assert not [start for start in pages.due() if start in within]


@pytest.mark.usefixtures("pages")
async def test_a_heap_that_grows_is_gathered_until_the_process_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huge_pages, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(huge_pages, "BETWEEN_S", 0.0)
    stop = asyncio.Event()
    gathering = spawn(gather_heap(stop), "gathering")
    try:
        async with asyncio.timeout(60):
            kept: list[tuple[int, str]] = []
            for times in (1, 2):
                before = in_huge_pages()
                kept += [(number, str(number)) for number in range(300_000)]
                while in_huge_pages() < before + 8 * MB:
                    assert not gathering.done()
                    await asyncio.sleep(0.01)
                assert kept[-1] == (299_999, "299999")
                assert len(kept) == times * 300_000
    finally:
        stop.set()
        await gathering
