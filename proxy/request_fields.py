"""What the fields of a request say, whatever its target: worked out when asked for, kept while they repeat.

A browser sends one block of fields with every picture of a page, and another Referer with those of the next; browsers
of one make send the same block but for their cookies, and a server in front of us sends those of many visitors over one
connection. So a block without the values of its Referer and Cookie lines is remembered apart from these; the cookies
are remembered beside it.

Invariants: two requests share a `RequestFields` only if every byte of their fields but the referrer and the cookies,
the peer's address and the scheme are the same; two share a `VisitorCookies` only if the cookies are the same, too. So
nobody is ever taken for somebody else. What is remembered is bounded, and forgotten within seconds, but for what
a connection keeps of its last request: neither cookies nor referrer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from msgspec.structs import replace

from clicks.agents import agent_class, is_prefetch
from proxy.framing.body_framing import NO_BODY
from proxy.framing.encode import encode_fields_between
from proxy.framing.head import Headers, RequestHead
from proxy.framing.limits import Limits
from proxy.framing.request import FREQUENT_LINE, has_controls, parse_request_head, repeated_request_head
from proxy.head_bytes import COOKIE, REFERRER, Layout, cut
from proxy.headers.cookie import parted
from proxy.referrer import Referrer
from proxy.remembered import Remembered
from visitors.identity import Asking, Identified
from visitors.preview import PREVIEW_COOKIE

MOST_REMEMBERED = 256
"""Blocks of one generation."""
MOST_VISITORS = 4096
"""Cookies of one generation: all who ask a busy worker for a page and its pictures within these seconds."""
LONGEST_REMEMBERED = 4096
"""Bytes of a block, and of cookies."""
MOST_REFERRERS = 1024
"""Pages before, of one generation: each is asked for again with every picture of the next page."""
LONGEST_REFERRER = 2048
"""Bytes of one."""
LONGEST_AGENT = 512
"""Bytes of a user agent, or of a list of addresses, that are looked at: thousands are remembered."""

_PREFETCH_FIELDS = frozenset((b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"))
_ONCE_ONLY = frozenset((b"expect", b"upgrade", b"vitrina-debug"))
"""Fields of requests that are read anew each time."""
_MARK = b"-"
"""In place of a referrer, and of cookies: any that is none of ours."""

Field = tuple[bytes, bytes]
Manner = tuple[bool, bool]
"""How a request goes out: its page may be rewritten, its page is read."""


class SentFields:
    """The lines that the shop gets, with places for the referrer and the cookies."""

    __slots__ = ("_bare", "_is_cookie_first", "_whole")

    def __init__(self, fields: Sequence[Field], referrer: Field | None, cookie: Field | None) -> None:
        """`fields` as sent, of which the very objects `referrer` and `cookie` are these lines (None: there is none)."""
        places = [at for at, field in enumerate(fields) if field is referrer or field is cookie]
        first, second = (*places, len(fields), len(fields))[:2]
        start = encode_fields_between(b" HTTP/1.1", fields[:first])
        between, end = _lines(fields[first + 1 : second]), _lines(fields[second + 1 :]) + b"\r\n"
        self._is_cookie_first = first < len(fields) and fields[first] is cookie
        lines = [(b"", b"") if line is None else (line[0] + b": ", b"\r\n") for line in (referrer, cookie)]
        self._whole = _around(start, between, end, lines, self._is_cookie_first)
        self._bare = _around(start, between, end, [lines[0], (b"", b"")], self._is_cookie_first)
        """Without a Cookie line."""

    def head(self, method: bytes, path: bytes, referrer: bytes, cookies: bytes) -> bytes:
        """A whole head; without a Cookie line when no cookie is left."""
        start, between, end = self._whole if cookies else self._bare
        first, second = (cookies, referrer) if self._is_cookie_first else (referrer, cookies)
        return b"".join((method, b" ", path, start, first, between, second, end))


def _around(
    start: bytes, between: bytes, end: bytes, lines: list[tuple[bytes, bytes]], is_turned: bool
) -> tuple[bytes, bytes, bytes]:
    """What stands around the values of two lines, given what stands around these lines, and in them around their
    values."""
    (before_first, after_first), (before_second, after_second) = reversed(lines) if is_turned else lines
    return start + before_first, after_first + between + before_second, after_second + end


_asking = lru_cache(maxsize=256)(Asking)
"""The same object for all that say the same."""


def _lines(fields: Sequence[Field]) -> bytes:
    return encode_fields_between(b"", fields)[2:]


class VisitorCookies:
    """The cookies of a request; several Cookie fields are joined as one."""

    __slots__ = ("identified", "names_preview", "ours", "raw", "sent", "text")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.text = raw.decode("latin-1")
        """A character for each byte."""
        self.sent, ours = parted(raw)
        """What of them the shop gets."""
        self.ours = ours.decode("latin-1")
        """The others."""
        self.names_preview = PREVIEW_COOKIE in self.ours  # as text: of bytes, `in` takes ten times as long
        """One of them may be an operator's, of a browser in preview."""
        self.identified: Identified | None = None
        """Who sends them, as long as that does not depend on the moment."""


class RequestFields:
    """The fields of a request but for its referrer and its cookies.

    `peer` is the client's address, `scheme` what it used with us.
    """

    __slots__ = (
        "_asker",
        "agent",
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
        "layout",
        "peer",
        "referrer_at",
        "scheme",
        "sent",
    )

    def __init__(self, head: RequestHead, peer: bytes, scheme: bytes, is_trusted: bool) -> None:
        cookies, referrers = _places(head, b"cookie"), _places(head, b"referer")
        headers, index = _filled(head, ((at, b"") for at in (*cookies, *referrers)))
        self.head = replace(head, headers=headers, index=index)
        """Of the first request that had them, with nothing in its Referer and Cookie lines."""
        self.peer = peer
        self.scheme = scheme
        self.is_trusted = is_trusted
        self.referrer_at = referrers[0] if referrers else -1
        self.cookie_at = cookies[0] if cookies else -1
        """Which of the fields they are; -1 without one."""
        self.is_split = len(referrers) < 2 and len(cookies) < 2
        """Each is one line at most, and can be told apart from the rest."""
        self.host = head.authority.decode("latin-1").lower()
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
        self.agent = agent_class(index.get(b"user-agent", b"")[:LONGEST_AGENT].decode("latin-1"))
        """Class of the user agent."""
        refuses = index.get(b"sec-gpc") == b"1" or index.get(b"dnt") == b"1"
        self.asking = _asking(self.agent, self.is_navigation, self.is_prefetch, refuses)
        self.is_welcome = False
        """They ask for a host and by a scheme that are served, as far as it is known by now."""
        self.sent: dict[Manner, SentFields] = {}
        self._asker: tuple[bytes, bytes, bytes] | Literal[False] | None = False
        self.layout: Layout | None = None
        """How they came, where that is remembered."""

    def filled(self, head: RequestHead, referrer: bytes, cookies: bytes) -> RequestHead:
        """A head of these fields as it came, with these values in its Referer and Cookie lines."""
        if not self.is_split:
            return head
        headers, index = _filled(head, ((self.referrer_at, referrer), (self.cookie_at, cookies)))
        return replace(head, headers=headers, index=index)

    def marked(self) -> tuple[RequestHead, Field | None, Field | None]:
        """The head with marks in place of the referrer and the cookies, and the fields that are these."""
        at, cookie_at = self.referrer_at, self.cookie_at
        headers, index = _filled(self.head, ((at, _MARK), (cookie_at, _MARK)))
        marked = replace(self.head, headers=headers, index=index)
        return marked, headers[at] if at >= 0 else None, headers[cookie_at] if cookie_at >= 0 else None

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


Asked = tuple[RequestHead, RequestFields, VisitorCookies, Referrer]
"""A request's head, and what is remembered of its fields, its cookies and its referrer.

Where Referer and Cookie are one line each at most, the head has these lines with nothing in them: hardly anybody asks
for more, and `RequestFields.filled` makes it whole."""


class RequestReader:
    """Reads request heads, and remembers the fields and the cookies of the last seconds."""

    __slots__ = ("_blocks", "_limits", "_referrers", "_visitors")

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._limits = limits
        self._blocks: Remembered[tuple[bytes, bytes, bytes], RequestFields] = Remembered(MOST_REMEMBERED, now)
        self._visitors: Remembered[tuple[bytes, Asking], VisitorCookies] = Remembered(MOST_VISITORS, now)
        self._referrers: Remembered[bytes, Referrer] = Remembered(MOST_REFERRERS, now)

    def repeated(self, data: bytes, peer: bytes, scheme: bytes, fields: RequestFields | None = None) -> Asked | None:
        """The request that `data` is, where that is one head, whole, and its fields are remembered; else None.

        `fields` are those of the request before it on the same connection: a browser mostly sends the same again.

        It is as sound as what `read` returns. That it is whole shows in the block: it ends as it did when it was read,
        and nothing else in the head ends it.
        """
        line = FREQUENT_LINE.match(data)
        if line is None:
            return None
        method, target = line.groups()
        at = line.end()
        values = None if fields is None or fields.layout is None else fields.layout.values(data, at)
        if values is not None:
            cookies, value = values
        else:
            if not data.endswith(b"\r\n\r\n"):
                return None
            cookies, rest = cut(data[at:], COOKIE)
            value, block = cut(rest, REFERRER)
            fields = self._blocks.get((block, peer, scheme))
        if fields is None or len(data) > self._limits.head_bytes or len(target) > self._limits.target_bytes:
            return None
        visitor = self._visitors.get((cookies, fields.asking))
        if visitor is None:
            if has_controls(cookies):
                return None
            raw = cookies.strip(b" \t")
            visitor = self._met(raw, fields.asking) if raw == cookies else self._cookies(raw, fields.asking)
        referrer = self._referrers.get(value)
        if referrer is None:
            if has_controls(value) or len(value) > LONGEST_REFERRER:
                return None
            referrer = self._referrer(value.strip(b" \t"))
        return repeated_request_head(fields.head, method, target), fields, visitor, referrer

    def read(self, data: bytes, peer: bytes, scheme: bytes, is_trusted: bool) -> Asked:
        """A whole head (as `parse_request_head`), and what is said in it. Raises `FramingError`."""
        known = self.repeated(data, peer, scheme)
        if known is not None:
            return known
        head = parse_request_head(data, self._limits)
        fields = RequestFields(head, peer, scheme, is_trusted)
        referrer = head.index.get(b"referer", b"")
        raw = head.index.get(b"cookie", b"") if fields.is_split else b"; ".join(head.get_all(b"cookie"))
        line = FREQUENT_LINE.match(data)
        if line is not None and fields.is_split and _may_repeat(head):
            cookies, rest = cut(data[line.end() :], COOKIE)
            value, block = cut(rest, REFERRER)
            # In another spelling they were not found, and are a part of the block.
            is_found = value.strip(b" \t") == referrer and cookies.strip(b" \t") == raw
            if is_found and len(block) <= LONGEST_REMEMBERED:
                fields.layout = Layout(block)
                self._blocks.offer((block, peer, scheme), fields)
        if fields.is_split:
            head = fields.head
        return head, fields, self._cookies(raw, fields.asking), self._referrer(referrer)

    def _referrer(self, raw: bytes) -> Referrer:
        known = self._referrers.get(raw)
        if known is None:
            known = Referrer(raw)
            if len(raw) <= LONGEST_REFERRER:
                self._referrers.keep(raw, known)
        return known

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
        self._referrers.sweep(now)

    def forget(self) -> None:
        """All of it."""
        self._blocks.forget()
        self._visitors.forget()
        self._referrers.forget()


def _places(head: RequestHead, lower: bytes) -> list[int]:
    """Which of the fields have this name."""
    if lower not in head.index:
        return []
    return [at for at, (name, _) in enumerate(head.headers) if name.lower() == lower]


def _filled(head: RequestHead, values: Iterable[tuple[int, bytes]]) -> tuple[Headers, Mapping[bytes, bytes]]:
    """The fields of a head, and their index, with these values at these places; -1 is none."""
    headers, index = [*head.headers], {**head.index}
    for at, value in values:
        if at >= 0:
            name = headers[at][0]
            headers[at] = (name, value)
            index[name.lower()] = value
    return tuple(headers), index


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
    """Without a body, and nothing in it is for this once."""
    return head.framing is NO_BODY and _ONCE_ONLY.isdisjoint(head.index)
