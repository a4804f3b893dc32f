"""Browsers in preview: whose pages they are shown, and the engine that makes those.

Invariant: what is made or learnt for a preview stays here; holdout and rollout do not apply to it, and nobody else's
page comes from this engine.
"""

from dataclasses import replace

from msgspec import structs

from config.platform import Platform
from config.settings import Settings
from transforms.page.engine import Compiler
from transforms.personaliser import Personaliser
from visitors.cookie import Keyring
from visitors.cookie_header import cookie_value
from visitors.exemplar import exemplar
from visitors.preview import PREVIEW_COOKIE, Preview, decode_preview
from visitors.profile import Profile
from visitors.visitor import Visitor

_SOUGHT = f"{PREVIEW_COOKIE}="
_NEW = Visitor(profile="preview-newcomer", session="0", consent=True, fresh=True, agent="desktop")


class Previewing:
    """The previews of one data plane; none in modes that change nobody's page."""

    def __init__(self, settings: Settings, keyring: Keyring) -> None:
        self._settings = settings
        self._keyring = keyring
        self._is_possible = settings.site.mode in ("preview", "live")
        self._personaliser: Personaliser | None = None

    def of(self, cookie_header: str, host: str, now: float) -> Preview | None:
        """The preview that a request's cookies prove."""
        if _SOUGHT not in cookie_header or not self._is_possible:
            return None
        text = cookie_value(cookie_header, PREVIEW_COOKIE)
        return None if text is None else decode_preview(self._keyring, text, host, now)

    def stand_in(self, preview: Preview, own: Visitor, now: float) -> tuple[Visitor, Profile | None] | None:
        """Whom to show the pages of, with the profile where it is made up; None: the browser's own visitor.

        `fresh` visitors have no profile to be fetched. A browser that nothing is known of yet is shown what somebody
        new is shown who has agreed.
        """
        match preview.kind:
            case "profile":
                return structs.replace(_NEW, profile=preview.name, fresh=False, agent=own.agent), None
            case "segment":
                found = exemplar(preview.name, self._settings.segments, now)
                return (_NEW, None) if found is None else (found[1], found[0])
        if own.profile is None or own.fresh or not own.consent or own.bot:
            return structs.replace(_NEW, agent=own.agent), None
        return None

    def forget(self) -> None:
        """The platform is another: its pages are opened anew."""
        self._personaliser = None

    def personaliser(self, platform: Platform, compiler: Compiler) -> Personaliser:
        """The engine for all previews; made when the first browser in preview comes."""
        known = self._personaliser
        if known is None:
            known = self._personaliser = Personaliser(for_one(self._settings), platform, compiler)
        return known


def signed_in(visitor: Visitor, profile: Profile) -> Visitor:
    """A stand-in once its profile is there: a customer, or who has a name, is shown what they see signed in."""
    is_known = profile.customer or profile.first_name is not None
    return structs.replace(visitor, logged_in=is_known, customer=profile.customer)


def for_one(settings: Settings) -> Settings:
    """The settings without the shares that leave visitors out."""
    experiences = tuple(replace(experience, rollout=100.0) for experience in settings.experiences)
    return replace(settings, site=replace(settings.site, holdout=0.0, mode="live"), experiences=experiences)
