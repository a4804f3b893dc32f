"""Response fields towards the client."""

from proxy.framing.body_framing import BodyFraming
from proxy.framing.head import ResponseHead

FieldList = list[tuple[bytes, bytes]]


def to_client(head: ResponseHead) -> FieldList:
    """The origin's end-to-end fields, order, case and bytes kept. A 101 keeps Upgrade. Framing: Content-Length only."""
    raise NotImplementedError


def framed(
    headers: FieldList, framing: BodyFraming, *, version: bytes, keep_alive: bool
) -> tuple[FieldList, BodyFraming, bool]:
    """Add the framing and connection fields towards the client.

    `version` is the client's, `framing` the body's as it came. Returns the fields, the framing to write the body with
    (a body of unknown length is chunked for HTTP/1.1 and ends with the connection for HTTP/1.0), and whether the
    connection lives on.
    """
    raise NotImplementedError
