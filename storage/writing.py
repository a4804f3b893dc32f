"""write() with the interpreter's lock held, for short writes into the page cache.

`os.write` lets go of the lock around the system call. With a second thread that wants it (the spool's own, after each
sync) every such write wakes that thread on another core, in vain more often than not, and costs many times the call
itself (docs/decisions/0006-one-write-with-the-lock-held.md). The thread that calls this waits for the disk exactly as
long as it would in `os.write`; others cannot run meanwhile, so it is nothing for pipes, sockets or long writes.
"""

import ctypes
import errno
import os
from typing import Final

_write: Final = ctypes.PyDLL(None, use_errno=True).write
_write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
_write.restype = ctypes.c_ssize_t


def write(fd: int, data: bytes) -> int:
    """As `os.write` (POSIX write): the number of bytes written, which may be fewer than given. Raises OSError."""
    while (written := _write(fd, data, len(data))) < 0:
        code = ctypes.get_errno()
        if code != errno.EINTR:
            raise OSError(code, os.strerror(code))
    return int(written)
