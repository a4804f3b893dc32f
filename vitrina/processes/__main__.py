"""`python -m vitrina.processes NAME SPEC`.

Invariant: a process dies with its supervisor from the beginning, before it has loaded what it runs on.
"""

import ctypes
import gc
import os
import signal
import sys
from importlib import import_module

from vitrina.loading import loading

_PR_SET_PDEATHSIG = 1


def main(name: str) -> None:
    """Run it until it is told to stop."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # the supervisor died before prctl took hold
        sys.exit(1)
    with loading():
        process = import_module(f"vitrina.processes.{name}")
        gc.freeze()  # later collections need not look at modules
    process.main()


if __name__ == "__main__":
    main(sys.argv[1])
