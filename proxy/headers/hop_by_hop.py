"""Fields that end at this hop (RFC 9110 section 7.6.1), and those that nobody may declare to.

Invariant: a Connection list can remove only fields that mean nothing to us or to the shop's security. A client that
names Cookie there would log a visitor out; naming Authorization or X-Forwarded-For changes who the shop thinks it is.
"""

HOP_BY_HOP: frozenset[bytes] = frozenset(
    b"""connection http2-settings keep-alive proxy proxy-authenticate proxy-authentication-info proxy-authorization
    proxy-connection te trailer transfer-encoding upgrade""".split()
)
"""Removed both ways. `Proxy` is no field at all, but CGI would make it HTTP_PROXY (httpoxy)."""

NOT_REMOVABLE: frozenset[bytes] = frozenset(
    b"""accept accept-encoding authorization cache-control content-disposition content-encoding content-language
    content-length content-location content-range content-security-policy content-type cookie date etag expect expires
    forwarded host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location origin
    pragma range referer set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate
    x-content-type-options x-frame-options x-real-ip x-robots-tag""".split()
)
"""Ignored in a Connection list, as is every X-Forwarded-*."""

_HARMLESS_OPTIONS = frozenset((b"keep-alive", b"close", b"upgrade", b"te", b"http2-settings"))


def removed_names(options: frozenset[bytes]) -> frozenset[bytes]:
    """Lower-case names to remove, given the options that Connection lists."""
    if options <= _HARMLESS_OPTIONS:
        return HOP_BY_HOP
    return HOP_BY_HOP | {
        option for option in options if option not in NOT_REMOVABLE and not option.startswith(b"x-forwarded-")
    }
