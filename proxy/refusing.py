"""Requests that never reach the origin: what is answered instead, told by their heads alone."""

from proxy.framing.body_framing import Sized
from proxy.https_only import https_location
from proxy.visit import Visit

Refusal = tuple[int, str, tuple[tuple[bytes, bytes], ...]]
"""Status, reason (docs/reference/messages.md) and fields."""


def refused(visit: Visit, has_endpoint: bool) -> Refusal | None:
    """Why this request goes no further; None when it may. `has_endpoint`: there is somebody to send it to.

    Of whose name and scheme are as they should be, their fields keep note: only what is ours needs to be asked again.
    """
    serving, head = visit.serving, visit.head
    if not serving.serves(head.authority):
        return 421, "foreign_host", ()
    if serving.https_port is None or visit.fields.is_secure:
        visit.fields.is_welcome = True
    else:
        location = https_location(head, serving.https_port)
        if location is not None:
            return 308, "to_https", ((b"Location", location),)
    if not has_endpoint:
        return 404, "no_endpoint", ()
    if visit.is_own and isinstance(head.framing, Sized) and head.framing.length > serving.own_body_bytes:
        return 413, "own_body_too_large", ()
    return None
