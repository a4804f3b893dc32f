"""host = "origin": the shop under another name; URLs in fields mapped both ways, as bytes.

Invariant: a value that does not name the other side is returned as the very object it was.
"""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class TrialHost:
    """The two names of the shop. Hosts are `name` or `name:port`."""

    origin_scheme: bytes
    origin_host: bytes
    public_scheme: bytes
    public_host: bytes
    aliases: tuple[bytes, ...] = ()
    """Further hosts by which the origin calls itself (for example without `www.`)."""


_AUTHORITY = re.compile(rb"(?:(https?):)?//([^/?#\\]*)", re.IGNORECASE)
_REFRESH = re.compile(rb"([\s0-9.]*[;,\s]\s*(?:url\s*=\s*)?['\"]?)(.*)", re.IGNORECASE | re.DOTALL)
_LINK_TARGET = re.compile(rb"<([^>]*)>")
_ADDRESS = re.compile(rb"[0-9.]+|\[.*\]")
_PORT = re.compile(rb":[0-9]*\Z")
_NEEDS_SECURE = frozenset((b"secure", b"samesite=none", b"partitioned"))


def request_fields(headers: list[tuple[bytes, bytes]], hosts: TrialHost) -> list[tuple[bytes, bytes]]:
    """Origin and Referer rewritten to the origin's name (Host is written by `to_origin`)."""
    return [
        (name, to_origin_url(value, hosts)) if name.lower() in (b"origin", b"referer") else (name, value)
        for name, value in headers
    ]


def response_fields(headers: list[tuple[bytes, bytes]], hosts: TrialHost) -> list[tuple[bytes, bytes]]:
    """Location, Content-Location, Refresh, Link, Set-Cookie, Access-Control-Allow-Origin mapped to the public name."""
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
        mapped.append((name, value))
    return mapped


def to_origin_url(url: bytes, hosts: TrialHost) -> bytes:
    """A URL of the public name → the same of the origin; any other as it is."""
    found = _AUTHORITY.match(url)
    if found is None or found[2].lower() not in _names(hosts.public_host, ()):
        return url
    return hosts.origin_scheme + b"://" + hosts.origin_host + url[found.end() :]


def to_public_url(url: bytes, hosts: TrialHost) -> bytes:
    """A URL of the origin, absolute or from `//` on → the same of the public name; any other as it is."""
    found = _AUTHORITY.match(url)
    if found is None or found[2].lower() not in _names(hosts.origin_host, hosts.aliases):
        return url
    scheme = hosts.public_scheme + b":" if found[1] else b""
    return scheme + b"//" + hosts.public_host + url[found.end() :]


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
    loses_tls = hosts.origin_scheme == b"https" and hosts.public_scheme == b"http"
    loses_secure = loses_tls and not first.lstrip(b" \t").startswith((b"__Host-", b"__Secure-"))
    kept = [first]
    for attribute in attributes:
        name, _, text = attribute.partition(b"=")
        word = name.strip(b" \t").lower()
        if word == b"domain" and _covers(text.strip(b" \t").removeprefix(b".").lower(), hosts):
            public = _PORT.sub(b"", hosts.public_host)
            if b"." in public and not _ADDRESS.fullmatch(public) and not public.endswith(b".localhost"):
                kept.append(name + b"=" + public)
        elif not (loses_secure and attribute.replace(b" ", b"").lower() in _NEEDS_SECURE):
            kept.append(attribute)
    return b";".join(kept)


def _covers(domain: bytes, hosts: TrialHost) -> bool:
    """The origin may set a cookie for this domain."""
    names = [_PORT.sub(b"", host.lower()) for host in (hosts.origin_host, *hosts.aliases)]
    return bool(domain) and any(name == domain or name.endswith(b"." + domain) for name in names)


@lru_cache(maxsize=64)
def _names(host: bytes, aliases: tuple[bytes, ...]) -> frozenset[bytes]:
    """The spellings of these hosts in URLs: a default port may be written or not."""
    names: set[bytes] = set()
    for name in (host.lower(), *map(bytes.lower, aliases)):
        names.add(name)
        if name.endswith((b":80", b":443")):
            names.add(_PORT.sub(b"", name))
        elif not _PORT.search(name):
            names.update((name + b":80", name + b":443"))
    return frozenset(names)
