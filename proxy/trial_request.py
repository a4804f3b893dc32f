"""host = "origin": what a browser sends back to the shop. The target, and small forms and JSON, name the origin again.

A page of the trial carries the public name in hidden fields, `location.href` and the like; a shop refuses to redirect
to a name that it does not know.

Invariant: a body is held only up to `limits.max_form_bytes` and never where the paths say `never_read`; one that does
not name the public host goes out as the very bytes it was.
"""

from proxy.framing.body_framing import Sized
from proxy.framing.head import RequestHead
from proxy.headers.trial_names import TrialHost
from proxy.public_urls import OriginUrls, is_urls_form


def holds_form(head: RequestHead, most_bytes: int) -> bool:
    """The body is kept until it is complete, because its length may change."""
    framing = head.framing
    return (
        isinstance(framing, Sized)
        and 0 < framing.length <= most_bytes
        and not head.expect_continue
        and b"content-encoding" not in head.index
        and is_urls_form(head.get(b"content-type"))
    )


def origin_form(body: bytes, hosts: TrialHost) -> bytes:
    """The body as the origin is to get it; the very object when it names the public host nowhere."""
    return OriginUrls(hosts).map(body)


def with_length(fields: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    """The fields of a body of that length."""
    return [(name, b"%d" % length) if name.lower() == b"content-length" else (name, value) for name, value in fields]
