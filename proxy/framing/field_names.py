"""Field names: which are tokens, and their lower case; one look-up for those that browsers and shops send.

Invariant: `KNOWN` holds valid tokens only, so a hit needs no further check. It never grows.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""RFC 9110 section 5.6.2."""

_FREQUENT = """
A-IM Accept Accept-CH Accept-Charset Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Credentials
Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers
Access-Control-Max-Age Access-Control-Request-Headers Access-Control-Request-Method Age Allow Alt-Svc Authorization
Cache-Control CF-Connecting-IP CF-IPCountry CF-RAY CF-Visitor Clear-Site-Data Connection Content-Disposition
Content-Encoding Content-Language Content-Length Content-Location Content-MD5 Content-Range Content-Security-Policy
Content-Security-Policy-Report-Only Content-Type Cookie Cross-Origin-Embedder-Policy Cross-Origin-Opener-Policy
Cross-Origin-Resource-Policy Date Digest DNT Downlink Early-Data ECT ETag Expect Expires Forwarded From Host
HTTP2-Settings If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive Last-Modified Link
Location Max-Forwards MIME-Version NEL Origin Origin-Agent-Cluster P3P Permissions-Policy Pragma Priority
Proxy-Authenticate Proxy-Authorization Proxy-Connection Purpose Range Referer Referrer-Policy Refresh Report-To
Reporting-Endpoints Retry-After RTT Save-Data Sec-CH-UA Sec-CH-UA-Arch Sec-CH-UA-Full-Version-List Sec-CH-UA-Mobile
Sec-CH-UA-Model Sec-CH-UA-Platform Sec-CH-UA-Platform-Version Sec-CH-Prefers-Color-Scheme Sec-Fetch-Dest
Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-GPC Sec-Purpose Sec-WebSocket-Accept Sec-WebSocket-Extensions
Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version Server Server-Timing Service-Worker Set-Cookie
SourceMap Status Strict-Transport-Security Surrogate-Control TE Timing-Allow-Origin Traceparent Tracestate Trailer
Transfer-Encoding Upgrade Upgrade-Insecure-Requests User-Agent Vary Via Viewport-Width Want-Digest Warning Width
WWW-Authenticate X-Accel-Expires X-AspNet-Version X-AspNetMvc-Version X-Cache X-Content-Type-Options X-CSRF-Token
X-CSRFToken X-DNS-Prefetch-Control X-Download-Options X-Forwarded-For X-Forwarded-Host X-Forwarded-Port
X-Forwarded-Proto X-Forwarded-Server X-Frame-Options X-Generator X-Permitted-Cross-Domain-Policies X-Pingback X-Pjax
X-Powered-By X-Prototype-Version X-Real-IP X-Redirect-By X-Request-ID X-Requested-With X-Robots-Tag X-Runtime
X-UA-Compatible X-Varnish X-XSS-Protection
"""


def _spellings(name: str) -> set[bytes]:
    lower = name.lower()
    return {name.encode(), lower.encode(), "-".join(part.capitalize() for part in lower.split("-")).encode()}


KNOWN: Mapping[bytes, bytes] = MappingProxyType(
    {spelling: name.lower().encode() for name in _FREQUENT.split() for spelling in _spellings(name)}
)
"""Frequent field names, as spelt → lower case."""


def lower_name(name: bytes) -> bytes | None:
    """The name in lower case, or None if it is not a token."""
    known = KNOWN.get(name)
    if known is not None:
        return known
    return name.lower() if TOKEN.fullmatch(name) else None
