"""Deciding: each experience of a page, in the configuration's order, with the one reason why it is shown or not.

Invariant: pure. The same settings, visitor, profile and time give the same decision on every proxy.
"""

from collections.abc import Collection, Mapping

from clicks.click import Reason
from config.settings import Experience, Segment, Settings, Who
from decisions.caps import is_limited, is_spent
from decisions.decision import Choice, Decision
from decisions.holdout import in_holdout, in_rollout
from decisions.proven import proven
from visitors.profile import Profile
from visitors.segments import matches
from visitors.visitor import Visitor

HOLDOUT = "holdout"
CONTROL = "control"
PERSONALISED = "personalised"

VISITOR_FIELDS = frozenset({"logged_in", "customer", "agent"})
"""Conditions that the request alone answers; all others ask the profile."""


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
    """What this visitor is shown on a page that has the placements named in `here`.

    `profile_failure` says that the profile could not be had (then whatever depends on one is NO_PROFILE), which is not
    the same as a visitor of whom nothing is known. Not `enabled` (observe, kill switch): nothing is chosen.

    Reasons, in the order they are tried: BOT, NO_CONSENT, NO_PROFILE, NOT_TARGETED, CAPPED, SPLIT, then HOLDOUT or
    DISABLED for what would have been shown, else TARGETING_MATCH. Holdout comes last so that both groups of a
    comparison were chosen by the same rules.
    """
    nobody = _nobody(visitor, settings)
    known = proven(profile, visitor)
    # A live switch turned off hides who is in the holdout; a mode that shows nobody anything has no holdout.
    off = settings.site.mode in ("off", "observe")
    held_out = visitor.profile is not None and in_holdout(visitor.profile, settings.site.holdout)
    choices: list[Choice] = []
    reasons: list[Reason] = []
    for experience in settings.experiences:
        if experience.at not in here:
            continue
        variant = ""
        code = nobody or _unsuited(experience, settings, visitor, known, profile_failure, now)
        if code == "SPLIT":
            variant = CONTROL
        elif code is None:
            if off:
                code = "DISABLED"
            elif held_out:
                code, variant = "HOLDOUT", HOLDOUT
            elif not enabled:
                code = "DISABLED"
            else:
                code, variant = "TARGETING_MATCH", PERSONALISED
                choices.append(Choice(experience, settings.placements[experience.at], variant))
        reasons.append(Reason(experience.id, code, variant))
    return Decision(tuple(choices), tuple(reasons), "" if nobody or off else _group(held_out, enabled))


def _group(held_out: bool, enabled: bool) -> str:
    """The group this visitor counts for, on this page."""
    if held_out:
        return HOLDOUT
    return PERSONALISED if enabled else ""


def _nobody(visitor: Visitor, settings: Settings) -> str | None:
    """Why this visitor is not personalised for at all. Without an id nobody can be told to be in the holdout."""
    if visitor.bot:
        return "BOT"
    if not visitor.consent:
        return "NO_CONSENT"
    return "NO_PROFILE" if visitor.profile is None and settings.site.holdout > 0 else None


def _unsuited(
    experience: Experience,
    settings: Settings,
    visitor: Visitor,
    profile: Profile | None,
    profile_failure: str | None,
    now: float,
) -> str | None:
    """Why this experience is not for this visitor now; None when it is."""
    segments: Mapping[str, Segment] = settings.segments
    if profile_failure is not None and (is_limited(experience, settings) or _asks_profile(experience.who, segments)):
        return "NO_PROFILE"
    if not matches(experience.who, profile, visitor, segments, now):
        return "NOT_TARGETED"
    if is_spent(experience, settings, profile, now):
        return "CAPPED"
    if experience.rollout < 100 and (
        visitor.profile is None or not in_rollout(visitor.profile, experience.id, experience.rollout)
    ):
        return "SPLIT"
    return None


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
