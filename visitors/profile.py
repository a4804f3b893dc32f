"""The profile: what is known of one visitor, as a fold of events; msgpack with a version on the wire.

Invariant: a profile is only ever made by `fold` and `merge` from clicks, so replaying clicks rebuilds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

PROFILE_VERSION = 3

NOTHING: Final[Mapping[str, Any]] = {}
"""The mapping of a profile that has none of something; shared, so nobody writes to it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The order of a list this visitor was shown on a page, so that Back finds its place."""

    at: float
    """When this order was first shown; the same order shown again within 30 minutes does not renew it."""
    items: tuple[str, ...]
    variant: str = ""
    """As in the click: "holdout", "personalised" or ""."""
    moved: int = 0
    """Positions on that page that showed another item than the origin sent."""


class Profile(NamedTuple):
    """What is known of one visitor. Times are Unix seconds, money the shop's minor unit, mappings are bounded.

    Fields are in their order on the wire (`visitors.wire`). A named tuple: one is made for every page, and a frozen
    dataclass of forty fields costs as much as all of its bytes.
    """

    id: str
    created: float = 0.0
    updated: float = 0.0
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    customer: bool = False
    newsletter: bool = False
    visits: int = 0
    session: str | None = None
    last_click: float = 0.0
    usual_gap_s: float | None = None
    """Smoothed time from the end of a visit to the start of the next; None until two visits are known."""
    page_views: int = 0
    last_page: str | None = None
    """host + path?query (kept fields only) of the last page opened, to tell a step forward from Back."""
    products: Mapping[str, float] = NOTHING
    """Interests (`visitors.interests`), the one that earned something last at the end."""
    categories: Mapping[str, float] = NOTHING
    cart: Mapping[str, int] = NOTHING
    cart_at: float = 0.0
    orders: int = 0
    order_ids: tuple[str, ...] = ()
    value_cents: int = 0
    last_order: float = 0.0
    bought: Mapping[str, float] = NOTHING
    searches: tuple[str, ...] = ()
    first_source: str | None = None
    last_source: str | None = None
    exposures: Mapping[str, tuple[float, ...]] = NOTHING
    """Experience id → times of the latest exposures (bounded)."""
    shown: Mapping[str, Shown] = NOTHING
    """page + " " + list name → the order shown."""
    applied: Mapping[str, int] = NOTHING
    """Spool id → last sequence folded in: a click is never folded twice."""
    merged: tuple[str, ...] = ()
    """Ids of browsers' profiles that were joined into this one."""
    moved_to: str | None = None
    """Tombstone: this profile's history lives on under another id."""
    usual_gap_before_s: float | None = None
    """`usual_gap_s` as it was before the current visit began: the measure of that visit's own gap."""
    visit_started: float = 0.0
    """First click of the current (latest) visit."""
    previous_visit: float = 0.0
    """Last click of the visit before the current one; 0 when there was none."""
    sessions: tuple[str, ...] = ()
    """Latest sessions counted in `visits` (bounded), oldest first."""
    topics: Mapping[str, tuple[str, ...]] = NOTHING
    """Product → its categories, general to special, for products seen lately: what a cart or an order says of taste."""
    traits: Mapping[str, str] = NOTHING
    """What the visitor said in a form of the operator's (`[[form]]`), by the name of the trait (bounded)."""
    bare_orders: tuple[str, ...] = ()
    """Latest orders (bounded) that are counted, but whose value was not told yet."""
    unknown_fields: tuple[object, ...] = ()
    """What a later version appended on the wire, as it came: written back with every change, read by nobody here."""
