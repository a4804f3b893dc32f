"""Values with a form of their own: durations, addresses, the origin's URL, secrets from the environment.

Invariant: each function returns the value or raises ValueError with what is allowed, in words for the operator.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

NO_LISTENER: Final = "off"
"""Said of `listen`: no plain HTTP."""

_UNITS: Final[Mapping[str, float]] = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)\s*")
_USUAL_GAPS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*x\s*usual_gap\s*")
_HOST = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?"
)
_ENVIRONMENT = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_METADATA_HOSTS = ("metadata", "metadata.google.internal", "metadata.goog", "instance-data")
_METADATA_ADDRESSES = tuple(
    ipaddress.ip_address(address)
    for address in ("169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254")
)

REDIS_SCHEMES: Final = (
    "redis",
    "rediss",
    "unix",
    "redis+sentinel",
    "rediss+sentinel",
    "redis+cluster",
    "rediss+cluster",
)


def duration_s(text: str) -> float:
    """Seconds of "90s", "30m", "12h", "7d" or "2w"."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is no duration; allowed: "90s", "30m", "12h", "7d", "2w"')
    return float(found[1]) * _UNITS[found[2]]


def usual_gaps(text: str) -> float | None:
    """The factor of "2x usual_gap", or None when the text is something else."""
    found = _USUAL_GAPS.fullmatch(text)
    return float(found[1]) if found else None


def split_address(text: str) -> tuple[str, int]:
    """Host and port of ":8080" (every interface), "127.0.0.1:9109", "localhost:80" or "[::1]:80"."""
    host, separator, port = text.rpartition(":")
    if not separator or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f'"{text}" is no address; allowed: ":8080", "127.0.0.1:8080", "[::1]:8080"')
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(f'"{host}" is no IPv6 address') from None
    elif host and (":" in host or _HOST.fullmatch(host) is None):
        raise ValueError(f'"{host}" is no host name or address; an IPv6 address goes in brackets: "[::1]:8080"')
    return host, int(port)


def checked_address(text: str) -> str:
    """The address as it was written, once it is sound."""
    split_address(text)
    return text


def checked_plain_listen(text: str) -> str:
    """An address, or "off": TLS only."""
    return text if text == NO_LISTENER else checked_address(text)


def checked_origin(text: str) -> str:
    """The origin's URL without a trailing slash: http(s), a host, no path; no link-local or metadata address."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f'"{text}" is no URL: {error}') from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'"{text}" must be an http:// or https:// URL with a host')
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not carry a user name or a password")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError(f'"{text}" must have no path: only scheme, host and port')
    if port == 0:
        raise ValueError("port 0 cannot be connected to")
    _refuse_forbidden(parts.hostname)
    return text.rstrip("/")


def _refuse_forbidden(host: str) -> None:
    if host.lower().rstrip(".") in _METADATA_HOSTS:
        raise ValueError(f'"{host}" is a cloud metadata service')
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if ":" in host or _HOST.fullmatch(host) is None:
            raise ValueError(f'"{host}" is no host name') from None
        return
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address in _METADATA_ADDRESSES:
        raise ValueError(f'"{host}" is a cloud metadata service')
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise ValueError(f'"{host}" is a link-local, multicast or unspecified address')


def checked_redis_url(text: str) -> str:
    """`embedded` or a URL of one of `REDIS_SCHEMES`."""
    scheme, separator, rest = text.partition("://")
    if text == "embedded" or (separator and scheme in REDIS_SCHEMES and rest):
        return text
    raise ValueError(
        f'must be "embedded" or a URL that starts with {", ".join(f"{name}://" for name in REDIS_SCHEMES)}'
    )


def checked_network(text: str) -> str:
    """An address or a network in CIDR notation, as written."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'"{text}" is no address or network; allowed: "10.0.0.0/8", "::1"') from None
    return text


def checked_host(text: str) -> str:
    """A host name with an optional port, in lower case."""
    host, separator, port = text.rpartition(":")
    if not separator or not port.isdigit():
        host = text
    if _HOST.fullmatch(host) is None and not (host.startswith("[") and host.endswith("]")):
        raise ValueError(f'"{text}" is no host name')
    return text.lower()


def from_environment(text: str, environment: Mapping[str, str]) -> str:
    """The value of "env:NAME"; secrets do not stand in the file."""
    found = _ENVIRONMENT.fullmatch(text)
    if found is None:
        raise ValueError('a secret does not stand in the file: write "env:NAME" and set NAME in the environment')
    value = environment.get(found[1], "")
    if not value:
        raise ValueError(f"the environment variable {found[1]} is not set")
    return value
