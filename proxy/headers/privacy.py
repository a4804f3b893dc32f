"""What a response that belongs to one visitor may say: private, not stored, nothing that names the origin's bytes.

Invariant: `is_private` holds for whatever `personalised` and `with_our_cookie` return, whatever the origin sent.
"""

from proxy.framing.field_names import KNOWN

FieldList = list[tuple[bytes, bytes]]

_PRIVATE = b"private, no-store"
_VARY = b"*"
"""Caches that were told to ignore Cache-Control and Set-Cookie heed this (RFC 9110 section 12.5.5; nginx does)."""
_OF_THE_BYTES = frozenset(
    b"""accept-ranges content-digest content-encoding content-length content-md5 content-range digest etag last-modified
    repr-digest signature signature-input transfer-encoding x-content-md5""".split()
)
"""Fields about the very bytes of the origin, which a rewritten body no longer has."""
_OF_CACHES = frozenset(
    b"""age akamai-cache-control cache-tag cdn-cache-control edge-cache-tag edge-control expires surrogate-control
    surrogate-key x-accel-expires x-cache-control x-litespeed-cache-control
    x-litespeed-tag x-reverse-proxy-ttl x-varnish-ttl""".split()
)
_OF_THE_BYTES_OR_CACHES = _OF_THE_BYTES | _OF_CACHES
_PRIVATE_DIRECTIVES = frozenset((b"private", b"no-store"))
_SHARED_DIRECTIVES = frozenset((b"public", b"s-maxage"))


def personalised(headers: FieldList, *, content_length: int, content_encoding: bytes | None) -> FieldList:
    """The fields of a rewritten response (given those of `to_client`)."""
    sent = _made_private(headers, _OF_THE_BYTES_OR_CACHES)
    if content_encoding is not None:
        sent.append((b"Content-Encoding", content_encoding))
    sent.append((b"Content-Length", b"%d" % content_length))
    return sent


def with_our_cookie(headers: FieldList, set_cookie: bytes) -> FieldList:
    """Add our Set-Cookie to a response and make it private; validators stay, for its bytes are the origin's."""
    sent = _made_private(headers, _OF_CACHES)
    sent.append((b"Set-Cookie", set_cookie))
    return sent


def not_stored(headers: FieldList) -> FieldList:
    """The fields of a response that no cache may keep although its bytes are the origin's; validators stay."""
    return _made_private(headers, _OF_CACHES)


def is_private(headers: FieldList) -> bool:
    """No shared cache may store a response with these fields (to be checked on the final list)."""
    directives: set[bytes] = set()
    for name, value in headers:
        lower = KNOWN.get(name)
        if lower is None:
            lower = name.lower()
            if _speaks_to_caches(lower):
                return False
        elif lower in _OF_CACHES:  # none of the frequent names is a family's
            return False
        if lower == b"cache-control":
            if value == _PRIVATE:
                directives |= _PRIVATE_DIRECTIVES
            else:
                directives.update([part.strip(b" \t") for part in value.lower().split(b",")])
    if not directives >= _PRIVATE_DIRECTIVES:  # private="set-cookie" would not do: it is another directive here
        return False
    return directives == _PRIVATE_DIRECTIVES or not any(
        directive.partition(b"=")[0] in _SHARED_DIRECTIVES for directive in directives
    )


def _made_private(headers: FieldList, dropped: frozenset[bytes]) -> FieldList:
    """Cache-Control replaced where it stood, and nothing left that speaks to shared caches past it."""
    sent: FieldList = []
    is_said = False
    for field in headers:
        lower = KNOWN.get(field[0])
        if lower is None:
            lower = field[0].lower()
            if _speaks_to_caches(lower):
                continue
        if lower == b"cache-control":
            if not is_said:
                sent.append((field[0], _PRIVATE))
                is_said = True
        elif lower not in dropped and lower != b"vary":
            sent.append(field)
    if not is_said:
        sent.append((b"Cache-Control", _PRIVATE))
    sent.append((b"Vary", _VARY))
    return sent


def _speaks_to_caches(lower: bytes) -> bool:
    return lower in _OF_CACHES or lower.startswith(b"surrogate-") or lower.endswith(b"cdn-cache-control")
