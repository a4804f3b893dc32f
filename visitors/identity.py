"""Who sends a request, and which cookie the response must carry, from the request and our signed cookie alone.

Rules: (1) without consent there is no profile and no cookie; (2) a customer's profile is used only in the origin's
session that accepted the login, otherwise the visitor is an anonymous one with a new id; (3) only what one browser did
anonymously is ever merged into a customer, never one customer into another; (4) a logout starts a new anonymous id.
"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from clicks.agents import BOT
from clicks.events import Login, Logout
from config.settings import Consent
from visitors.consent import permissions
from visitors.cookie import (
    COOKIE_NAME,
    MAX_AGE_S,
    Keyring,
    VisitorCookie,
    bind,
    customer_id,
    decode_cookie,
    is_bound,
)
from visitors.cookie_change import CookieChange
from visitors.cookie_header import cookie_value, response_session, session_value
from visitors.visitor import Visitor

__all__ = [
    "ROTATION_IDLE_S",
    "SEEN_GRAIN_S",
    "SESSION_IDLE_S",
    "Asking",
    "Identified",
    "IdentityPolicy",
    "confirmed",
    "customer_id",
    "identify",
    "next_cookie",
    "response_session",
    "session_value",
]

SESSION_IDLE_S = 1_800
"""A session ends after 30 minutes without a request, measured from the cookie's `seen`."""

SEEN_GRAIN_S = 300
"""`seen` is renewed when it is older than this, not on each response: a session can end up to 5 minutes early."""


ROTATION_IDLE_S = 1_200
"""A new session value within 20 minutes of `seen` is a rotation; later it may well replace a session that the origin
forgot (PHP does so after 24 minutes), and whoever sits there now has not signed in."""


_COUNTED_ONLY = "s-"
_COUNTED_ONLY_CHARS = len(_COUNTED_ONLY) + 22
"""As long as no other id: a browser's has 22 characters, a customer's 25."""


def is_counted_only(profile_id: str) -> bool:
    """An id of somebody who allows statistics and no personalisation: there is never a profile of it."""
    return profile_id.startswith(_COUNTED_ONLY) and len(profile_id) == _COUNTED_ONLY_CHARS


@dataclass(frozen=True, slots=True, eq=False)  # told by identity: what is remembered is asked for by it each time
class Asking:
    """What of a request but its cookies tells who sent it."""

    agent: str
    """Class of the user agent."""
    is_navigation: bool
    """A top-level page is asked for (Sec-Fetch-Dest: document, else Accept)."""
    is_prefetch: bool
    refuses: bool
    """Sec-GPC: 1 or DNT: 1."""


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """What the operator decided, the names of the origin's session cookies, and our keys."""

    consent: Consent
    session_cookies: tuple[str, ...]
    keyring: Keyring


class Identified(Struct, frozen=True):
    """The visitor, with what `next_cookie` needs. `cookie` is ours when it was valid and is believed, else None.

    `stale`: a cookie of our name came that is not believed (forged, expired, refused, or a login no longer proven).
    """

    visitor: Visitor
    cookie: VisitorCookie | None = None
    stale: bool = False
    session_start: int | None = None
    is_navigation: bool = False
    is_prefetch: bool = False
    withdrawn: str | None = None
    """The profile of a valid cookie whose owner does not allow it any more: it is to be erased."""


def identify(
    cookie_header: str, ours: str, request: Asking, policy: IdentityPolicy, now: float, new_id: Callable[[], str]
) -> Identified:
    """Who this is. `new_id` is called only for a top-level navigation that has no believable cookie.

    Several Cookie fields come joined by "; "; `ours` are the cookies among them that have names of ours.
    """
    agent = request.agent
    text = cookie_value(ours, COOKIE_NAME) if ours else None
    allowed = permissions(policy.consent, cookie_header, refuses=request.refuses, keyring=policy.keyring, ours=ours)
    consent = allowed.any_visitor
    is_program = agent == BOT
    if is_program or not consent:
        visitor = Visitor(profile=None, session=None, consent=consent, bot=is_program, agent=agent)
        withdrawn = None
        if text is not None and not is_program:
            known = decode_cookie(policy.keyring, text)
            withdrawn = known.profile if known is not None and _is_believed(known, cookie_header, policy, now) else None
        return Identified(visitor, stale=text is not None, is_navigation=request.is_navigation, withdrawn=withdrawn)

    cookie = decode_cookie(policy.keyring, text) if text else None
    if cookie is not None and not _is_believed(cookie, cookie_header, policy, now):
        cookie = None
    withdrawn = None
    if cookie is not None and is_counted_only(cookie.profile) is allowed.personalisation:
        # Allowed anew: a new id, which has a profile. Allowed no more: a new id, which has none.
        withdrawn = None if allowed.personalisation else cookie.profile
        cookie = None
    stale = cookie is None and text is not None

    fresh = False
    profile: str | None = None
    session_start: int | None = None
    starts = request.is_navigation and not request.is_prefetch
    if cookie is not None:
        profile = cookie.profile
        if now - cookie.seen <= SESSION_IDLE_S:
            session_start = cookie.session_start
        elif starts:
            # Only a person opening a page starts a session: a forgotten tab that polls does not.
            session_start = int(now)
    elif starts:
        profile = new_id() if allowed.personalisation else _COUNTED_ONLY + new_id()
        session_start, fresh = int(now), True
    customer = cookie is not None and cookie.customer
    visitor = Visitor(
        profile=profile,
        session=None if session_start is None else f"{session_start:x}",
        consent=True,
        logged_in=customer,
        customer=customer,
        fresh=fresh,
        agent=agent,
        personalisation=allowed.personalisation,
        statistics=allowed.statistics,
        email=allowed.email,
    )
    return Identified(visitor, cookie, stale, session_start, request.is_navigation, request.is_prefetch, withdrawn)


def next_cookie(
    identified: Identified,
    policy: IdentityPolicy,
    *,
    proof: Login | Logout | None,
    request_session: str | None,
    response_session: str | None,
    is_navigation: bool,
    now: float,
    new_id: Callable[[], str],
) -> CookieChange | None:
    """The cookie that this response must carry; None leaves the browser's as it is.

    `is_navigation`: the response is a top-level HTML page. A login or logout is answered on the very response that
    proves it; a rotated session is carried over on any answer to a navigation, redirects included.
    """
    visitor = identified.visitor
    if visitor.bot:
        return None
    if not visitor.consent:
        return CookieChange(None) if identified.stale and is_navigation else None
    session = response_session or request_session
    if not visitor.personalisation:
        proof = None  # whose visits are only counted is not known by name
    match proof:
        case Login(email=email) if email.strip() and session:
            return _logged_in(identified, policy, email, session, now)
        case Login() if visitor.customer:
            # Somebody else signed in and nothing ties the new login to a session: forget the one before.
            return _anonymous(visitor, now, new_id)
        case Logout() if visitor.customer or identified.stale:
            return _anonymous(visitor, now, new_id)
        case _:
            return _renewed(identified, policy, request_session, response_session, is_navigation, now)


def is_settled(identified: Identified, now: float) -> bool:
    """Their cookie says all there is to say: an answer that proves nothing and brings no session changes neither it
    (`next_cookie`) nor who they are (`confirmed`)."""
    cookie = identified.cookie
    return cookie is not None and identified.session_start == cookie.session_start and now - cookie.seen <= SEEN_GRAIN_S


def confirmed(identified: Identified, request_session: str | None, response_session: str | None, now: float) -> Visitor:
    """The visitor once the response's head is known: no longer logged in when it replaces a session gone stale.

    To be asked before the page is personalised; the profile is then withheld for this page, as an anonymous one's is.
    """
    visitor = identified.visitor
    if not visitor.logged_in or not _replaces(request_session, response_session) or _is_rotation(identified, now):
        return visitor
    return replace(visitor, profile=None, session=None, logged_in=False, customer=False)


def _is_believed(cookie: VisitorCookie, cookie_header: str, policy: IdentityPolicy, now: float) -> bool:
    if now - cookie.seen > MAX_AGE_S:
        return False
    if not cookie.customer:
        return True
    return is_bound(policy.keyring, cookie, session_value(cookie_header, policy.session_cookies))


def _logged_in(identified: Identified, policy: IdentityPolicy, email: str, session: str, now: float) -> CookieChange:
    visitor = identified.visitor
    profile = customer_id(policy.keyring, email)
    start = int(now) if identified.session_start is None else identified.session_start
    # A fresh id has no history yet, and another customer's history is not this one's.
    merged_from = None if visitor.fresh or visitor.customer else visitor.profile
    value = VisitorCookie(profile, True, start, int(now), bind(policy.keyring, profile, session))
    return CookieChange(value, merged_from, profile)


def _anonymous(visitor: Visitor, now: float, new_id: Callable[[], str]) -> CookieChange:
    return CookieChange(VisitorCookie(new_id(), False, int(now), int(now)), profile=visitor.profile)


def _renewed(
    identified: Identified,
    policy: IdentityPolicy,
    request_session: str | None,
    response_session: str | None,
    is_navigation: bool,
    now: float,
) -> CookieChange | None:
    visitor, cookie, start = identified.visitor, identified.cookie, identified.session_start
    if visitor.profile is None or start is None or identified.is_prefetch:
        return None
    binding = cookie.binding if cookie else None
    if visitor.customer and response_session and _replaces(request_session, response_session):
        if not _is_rotation(identified, now) or not (is_navigation or identified.is_navigation):
            return None
        binding = bind(policy.keyring, visitor.profile, response_session)
    elif not is_navigation or (
        cookie is not None and start == cookie.session_start and now - cookie.seen <= SEEN_GRAIN_S
    ):
        return None
    value = VisitorCookie(visitor.profile, visitor.customer, start, int(now), binding)
    return CookieChange(value, profile=visitor.profile)


def _replaces(request_session: str | None, response_session: str | None) -> bool:
    return response_session is not None and response_session != request_session


def _is_rotation(identified: Identified, now: float) -> bool:
    return identified.cookie is not None and now - identified.cookie.seen <= ROTATION_IDLE_S
