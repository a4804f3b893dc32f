"""Waiting for files to change without looking at them all the time: inotify(7), where the system has it.

Why: a process that wakes a hundred times a second to find nothing costs more than all else it does at night.
"""

import asyncio
import ctypes
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_IN_MODIFY: Final = 0x2
_IN_CREATE: Final = 0x100
_FLAGS: Final = os.O_NONBLOCK | os.O_CLOEXEC  # what IN_NONBLOCK and IN_CLOEXEC are defined as


class FolderWatch:
    """Tells when a file in one of some folders is written, or a new one appears. Close it after use."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def open(cls, folders: Iterable[Path]) -> "FolderWatch | None":
        """None where the system cannot do it (no inotify, or all its watches are taken): look from time to time."""
        library = ctypes.CDLL(None, use_errno=True)
        if not hasattr(library, "inotify_init1"):
            return None
        descriptor = library.inotify_init1(_FLAGS)
        if descriptor < 0:
            return None
        for folder in folders:
            if library.inotify_add_watch(descriptor, os.fsencode(folder), _IN_MODIFY | _IN_CREATE) < 0:
                os.close(descriptor)
                return None
        return cls(descriptor)

    async def wait(self, timeout_s: float) -> bool:
        """Whether something happened since `open`; False after the timeout."""
        loop, happened = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._descriptor, happened.set)
        try:
            async with asyncio.timeout(timeout_s):
                await happened.wait()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._descriptor)
        return True

    def close(self) -> None:
        """Stop watching."""
        os.close(self._descriptor)
