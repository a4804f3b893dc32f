"""`tls.redirect`: where a plain request is sent to instead of the shop.

Invariant: what must work without TLS is left alone: the proof for a certificate (ACME, RFC 8555 section 8.3) and the
load balancer's question whether we live.
"""

from typing import Final

from config.settings import Tls
from config.values import split_address
from proxy.framing.head import RequestHead

_PLAIN: Final = (b"/.well-known/acme-challenge/", b"/_vitrina/health")
_HTTPS_PORT: Final = 443


def https_port(tls: Tls | None) -> int | None:
    """The port to send plain requests to; None when they are served."""
    if tls is None or not tls.redirect:
        return None
    return tls.public_port or split_address(tls.listen)[1]


def https_location(head: RequestHead, port: int) -> bytes | None:
    """The same target by https, byte for byte; None when the request is to be served as it is."""
    if not head.authority or not head.path.startswith(b"/") or head.path.startswith(_PLAIN):
        return None
    host = head.authority
    if not host.endswith(b"]"):
        name, colon, _ = host.rpartition(b":")
        host = name if colon else host
    return b"https://%b%b%b" % (host, b"" if port == _HTTPS_PORT else b":%d" % port, head.path)
