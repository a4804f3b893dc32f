"""RESP2 replies (https://valkey.io/topics/protocol/) from bytes as they come.

Invariant: no byte is read twice, however a reply is cut and whatever it announces, so a server that sends nonsense
costs what it sends. What is not RESP2, or nests deeper than any reply to us, ends in ValueError.
"""

from typing import Any, Final

Reply = bytes | int | list[Any] | None

MAX_DEPTH: Final = 16
"""Arrays in arrays; a stream's entries are four deep."""
MAX_LINE_BYTES: Final = 64 << 10
"""Of a line: a number, a status, an error's text."""


class ServerError(Exception):
    """The server answered with an error."""


class ReplyReader:
    """Takes bytes, gives whole replies."""

    __slots__ = ("_buffer", "_more", "_needed", "_open", "_taken", "unread")

    def __init__(self) -> None:
        self.unread = 0
        """Bytes of the reply that is not whole yet."""
        self._buffer = b""
        self._more: list[bytes] = []
        """What came behind `_buffer` while it was known not to be enough."""
        self._needed = 0
        """Bytes that the string under way ends at, from the start of `_buffer`; 0 when that is not known."""
        self._open: list[tuple[list[Any], int]] = []
        """Arrays under way, the outermost first, each with how many items it has in the end."""
        self._taken = 0
        """Bytes of the reply under way that are read."""

    def feed(self, data: bytes) -> list[Reply | ServerError]:
        """The replies that are whole with `data`; ValueError when it is no RESP2, and nothing behind can be trusted."""
        self.unread += len(data)
        if self._more or self._buffer:
            self._more.append(data)
            if self.unread - self._taken < self._needed:
                return []
            data = b"".join((self._buffer, *self._more))
            self._more.clear()
        replies: list[Reply | ServerError] = []
        at = self._needed = 0
        while at < len(data):
            end = data.find(b"\r\n", at, at + MAX_LINE_BYTES)
            if end < 0:
                if len(data) - at >= MAX_LINE_BYTES:
                    raise ValueError(f"not a RESP2 reply: a line of more than {MAX_LINE_BYTES} bytes")
                break
            start = end + 2
            value: Reply | ServerError
            match data[at]:
                case 0x24:  # $
                    size = int(data[at + 1 : end])
                    if size < 0:
                        value = None
                    elif len(data) < start + size + 2:
                        self._needed = start + size + 2 - at
                        break
                    else:
                        value = data[start : start + size]
                        start += size + 2
                case 0x2A:  # *
                    count, value = int(data[at + 1 : end]), []
                    if count > 0:
                        if len(self._open) == MAX_DEPTH:
                            raise ValueError(f"not a reply to us: arrays {MAX_DEPTH} deep and more")
                        self._open.append((value, count))
                        self._taken += start - at
                        at = start
                        continue
                case 0x2B:  # +
                    value = data[at + 1 : end]
                case 0x2D:  # -
                    value = ServerError(data[at + 1 : end].decode("utf-8", "replace"))
                case 0x3A:  # :
                    value = int(data[at + 1 : end])
                case _:
                    raise ValueError(f"not a RESP2 reply: {data[at : at + 16]!r}")
            self._taken += start - at
            at = start
            if self._open:
                items, count = self._open[-1]
                items.append(value)
                if len(items) < count or not self._is_whole():
                    continue
                value = self._open.pop()[0]
            replies.append(value)
            self.unread, self._taken = len(data) - at, 0
        self._buffer = data[at:]
        return replies

    def _is_whole(self) -> bool:
        """Put the innermost array, which is full, into the one around it, and so on; whether the outermost is full."""
        while len(self._open) > 1:
            full, _ = self._open.pop()
            items, count = self._open[-1]
            items.append(full)
            if len(items) < count:
                return False
        return True
