"""host = "origin": the shop under another name; fields mapped both ways, as bytes.

| response field | mapped |
|---|---|
| Location, Content-Location, Access-Control-Allow-Origin | a URL of the origin |
| Refresh, Link | the URL in it, each `<target>` |
| Set-Cookie | Domain; Secure and what needs it, where the shop has TLS and the trial has not |
| Content-Security-Policy, also -Report-Only | host sources (see `csp`) |
| HX-*, Turbo-Location, X-PJAX-URL, X-Pingback, SourceMap, reporting and permission policies, X-Frame-Options | URLs |

| request field | mapped |
|---|---|
| Origin, Referer, HX-Current-URL | a URL of the public name, its query as a target's (see `origin_target`) |

Invariant: a value that does not name the other side is returned as the very object it was.
"""

import re

from proxy.headers.trial_names import TrialHost, names_of, without_port
from proxy.headers.trial_policy import csp
from proxy.public_urls import PublicUrls, origin_target

_AUTHORITY = re.compile(rb"(?:(https?):)?[/\\]{2}([^/?#\\]*)", re.IGNORECASE)
_REFRESH = re.compile(rb"([\s0-9.]*[;,\s]\s*(?:url\s*=\s*)?['\"]?)(.*)", re.IGNORECASE | re.DOTALL)
_LINK_TARGET = re.compile(rb"<([^>]*)>")
_ADDRESS = re.compile(rb"[0-9.]+|\[.*\]")
_NEEDS_SECURE = frozenset((b"secure", b"samesite=none", b"partitioned"))
_TO_ORIGIN = frozenset((b"origin", b"referer", b"hx-current-url"))
_WITH_URLS = frozenset(
    b"""hx-redirect hx-location hx-push-url hx-replace-url turbo-location x-pjax-url x-inertia-location x-pingback
    sourcemap x-sourcemap timing-allow-origin permissions-policy feature-policy report-to reporting-endpoints
    x-frame-options""".split()
)


def request_fields(headers: list[tuple[bytes, bytes]], hosts: TrialHost) -> list[tuple[bytes, bytes]]:
    """Origin and Referer rewritten to the origin's name (Host is written by `to_origin`)."""
    return [
        (name, to_origin_url(value, hosts)) if name.lower() in _TO_ORIGIN else (name, value) for name, value in headers
    ]


def response_fields(headers: list[tuple[bytes, bytes]], hosts: TrialHost) -> list[tuple[bytes, bytes]]:
    """The origin's fields under the public name."""
    mapped: list[tuple[bytes, bytes]] = []
    for name, value in headers:
        match name.lower():
            case b"location" | b"content-location" | b"access-control-allow-origin":
                value = to_public_url(value, hosts)
            case b"refresh":
                value = refresh(value, hosts)
            case b"link":
                value = link(value, hosts)
            case b"set-cookie":
                value = set_cookie(value, hosts)
            case b"content-security-policy" | b"content-security-policy-report-only":
                value = csp(value, hosts)
            case lower if lower in _WITH_URLS:
                value = PublicUrls(hosts).map(value)
        mapped.append((name, value))
    return mapped


def to_origin_url(url: bytes, hosts: TrialHost) -> bytes:
    """A URL of the public name → the same of the origin; any other as it is."""
    found = _AUTHORITY.match(url)
    if found is None or found[2].lower() not in names_of(hosts.public_host, ()):
        return url
    return hosts.origin_scheme + b"://" + hosts.origin_host + origin_target(url[found.end() :], hosts)


def to_public_url(url: bytes, hosts: TrialHost) -> bytes:
    """A URL of the origin, absolute or from `//` on → the same of the public name; any other as it is.

    What it carries in its query stays: only the origin reads that.
    """
    found = _AUTHORITY.match(url)
    if found is None:
        return url
    userinfo, at, host = found[2].rpartition(b"@")
    if host.lower() not in names_of(hosts.origin_host, hosts.aliases):
        return url
    scheme = hosts.public_scheme + b":" if found[1] else b""
    return scheme + b"//" + userinfo + at + hosts.public_host + url[found.end() :]


def turned_to(location: bytes, target: bytes, hosts: TrialHost) -> bytes | None:
    """Where a redirect asks for the very page again: by the other scheme, or by an alias.

    Under the public name that is the same URL, and the browser would go round for ever.
    """
    found = _AUTHORITY.match(location)
    if found is None or found[2].lower() not in names_of(hosts.origin_host, hosts.aliases):
        return None
    scheme = (found[1] or hosts.origin_scheme).lower()
    is_elsewhere = scheme != hosts.origin_scheme or found[2].lower() not in names_of(hosts.origin_host, ())
    if not is_elsewhere or (location[found.end() :].partition(b"#")[0] or b"/") != target:
        return None
    return scheme + b"://" + found[2].lower()


def refresh(value: bytes, hosts: TrialHost) -> bytes:
    """`5; url=https://shop/` mapped, in the spellings that browsers accept."""
    found = _REFRESH.fullmatch(value)
    if found is None:
        return value
    url = to_public_url(found[2], hosts)
    return value if url is found[2] or url == found[2] else found[1] + url


def link(value: bytes, hosts: TrialHost) -> bytes:
    """Each `<target>` of a Link field mapped."""
    if b"//" not in value:
        return value
    return _LINK_TARGET.sub(lambda found: b"<" + to_public_url(found[1], hosts) + b">", value)


def set_cookie(value: bytes, hosts: TrialHost) -> bytes:
    """Domain mapped to the public name, or dropped where browsers refuse that (addresses, localhost).

    Where the shop has TLS and the trial has not, Secure and what needs it go too, or the browser would not keep the
    cookie; a name with the `__Host-` or `__Secure-` prefix keeps them.
    """
    first, *attributes = value.split(b";")
    loses_secure = hosts.loses_tls and not first.lstrip(b" \t").startswith((b"__Host-", b"__Secure-"))
    kept = [first]
    for attribute in attributes:
        name, _, text = attribute.partition(b"=")
        word = name.strip(b" \t").lower()
        if word == b"domain" and _covers(text.strip(b" \t").removeprefix(b".").lower(), hosts):
            public = without_port(hosts.public_host)
            if b"." in public and not _ADDRESS.fullmatch(public) and not public.endswith(b".localhost"):
                kept.append(name + b"=" + public)
        elif not (loses_secure and attribute.replace(b" ", b"").lower() in _NEEDS_SECURE):
            kept.append(attribute)
    return b";".join(kept)


def _covers(domain: bytes, hosts: TrialHost) -> bool:
    """The origin may set a cookie for this domain."""
    names = [without_port(host.lower()) for host in (hosts.origin_host, *hosts.aliases)]
    return bool(domain) and any(name == domain or name.endswith(b"." + domain) for name in names)
