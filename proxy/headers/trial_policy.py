"""host = "origin": Content-Security-Policy under the public name, in its field and in `<meta http-equiv>`.

Invariant: what the page could load from its own shop it may load under the other name, and nothing else is added.
"""

import re
from functools import lru_cache

from proxy.headers.trial_names import TrialHost, port_of, without_port

_UPGRADES = re.compile(
    rb"(?<![\w-])(?:upgrade-insecure-requests|block-all-mixed-content)(?![\w-])\s*;?\s*", re.IGNORECASE
)
_SCHEME_SOURCE = re.compile(rb"(?<=[\s\"'])(https|wss):(?=[\s;,\"'&]|\Z)", re.IGNORECASE)


def csp(value: bytes, hosts: TrialHost) -> bytes:
    """Host sources that name the origin name the public host; a wildcard that covers the origin gets it beside it.

    Where the shop has TLS and the trial has not, `https:` gets the public origin beside it, and requests are not
    upgraded (Upgrade Insecure Requests, W3C): nobody answers TLS there.
    """
    mapped = _sources(hosts).sub(lambda found: _source(found, hosts), value)
    if hosts.loses_tls:
        mapped = _UPGRADES.sub(b"", mapped)
        mapped = _SCHEME_SOURCE.sub(lambda found: _beside(found, hosts), mapped)
    return value if mapped == value else mapped


@lru_cache(maxsize=64)
def _sources(hosts: TrialHost) -> re.Pattern[bytes]:
    """A host source (CSP level 3, section 2.3.1) of the origin's, or a wildcard above it."""
    names: list[bytes] = []
    for host in (hosts.origin_host, *hosts.aliases):
        name, port = re.escape(without_port(host)), port_of(host)
        names.append(name + (b"(?::" + port + rb"|:\*)" if port else rb"(?::80|:443|:\*)?"))
        labels = without_port(host).split(b".")
        above = [re.escape(b".".join(labels[number:])) for number in range(1, len(labels) - 1)]
        if above and not labels[-1].isdigit():
            names.append(rb"(?P<wild%d>\*\.(?:" % len(names) + b"|".join(above) + rb")(?::[0-9]+|:\*)?(?!/))")
    return re.compile(
        rb"(?<![^\s;,\"'])(?:(?P<scheme>https?|wss?)://)?(?:" + b"|".join(names) + rb")(?=[/\s;,\"'&]|\Z)",
        re.IGNORECASE,
    )


def _source(found: re.Match[bytes], hosts: TrialHost) -> bytes:
    scheme = found["scheme"]
    public = hosts.public_host
    if scheme:
        is_tls = hosts.public_scheme == b"https"
        kind = (b"wss" if is_tls else b"ws") if scheme[:1] in b"wW" else hosts.public_scheme
        public = kind + b"://" + public
    is_wild = any(text for name, text in found.groupdict().items() if name.startswith("wild"))
    return found[0] + b" " + public if is_wild else public


def _beside(found: re.Match[bytes], hosts: TrialHost) -> bytes:
    scheme = b"ws" if found[1][:1] in b"wW" else b"http"
    return found[0] + b" " + scheme + b"://" + hosts.public_host
