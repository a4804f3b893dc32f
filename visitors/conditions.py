"""What a condition can ask of a profile and its visitor: each field's kind, meaning and value.

Invariant: a name or an e-mail is there only for a visitor whose login is proven in this very session.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from config.settings import Condition
from visitors.interests import LIKES_SHARE, liked, strongest
from visitors.profile import Profile
from visitors.visitor import Visitor
from visitors.working import VISIT_GAP_S

Kind = Literal["number", "duration", "flag", "text", "texts", "names", "segment"]
Value = float | bool | str | tuple[str, ...] | None

DAY_S = 86_400.0
INTEREST_SHARE = 0.1
"""Categories that hold at least this share of all interest count as `interests`."""

OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "number": ("eq", "ne", "gt", "gte", "lt", "lte"),
    "duration": ("eq", "gt", "gte", "lt", "lte"),
    "flag": ("eq", "ne"),
    "text": ("eq", "ne", "in", "contains"),
    "texts": ("eq", "ne", "in", "contains", "has"),
    "names": ("eq", "has", "contains", "in"),
    "segment": ("eq", "ne", "in"),
}
"""Operators by kind. A duration that "eq" something is at least that long; texts compare without regard to case."""


@dataclass(frozen=True, slots=True)
class ConditionField:
    """A field of conditions: its kind, what it means (for the reference), and how it is read."""

    kind: Kind
    meaning: str
    read: Callable[[Profile, Visitor, float], Value]


def in_current_visit(profile: Profile, visitor: Visitor, now: float) -> bool:
    """Whether the visit under way is already part of the profile (its first click may not have been folded yet)."""
    return visitor.session in profile.sessions or now - profile.last_click < VISIT_GAP_S


def silent_for(profile: Profile, visitor: Visitor, now: float) -> float | None:
    """Seconds since the last visit before this one; None when there was none.

    A customer who was away for months and has just come back is still one to win back, throughout the visit.
    """
    last = profile.previous_visit if in_current_visit(profile, visitor, now) else profile.last_click
    return max(0.0, now - last) if last else None


def usual_gap(profile: Profile, visitor: Visitor, now: float) -> float | None:
    """The usual gap between visits, without the very gap that `silent_for` tells; None while unknown."""
    return profile.usual_gap_before_s if in_current_visit(profile, visitor, now) else profile.usual_gap_s


def present(name: str, profile: Profile, visitor: Visitor, now: float) -> bool:
    """What `has` asks: whether this is known of the visitor."""
    if name in PERSONAL:
        return visitor.logged_in and bool(getattr(profile, name))
    field = condition_field(name)
    return field is not None and field.kind not in ("names", "segment") and bool(field.read(profile, visitor, now))


PERSONAL: Final = ("first_name", "last_name", "email")
"""Known only of a visitor who is logged in."""

CONDITION_FIELDS: Final[Mapping[str, ConditionField]] = {
    "visits": ConditionField("number", "sessions so far (30 min idle)", lambda p, v, now: p.visits),
    "page_views": ConditionField("number", "pages opened so far", lambda p, v, now: p.page_views),
    "orders": ConditionField("number", "orders placed", lambda p, v, now: p.orders),
    "value": ConditionField("number", "value of all orders, currency units", lambda p, v, now: p.value_cents / 100),
    "value_cents": ConditionField("number", "value of all orders, minor units", lambda p, v, now: p.value_cents),
    "cart_items": ConditionField("number", "articles in the cart", lambda p, v, now: sum(p.cart.values())),
    "days_since_order": ConditionField(
        "number",
        "days since the last order; unknown before the first",
        lambda p, v, now: max(0.0, now - p.last_order) / DAY_S if p.last_order else None,
    ),
    "silent_for": ConditionField(
        "duration",
        'time since the last visit before this one ("60d", or "2x usual_gap"); unknown in a first visit',
        silent_for,
    ),
    "likes": ConditionField(
        "text",
        f"the category liked best, when it holds at least {LIKES_SHARE:.0%} of all interest",
        lambda p, v, now: liked(p.categories),
    ),
    "interests": ConditionField(
        "texts",
        f"categories that hold at least {INTEREST_SHARE:.0%} of all interest",
        lambda p, v, now: tuple(strongest(p.categories, INTEREST_SHARE)),
    ),
    "bought": ConditionField("texts", "ids of products ordered", lambda p, v, now: tuple(p.bought)),
    "in_cart": ConditionField("texts", "ids of products in the cart", lambda p, v, now: tuple(p.cart)),
    "searches": ConditionField("texts", "latest search terms", lambda p, v, now: p.searches),
    "first_source": ConditionField("text", "where the first visit came from", lambda p, v, now: p.first_source),
    "last_source": ConditionField("text", "where the latest visit came from", lambda p, v, now: p.last_source),
    "agent": ConditionField("text", "desktop, mobile, tablet, tool or other", lambda p, v, now: v.agent),
    "newsletter": ConditionField("flag", "subscribed to the newsletter", lambda p, v, now: p.newsletter),
    "logged_in": ConditionField("flag", "signed in to the shop in this session", lambda p, v, now: v.logged_in),
    "customer": ConditionField("flag", "known as a customer in this session", lambda p, v, now: v.customer),
    "has": ConditionField(
        "names",
        "what is known: first_name, last_name and email (only while logged in), or any field that is not empty",
        lambda p, v, now: tuple(name for name in PERSONAL if present(name, p, v, now)),
    ),
    "segment": ConditionField("segment", "belongs to a segment", lambda p, v, now: None),
}
"""Every field that a condition may name."""


TRAIT: Final = "trait."
"""What follows is the name of a trait: what a visitor said in a form of the operator's."""


def condition_field(name: str) -> ConditionField | None:
    """The field of that name, `trait.NAME` among them; None when there is none."""
    known = CONDITION_FIELDS.get(name)
    if known is None and name.startswith(TRAIT) and len(name) > len(TRAIT):
        trait = name.removeprefix(TRAIT)
        return ConditionField("text", f"the visitor's answer: {trait}", lambda p, v, now: p.traits.get(trait))
    return known


def problem_with(condition: Condition) -> str | None:
    """What is wrong with a condition's field, operator or value, for the operator; None when nothing is."""
    field = condition_field(condition.field)
    if field is None:
        return _unknown("field", condition.field, tuple(CONDITION_FIELDS))
    allowed = OPERATORS[field.kind]
    if condition.op not in allowed:
        return f"{condition.field}: {condition.op!r} does not apply to a {field.kind}; use {', '.join(allowed)}"
    value = condition.value
    if condition.usual_gaps is not None:
        return None if condition.field == "silent_for" else f"{condition.field}: usual_gap is for silent_for only"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match field.kind:
        case "number" | "duration" if not is_number:
            return f"{condition.field}: {value!r} is no {field.kind}"
        case "flag" if not isinstance(value, bool):
            return f"{condition.field}: {value!r} is neither true nor false"
        case "text" | "texts" | "segment" if not isinstance(value, str | tuple):
            return f"{condition.field}: {value!r} is no text"
        case "names":
            if not isinstance(value, str | tuple):
                return f"{condition.field}: {value!r} is no list of names"
            known = (*PERSONAL, *(name for name, f in CONDITION_FIELDS.items() if f.kind not in ("names", "segment")))
            for name in (value,) if isinstance(value, str) else value:
                if name not in known and condition_field(name) is None:
                    return _unknown(condition.field, name, known)
    return None


def _unknown(what: str, found: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(found, known, n=1)
    return f"unknown {what} {found!r}" + (f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}")


def written(condition: Condition) -> str:
    """A condition as one reads it: `orders gte 1`, `silent_for gt 2x usual_gap`."""
    if condition.usual_gaps is not None:
        return f"{condition.field} {condition.op} {condition.usual_gaps:g}x usual_gap"
    value: object = condition.value
    if isinstance(value, tuple):
        value = ", ".join(value)
    return f"{condition.field} {condition.op} {str(value).lower() if isinstance(value, bool) else value}"
