"""The parsed heads: fields as received (order, case and bytes), an index for look-ups, and the decided framing.

Invariant: `headers` never contradicts `framing`. A head that could be read in two ways was refused (request) or cleaned
(response) before it became one of these.
"""

from collections.abc import Mapping

from msgspec import Struct

from proxy.framing.body_framing import BodyFraming

Headers = tuple[tuple[bytes, bytes], ...]
"""Field lines in order: name as received, value without surrounding whitespace."""


class RequestHead(Struct):
    """A request head that passed every check of `parse_request_head`."""

    method: bytes
    """Any token, case kept; never CONNECT or TRACE."""
    target: bytes
    """The request target as received."""
    version: bytes
    """`b"1.1"` or `b"1.0"`; higher minor versions count as 1.1."""
    headers: Headers
    framing: BodyFraming
    """`NoBody`, `Sized` or `Chunked`."""
    keep_alive: bool
    """The client lets the connection live after this exchange."""
    expect_continue: bool
    """The client waits for 100 before it sends the body."""
    connection: frozenset[bytes]
    """The options that Connection lists, in lower case."""
    upgrade: bytes | None
    """Value of Upgrade when Connection lists it (HTTP/1.1), else None."""
    authority: bytes
    """Host and port asked for: the absolute form's if the target has one, else Host's; empty if HTTP/1.0 sent none."""
    path: bytes
    """The target in origin form, to be forwarded: equal to `target` but for the absolute form; `*` for `OPTIONS *`."""
    index: Mapping[bytes, bytes]
    """Lower-case name → first value."""

    def get(self, name_lower: bytes) -> bytes | None:
        """First value of a field (name in lower case), or None."""
        return self.index.get(name_lower)

    def get_all(self, name_lower: bytes) -> list[bytes]:
        """Every value of a field (name in lower case), in order."""
        if name_lower not in self.index:
            return []
        return [value for name, value in self.headers if name.lower() == name_lower]


class ResponseHead(Struct):
    """A response head, cleaned by the tolerance table of `parse_response_head`."""

    status: int
    """100 to 999."""
    reason: bytes
    """As received; may be empty."""
    version: bytes
    """`b"1.1"` or `b"1.0"`."""
    headers: Headers
    """Cleaned: at most one Content-Length, none beside Transfer-Encoding, lines without a valid name dropped."""
    framing: BodyFraming
    keep_alive: bool
    """The origin's connection may be reused once the body is complete."""
    connection: frozenset[bytes]
    """The options that Connection lists, in lower case."""
    upgrade: bytes | None
    """Value of Upgrade when Connection lists it, else None."""
    index: Mapping[bytes, bytes]
    """Lower-case name → first value."""

    def get(self, name_lower: bytes) -> bytes | None:
        """First value of a field (name in lower case), or None."""
        return self.index.get(name_lower)

    def get_all(self, name_lower: bytes) -> list[bytes]:
        """Every value of a field (name in lower case), in order."""
        if name_lower not in self.index:
            return []
        return [value for name, value in self.headers if name.lower() == name_lower]
