"""Short answers of our own, for when there is no answer of the shop to pass on.

A line of ASCII text, but for who opens a page while the shop is out of reach: a person gets a page to read.
"""

from http import HTTPStatus

from proxy.framing.encode import encode_response_head
from proxy.framing.head import RequestHead

RETRY_AFTER = (b"Retry-After", b"2")
"""Goes with every 503: clients and crawlers come back in so many seconds, not at once."""
OUT_OF_REACH = frozenset((502, 503, 504))
"""Statuses that people meet without a mistake of theirs."""
ERROR_PAGE = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Back in a moment</title></head>
<body style="font:18px/1.5 system-ui,sans-serif;color:#222;max-width:30em;margin:15vh auto;padding:0 1em">
<h1 style="font-size:1.5em">The shop cannot be reached right now</h1>
<p>Please try again in a moment. Nothing is wrong with your device or your connection.</p>
<p><a href="">Try again</a></p>
</body></html>
"""
"""Said unless `site.error_page` says something else."""
_PHRASES = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}


def answer(
    status: int,
    *,
    keep_alive: bool,
    for_head: bool = False,
    version: bytes = b"1.1",
    fields: tuple[tuple[bytes, bytes], ...] = (),
    page: bytes = b"",
) -> bytes:
    """A whole response; `for_head` leaves the body out (RFC 9110 section 9.3.2), `version` is the client's.

    `page` is HTML in UTF-8 to send instead of the line of text.
    """
    phrase = _PHRASES.get(status, b"")
    body = page or b"%d %b\n" % (status, phrase)
    head: list[tuple[bytes, bytes]] = [
        (b"Content-Type", b"text/html; charset=utf-8" if page else b"text/plain; charset=us-ascii"),
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


def answer_to(
    asked: RequestHead, status: int, *, keep_alive: bool, fields: tuple[tuple[bytes, bytes], ...] = (), page: bytes
) -> bytes:
    """A whole response to this request; `page` is for browsers that open one while the shop is out of reach."""
    return answer(
        status,
        keep_alive=keep_alive,
        for_head=asked.method == b"HEAD",
        version=asked.version,
        fields=fields,
        page=page if status in OUT_OF_REACH and wants_page(asked) else b"",
    )


def wants_page(asked: RequestHead) -> bool:
    """A person's browser opens a page; scripts, pictures and programs do not name HTML in Accept."""
    return b"text/html" in (asked.get(b"accept") or b"")
