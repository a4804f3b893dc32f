"""Which protocol switches pass: WebSocket, as a byte tunnel; everything else (h2c) stays HTTP/1.1."""

from proxy.framing.body_framing import NoBody, Sized
from proxy.framing.head import RequestHead, ResponseHead

_TUNNELLED = b"websocket"


def asks_for_tunnel(head: RequestHead) -> bool:
    """The client asks for WebSocket. A request with a body does not count: its bytes could be taken for frames."""
    if head.upgrade is None or head.upgrade.lower() != _TUNNELLED:
        return False
    return isinstance(head.framing, NoBody) or head.framing == Sized(0)


def agrees_to_tunnel(head: ResponseHead) -> bool:
    """The origin switches to WebSocket; any other 101 is an error of the origin's (502)."""
    return head.status == 101 and head.upgrade is not None and head.upgrade.lower() == _TUNNELLED
