"""What the fields of a request say, whatever its target: worked out when asked for, kept while they repeat.

A browser sends one block of fields with every picture of a page, and a server in front of us sends those of many
visitors over one connection. Most blocks, those of pages among them, come once: what is kept has come before.

Invariants: two requests share a `RequestFields` only if every byte of their fields, the peer's address and the scheme
are the same, so nobody is ever taken for somebody else. What is remembered holds cookies: it is bounded, and forgotten
within seconds.
"""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from clicks.agents import agent_class, is_prefetch
from clicks.targets import referrer, referrer_host, referrer_key
from config.platform import Platform
from proxy.framing.body_framing import NO_BODY
from proxy.framing.head import RequestHead
from proxy.framing.limits import Limits
from proxy.framing.request import parse_request_head, repeated_request_head
from visitors.identity import Identified, RequestIdentity

MOST_REMEMBERED = 256
"""Blocks of one generation; there are two."""
MOST_SEEN_ONCE = 4096
"""Blocks of which only a hash is kept."""
LONGEST_REMEMBERED = 4096
"""Bytes of a block."""
GENERATION_S = 10.0
"""After so long what was not asked for again is on its way out; after twice that it is gone."""

_PREFETCH_FIELDS = frozenset((b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"))
_ONCE_ONLY = frozenset((b"expect", b"upgrade", b"vitrina-debug"))
"""Fields of requests that are read anew each time."""


class RequestFields:
    """The fields of a request. `peer` is the client's address as text, `scheme` what it used with us."""

    __slots__ = (
        "_agent",
        "_asker",
        "_cookie_header",
        "_identity",
        "_kept_referrer",
        "_referrer_host",
        "_referrer_key",
        "head",
        "host",
        "identified",
        "is_trusted",
        "peer",
        "referrer",
        "scheme",
        "sent",
    )

    def __init__(self, head: RequestHead, peer: bytes, scheme: bytes, is_trusted: bool) -> None:
        self.head = head
        """Of the first request that had them."""
        self.peer = peer
        self.scheme = scheme
        self.is_trusted = is_trusted
        self.host = head.authority.decode("latin-1").lower()
        self.referrer = head.index.get(b"referer", b"").decode("latin-1")
        self.sent: dict[tuple[bool, bool], bytes] = {}
        """The fields as the shop gets them, by (may be rewritten, codings limited)."""
        self.identified: Identified | None = None
        """Who sends them, as long as that does not depend on the moment."""
        self._agent: str | None = None
        self._asker: tuple[bytes, bytes, bytes] | Literal[False] | None = False
        self._identity: RequestIdentity | None = None
        self._cookie_header: str | None = None
        self._kept_referrer: str | None = None
        self._referrer_host: str | None = None
        self._referrer_key: str | None = None

    @property
    def is_secure(self) -> bool:
        """The visitor's own connection is https, as far as can be trusted."""
        if self.is_trusted and (proto := self.head.get(b"x-forwarded-proto")) is not None:
            return proto.strip().lower() == b"https"
        return self.scheme == b"https"

    @property
    def agent(self) -> str:
        """Class of the user agent."""
        known = self._agent
        if known is None:
            known = self._agent = agent_class(self.head.index.get(b"user-agent", b"").decode("latin-1"))
        return known

    @property
    def asker(self) -> tuple[bytes, bytes, bytes] | None:
        """Address and user agent, to tell programs by what they do; None where many may share the address we see."""
        known = self._asker
        if known is False:
            index = self.head.index
            agent = index.get(b"user-agent", b"")
            if not self.is_trusted and _is_global(self.peer):
                known = (self.peer, b"", agent)
            else:  # a server in front of us
                client = index.get(b"x-forwarded-for", b"")
                known = (self.peer, client, agent) if client else None
            self._asker = known
        return known

    @property
    def cookie_header(self) -> str:
        """The cookies; several Cookie fields are joined as one."""
        known = self._cookie_header
        if known is None:
            known = self._cookie_header = b"; ".join(self.head.get_all(b"cookie")).decode("latin-1")
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

    def identity(self, is_navigation: bool) -> RequestIdentity:
        """What tells who sent it."""
        known = self._identity
        if known is not None and known.is_navigation is is_navigation:
            return known
        index = self.head.index
        is_speculative = not _PREFETCH_FIELDS.isdisjoint(index) and is_prefetch(
            {name.decode(): index[name].decode("latin-1") for name in _PREFETCH_FIELDS if name in index}
        )
        known = self._identity = RequestIdentity(
            self.cookie_header,
            index.get(b"user-agent", b"").decode("latin-1"),
            is_navigation,
            is_speculative,
            index.get(b"sec-gpc") == b"1",
            index.get(b"dnt") == b"1",
        )
        return known


class RepeatedFields:
    """Reads request heads, and remembers the fields of the last seconds. `now` is a clock in seconds."""

    __slots__ = ("_limits", "_now", "_older", "_once", "_recent", "_since")

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._limits = limits
        self._now = now
        self._recent: dict[tuple[bytes, bytes, bytes], RequestFields] = {}
        self._older: dict[tuple[bytes, bytes, bytes], RequestFields] = {}
        self._once: set[int] = set()
        """Hashes of blocks that came once: a number costs nothing to keep, an object costs the collector's time."""
        self._since = now()

    def read(self, data: bytes, peer: bytes, scheme: bytes, is_trusted: bool) -> tuple[RequestHead, RequestFields]:
        """A whole head (as `parse_request_head`) and its fields. Raises `FramingError`."""
        end = data.find(b"\r\n")
        key = (data[end:], peer, scheme)
        fields = self._recent.get(key)
        if fields is None:
            fields = self._older.pop(key, None)
            if fields is not None:
                self._remember(key, fields)
        if fields is not None and (head := repeated_request_head(fields.head, data[:end], self._limits)) is not None:
            return head, fields
        head = parse_request_head(data, self._limits)
        fields = RequestFields(head, peer, scheme, is_trusted)
        if _may_repeat(head) and len(key[0]) <= LONGEST_REMEMBERED:
            digest = hash(key)
            if digest in self._once:
                self._remember(key, fields)
            else:
                self._once.add(digest)
                if len(self._once) > MOST_SEEN_ONCE:
                    self._once.clear()
        return head, fields

    def _remember(self, key: tuple[bytes, bytes, bytes], fields: RequestFields) -> None:
        if len(self._recent) >= MOST_REMEMBERED:
            self.age()
        self._recent[key] = fields

    def sweep(self, now: float) -> None:
        """Called now and then: what is old is forgotten."""
        if now - self._since >= GENERATION_S:
            self.age()

    def age(self) -> None:
        """A new generation."""
        self._older, self._recent = self._recent, {}
        self._once.clear()
        self._since = self._now()

    def forget(self) -> None:
        """All of it."""
        self._recent.clear()
        self._older.clear()
        self._once.clear()


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
