"""host = "origin": the origin's own URLs in text bodies, mapped to the name under which the shop is tried.

| spelling | where it is found |
|---|---|
| `http://host`, `//host` | attributes of any name (srcset and data-* too), CSS, scripts, text |
| `http:\\/\\/host`, `\\/\\/host` | JSON and scripts |
| `http%3A%2F%2Fhost` | query strings |

Invariant: however a body is split, the joined output is the same; nothing but such URLs changes, and only where the
host ends with its name (not `host.example`, not another port).
"""

import re
from functools import lru_cache

from proxy.headers.trial_host import TrialHost

_TEXT_TYPES = frozenset(
    b"""application/json application/javascript application/x-javascript application/xml application/xhtml+xml
    application/ld+json application/rss+xml application/atom+xml application/manifest+json image/svg+xml""".split()
)
_LONGEST_PREFIX = len(b"https%3A%2F%2F")
_NAME_BYTES = rb"A-Za-z0-9_.\-"


def is_text(content_type: bytes | None) -> bool:
    """A body in which URLs are looked for."""
    media_type = (content_type or b"").partition(b";")[0].strip().lower()
    return media_type.startswith(b"text/") or media_type in _TEXT_TYPES


@lru_cache(maxsize=64)
def _pattern(hosts: TrialHost) -> re.Pattern[bytes]:
    names: list[bytes] = []
    for host in (hosts.origin_host, *hosts.aliases):
        name, _, port = host.partition(b":")
        if port in (b"", b"80", b"443"):
            names.append(re.escape(name) + rb"(?::(?:80|443)|%3[aA](?:80|443))?")
        else:
            names.append(re.escape(name) + rb"(?::|%3[aA])" + re.escape(port))
    return re.compile(
        rb"(?P<scheme>https?(?P<colon>:|%3A))?(?P<slashes>//|\\/\\/|%2F%2F)(?:"
        + b"|".join(names)
        + rb")(?!["
        + _NAME_BYTES
        + rb"]|:[0-9]|%3A[0-9])",
        re.IGNORECASE,
    )


class PublicUrls:
    """The mapping for one public name."""

    __slots__ = ("_hosts", "_longest", "_pattern")

    def __init__(self, hosts: TrialHost) -> None:
        self._hosts = hosts
        self._pattern = _pattern(hosts)
        longest_host = max(len(host) for host in (hosts.origin_host, *hosts.aliases))
        self._longest = _LONGEST_PREFIX + longest_host + len(b"%3A443") + len(b"%3A0")

    def map(self, body: bytes) -> bytes:
        """A whole body; the very object when it names the origin nowhere."""
        mapped, count = self._pattern.subn(self.public, body)
        return mapped if count and mapped != body else body

    def public(self, found: re.Match[bytes]) -> bytes:
        """What stands in place of one URL's beginning."""
        slashes = found["slashes"]
        scheme = self._hosts.public_scheme + found["colon"] if found["scheme"] else b""
        host = self._hosts.public_host
        if slashes[:1] == b"%":
            host = host.replace(b":", b"%3A")
        elif not scheme and self._is_comment(found):
            return found[0]
        return scheme + slashes + host

    @staticmethod
    def _is_comment(found: re.Match[bytes]) -> bool:
        """A `//host` straight behind a letter, digit or slash is part of a path, or of another scheme's URL."""
        before = found.string[found.start() - 1 : found.start()] if found.start() else b""
        return before.isalnum() or before in (b"/", b":")

    def stream(self) -> "UrlStream":
        """The mapping for a body that comes in parts."""
        return UrlStream(self, self._pattern, self._longest)


class UrlStream:
    """Maps a body as it comes, holding back only what could be the beginning of a URL."""

    __slots__ = ("_before", "_held", "_longest", "_pattern", "_urls")

    def __init__(self, urls: PublicUrls, pattern: re.Pattern[bytes], longest: int) -> None:
        self._urls = urls
        self._pattern = pattern
        self._longest = longest
        self._held = b""
        self._before = b""  # one byte that is out already: what stands before a URL matters

    def feed(self, data: bytes) -> bytes:
        """What can be said for certain of the body so far."""
        data = self._before + self._held + data
        # Every URL that begins before this ends before the data does, with what may follow a host's name.
        return self._mapped(data, max(len(data) - self._longest, len(self._before)))

    def end(self) -> bytes:
        """The rest."""
        data = self._before + self._held
        return self._mapped(data, len(data))

    def _mapped(self, data: bytes, cut: int) -> bytes:
        out: list[bytes] = []
        at = len(self._before)
        for found in self._pattern.finditer(data):
            if found.start() >= cut:
                break
            out += (data[at : found.start()], self._urls.public(found))
            at = found.end()
        cut = max(cut, at)
        out.append(data[at:cut])
        self._before, self._held = data[max(0, cut - 1) : cut], data[cut:]
        return b"".join(out)
