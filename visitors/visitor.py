"""The visitor of one request, as far as it can be proven from the request alone."""

from msgspec import Struct


class Visitor(Struct, frozen=True):
    """Who a request is from. Nothing here needed Redis.

    `profile` is None before consent, for bots and for forged cookies without a replacement; `fresh` says that it was
    minted for this request and has no cookie yet. `logged_in`: the origin accepted a login in the very session whose
    cookie this request carries (DESIGN 6). `session` identifies the session (30 min idle) within the profile.
    `consent`: for personalisation or statistics, so that the visitor may be told from others.
    """

    profile: str | None
    session: str | None
    consent: bool
    logged_in: bool = False
    customer: bool = False
    fresh: bool = False
    bot: bool = False
    agent: str = "other"
    personalisation: bool = True
    """Of a consent that was given: pages may be changed, and a profile kept for it."""
    statistics: bool = True
    """Of a consent that was given: visits may be told apart and counted."""
    email: bool = True
    """Of a consent that was given: the e-mail address may be kept, to write to."""
