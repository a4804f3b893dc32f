"""Limits: how often an experience is shown to one visitor, and how often an offer is given to one visitor.

The counts come from exposures folded into the profile, so they follow the visitor over devices after a login. Profiles
keep only the latest exposures of an experience; a limit above that number is the same as that number.
"""

from config.settings import Experience, Settings
from visitors.profile import Profile


def offer_name(experience: Experience) -> str | None:
    """The offer an experience gives, if it gives one."""
    name = experience.settings.get("offer")
    return name if isinstance(name, str) else None


def is_limited(experience: Experience, settings: Settings) -> bool:
    """Showing it depends on how often it was shown, so it needs the profile."""
    return experience.cap is not None or _per_visitor(experience, settings) is not None


def is_spent(experience: Experience, settings: Settings, profile: Profile | None, now: float) -> bool:
    """The experience's cap or its offer's limit is used up for this visitor."""
    if profile is None or not profile.exposures:
        return False
    cap = experience.cap
    if cap is not None:
        since = now - cap.per_s
        if sum(at > since for at in profile.exposures.get(experience.id, ())) >= cap.times:
            return True
    limit = _per_visitor(experience, settings)
    if limit is None:
        return False
    offer = offer_name(experience)
    given = sum(len(profile.exposures.get(e.id, ())) for e in settings.experiences if offer_name(e) == offer)
    return given >= limit


def _per_visitor(experience: Experience, settings: Settings) -> int | None:
    name = offer_name(experience)
    offer = settings.offers.get(name) if name is not None else None
    return None if offer is None else offer.per_visitor
