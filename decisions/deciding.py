"""Deciding: each experience of a page, in the configuration's order, with the one reason why it is shown or not.

Invariant: pure. The same settings, visitor, profile and time give the same decision on every proxy.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from clicks.click import Reason
from config.settings import Experience, Segment, Settings, Who
from decisions.caps import is_limited, is_spent
from decisions.decision import Choice, Decision
from decisions.holdout import in_holdout, in_rollout
from decisions.proven import proven
from visitors.profile import Profile
from visitors.segments import NOTHING_KNOWN, matcher
from visitors.visitor import Visitor

HOLDOUT = "holdout"
CONTROL = "control"
PERSONALISED = "personalised"

VISITOR_FIELDS = frozenset({"logged_in", "customer", "agent"})
"""Conditions that the request alone answers; all others ask the profile."""


REMEMBERED = 1024
"""Decisions that are kept, and sets of placements."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Decider:
    """Decides for the visitors of one shop under one configuration: what is the same for all of them is read once."""

    __slots__ = ("_decisions", "_here", "_holdout", "_is_off", "_is_preview", "_rules")

    def __init__(self, settings: Settings) -> None:
        self._rules = tuple([_Rule(experience, settings) for experience in settings.experiences])
        self._here: dict[frozenset[str], _Here] = {}
        """The rules for a page, by its placements: a shop has a few sets of them."""
        self._decisions: dict[tuple[frozenset[str], tuple[str, ...], str], Decision] = {}
        self._holdout = settings.site.holdout
        # A live switch turned off hides who is in the holdout; a mode that shows nobody anything has no holdout.
        self._is_off = settings.site.mode in ("off", "observe")
        self._is_preview = settings.site.mode == "preview"

    def decide(
        self,
        here: frozenset[str],
        visitor: Visitor,
        profile: Profile | None,
        profile_failure: str | None,
        now: float,
        *,
        enabled: bool = True,
    ) -> Decision:
        """What this visitor is shown on a page that has the placements named in `here`.

        `profile_failure` says that the profile could not be had (then whatever depends on one is NO_PROFILE), which is
        not the same as a visitor of whom nothing is known. Not `enabled` (observe, kill switch): nothing is chosen.

        Reasons, in the order they are tried: BOT, NO_CONSENT, NO_PROFILE, NOT_TARGETED, CAPPED, SPLIT, then HOLDOUT or
        DISABLED for what would have been shown, else TARGETING_MATCH. Holdout comes last so that both groups of a
        comparison were chosen by the same rules.
        """
        nobody = self._nobody(visitor)
        known = proven(profile, visitor)
        holdout = self._holdout
        held_out = holdout > 0 and visitor.profile is not None and in_holdout(visitor.profile, holdout)
        is_off = self._is_off or (self._is_preview and not enabled)
        if is_off:
            meant = "DISABLED"
        elif held_out:
            meant = "HOLDOUT"
        else:
            meant = "TARGETING_MATCH" if enabled else "DISABLED"
        known_here = self._here.get(here)
        if known_here is None:
            known_here = _here(self._rules, here)
            _keep(self._here, here, known_here)
        rules = known_here.rules
        codes = [nobody or meant] * len(rules)
        if nobody is None:
            for number, rule in known_here.choosy:  # this runs for every page
                code = rule.unsuited(visitor, known, profile_failure, now)
                if code is not None:
                    codes[number] = code
        variant = "" if nobody or is_off else HOLDOUT if held_out else PERSONALISED if enabled else ""
        said = here, tuple(codes), variant
        decision = self._decisions.get(said)
        if decision is None:
            reasons = tuple([rule.reasons[code] for rule, code in zip(rules, codes, strict=True)])
            choices = [rule.choice for rule, code in zip(rules, codes, strict=True) if code == "TARGETING_MATCH"]
            decision = Decision(tuple(choices), reasons, variant)
            _keep(self._decisions, said, decision)
        return decision

    def _nobody(self, visitor: Visitor) -> str | None:
        """Why this visitor is not personalised for at all. Without an id nobody can be told to be in the holdout."""
        if visitor.bot:
            return "BOT"
        if not visitor.consent or not visitor.personalisation:
            return "NO_CONSENT"
        return "NO_PROFILE" if visitor.profile is None and self._holdout > 0 else None


def decide(
    settings: Settings,
    here: Collection[str],
    visitor: Visitor,
    profile: Profile | None,
    profile_failure: str | None,
    now: float,
    *,
    enabled: bool = True,
) -> Decision:
    """One decision; who makes many keeps a `Decider`."""
    return Decider(settings).decide(frozenset(here), visitor, profile, profile_failure, now, enabled=enabled)


def _keep(known: dict[Key, Value], key: Key, value: Value) -> None:
    known[key] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]


_VARIANTS = {"SPLIT": CONTROL, "HOLDOUT": HOLDOUT, "TARGETING_MATCH": PERSONALISED}
"""The group that a reason puts a visitor into."""

_CODES = (
    "BOT",
    "NO_CONSENT",
    "NO_PROFILE",
    "NOT_TARGETED",
    "CAPPED",
    "SPLIT",
    "HOLDOUT",
    "DISABLED",
    "TARGETING_MATCH",
)


class _Rule:
    """One experience, read once: whom it is for, and what is said of it."""

    __slots__ = (
        "_experience",
        "_is_limited",
        "_is_meant",
        "_needs_profile",
        "_settings",
        "choice",
        "is_for_all",
        "placement",
        "reasons",
    )

    def __init__(self, experience: Experience, settings: Settings) -> None:
        self.placement = experience.at
        self.reasons = {code: Reason(experience.id, code, _VARIANTS.get(code, "")) for code in _CODES}
        self.choice = Choice(experience, settings.placements[experience.at], PERSONALISED)
        self._experience = experience
        self._settings = settings
        self._is_limited = is_limited(experience, settings)
        self._needs_profile = self._is_limited or _asks_profile(experience.who, settings.segments)
        who = experience.who
        self._is_meant = matcher(who, settings.segments) if who.all or who.any else None
        self.is_for_all = self._is_meant is None and not self._is_limited and experience.rollout >= 100
        """Nobody is unsuited."""

    def unsuited(
        self, visitor: Visitor, profile: Profile | None, profile_failure: str | None, now: float
    ) -> str | None:
        """Why this experience is not for this visitor now; None when it is."""
        if profile_failure is not None and self._needs_profile:
            return "NO_PROFILE"
        if self._is_meant is not None and not self._is_meant(profile or NOTHING_KNOWN, visitor, now):
            return "NOT_TARGETED"
        experience = self._experience
        if self._is_limited and is_spent(experience, self._settings, profile, now):
            return "CAPPED"
        if experience.rollout < 100 and (
            visitor.profile is None or not in_rollout(visitor.profile, experience.id, experience.rollout)
        ):
            return "SPLIT"
        return None


class _Here(NamedTuple):
    """The rules for a page; `choosy` are those that are not for everybody, with their numbers."""

    rules: Sequence[_Rule]
    choosy: Sequence[tuple[int, _Rule]]


def _here(every: Sequence[_Rule], placements: Collection[str]) -> _Here:
    rules = [rule for rule in every if rule.placement in placements]
    return _Here(rules, [(number, rule) for number, rule in enumerate(rules) if not rule.is_for_all])


def _asks_profile(who: Who, segments: Mapping[str, Segment], depth: int = 0) -> bool:
    """Some condition, here or in a segment referred to, needs the profile; segments in a circle do too."""
    for condition in who.all + who.any:
        if condition.field == "segment":
            names = condition.value if isinstance(condition.value, tuple) else (str(condition.value),)
            if depth > len(segments) or any(
                name not in segments or _asks_profile(segments[name].who, segments, depth + 1) for name in names
            ):
                return True
        elif condition.field not in VISITOR_FIELDS:
            return True
    return False
