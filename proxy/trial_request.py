"""host = "origin": what a browser sends back to the shop. The target, and small forms and JSON, name the origin again.

A page of the trial carries the public name in hidden fields, `location.href` and the like; a shop refuses to redirect
to a name that it does not know.

Invariant: a body is held only up to `limits.max_form_bytes` and never where the paths say `never_read`; one that does
not name the public host goes out as the very bytes it was.
"""

import re

from proxy.framing.body_framing import Sized
from proxy.framing.head import RequestHead
from proxy.headers.trial_names import TrialHost
from proxy.public_urls import OriginUrls, is_urls_form

_BOUNDARY = re.compile(rb"boundary=(?:\"([^\"]{1,70})\"|([^\s;,\"]{1,70}))", re.IGNORECASE)


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


def origin_form(body: bytes, content_type: bytes, hosts: TrialHost) -> bytes:
    """The body as the origin is to get it; the very object when it names the public host nowhere.

    Of `multipart/form-data` the fields are mapped, files are not.
    """
    urls = OriginUrls(hosts)
    boundary = _BOUNDARY.search(content_type)
    if boundary is None or not content_type.lstrip().lower().startswith(b"multipart/"):
        return urls.map(body)
    delimiter = b"--" + (boundary[1] or boundary[2])
    parts = body.split(delimiter)
    for number, part in enumerate(parts):
        fields, end, content = part.partition(b"\r\n\r\n")
        if end and b"filename" not in fields.lower():
            parts[number] = fields + end + urls.map(content)
    mapped = delimiter.join(parts)
    return body if mapped == body else mapped


def with_length(fields: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    """The fields of a body of that length."""
    return [(name, b"%d" % length) if name.lower() == b"content-length" else (name, value) for name, value in fields]
