"""One batch of clicks applied to the profiles they belong to: a plan of writes, made in memory.

Invariants: clicks are applied in the stream's order; a click for a profile that moved goes to where it moved; making
the plan again from what Redis holds changes nothing that is already in it, so a batch may be repeated at any time.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clicks.click import Click
from visitors.fold import fold_many, merge, new_profile, tombstone
from visitors.profile import Profile
from visitors.wire import decode_profile, encode_profile

_MOVES: Final = 8
"""A profile moves once, to a customer; anything longer than this is a circle."""

_log = logging.getLogger(__name__)

Numbered = tuple[Click, str, int]
"""A click with its id: spool and sequence."""


@dataclass(frozen=True, slots=True)
class Change:
    """Write `raw` over `expected` (None: absent)."""

    profile_id: str
    expected: bytes | None
    raw: bytes
    is_tombstone: bool


def touched(clicks: Sequence[Numbered]) -> list[str]:
    """Profiles that a batch names, each once."""
    named: dict[str, None] = {}
    for click, _, _ in clicks:
        if click.profile is not None:
            named[click.profile] = None
        if click.merged_from is not None:
            named[click.merged_from] = None
    return list(named)


@dataclass(frozen=True, slots=True)
class Found:
    """A profile as it is in Redis; both None where there is none, only `profile` where this version cannot read it."""

    raw: bytes | None
    profile: Profile | None


def found(raw: bytes | None) -> Found:
    """What those bytes are."""
    if raw is None:
        return Found(None, None)
    try:
        return Found(raw, decode_profile(raw))
    except ValueError as error:
        _log.error("a profile is left alone: %s", error)
        return Found(raw, None)


def further(known: Mapping[str, Found]) -> list[str]:
    """Where the tombstones among `known` point to, as far as that is not among them."""
    profiles = (one.profile for one in known.values() if one.profile is not None)
    return list({to: None for one in profiles if (to := one.moved_to) is not None and to not in known})


class Folding:
    """Applies a batch to the profiles `known`: all that it names, and where those have moved."""

    def __init__(self, known: Mapping[str, Found], erased: Mapping[str, float]) -> None:
        self._known = known
        self._erased = erased
        self._profiles = {name: one.profile for name, one in known.items() if one.profile is not None}
        self._unreadable = {name for name, one in known.items() if one.raw is not None and one.profile is None}
        self._waiting: dict[str, list[Numbered]] = {}

    def apply(self, clicks: Sequence[Numbered]) -> None:
        """Fold the clicks in, in their order."""
        for numbered in clicks:
            click = numbered[0]
            if click.profile is None or self._is_erased(click.profile, click.time):
                continue
            target = self._follow(click.profile, numbered)
            if target is None or (target != click.profile and self._is_erased(target, click.time)):
                continue
            if click.merged_from is not None and not self._is_erased(click.merged_from, click.time):
                self._merge(target, click.merged_from, click.time)
            self._waiting.setdefault(target, []).append(numbered)

    def changes(self) -> list[Change]:
        """What to write. Tombstones have to wait until all the rest is written: what they replace is in there."""
        for profile_id in list(self._waiting):
            self._flush(profile_id)
        changes = []
        for profile_id, profile in self._profiles.items():
            known = self._known.get(profile_id, Found(None, None))
            if profile is known.profile or (raw := encode_profile(profile)) == known.raw:
                continue
            changes.append(Change(profile_id, known.raw, raw, profile.moved_to is not None))
        return changes

    def _merge(self, customer_id: str, browser_id: str, at: float) -> None:
        if browser_id == customer_id or browser_id in self._unreadable:
            return
        self._flush(browser_id)
        browser = self._profiles.get(browser_id) or new_profile(browser_id, at)
        if browser.moved_to is not None:
            return
        self._flush(customer_id)
        customer = self._profiles.get(customer_id) or new_profile(customer_id, at)
        if browser_id not in customer.merged:  # else only the tombstone is missing: a write was cut short between
            self._profiles[customer_id] = merge(customer, browser)
        self._profiles[browser_id] = tombstone(browser, customer_id, at)

    def _flush(self, profile_id: str) -> None:
        waiting = self._waiting.pop(profile_id, None)
        if not waiting:
            return
        profile = self._profiles.get(profile_id) or new_profile(profile_id, waiting[0][0].time)
        self._profiles[profile_id] = fold_many(profile, waiting)

    def _follow(self, profile_id: str, numbered: Numbered) -> str | None:
        """Where the click belongs; None when a profile on the way had it before it moved, or cannot be read."""
        _, spool, sequence = numbered
        for _ in range(_MOVES):
            if profile_id in self._unreadable:
                return None
            profile = self._profiles.get(profile_id)
            if profile is None or profile.moved_to is None:
                return profile_id
            if sequence <= profile.applied.get(spool, -1):
                return None
            profile_id = profile.moved_to
        _log.error("profile %s moves in a circle", profile_id)
        return None

    def _is_erased(self, profile_id: str, at: float) -> bool:
        return profile_id in self._erased and at <= self._erased[profile_id]
