"""The one body of a template without gaps: a shop that keeps whole pages sends the very bytes again and again.

Who expects them compares what comes instead of copying it, and need not unpack it.

Invariant: `packed` was unpacked, and gave `body`. Both are kept in clear: of what is secret there is none.
"""


class OnlyBody:
    """A body, and how the origin packed it when it was sent in a content coding."""

    __slots__ = ("_coding", "_packed", "body")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._coding = b""
        self._packed: bytes | None = None

    def as_sent(self, coding: bytes | None) -> bytes | None:
        """What the origin sends for it, given its Content-Encoding; None as long as that is not known."""
        if coding is None:
            return self.body
        return self._packed if coding == self._coding else None

    def was_sent(self, packed: bytes, coding: bytes) -> None:
        """The origin sent it as `packed`; what it sent before is forgotten."""
        self._packed, self._coding = packed, coding
