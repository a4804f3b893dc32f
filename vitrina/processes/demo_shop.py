"""The demo shop as a child of the demo: it dies with it, even when the demo is killed."""

import ctypes
import signal
import sys

from demo.shop.__main__ import main

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    sys.exit(main())
