"""Where WebSocket frames begin and end (RFC 6455 section 5.2); nothing of what they say but that one closes.

Invariant: however the bytes are split, `is_between` is true exactly when the last frame begun is complete. Bytes that
are no frames only make the answer wrong, never the tunnel: they are not touched here.
"""

GOING_AWAY = b"\x88\x02\x03\xe9"
"""A server's Close frame with status 1001 (RFC 6455 sections 5.5.1 and 7.4.1)."""

_CLOSE = 8
_EXTENDED = {126: 2, 127: 8}


class FrameTracker:
    """Follows the frames that one side sends."""

    __slots__ = ("_head", "_missing", "has_closed")

    def __init__(self) -> None:
        self.has_closed = False
        """A Close frame has begun: nothing may follow it."""
        self._head = b""  # of a frame whose header is not complete
        self._missing = 0  # bytes of its payload that have not come

    @property
    def is_between(self) -> bool:
        """A control frame may stand here, also between the fragments of a message (RFC 6455 section 5.4)."""
        return not (self._missing or self._head or self.has_closed)

    def feed(self, data: bytes) -> None:
        """More bytes of this side."""
        at = 0
        while at < len(data):
            if self._missing:
                step = min(self._missing, len(data) - at)
                self._missing -= step
                at += step
                continue
            step = _header_bytes(self._head) - len(self._head)
            self._head += data[at : at + step]
            at += step
            if len(self._head) == _header_bytes(self._head):
                self._begin(self._head)
                self._head = b""

    def _begin(self, header: bytes) -> None:
        length = header[1] & 0x7F
        if length in _EXTENDED:
            length = int.from_bytes(header[2 : 2 + _EXTENDED[length]], "big")
        self._missing = length
        self.has_closed = self.has_closed or header[0] & 0x0F == _CLOSE


def _header_bytes(begun: bytes) -> int:
    """Length of a frame's header as far as its beginning tells."""
    if len(begun) < 2:
        return 2
    return 2 + _EXTENDED.get(begun[1] & 0x7F, 0) + (4 if begun[1] & 0x80 else 0)
