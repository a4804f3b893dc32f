"""Response fields towards the client.

Invariant: what passes through differs from the origin's by the hop-by-hop fields alone. No Via, no Server of ours.
"""

from proxy.framing.body_framing import CHUNKED, UNTIL_CLOSE, BodyFraming, NoBody, Sized
from proxy.framing.field_names import KNOWN
from proxy.framing.head import ResponseHead
from proxy.headers.hop_by_hop import removed_names
from proxy.headers.upgrade import agrees_to_tunnel

FieldList = list[tuple[bytes, bytes]]


def to_client(head: ResponseHead) -> FieldList:
    """The origin's end-to-end fields, order, case and bytes kept. Framing: Content-Length only.

    The 101 that opens a WebSocket keeps Upgrade and says so in Connection.
    """
    removed = removed_names(head.connection)
    known = KNOWN.get
    sent = [field for field in head.headers if (known(field[0]) or field[0].lower()) not in removed]
    if agrees_to_tunnel(head):
        sent += ((b"Connection", b"Upgrade"), (b"Upgrade", head.upgrade or b""))
    return sent


def framed(
    headers: FieldList, framing: BodyFraming, *, version: bytes, keep_alive: bool
) -> tuple[FieldList, BodyFraming, bool]:
    """Add the framing and connection fields towards the client (not to 1xx, which have neither).

    `version` is the client's, `framing` the body's as it came. Returns the fields, the framing to write the body with
    (a body of unknown length is chunked for HTTP/1.1 and ends with the connection for HTTP/1.0), and whether the
    connection lives on.
    """
    sent = headers.copy()
    is_1_1 = version != b"1.0"
    if not isinstance(framing, (Sized, NoBody)):
        framing = CHUNKED if is_1_1 else UNTIL_CLOSE
        if is_1_1:
            sent.append((b"Transfer-Encoding", b"chunked"))
        else:
            keep_alive = False
    if not keep_alive:
        sent.append((b"Connection", b"close"))
    elif not is_1_1:
        sent.append((b"Connection", b"keep-alive"))
    return sent, framing, keep_alive
