"""How a bench ends before its time: SIGTERM and a closed terminal are what Ctrl-C is.

Why: Python ends at once by them, and leaves whatever it started running: servers, load, a Redis. Invariant: `with` and
`finally` of a program that `ended` runs are gone through, whichever of the three it gets, and what it was just starting
at that moment ends, too.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Final

from bench.chaos.processes import descendants, is_running

INTERRUPTED: Final = 130
"""Exit code, as shells have it for Ctrl-C."""
GRACE_S: Final = 10.0

_told: list[int] = []


def ended(main: Callable[[], int | None]) -> int:
    """The exit code of `main`, or of having been interrupted."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # else somebody means it to be ignored, as nohup does
            signal.signal(number, _as_ctrl_c)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # shells do that to what they run in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return main() or 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        if _told:
            _end_what_is_left()


def _as_ctrl_c(number: int, _: FrameType | None) -> None:
    _told.append(number)
    signal.raise_signal(signal.SIGINT)


def _end_what_is_left() -> None:
    """A program that was started at that very moment is nobody's yet, so no `with` ends it."""
    left = descendants(os.getpid())
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in filter(is_running, left):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + GRACE_S
        while any(map(is_running, left)) and time.monotonic() < deadline:
            time.sleep(0.02)
