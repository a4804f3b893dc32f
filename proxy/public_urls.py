"""host = "origin": the origin's own URLs in text bodies, mapped to the name under which the shop is tried.

Every spelling of `proxy.url_spellings` is mapped in its own spelling; what `proxy.url_context` leaves alone stays, and
the policy in `<meta http-equiv="Content-Security-Policy">` is mapped as the field is.

Invariant: however a body is split, the joined output is the same; nothing but such URLs changes, and only where the
host ends with its name (not `host.example`, not another port). A piece goes out at once, but for an end that may be the
beginning of a URL.
"""

from proxy import url_context
from proxy.headers.trial_names import DEFAULT_PORTS, TrialHost, names_of, port_of, without_port
from proxy.headers.trial_policy import csp
from proxy.url_spellings import BEFORE as URL_BEFORE
from proxy.url_spellings import TAIL_BYTES, beginning, colon_like, end_of_host, is_undecided

_TEXT_TYPES = frozenset(
    b"""application/json application/javascript application/x-javascript application/ecmascript application/xml
    application/x-ndjson application/jsonl application/x-www-form-urlencoded""".split()
)
_POLICY = b"content-security-policy"
_POLICY_REACH = 16_384
_KEPT = max(url_context.BEFORE + 1024, URL_BEFORE)
"""Bytes that are out already and may decide about those to come."""


def is_text(content_type: bytes | None) -> bool:
    """A body in which URLs are looked for."""
    media_type = (content_type or b"").partition(b";")[0].strip().lower()
    return media_type.startswith(b"text/") or media_type in _TEXT_TYPES or media_type.endswith((b"+json", b"+xml"))


def is_urls_form(content_type: bytes | None) -> bool:
    """A request's body that may carry a URL of the public name back to the shop."""
    media_type = (content_type or b"").partition(b";")[0].strip().lower()
    return media_type in (b"application/x-www-form-urlencoded", b"multipart/form-data", b"application/json")


def origin_target(target: bytes, hosts: TrialHost) -> bytes:
    """A request's target as the origin knows it: a URL of the public name in its query names the origin again.

    The path stays as it is, byte for byte.
    """
    path, mark, query = target.partition(b"?")
    mapped = OriginUrls(hosts).map(query)
    return target if mapped is query else path + mark + mapped


class PublicUrls:
    """The mapping to one public name."""

    __slots__ = ("_hosts", "_longest", "_names", "_own", "looks_around")

    def __init__(self, hosts: TrialHost) -> None:
        self._hosts = hosts
        self._names = tuple(
            (without_port(host).lower(), frozenset((port,)) if (port := port_of(host)) else DEFAULT_PORTS | {b""})
            for host in dict.fromkeys((hosts.origin_host, *hosts.aliases))
        )
        self._own = names_of(hosts.origin_host, hosts.aliases)
        self._longest = max(len(_POLICY), *(len(name) for name, _ in self._names))
        self.looks_around = True

    def map(self, body: bytes) -> bytes:
        """A whole body; the very object when it names the origin nowhere."""
        parts, _ = self.mapped(body, 0, is_whole=True)
        if len(parts) == 1:
            return body
        mapped = b"".join(parts)
        return body if mapped == body else mapped

    def stream(self) -> "UrlStream":
        """The mapping for a body that comes in parts."""
        return UrlStream(self)

    def mapped(self, data: bytes, begin: int, *, is_whole: bool) -> tuple[list[bytes], int]:
        """`data` from `begin` on, as far as it can be told: the pieces, and where what is not told yet begins.

        What stands before `begin` was told earlier and is only looked at.
        """
        lower = data.lower()
        pieces: list[bytes] = []
        at = begin
        for place, length, ports in self._places(lower, begin):
            if place < at:
                continue
            change = self._change(data, lower, place, place + length, ports, is_whole=is_whole)
            if change is None:
                continue
            start, end, replacement = change
            if start < at:
                continue
            if replacement is None:
                pieces.append(data[at:start])
                return pieces, start
            pieces += (data[at:start], replacement)
            at = end
        cut = len(data) if is_whole else max(at, self._told(lower, at))
        pieces.append(data[at:cut])
        return pieces, cut

    def _places(self, lower: bytes, begin: int) -> list[tuple[int, int, frozenset[bytes] | None]]:
        """Where something may have to be done, in order: the host's name or (without ports) a policy's."""
        found: list[tuple[int, int, frozenset[bytes] | None]] = []
        needles: list[tuple[bytes, frozenset[bytes] | None]] = [*self._names]
        if self.looks_around:
            needles.append((_POLICY, None))
        for needle, ports in needles:
            at = lower.find(needle, begin)
            while at >= 0:
                found.append((at, len(needle), ports))
                at = lower.find(needle, at + 1)
        found.sort(key=_place)
        return found

    def _change(
        self, data: bytes, lower: bytes, name: int, end: int, ports: frozenset[bytes] | None, *, is_whole: bool
    ) -> tuple[int, int, bytes | None] | None:
        """Start, end and what stands there instead; without the latter, more bytes are needed. None: nothing to do."""
        if ports is None:
            return self._policy(data, lower, name, is_whole=is_whole)
        found = beginning(data, lower, name)
        if found is None:
            return None
        if not found.scheme and self._is_no_beginning(lower, found.start, found.slashes):
            return None
        if not is_whole and is_undecided(lower, end):
            return found.start, end, None
        host_end = end_of_host(lower, end, ports)
        if host_end is None:
            return None
        port_colon, end = data[end : host_end[0]], host_end[1]
        if self.looks_around:
            stays = url_context.is_left_alone(lower, found.start, end, own=self._own, is_whole=is_whole)
            if stays is None:
                return found.start, end, None
            if stays:
                return None
        return found.start, end, self._spelled(found.scheme, found.colon, found.slashes, found.user, port_colon)

    def _spelled(self, scheme: bytes, colon: bytes, slashes: bytes, user: bytes, port_colon: bytes) -> bytes:
        """The public name in the spelling of the origin's."""
        hosts = self._hosts
        written = b""
        if scheme:
            kind = hosts.public_scheme
            if scheme[:1] == b"w":
                kind = b"wss" if kind == b"https" else b"ws"
            written = kind + colon
        host = hosts.public_host
        name = without_port(host)
        if len(name) < len(host):
            host = name + (port_colon or colon or colon_like(slashes)) + host[len(name) + 1 :]
        return written + slashes + user + host

    @staticmethod
    def _is_no_beginning(lower: bytes, start: int, slashes: bytes) -> bool:
        """A `//host` straight behind a letter, digit or slash is part of a path; behind a colon, another scheme's."""
        before = lower[start - 1 : start] if start else b""
        if before in (b":", b"/"):
            return True
        return before.isalnum() and slashes[:1] not in b"%&"

    def _policy(self, data: bytes, lower: bytes, at: int, *, is_whole: bool) -> tuple[int, int, bytes | None] | None:
        tag = lower.rfind(b"<", max(0, at - 512), at)
        if tag < 0 or not lower.startswith(b"<meta", tag) or b">" in lower[tag:at]:
            return None
        end = lower.find(b">", at, at + _POLICY_REACH)
        if end < 0:
            return None if is_whole or len(lower) >= at + _POLICY_REACH else (at, at, None)
        return at, end, csp(data[at:end], self._hosts)

    def _told(self, lower: bytes, at: int) -> int:
        """Where the end begins that may be the beginning of a URL or a name."""
        reach = max(at, len(lower) - URL_BEFORE - self._longest)
        return reach + len(lower[reach:].rstrip(TAIL_BYTES))


class OriginUrls(PublicUrls):
    """The way back: URLs of the public name in what a browser sends."""

    __slots__ = ()

    def __init__(self, hosts: TrialHost) -> None:
        super().__init__(hosts.reversed())
        self.looks_around = False


class UrlStream:
    """Maps a body as it comes, holding back only what could be the beginning of a URL."""

    __slots__ = ("_before", "_held", "_urls")

    def __init__(self, urls: PublicUrls) -> None:
        self._urls = urls
        self._held = b""
        self._before = b""

    def feed(self, data: bytes) -> bytes:
        """What can be said for certain of the body so far."""
        return self._mapped(data, is_whole=False)

    def end(self) -> bytes:
        """The rest."""
        return self._mapped(b"", is_whole=True)

    def _mapped(self, data: bytes, *, is_whole: bool) -> bytes:
        data = b"".join((self._before, self._held, data))
        pieces, cut = self._urls.mapped(data, len(self._before), is_whole=is_whole)
        self._before, self._held = data[max(0, cut - _KEPT) : cut], data[cut:]
        return b"".join(pieces)


def _place(found: tuple[int, int, object]) -> int:
    return found[0]
