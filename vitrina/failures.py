"""Failures an operator can act on: one line on stderr, an exit code, never a traceback.

Exit codes: 0 done · 1 the answer is no (a check found problems, a profile does not exist) · 2 bad usage or
configuration · 3 an address is busy · 4 the origin or Redis cannot be reached · 5 the data folder cannot be used ·
130 interrupted.
"""

from dataclasses import dataclass

ANSWER_NO = 1
BAD_CONFIG = 2
BUSY_ADDRESS = 3
UNREACHABLE = 4
BAD_DATA_FOLDER = 5
INTERRUPTED = 130


@dataclass(unsafe_hash=True)  # not frozen: contextlib sets __traceback__ on what passes through a context manager
class Failure(Exception):  # noqa: N818 - it is the operator's failure to read, not a Python error type
    """A one-line message for the operator and the process's exit code."""

    message: str
    exit_code: int

    def __str__(self) -> str:
        return self.message
