"""What the fields of a request say, whatever its target: worked out when asked for, kept while they repeat.

A browser sends one block of fields with every picture of a page, browsers of one make send the same block but for
their cookies, and a server in front of us sends those of many visitors over one connection. So a block without the
value of its Cookie line is remembered apart from the cookies, which are remembered with the block they came with.

Invariants: two requests share a `RequestFields` only if every byte of their fields but the cookies, the peer's address
and the scheme are the same; two share a `VisitorCookies` only if the cookies are the same, too. So nobody is ever taken
for somebody else. What is remembered is bounded, and forgotten within seconds.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from msgspec.structs import replace

from clicks.agents import agent_class, is_prefetch
from clicks.targets import referrer, referrer_host, referrer_key
from config.platform import Platform
from proxy.framing.body_framing import NO_BODY
from proxy.framing.encode import encode_fields_between
from proxy.framing.head import RequestHead
from proxy.framing.limits import Limits
from proxy.framing.request import FREQUENT_LINE, has_controls, parse_request_head, repeated_request_head
from proxy.remembered import Remembered
from visitors.identity import Identified
from visitors.preview import PREVIEW_COOKIE

MOST_REMEMBERED = 256
"""Blocks of one generation."""
MOST_VISITORS = 4096
"""Cookies of one generation: all who ask a busy worker for a page and its pictures within these seconds."""
LONGEST_REMEMBERED = 4096
"""Bytes of a block, and of cookies."""
LONGEST_AGENT = 512
"""Bytes of a user agent, or of a list of addresses, that are looked at: thousands are remembered."""

_PREFETCH_FIELDS = frozenset((b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"))
_ONCE_ONLY = frozenset((b"expect", b"upgrade", b"vitrina-debug"))
"""Fields of requests that are read anew each time."""
_COOKIE = b"\r\nCookie: "
_COOKIE_BYTES = len(_COOKIE)
_PREVIEW = PREVIEW_COOKIE.encode("ascii")
_MARK = b"-"
"""In place of cookies: any that is none of ours."""
_COOKIE_H2 = b"\r\ncookie: "
"""As proxies write it that speak HTTP/2 to browsers."""

Field = tuple[bytes, bytes]
Asking = tuple[str, bool, bool, bool, bool]
"""What beside its cookies tells who sent a request: the fields of a `RequestIdentity` in their order."""
Manner = tuple[bool, bool]
"""How a request goes out: its page may be rewritten, its page is read."""


class SentFields:
    """The lines that the shop gets, with a place for the cookies."""

    __slots__ = ("_after_cookies", "_before_cookies", "_without_cookies")

    def __init__(self, fields: Sequence[Field], mark: Field | None) -> None:
        """`fields` as sent, of which the very object `mark` is the Cookie line (None: there is none)."""
        at = next((at for at, field in enumerate(fields) if field is mark), len(fields))
        before = encode_fields_between(b" HTTP/1.1", fields[:at])
        after = encode_fields_between(b"", fields[at + 1 :])[2:] + b"\r\n"
        self._before_cookies = before if mark is None else before + mark[0] + b": "
        """What stands behind the target, through the name of Cookie."""
        self._after_cookies = b"\r\n" + after
        self._without_cookies = before + after

    def head(self, method: bytes, path: bytes, cookies: bytes) -> bytes:
        """A whole head; without a Cookie line when no cookie is left."""
        if cookies:
            return b"".join((method, b" ", path, self._before_cookies, cookies, self._after_cookies))
        return b"".join((method, b" ", path, self._without_cookies))


class VisitorCookies:
    """The cookies of a request; several Cookie fields are joined as one."""

    __slots__ = ("_text", "fields", "head", "identified", "names_preview", "raw", "sent")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.names_preview = _PREVIEW in raw
        """One of them may be an operator's, of a browser in preview."""
        self.head: RequestHead | None = None
        """Of a request that had them in one Cookie line, beside the other `fields`."""
        self.fields: RequestFields | None = None
        self.identified: Identified | None = None
        """Who sends them, as long as that does not depend on the moment."""
        self.sent: bytes | None = None
        """What of them the shop gets, once that is worked out."""
        self._text: str | None = None

    @property
    def text(self) -> str:
        """As text, a character for each byte."""
        known = self._text
        if known is None:
            known = self._text = self.raw.decode("latin-1")
        return known


class RequestFields:
    """The fields of a request but for its cookies. `peer` is the client's address, `scheme` what it used with us."""

    __slots__ = (
        "_agent",
        "_asker",
        "_kept_referrer",
        "_referrer_host",
        "_referrer_key",
        "asking",
        "cookie_at",
        "head",
        "host",
        "is_navigation",
        "is_prefetch",
        "is_secure",
        "is_split",
        "is_trusted",
        "is_welcome",
        "peer",
        "referrer",
        "scheme",
        "sent",
    )

    def __init__(self, head: RequestHead, peer: bytes, scheme: bytes, is_trusted: bool) -> None:
        lines = [at for at, (name, _) in enumerate(head.headers) if name.lower() == b"cookie"]
        self.head = _emptied(head, lines) if lines else head
        """Of the first request that had them, with nothing in its Cookie line."""
        self.peer = peer
        self.scheme = scheme
        self.is_trusted = is_trusted
        self.cookie_at = lines[0] if lines else -1
        """Which of the fields is the Cookie; -1 without one."""
        self.is_split = len(lines) < 2
        """Its cookies are one line, and can be told apart from the rest."""
        index = head.index
        self.host = head.authority.decode("latin-1").lower()
        self.referrer = index.get(b"referer", b"").decode("latin-1")
        self.is_secure = scheme == b"https"
        """The visitor's own connection is https, as far as can be trusted."""
        if is_trusted and (proto := index.get(b"x-forwarded-proto")) is not None:
            self.is_secure = proto.strip().lower() == b"https"
        if (destination := index.get(b"sec-fetch-dest")) is not None:
            self.is_navigation = destination == b"document"
        else:
            is_by_script = index.get(b"x-requested-with") == b"XMLHttpRequest"
            self.is_navigation = b"text/html" in index.get(b"accept", b"") and not is_by_script
        self.is_prefetch = not _PREFETCH_FIELDS.isdisjoint(index) and is_prefetch(
            {name.decode(): index[name].decode("latin-1") for name in _PREFETCH_FIELDS if name in index}
        )
        self.asking: Asking = (
            index.get(b"user-agent", b"")[:LONGEST_AGENT].decode("latin-1"),
            self.is_navigation,
            self.is_prefetch,
            index.get(b"sec-gpc") == b"1",
            index.get(b"dnt") == b"1",
        )
        self.is_welcome = False
        """They ask for a host and by a scheme that are served, as far as it is known by now."""
        self.sent: dict[Manner, SentFields] = {}
        self._agent: str | None = None
        self._asker: tuple[bytes, bytes, bytes] | Literal[False] | None = False
        self._kept_referrer: str | None = None
        self._referrer_host: str | None = None
        self._referrer_key: str | None = None

    def marked(self) -> tuple[RequestHead, Field | None]:
        """The head with a mark in place of the cookies, and the field that is it."""
        head, at = self.head, self.cookie_at
        if at < 0:
            return head, None
        mark = (head.headers[at][0], _MARK)
        headers = (*head.headers[:at], mark, *head.headers[at + 1 :])
        return replace(head, headers=headers), mark

    @property
    def agent(self) -> str:
        """Class of the user agent."""
        known = self._agent
        if known is None:
            known = self._agent = agent_class(self.asking[0])
        return known

    @property
    def asker(self) -> tuple[bytes, bytes, bytes] | None:
        """Address and user agent, to tell programs by what they do; None where many may share the address we see."""
        known = self._asker
        if known is False:
            index = self.head.index
            agent = index.get(b"user-agent", b"")
            if not self.is_trusted and _is_global(self.peer):
                known = (self.peer, b"", agent[:LONGEST_AGENT])
            else:  # a server in front of us
                client = index.get(b"x-forwarded-for", b"")
                # Each server on the way has put the address that it saw at the end.
                known = (self.peer, client[-LONGEST_AGENT:], agent[:LONGEST_AGENT]) if client else None
            self._asker = known
        return known

    @property
    def referrer_host(self) -> str:
        """The host of the page before, or ""."""
        known = self._referrer_host
        if known is None:
            known = self._referrer_host = referrer_host(self.referrer) if self.referrer else ""
        return known

    def kept_referrer(self, platform: Platform) -> str:
        """The page before as clicks keep it."""
        known = self._kept_referrer
        if known is None:
            known = self._kept_referrer = referrer(self.referrer, platform) if self.referrer else ""
        return known

    def referrer_key(self, platform: Platform) -> str:
        """The page before as a page key."""
        known = self._referrer_key
        if known is None:
            known = self._referrer_key = referrer_key(self.referrer, platform) if self.referrer else ""
        return known


Asked = tuple[RequestHead, RequestFields, VisitorCookies]
"""A request's head, and what is remembered of its fields and of its cookies."""


class RequestReader:
    """Reads request heads, and remembers the fields and the cookies of the last seconds."""

    __slots__ = ("_blocks", "_limits", "_visitors")

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._limits = limits
        self._blocks: Remembered[tuple[bytes, bytes, bytes], RequestFields] = Remembered(MOST_REMEMBERED, now)
        self._visitors: Remembered[tuple[bytes, Asking], VisitorCookies] = Remembered(MOST_VISITORS, now)

    def repeated(self, data: bytes, peer: bytes, scheme: bytes) -> Asked | None:
        """The request that `data` is, where that is one head, whole, and its fields are remembered; else None.

        It is as sound as what `read` returns. That it is whole shows in the block: it ends as it did when it was read,
        and nothing else in the head ends it.
        """
        if not data.endswith(b"\r\n\r\n"):
            return None
        line = FREQUENT_LINE.match(data)
        if line is None:
            return None
        method, target = line.groups()
        cookies, block = _split(data, line.end())
        fields = self._blocks.get((block, peer, scheme))
        if fields is None or len(data) > self._limits.head_bytes or len(target) > self._limits.target_bytes:
            return None
        visitor = self._visitors.get((cookies, fields.asking))
        if visitor is None:
            if has_controls(cookies):
                return None
            raw = cookies.strip(b" \t")
            visitor = self._met(raw, fields.asking) if raw == cookies else self._cookies(raw, fields.asking)
        elif visitor.fields is fields and visitor.head is not None:
            # All of it but the target was there before, the cookies in the same line.
            return repeated_request_head(visitor.head, method, target), fields, visitor
        head = repeated_request_head(fields.head, method, target, fields.cookie_at, visitor.raw)
        visitor.head, visitor.fields = head, fields
        return head, fields, visitor

    def read(self, data: bytes, peer: bytes, scheme: bytes, is_trusted: bool) -> Asked:
        """A whole head (as `parse_request_head`), its fields and its cookies. Raises `FramingError`."""
        known = self.repeated(data, peer, scheme)
        if known is not None:
            return known
        head = parse_request_head(data, self._limits)
        fields = RequestFields(head, peer, scheme, is_trusted)
        if fields.is_split and _may_repeat(head):
            _, block = _split(data, data.find(b"\r\n"))
            is_found = (fields.cookie_at >= 0) is (_COOKIE in block or _COOKIE_H2 in block)
            if is_found and len(block) <= LONGEST_REMEMBERED:
                self._blocks.offer((block, peer, scheme), fields)
        raw = head.index.get(b"cookie", b"") if fields.is_split else b"; ".join(head.get_all(b"cookie"))
        return head, fields, self._cookies(raw, fields.asking)

    def _cookies(self, raw: bytes, asking: Asking) -> VisitorCookies:
        known = self._visitors.get((raw, asking))
        return self._met(raw, asking) if known is None else known

    def _met(self, raw: bytes, asking: Asking) -> VisitorCookies:
        """Cookies that are not known yet: who sends some asks for more than one thing, so they are kept at once."""
        cookies = VisitorCookies(raw)
        if len(raw) <= LONGEST_REMEMBERED:
            self._visitors.keep((raw, asking), cookies)
        return cookies

    def sweep(self, now: float) -> None:
        """Called now and then: what is old is forgotten."""
        self._blocks.sweep(now)
        self._visitors.sweep(now)

    def forget(self) -> None:
        """All of it."""
        self._blocks.forget()
        self._visitors.forget()


def _split(data: bytes, end: int) -> tuple[bytes, bytes]:
    """What stands in a head's first Cookie line, and its lines without that; its request line ends at `end`."""
    at = data.find(_COOKIE, end)
    if at < 0:
        at = data.find(_COOKIE_H2, end)
        if at < 0:
            return b"", data[end:]
    at += _COOKIE_BYTES
    stop = data.find(b"\r\n", at)
    return data[at:stop], data[end:at] + data[stop:]


def _emptied(head: RequestHead, lines: Sequence[int]) -> RequestHead:
    """The head with nothing in these lines, which are its cookies."""
    headers = list(head.headers)
    for at in lines:
        headers[at] = (headers[at][0], b"")
    return replace(head, headers=tuple(headers), index={**head.index, b"cookie": b""})


def is_lasting(identified: Identified) -> bool:
    """The same fields a few seconds later say the same: no visitor or session was made up for this very request."""
    visitor, cookie = identified.visitor, identified.cookie
    if visitor.profile is None:
        return True
    return cookie is not None and identified.session_start == cookie.session_start


@lru_cache(maxsize=1024)
def _is_global(peer: bytes) -> bool:
    try:
        return ip_address(peer.decode("ascii", "replace")).is_global
    except ValueError:
        return False


def _may_repeat(head: RequestHead) -> bool:
    """An ordinary request without a body, in origin form."""
    return (
        head.framing is NO_BODY
        and head.version == b"1.1"
        and head.target is head.path
        and head.path != b"*"
        and _ONCE_ONLY.isdisjoint(head.index)
    )
