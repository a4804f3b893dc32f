"""Colours and key presses, only where a person sits at a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


def is_coloured(stream: TextIO) -> bool:
    """A terminal, and nobody asked for plain text (https://no-color.org)."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(text: str, style: str, stream: TextIO | None = None) -> str:
    """`text` in a style of `_STYLES` when the stream (stdout unless given) is a colour terminal, else unchanged."""
    if not is_coloured(stream or sys.stdout):
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


@contextmanager
def single_keys() -> Iterator[int | None]:
    """Read single keys from the terminal: yields the descriptor to watch, None when stdin is no terminal.

    Ctrl-C keeps its meaning; the terminal is put back as it was.
    """
    if not sys.stdin.isatty():
        yield None
        return
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


class StatusLine:
    """Lines that scroll, and one below them that is rewritten in place; where nobody sits at a terminal, each new text
    of it is a line as well."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._in_place = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._text = ""

    def print(self, line: str) -> None:
        """A line that stays."""
        text = self._text
        self.clear()
        self._stream.write(f"{line}\n")
        if text and self._in_place:
            self.show(text)
        self._text = text
        self._stream.flush()

    def show(self, text: str) -> None:
        """Replace the status."""
        if text == self._text:
            return
        self._stream.write(f"\r{text}\x1b[K" if self._in_place else f"{text}\n")
        self._stream.flush()
        self._text = text

    def clear(self) -> None:
        """No status from here on."""
        if self._text and self._in_place:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._text = ""
