"""A profile is a fold of clicks: `fold(profile, click)`, each click once; customers' and browsers' histories joined.

Invariant: replaying the clicks rebuilds the profile; folding or merging the same thing twice is folding it once.
"""

from collections.abc import Iterable

from clicks.click import Click
from visitors.interests import together
from visitors.profile import Profile
from visitors.working import (
    GAP_SMOOTHING,
    MAX_BARE_ORDERS,
    MAX_EXPOSURES,
    MAX_MERGED,
    MAX_ORDER_IDS,
    MAX_SEARCHES,
    MAX_SESSIONS,
    VISIT_GAP_S,
    Working,
)


def new_profile(profile_id: str, at: float) -> Profile:
    """A profile of which nothing is known yet. `at`: Unix seconds."""
    return Profile(id=profile_id, created=at, updated=at)


def fold(profile: Profile, click: Click, spool: str, sequence: int) -> Profile:
    """The profile after this click; the very same object when the click was folded in before."""
    return fold_many(profile, ((click, spool, sequence),))


def fold_many(profile: Profile, clicks: Iterable[tuple[Click, str, int]]) -> Profile:
    """The profile after these clicks (click, spool, sequence), in the order given."""
    working: Working | None = None
    for click, spool, sequence in clicks:
        if working is None:
            if sequence <= profile.applied.get(spool, -1):
                continue
            working = Working.of(profile)
        working.apply(click, spool, sequence)
    return profile if working is None else working.frozen()


def merge(customer: Profile, browser: Profile) -> Profile:
    """The customer's profile with what a browser did before its visitor signed in; once per browser's profile.

    Names and e-mail are the customer's only: on a shared browser they may be somebody else's. `applied` is the
    customer's only: the browser's clicks stay applied in its tombstone, and the customer's own must not be skipped.
    """
    if browser.id == customer.id or browser.id in customer.merged:
        return customer
    joined = Working.of(customer)
    joined.customer = True
    joined.newsletter = customer.newsletter or browser.newsletter
    _merge_visits(joined, customer, browser)
    other = Working.of(browser)
    joined.topics = {**other.topics, **joined.topics}
    joined.traits = {**other.traits, **joined.traits}
    joined.page_views += browser.page_views
    _merge_orders(joined, browser)
    later = browser if browser.last_click >= customer.last_click else customer
    earlier = customer if later is browser else browser
    joined.products = together(earlier.products, later.products)
    joined.categories = together(earlier.categories, later.categories)
    joined.last_page = later.last_page or earlier.last_page
    joined.last_source = later.last_source or earlier.last_source
    first = browser if 0 < browser.created < customer.created else customer
    joined.first_source = first.first_source or customer.first_source or browser.first_source
    joined.searches = tuple(dict.fromkeys((*earlier.searches, *later.searches)))[-MAX_SEARCHES:]
    for experience, times in browser.exposures.items():
        joined.exposures[experience] = tuple(sorted((*joined.exposures.get(experience, ()), *times))[-MAX_EXPOSURES:])
    for key, order in sorted(other.shown.items(), key=lambda item: item[1][0]):
        known = joined.shown.get(key)
        if known is None or known[0] < order[0]:
            joined.shown[key] = order
    joined.created = min(filter(None, (customer.created, browser.created)), default=0.0)
    joined.updated = max(customer.updated, browser.updated)
    joined.merged = tuple(dict.fromkeys((*customer.merged, *browser.merged, browser.id)))[-MAX_MERGED:]
    return joined.frozen()


def tombstone(browser: Profile, into: str, at: float) -> Profile:
    """What is left of a browser's profile once merged: where it went, and which clicks it has had."""
    return Profile(id=browser.id, created=at, updated=at, applied=browser.applied, moved_to=into)


def _merge_visits(joined: Working, customer: Profile, browser: Profile) -> None:
    joined.visits += browser.visits - len(set(customer.sessions) & set(browser.sessions))
    joined.sessions = tuple(dict.fromkeys((*customer.sessions, *browser.sessions)))[-MAX_SESSIONS:]
    joined.last_click = max(customer.last_click, browser.last_click)
    if not browser.visits:
        return
    if not customer.visits:
        for name in ("session", "usual_gap_s", "usual_gap_before_s", "visit_started", "previous_visit"):
            setattr(joined, name, getattr(browser, name))
        return
    later, earlier = (browser, customer) if browser.last_click >= customer.last_click else (customer, browser)
    joined.session = later.session
    joined.visit_started = later.visit_started
    gap = later.visit_started - earlier.last_click
    if gap >= VISIT_GAP_S and not later.previous_visit:
        # All of the later one is a single visit after the earlier one's last: the customer came back, signed out.
        joined.previous_visit = earlier.last_click
        joined.usual_gap_before_s = usual = earlier.usual_gap_s
        joined.usual_gap_s = gap if usual is None else usual + GAP_SMOOTHING * (gap - usual)
        return
    joined.usual_gap_s = _averaged(customer, customer.usual_gap_s, browser, browser.usual_gap_s)
    if gap < VISIT_GAP_S:
        # Both are of one visit under way: what was before it stays what it was.
        joined.visit_started = started = min(later.visit_started, earlier.visit_started)
        joined.previous_visit = max(
            (before for before in (later.previous_visit, earlier.previous_visit) if before < started), default=0.0
        )
        joined.usual_gap_before_s = _averaged(later, later.usual_gap_before_s, earlier, earlier.usual_gap_before_s)
        return
    joined.previous_visit = max(later.previous_visit, earlier.last_click)
    joined.usual_gap_before_s = _averaged(later, later.usual_gap_before_s, earlier, earlier.usual_gap_s)


def _averaged(one: Profile, gap: float | None, other: Profile, other_gap: float | None) -> float | None:
    """The mean of two gaps, weighted by visits."""
    if gap is None or other_gap is None:
        return other_gap if gap is None else gap
    return (gap * one.visits + other_gap * other.visits) / (one.visits + other.visits)


def _merge_orders(joined: Working, browser: Profile) -> None:
    known = set(joined.order_ids)
    both = sum(order in known for order in browser.order_ids)
    joined.order_ids = tuple(dict.fromkeys((*joined.order_ids, *browser.order_ids)))[-MAX_ORDER_IDS:]
    joined.orders += browser.orders - both
    joined.bare_orders = tuple(dict.fromkeys((*joined.bare_orders, *browser.bare_orders)))[-MAX_BARE_ORDERS:]
    # An order seen by both (its page opened again after signing in) counts once; its value is the browser's mean.
    joined.value_cents += browser.value_cents - (browser.value_cents * both // browser.orders if both else 0)
    for product, at in browser.bought.items():
        joined.bought[product] = max(joined.bought.get(product, 0.0), at)
    last_order = max(joined.last_order, browser.last_order)
    # A cart filled before the last order of the other profile was emptied by it.
    if joined.cart_at <= browser.last_order:
        joined.cart.clear()
    if browser.cart_at > joined.last_order:
        for product, quantity in browser.cart.items():
            joined.cart[product] = max(joined.cart.get(product, 0), quantity)
    joined.cart_at = max(joined.cart_at, browser.cart_at)
    joined.last_order = last_order
