"""Short answers of our own, for when there is no answer of the shop to pass on: errors, as plain ASCII text."""

from http import HTTPStatus

from proxy.framing.encode import encode_response_head

RETRY_AFTER = (b"Retry-After", b"2")
"""Goes with every 503: clients and crawlers come back in so many seconds, not at once."""
_PHRASES = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}


def answer(
    status: int,
    *,
    keep_alive: bool,
    for_head: bool = False,
    version: bytes = b"1.1",
    fields: tuple[tuple[bytes, bytes], ...] = (),
) -> bytes:
    """A whole response; `for_head` leaves the body out (RFC 9110 section 9.3.2), `version` is the client's."""
    phrase = _PHRASES.get(status, b"")
    body = b"%d %b\n" % (status, phrase)
    head: list[tuple[bytes, bytes]] = [
        (b"Content-Type", b"text/plain; charset=us-ascii"),
        (b"Content-Length", b"%d" % len(body)),
        (b"Cache-Control", b"no-store"),
        (b"X-Robots-Tag", b"noindex"),
        *fields,
    ]
    if not keep_alive:
        head.append((b"Connection", b"close"))
    elif version == b"1.0":
        head.append((b"Connection", b"keep-alive"))
    return encode_response_head(status, phrase, head) + (b"" if for_head else body)
