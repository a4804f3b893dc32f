"""The two names of a shop that is tried under another one, and how a host may be written."""

import re
from dataclasses import dataclass
from functools import lru_cache

_PORT = re.compile(rb":[0-9]*\Z")
DEFAULT_PORTS = frozenset((b"80", b"443"))
"""Of http and https: may be written or not."""


@dataclass(frozen=True, slots=True)
class TrialHost:
    """The two names of the shop. Hosts are `name` or `name:port`."""

    origin_scheme: bytes
    origin_host: bytes
    public_scheme: bytes
    public_host: bytes
    aliases: tuple[bytes, ...] = ()
    """Further hosts by which the origin calls itself (for example without `www.`)."""

    @property
    def loses_tls(self) -> bool:
        """The shop has TLS, and under the other name there is none."""
        return self.origin_scheme == b"https" and self.public_scheme == b"http"

    def reversed(self) -> "TrialHost":
        """The way back: what names the public host is to name the origin."""
        return TrialHost(self.public_scheme, self.public_host, self.origin_scheme, self.origin_host)


def without_port(host: bytes) -> bytes:
    """The name, or the address with its brackets."""
    return _PORT.sub(b"", host)


def port_of(host: bytes) -> bytes:
    """The digits behind the colon; nothing for a default port."""
    found = _PORT.search(host)
    port = found[0][1:] if found else b""
    return b"" if port in DEFAULT_PORTS else port


@lru_cache(maxsize=64)
def names_of(host: bytes, aliases: tuple[bytes, ...]) -> frozenset[bytes]:
    """The spellings of these hosts in URLs, in lower case: a default port may be written or not."""
    names: set[bytes] = set()
    for each in (host.lower(), *map(bytes.lower, aliases)):
        name, port = without_port(each), port_of(each)
        names.update((name + b":" + port,) if port else (name, name + b":80", name + b":443"))
    return frozenset(names)
