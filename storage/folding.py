"""One batch of clicks applied to the profiles they belong to: a plan of writes, made in memory.

Invariants: clicks are applied in the stream's order; a click for a profile that moved goes to where it moved; making
the plan again from what Redis holds changes nothing that is already in it, so a batch may be repeated at any time.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clicks.click import Click
from visitors.fold import merge, new_profile, tombstone
from visitors.profile import Profile
from visitors.working import Working

_MOVES: Final = 8
"""A profile moves once, to a customer; anything longer than this is a circle."""

_log = logging.getLogger(__name__)

Numbered = tuple[Click, str, int]
"""A click with its id: spool and sequence."""
Known = Mapping[str, bytes | None]
"""Profiles as they are in Redis; None where there is none."""


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


class Folding:
    """Applies a batch to the profiles `known`: all that it names, and where those have moved.

    Nearly every profile stands for itself. It is decoded, folded and encoded before the next one is looked at, which
    halves what it costs: a batch of decoded profiles is more than a processor's cache holds. Those that clicks of this
    batch join, and those that have moved, are folded together, in the stream's order.
    """

    def __init__(self, known: Known, erased: Mapping[str, float]) -> None:
        self._known = known
        self._erased = erased
        self._changes: dict[str, Change] = {}
        self.missing: list[str] = []
        """Where tombstones point to, as far as that is not among `known`: `changes` are none before it is."""

    def apply(self, clicks: Sequence[Numbered]) -> None:
        """Fold the clicks in, in their order."""
        own: dict[str, list[Numbered]] = {}
        tangled: set[str] = set()
        for numbered in clicks:
            click = numbered[0]
            if click.profile is None:
                continue
            if click.profile in own:
                own[click.profile].append(numbered)
            else:
                own[click.profile] = [numbered]
            if click.merged_from is not None:
                tangled |= {click.profile, click.merged_from}
        for profile_id, some in own.items():
            if profile_id not in tangled and not self._fold_alone(profile_id, some):
                tangled.add(profile_id)
        if tangled:
            self._fold_together(clicks, tangled)

    def changes(self) -> list[Change]:
        """What to write. Tombstones have to wait until all the rest is written: what they replace is in there."""
        return list(self._changes.values())

    def _fold_alone(self, profile_id: str, clicks: Iterable[Numbered]) -> bool:
        """False when the profile has moved."""
        raw = self._known.get(profile_id)
        profile: Working | None = None
        is_changed = False
        if raw is not None:
            profile = _decoded(raw)
            if profile is None:
                return True
            if profile.moved_to is not None:
                return False
        erased_at = self._erased.get(profile_id)
        for click, spool, sequence in clicks:
            if erased_at is not None and click.time <= erased_at:
                continue
            if profile is None:
                profile = Working.of(new_profile(profile_id, click.time))
            is_changed |= profile.apply(click, spool, sequence)
        if profile is not None and is_changed:
            self._changes[profile_id] = Change(profile_id, raw, profile.encoded(), False)
        return True

    def _fold_together(self, clicks: Sequence[Numbered], tangled: set[str]) -> None:
        together = _Together(self._known, self._erased, tangled)
        self.missing = together.missing
        if not self.missing:
            together.apply([numbered for numbered in clicks if numbered[0].profile in together.names])
            for name in together.names:
                self._changes.pop(name, None)  # folded before it was known that another has moved to it
            self._changes |= together.changes()


class _Together:
    """Profiles that have to do with one another, folded click by click."""

    def __init__(self, known: Known, erased: Mapping[str, float], tangled: set[str]) -> None:
        self.names: set[str] = set()
        self.missing: list[str] = []
        self._known = known
        self._erased = erased
        self._profiles: dict[str, Working] = {}
        self._unreadable: set[str] = set()
        self._changed: dict[str, None] = {}
        for name in tangled:
            self._take(name)

    def _take(self, name: str) -> None:
        """This profile, and where it has moved."""
        raw = self._known.get(name)
        if name in self.names:
            return
        self.names.add(name)
        if raw is None:
            return
        profile = _decoded(raw)
        if profile is None:
            self._unreadable.add(name)
            return
        self._profiles[name] = profile
        if (to := profile.moved_to) is not None:
            if to not in self._known:
                self.missing.append(to)
            self._take(to)

    def apply(self, clicks: Iterable[Numbered]) -> None:
        """Fold the clicks in, in their order."""
        for numbered in clicks:
            click, spool, sequence = numbered
            if click.profile is None or self._is_erased(click.profile, click.time):
                continue
            target = self._follow(click.profile, numbered)
            if target is None or (target != click.profile and self._is_erased(target, click.time)):
                continue
            if click.merged_from is not None and not self._is_erased(click.merged_from, click.time):
                self._merge(target, click.merged_from, click.time)
            profile = self._profiles.get(target)
            if profile is None:
                profile = self._profiles[target] = Working.of(new_profile(target, click.time))
            if profile.apply(click, spool, sequence):
                self._changed[target] = None

    def changes(self) -> dict[str, Change]:
        """What to write, by id."""
        found = {}
        for name in self._changed:
            profile, before = self._profiles[name], self._known.get(name)
            if (raw := profile.encoded()) != before:
                found[name] = Change(name, before, raw, profile.moved_to is not None)
        return found

    def _merge(self, customer_id: str, browser_id: str, at: float) -> None:
        if browser_id == customer_id or browser_id in self._unreadable:
            return
        browser = self._frozen(browser_id, at)
        if browser.moved_to is not None:
            return
        customer = self._frozen(customer_id, at)
        if browser_id not in customer.merged:  # else only the tombstone is missing: a write was cut short between
            self._put(merge(customer, browser))
        self._put(tombstone(browser, customer_id, at))

    def _frozen(self, profile_id: str, at: float) -> Profile:
        profile = self._profiles.get(profile_id)
        return new_profile(profile_id, at) if profile is None else profile.frozen()

    def _put(self, profile: Profile) -> None:
        self._profiles[profile.id] = Working.of(profile)
        self._changed[profile.id] = None

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


def _decoded(raw: bytes) -> Working | None:
    """None for bytes that are no profile which this version can read; it is left alone then."""
    try:
        return Working.decoded(raw)
    except ValueError as error:
        _log.error("a profile is left alone: %s", error)
        return None
