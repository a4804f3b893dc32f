"""What a request target is before anything is sent: asset or page, whose, readable or not; worked out once per target.

Invariant: whether a path is ours is decided on the very bytes that are forwarded; `never_read` and `never_touch` hold
for every spelling a server may take for the same path (escapes, doubled slashes, dot segments).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from posixpath import normpath

from clicks.assets import is_asset
from clicks.events import signs_out
from clicks.kinds import page_kind, product_id
from clicks.targets import Target, campaign, kept_path, kept_query, parse_target
from config.patterns import PathPatterns
from config.platform import Platform

OWN_PREFIX = b"/_vitrina"
BEACON_PATH = b"/_vitrina/beacon"
"""Ours, and read: what it tells is an event of whoever sends it."""
GPC_PATH = b"/.well-known/gpc.json"
"""Ours where the configuration says so (Global Privacy Control, section 5)."""
REMEMBERED = 4096
"""Targets kept in memory; a shop's visitors ask for the same ones most of the time."""

LONGEST_REMEMBERED = 512
"""Bytes; longer targets are read anew each time, so that nobody fills the memory with them."""

_DOUBLED = re.compile(r"/{2,}")


@dataclass(frozen=True, slots=True)
class Place:
    """A target under one platform. `path`, `query` and `campaign` are what clicks keep of it."""

    target: Target
    text: str
    """path?query, decoded."""
    path: str
    query: Mapping[str, str]
    campaign: Mapping[str, str]
    kind: str
    product: str | None
    is_own: bool
    is_asset: bool
    is_never_read: bool
    is_never_touched: bool
    signs_out: bool
    """Opening it ends a customer's session."""
    is_beacon: bool = False


class Places:
    """The targets of one shop."""

    def __init__(
        self,
        platform: Platform,
        never_read: tuple[str, ...],
        never_touch: tuple[str, ...],
        own: tuple[bytes, ...] = (),
        beacon: bool = False,
    ) -> None:
        self._beacon = BEACON_PATH if beacon else None
        self._platform = platform
        self._own = frozenset(own)
        self._never_read = PathPatterns(never_read)
        self._never_touch = PathPatterns(never_touch)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._at)

    def at(self, raw: bytes) -> Place:
        """The place of a raw target in origin form."""
        return self._remembered(raw) if len(raw) <= LONGEST_REMEMBERED else self._at(raw)

    def _at(self, raw: bytes) -> Place:
        platform = self._platform
        target = parse_target(raw)
        is_own = raw.startswith(OWN_PREFIX) and raw[len(OWN_PREFIX) : len(OWN_PREFIX) + 1] in (b"", b"/", b"?")
        is_own = is_own or raw.partition(b"?")[0] in self._own
        is_beacon = raw == self._beacon
        is_never_read = (is_own and not is_beacon) or self._matches(self._never_read, target)
        # Of what is never read not even a query field is looked at.
        return Place(
            target,
            target.text,
            kept_path(target, platform),
            {} if is_never_read else kept_query(target, platform),
            {} if is_never_read else campaign(target),
            "other" if is_own else page_kind(platform, target),
            None if is_never_read else product_id(platform, target),
            is_own,
            not is_never_read and is_asset(target.path),
            is_never_read,
            is_own or is_never_read or self._matches(self._never_touch, target),
            signs_out(target, platform),
            is_beacon,
        )

    @staticmethod
    def _matches(patterns: PathPatterns, target: Target) -> bool:
        if patterns.match(target.text):
            return True
        text = _DOUBLED.sub("/", target.path)
        plain = normpath(text) if text else text
        if text.endswith("/") and not plain.endswith("/"):
            plain += "/"
        return plain != target.path and patterns.match(plain + target.text[len(target.path) :])
