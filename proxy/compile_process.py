"""A compile process: reads jobs from its standard input, one after the other, and writes what comes of each.

Invariant: it holds nothing that is worth anything; it may be killed at any time, and is, when a job takes too long. Its
memory is limited, so that a page cannot take the machine's.
"""

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
from typing import BinaryIO

from transforms.page.job import work

LENGTH = struct.Struct(">I")
FAILED = 0xFFFFFFFF
"""Instead of a length: the job raised; the process goes on."""
_PR_SET_PDEATHSIG = 1
_NICE = 5


def main(memory_bytes: int) -> None:
    """Work until the input ends."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the data plane died before prctl took hold
        sys.exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the data plane decides
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_NICE)  # visitors come first
    with contextlib.suppress(BrokenPipeError):
        _serve(sys.stdin.buffer, sys.stdout.buffer)


def _serve(jobs: BinaryIO, results: BinaryIO) -> None:
    while len(head := jobs.read(LENGTH.size)) == LENGTH.size:
        (size,) = LENGTH.unpack(head)
        job = jobs.read(size)
        if len(job) < size:
            return
        try:
            result = work(job)
        except Exception:
            # What a page made an engine trip over is that page's loss; its text must not reach a log.
            results.write(LENGTH.pack(FAILED))
        else:
            results.write(LENGTH.pack(len(result)) + result)
        results.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
